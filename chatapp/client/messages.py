"""The iterator behind `ChatClient.messages`.

A thin shell around `delivery.Cursor`. The connection's reading thread only puts events into the
inbox; the iterating thread takes them out, passes them to the cursor, and fetches what is missing.
The inbox is bounded: events that a slow reader has no room for are dropped and fetched from the
log later.
"""

import queue
from collections import deque
from collections.abc import Callable, Iterator
from typing import Protocol, TypeVar

from chatapp.client.delivery import Cursor, Numbered
from chatapp.client.errors import ClientClosed
from chatapp.domain.errors import ChatError
from chatapp.domain.limits import MAX_HISTORY_LIMIT
from chatapp.domain.model import Event, Message, as_message
from chatapp.protocol import events
from chatapp.protocol.events import ClientEvent
from chatapp.protocol.requests import ReadHistory, Resume

INBOX_LIMIT = 1000
"""Maximum of events buffered for a slow reader; later ones are fetched from the log."""

P = TypeVar("P")
A = TypeVar("A")


class Ask(Protocol):
    """Sends a request and waits for its answer; raises a refusal, or `ClientClosed`."""

    def __call__(self, event: ClientEvent[P, A], payload: P) -> A: ...


class Messages(Iterator[Message]):
    """Every later message of a room, exactly once, in order. For one thread at a time.

    It blocks until the next message, and ends when the client is closed or the room left; a refusal
    that ends the connection permanently is raised.
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
        """Start after `seq`. Events received since the iterator was created are kept."""
        last = self._ask(events.HISTORY, _up_to(self.room, seq)).messages if seq else []
        self._cursor = Cursor(epoch=epoch, seq=seq, head=head, last=last[-1] if last else None)

    # Called by the reading thread. The names are those of `Cursor`.

    def heard(self, event: Numbered) -> None:
        if self._inbox.qsize() < INBOX_LIMIT:
            self._inbox.put(lambda: self._take(event))
        else:
            self._overflow = event.seq

    def head_is(self, head: int) -> None:
        self._inbox.put(lambda: self._cursor.head_is(head))

    def connection_lost(self) -> None:
        self._inbox.put(self._connection_lost)

    def joined(self, head: int, epoch: str) -> None:
        self._inbox.put(lambda: self._cursor.joined(head, epoch))

    def end(self, error: ChatError | None) -> None:
        """End the iterator; an error is raised after all earlier messages were read."""
        self._inbox.put(lambda: self._stop(error))

    # Called by the iterating thread.

    def _take(self, event: Numbered) -> None:
        if self._cursor.heard(event):
            self._deliver([event])

    def _connection_lost(self) -> None:
        self._cursor.connection_lost()

    def _catch_up(self) -> None:
        known = Resume(room=self.room, epoch=self._cursor.epoch, after=self._cursor.after)
        try:
            resumed = self._ask(events.RESUME, known)
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
            page = self._ask(events.HISTORY, _page(self.room, before))
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
            message = _message_of(event)
            if message is not None and self._is_wanted(message):
                self._ready.append(message)

    def _stop(self, error: ChatError | None) -> None:
        self._over = error or StopIteration()


def _message_of(event: Numbered) -> Message | None:
    """The event as a message; None for edits, deletions and reactions."""
    if isinstance(event, Message):
        return event
    is_message = event.type == "message" and event.text is not None
    return as_message(event) if is_message else None


def _up_to(room: str, seq: int) -> ReadHistory:
    """The last message at or before `seq`."""
    return ReadHistory(room=room, before=seq + 1, limit=1)


def _page(room: str, before: int | None) -> ReadHistory:
    return ReadHistory(room=room, before=before, limit=MAX_HISTORY_LIMIT)
