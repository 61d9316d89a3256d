"""Decides which events of a room are new or missing: exactly-once delivery, without I/O.

A room's events are numbered 1, 2, 3 … without gaps. So a reader needs to remember only three
things: the `epoch` of the log, the last event that it has, and the highest `head` that it
knows.

    live event        seq + 1  →  new; the reader advances
                      lower    →  a duplicate; ignored
                      higher   →  events are missing; this one is dropped, because fetching the
                                  missing events includes it
    higher head       the last message was lost
    connection lost   live events count only as heads until the room is joined again and missing
                      events were requested: until then, this may be another log

Missing events are fetched with `resume`, page by page, starting with the last event that the reader
has. If that event differs now, the log has lost its end and reused its numbers, although its epoch
is the same: after a power cut with CHATAPP_DURABILITY=os, or if an old copy was restored by hand.

In that case, and when the server cannot recover (a gap, another epoch, a reader ahead of the log),
the missing messages are read from the history: `is_new` identifies them. If numbers no longer
match, the time of a message decides; messages of the same millisecond are distinguished by sender
and cid.
"""

from collections.abc import Iterable, Sequence

from chatapp.domain.model import Event, Message

Numbered = Event | Message


class Cursor:
    """The position of a reader in a room.

    `last` is the message before its first, if there is one; its time dates the cursor.
    """

    def __init__(self, *, epoch: str, seq: int, head: int, last: Message | None = None) -> None:
        self.epoch = epoch
        self.seq = seq
        self._head = head
        self._joined = True
        self._lost = False
        self._may_miss_events = seq > head
        self._last_at = last.at if last is not None and last.seq == seq else None
        self._latest = ""
        self._at_latest: set[tuple[str, str | None]] = set()
        if last is not None:
            self._date(last)

    @property
    def is_behind(self) -> bool:
        """Whether events may be missing and can be requested."""
        return self._joined and (self._lost or self._may_miss_events or self._head > self.seq)

    @property
    def is_lost(self) -> bool:
        """Whether `resume` cannot help, so that the history has to be read."""
        return self._lost

    @property
    def after(self) -> int:
        """The argument of `resume`: it returns the last known event, and all later ones."""
        return self.seq if self._last_at is None else self.seq - 1

    def heard(self, event: Numbered) -> bool:
        """A live event arrived. Returns whether it is the next one."""
        self.head_is(event.seq)
        if not self._joined or self._lost or self._may_miss_events or event.seq != self.seq + 1:
            return False
        self._move_to(event)
        return True

    def head_is(self, head: int) -> None:
        """The room's head is at least this."""
        self._head = max(self._head, head)

    def connection_lost(self) -> None:
        self._joined = False

    def joined(self, head: int, epoch: str) -> None:
        """The room was joined again after a reconnection."""
        self._joined = self._may_miss_events = True
        self._lost = self._lost or epoch != self.epoch
        self.head_is(head)

    def recovered(self, events: Sequence[Event], head: int) -> list[Event]:
        """The new events in an answer to `resume`. Another log, or no progress, is not a
        recovery."""
        new = []
        for event in events:
            if event.seq == self.seq and self._last_at not in (None, event.at):
                self._lost = True
                return []
            if event.seq == self.seq + 1:
                self._move_to(event)
                new.append(event)
        self._may_miss_events = False
        self._lost = self._lost or head < self.seq or (not new and head > self.seq)
        self._head = head
        return new

    def is_new(self, message: Message, epoch: str) -> bool:
        """Whether a message of the history, in this epoch, is later than the reader's last."""
        if epoch == self.epoch and message.seq > self.seq:
            return True
        if not self._latest:
            return self.seq == 0
        if message.at == self._latest:
            return (message.sender, message.cid) not in self._at_latest
        return message.at > self._latest

    def reloaded(self, messages: Iterable[Message], head: int, epoch: str) -> None:
        """The reader has received these messages, and continues after `head` in this epoch."""
        self.epoch = epoch
        self.seq = self._head = head
        self._last_at = None
        self._lost = self._may_miss_events = False
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
