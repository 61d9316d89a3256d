"""Which events of a room are new, which are missing: the rules of exactly once, without I/O.

A room's events are numbered 1, 2, 3 … without a hole. So a reader needs to remember three
things only: the `epoch` of the log, the last event that it has, and the highest `head` that it
has heard of.

    heard live        seq + 1  →  new; the reader moves on
                      lower    →  a repetition; nothing happens
                      higher   →  something is missing; the event is let go, because whoever
                                  fetches what is missing gets it too
    head higher       the last message was lost on the way
    connection lost   what is heard live counts only as a head until the room was joined again,
                      and what may be missing was asked for: before that nobody knows whether
                      this still is the same log

What is missing is fetched with `resume`, page by page, beginning with the last event that the
reader has. If that is another one now, the log has lost its end and given numbers twice, though
its epoch is the same: a power cut with CHATAPP_DURABILITY=os, an old copy put back by hand.

Then, and when the server says that it cannot recover (a hole, another epoch, a reader that is
ahead of the log), the messages that the reader does not have are looked up in the history:
`is_new` tells them apart. Where numbers mean nothing any more, the time of a message decides;
messages of the same millisecond are told apart by sender and cid.
"""

from collections.abc import Iterable, Sequence

from chatapp.model import Event, Message

Numbered = Event | Message


class Cursor:
    """Where a reader is in a room.

    `last` is the message before its first, if there is one: it dates the cursor.
    """

    def __init__(self, *, epoch: str, seq: int, head: int, last: Message | None = None) -> None:
        self.epoch = epoch
        self.seq = seq
        self._head = head
        self._joined = True
        self._lost = False
        self._doubtful = seq > head
        self._last_at = last.at if last is not None and last.seq == seq else None
        self._latest = ""
        self._at_latest: set[tuple[str, str | None]] = set()
        if last is not None:
            self._date(last)

    @property
    def is_behind(self) -> bool:
        """Whether something may be missing that can be asked for."""
        return self._joined and (self._lost or self._doubtful or self._head > self.seq)

    @property
    def is_lost(self) -> bool:
        """Whether `resume` is of no more use, and the history has to be looked at."""
        return self._lost

    @property
    def after(self) -> int:
        """What to ask `resume` for: all that is missing, and the last event that is not."""
        return self.seq if self._last_at is None else self.seq - 1

    def heard(self, event: Numbered) -> bool:
        """An event came by itself: whether it is the next one."""
        self.head_is(event.seq)
        if not self._joined or self._lost or self._doubtful or event.seq != self.seq + 1:
            return False
        self._move_to(event)
        return True

    def head_is(self, head: int) -> None:
        """Somebody said that the room has come so far."""
        self._head = max(self._head, head)

    def connection_lost(self) -> None:
        self._joined = False

    def joined(self, head: int, epoch: str) -> None:
        """The room was joined again after the connection was lost."""
        self._joined = self._doubtful = True
        self._lost = self._lost or epoch != self.epoch
        self.head_is(head)

    def recovered(self, events: Sequence[Event], head: int) -> list[Event]:
        """What of the answer to `resume` is new. Another log, or no progress, is no recovery."""
        new = []
        for event in events:
            if event.seq == self.seq and self._last_at not in (None, event.at):
                self._lost = True
                return []
            if event.seq == self.seq + 1:
                self._move_to(event)
                new.append(event)
        self._doubtful = False
        self._lost = self._lost or head < self.seq or (not new and head > self.seq)
        self._head = head
        return new

    def is_new(self, message: Message, epoch: str) -> bool:
        """Whether a message of the history, in this epoch, is later than what the reader has."""
        if epoch == self.epoch and message.seq > self.seq:
            return True
        if not self._latest:
            return self.seq == 0
        if message.at == self._latest:
            return (message.sender, message.cid) not in self._at_latest
        return message.at > self._latest

    def reloaded(self, messages: Iterable[Message], head: int, epoch: str) -> None:
        """The reader was given these new messages, and goes on after `head` of this epoch."""
        self.epoch = epoch
        self.seq = self._head = head
        self._last_at = None
        self._lost = self._doubtful = False
        for message in messages:
            if message.seq >= self.seq:
                self._head = message.seq
                self._move_to(message)
            self._date(message)

    def _move_to(self, event: Numbered) -> None:
        self.seq = event.seq
        self._last_at = event.at
        self._date(event)

    def _date(self, event: Numbered) -> None:
        if event.at > self._latest:
            self._latest = event.at
            self._at_latest = set()
        if event.at == self._latest:
            self._at_latest.add((event.sender, event.cid))
