"""How far each person has read each room, the same on all their devices, and what is unread.

A read mark only moves forward, unless somebody wants to see messages as unread again. A room
without a mark has never been looked at: nothing in it counts as unread, unless whoever asks
knows better, as of a room to which one was invited.
"""

from typing import Literal, Protocol

import msgspec

from chatapp.model import Event, Person
from chatapp.pending import Pending
from chatapp.reading.mentions import mentions
from chatapp.reading.reader import reader_key
from chatapp.table import Directory
from chatapp.wire import Prefs, Read

TABLE = "reading"
COUNTED_EVENTS = 500
"""Unread messages are counted in so many events behind the mark; more is "a lot"."""


class Log(Protocol):
    """What reading needs of the message log."""

    def head(self, room: str) -> int: ...
    def events(self, room: str, *, after: int, limit: int) -> list[Event]: ...


class Reading(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is kept of one person and one room."""

    read: int | None = None
    level: Literal["all", "mentions", "nothing"] = "all"
    favourite: bool = False


class Unread(msgspec.Struct, frozen=True, kw_only=True):
    """A room's state for one person. `unread` are messages of others, `mentions` some of them."""

    room: str
    read: int | None
    unread: int
    mentions: int


class ReadingManager:
    def __init__(self, store: Directory, log: Log) -> None:
        self._store = store
        self._log = log
        self._readings: dict[str, Reading] = dict(store.items(TABLE, type=Reading))

    def of(self, person: Person, room: str) -> Reading:
        return self._readings.get(_key(person, room), Reading())

    def unread(self, person: Person, room: str, *, never_read: int | None = None) -> Unread:
        """What a person has not read in a room yet; `never_read` is the mark if they have none."""
        mark = self.of(person, room).read
        read = never_read if mark is None else mark
        events = (
            []
            if read is None or read >= self._log.head(room)
            else self._log.events(room, after=read, limit=COUNTED_EVENTS)
        )
        texts = [
            event.text or ""
            for event in events
            if event.type == "message" and event.sender != person.name
        ]
        called = sum(mentions(text, person.name) for text in texts)
        return Unread(room=room, read=read, unread=len(texts), mentions=called)

    def mark(self, person: Person, mark: Read) -> Pending[Unread]:
        """Everything up to `seq` is read; with `back`, what follows is unread again."""
        reading = self.of(person, mark.room)
        seq = min(mark.seq, self._log.head(mark.room))
        if reading.read is not None and seq <= reading.read and not mark.back:
            return Pending.of(self.unread(person, mark.room))
        kept = self._keep(person, mark.room, msgspec.structs.replace(reading, read=seq))
        return kept.then(lambda _: self.unread(person, mark.room))

    def prefer(self, person: Person, prefs: Prefs) -> Pending[Reading]:
        """How somebody wants to hear of a room."""
        given = {
            name: value
            for name, value in (("level", prefs.level), ("favourite", prefs.favourite))
            if value is not None
        }
        reading = msgspec.structs.replace(self.of(person, prefs.room), **given)
        return self._keep(person, prefs.room, reading)

    def _keep(self, person: Person, room: str, reading: Reading) -> Pending[Reading]:
        """Seen at once, by all devices; a mark that a crash forgets is set again by reading."""
        key = _key(person, room)
        self._readings[key] = reading
        return self._store.put(TABLE, key, reading).then(lambda _: reading)


def _key(person: Person, room: str) -> str:
    return f"{reader_key(person)}\n{room}"
