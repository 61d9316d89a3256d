"""Reading a room: the iterator behind `ChatClient.messages`.

A thin shell around `delivery.Cursor`. The reading thread of the connection only puts notices
into the inbox; the thread that iterates takes them out, asks the cursor what they mean, and
fetches what is missing. A reader that is slow costs no memory beyond a bounded inbox: what does
not fit is let go, and fetched from the log when its turn comes.
"""

import queue
from collections import deque
from collections.abc import Callable, Iterator
from typing import Protocol, TypeVar

import msgspec

from chatapp.client.delivery import Cursor, Numbered
from chatapp.client.errors import ClientClosed
from chatapp.errors import ChatError
from chatapp.limits import MAX_HISTORY_LIMIT
from chatapp.model import Event, Message, Version
from chatapp.wire import ReadHistory, Resume

INBOX_LIMIT = 1000
"""Events that wait for a slow reader; the log has the others."""

A = TypeVar("A")


class Ask(Protocol):
    """Asks the server for as long as it takes; raises a refusal, or `ClientClosed`."""

    def __call__(self, event: str, payload: msgspec.Struct, answer: type[A]) -> A: ...


class Resumed(msgspec.Struct, frozen=True):
    recovered: bool
    events: list[Event]
    head: int
    epoch: str


class More(msgspec.Struct, frozen=True):
    before: bool
    after: bool


class HistoryPage(msgspec.Struct, frozen=True):
    messages: list[Message]
    more: More
    found: int | None = None


class Versions(msgspec.Struct, frozen=True):
    versions: list[Version]


class Messages(Iterator[Message]):
    """Every later message of a room, exactly once, in order. For one thread at a time.

    It waits for messages that are not there yet, and ends when the client is closed or the
    room left; a refusal that ends the connection for good is raised.
    """

    def __init__(
        self,
        room: str,
        *,
        ask: Ask,
        is_wanted: Callable[[Message], bool],
        reloaded: Callable[[str], None],
    ) -> None:
        self.room = room
        self._ask = ask
        self._is_wanted = is_wanted
        self._on_reload = reloaded
        self._cursor: Cursor
        self._inbox: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._overflow = 0
        self._ready: deque[Message] = deque()
        self._over: BaseException | None = None

    def __next__(self) -> Message:
        while not self._ready:
            if self._over is not None:
                raise self._over
            if self._cursor.is_behind:
                self._catch_up()
            else:
                self._inbox.get()()
                self._cursor.head_is(self._overflow)
        return self._ready.popleft()

    def start(self, *, epoch: str, seq: int, head: int) -> None:
        """Begin after `seq`. What was heard since the iterator was made is not forgotten."""
        last = self._ask("history", _up_to(self.room, seq), HistoryPage).messages if seq else []
        self._cursor = Cursor(epoch=epoch, seq=seq, head=head, last=last[-1] if last else None)

    # What the reading thread hears of. The names are those of the cursor.

    def heard(self, event: Numbered) -> None:
        if self._inbox.qsize() < INBOX_LIMIT:
            self._inbox.put(lambda: self._take(event))
        else:
            self._overflow = event.seq

    def head_is(self, head: int) -> None:
        self._inbox.put(lambda: self._cursor.head_is(head))

    def connection_lost(self) -> None:
        self._inbox.put(self._lose)

    def joined(self, head: int, epoch: str) -> None:
        self._inbox.put(lambda: self._cursor.joined(head, epoch))

    def end(self, error: ChatError | None) -> None:
        """No more; with an error, it is raised when all before it was read."""
        self._inbox.put(lambda: self._stop(error))

    # What the thread does that iterates.

    def _take(self, event: Numbered) -> None:
        if self._cursor.heard(event):
            self._deliver([event])

    def _lose(self) -> None:
        self._cursor.connection_lost()

    def _catch_up(self) -> None:
        known = Resume(room=self.room, epoch=self._cursor.epoch, after=self._cursor.after)
        try:
            resumed = self._ask("resume", known, Resumed)
            if resumed.recovered:
                self._deliver(self._cursor.recovered(resumed.events, resumed.head))
            if not resumed.recovered or self._cursor.is_lost:
                self._reload(resumed.head, resumed.epoch)
        except ClientClosed:
            self._stop(None)

    def _reload(self, head: int, epoch: str) -> None:
        new: deque[Message] = deque()
        before: int | None = None
        while True:
            page = self._ask("history", _page(self.room, before), HistoryPage)
            fresh = [m for m in page.messages if self._cursor.is_new(m, epoch)]
            new.extendleft(reversed(fresh))
            if not fresh or len(fresh) < len(page.messages) or not page.more.before:
                break
            before = fresh[0].seq
        self._cursor.reloaded(new, head, epoch)
        self._overflow = 0
        self._on_reload(self.room)
        self._deliver(new)

    def _deliver(self, events: "deque[Message] | list[Event] | list[Numbered]") -> None:
        for event in events:
            message = as_message(event)
            if message is not None and self._is_wanted(message):
                self._ready.append(message)

    def _stop(self, error: ChatError | None) -> None:
        self._over = error or StopIteration()


def as_message(event: Numbered) -> Message | None:
    """The message that an event is; None for edits, deletions and reactions."""
    if isinstance(event, Message):
        return event
    if event.type != "message" or event.text is None:
        return None
    return Message(
        room=event.room,
        seq=event.seq,
        sender=event.sender,
        text=event.text,
        at=event.at,
        cid=event.cid,
        reply_to=event.reply_to,
    )


def _up_to(room: str, seq: int) -> ReadHistory:
    """The last message that is not after `seq`."""
    return ReadHistory(room=room, before=seq + 1, limit=1)


def _page(room: str, before: int | None) -> ReadHistory:
    return ReadHistory(room=room, before=before, limit=MAX_HISTORY_LIMIT)
