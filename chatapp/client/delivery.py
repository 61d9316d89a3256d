"""Which events of a room are new, which are missing: the rules of exactly once, without I/O.

A room's events are numbered 1, 2, 3 … without a hole. So a reader needs to remember three
things only: the `epoch` of the log, the `seq` of the last event that it has, and the highest
`head` that it has heard of.

    heard live        seq + 1  →  new; the reader moves on
                      lower    →  a repetition; nothing happens
                      higher   →  something is missing; the event is let go, because whoever
                                  fetches what is missing gets it too
    head higher       the last message was lost on the way
    connection lost   what is heard live counts only as a head until the room was joined again:
                      before that nobody knows whether the epoch still is the same
    head lower        when it is joined again: the log may have lost its end in a power cut
                      (CHATAPP_DURABILITY=os), or this is old news; `resume` will tell

What is missing is fetched with `resume`, page by page. When that answers that it cannot be
recovered (a hole, another epoch, or a reader that is ahead of the log), the messages that the
reader does not have are looked up in the history: `is_new` tells them apart. Where numbers mean
nothing any more, the time of a message decides; messages of the same millisecond are told apart
by sender and cid.
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
        self._latest = ""
        self._at_latest: set[tuple[str, str | None]] = set()
        if last is not None:
            self._date(last)

    @property
    def is_behind(self) -> bool:
        """Whether something is missing that can be asked for."""
        return self._joined and (self._lost or self._doubtful or self._head > self.seq)

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
        self._joined = True
        self._lost = self._lost or epoch != self.epoch
        self._doubtful = self._doubtful or head < self.seq
        self.head_is(head)

    def recovered(self, events: Sequence[Event], head: int) -> list[Event]:
        """What of a page of `resume` is new. One that brings nothing new is no help."""
        new = []
        for event in events:
            if event.seq == self.seq + 1:
                self._move_to(event)
                new.append(event)
        self._doubtful = False
        self.head_is(head)
        self._lost = self._lost or (not new and self._head > self.seq)
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
        self._lost = self._doubtful = False
        for message in messages:
            self.seq = self._head = max(self.seq, message.seq)
            self._date(message)

    def _move_to(self, event: Numbered) -> None:
        self.seq = event.seq
        self._date(event)

    def _date(self, event: Numbered) -> None:
        if event.at > self._latest:
            self._latest = event.at
            self._at_latest = set()
        if event.at == self._latest:
            self._at_latest.add((event.sender, event.cid))
