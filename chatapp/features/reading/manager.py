"""Read marks, which a person's devices share, and unread counts.

A read mark only moves forward, unless somebody marks messages as unread again. A room without a
mark was never opened: nothing in it counts as unread, unless the caller gives a mark, as for a room
to which one was invited.
"""

from collections.abc import Callable, Sequence
from typing import Any, Protocol

import msgspec

from chatapp.domain.future import Future
from chatapp.domain.limits import checked_mute
from chatapp.domain.model import Person
from chatapp.features.rooms.memberships import Memberships, Reading, RoomView
from chatapp.index.unread import RoomMark, UnreadCount
from chatapp.protocol.requests import Prefs, Read
from chatapp.protocol.values import ReadMark, RoomPrefs
from chatapp.text.mentions import Mentions
from chatapp.text.tokens import NOBODY, Names

COUNTED_EVENTS = 500
"""Unread messages are counted in up to this many events after the mark; more is "a lot"."""
MAX_CACHED_COUNTS = 50_000
"""Maximum of cached counts, one for each person and room."""
NONE_UNREAD = UnreadCount(unread=0, mentions=0)


class Log(Protocol):
    """What reading needs of the message log."""

    epoch: str

    def head(self, room: str) -> int: ...
    def unread(self, person: Person, marks: Sequence[RoomMark]) -> list[UnreadCount]: ...


class ReadingManager:
    """`names` are the names that can be mentioned. Messages up to `removed_to(room)` are gone, and
    not unread."""

    def __init__(
        self,
        memberships: Memberships,
        log: Log,
        names: Names = NOBODY,
        *,
        removed_to: Callable[[str], int] = lambda _room: 0,
    ) -> None:
        self._removed_to = removed_to
        self._names = names
        self._log = log
        self._memberships = memberships
        self._cache: dict[str, tuple[_UnreadRange, UnreadCount]] = {}

    def unread(
        self, person: Person, room: str, *, never_read: int | None = None, is_in: bool = True
    ) -> ReadMark:
        """A person's unread count in a room; `never_read` is the mark if they have none. People
        outside the room are only mentioned by name, not by `@room`."""
        (unread,) = self.all_unread(person, [RoomView(room, never_read, is_in)])
        return unread

    def all_unread(self, person: Person, views: Sequence[RoomView]) -> list[ReadMark]:
        return [mark for mark, _ in self.all_called(person, views)]

    def all_called(
        self, person: Person, views: Sequence[RoomView]
    ) -> list[tuple[ReadMark, Sequence[int]]]:
        """The same, with the seqs of the first mentions in each room."""
        ranges = [self._unread_range(person, view) for view in views]
        counts = {each: self._cached(person, each) for each in ranges}
        unknown = [each for each, count in counts.items() if count is None]
        counts |= zip(unknown, self._count(person, unknown), strict=True)
        return [
            (_mark(each, count.unread, count.mentions), count.called)
            for each, count in counts.items()
            if count
        ]

    def _unread_range(self, person: Person, view: RoomView) -> "_UnreadRange":
        mark = self._memberships.reading(person, view.room).read
        read = view.never_read if mark is None else mark
        return _UnreadRange(
            room=view.room,
            read=None if read is None else max(read, self._removed_to(view.room)),
            head=self._log.head(view.room),
            epoch=self._log.epoch,
            is_in=view.is_in,
        )

    def _cached(self, person: Person, unread_range: "_UnreadRange") -> UnreadCount | None:
        """The cached count, if nothing has happened in the room since."""
        if unread_range.read is None or unread_range.read >= unread_range.head:
            return NONE_UNREAD
        counted, count = self._cache.get(_key(person, unread_range.room), (None, None))
        return count if counted == unread_range else None

    def _count(self, person: Person, ranges: Sequence["_UnreadRange"]) -> list[UnreadCount]:
        if not ranges:
            return []
        if len(self._cache) + len(ranges) > MAX_CACHED_COUNTS:
            self._cache.clear()
        in_room, by_name = (
            Mentions(person.name, self._names, everyone=is_in) for is_in in (True, False)
        )
        marks = [
            RoomMark(
                room=each.room,
                read=each.read or 0,
                last=min(each.head, (each.read or 0) + COUNTED_EVENTS),
                mentions=in_room if each.is_in else by_name,
            )
            for each in ranges
        ]
        counts = self._log.unread(person, marks)
        for unread_range, count in zip(ranges, counts, strict=True):
            self._cache[_key(person, unread_range.room)] = unread_range, count
        return counts

    def mark(self, person: Person, mark: Read) -> Future[ReadMark]:
        """Mark everything up to `seq` as read; with `back`, later messages become unread."""
        reading = self._memberships.reading(person, mark.room)
        seq = min(mark.seq, self._log.head(mark.room))
        if reading.read is not None and seq <= reading.read and not mark.back:
            return Future.of(self.unread(person, mark.room))
        kept = self._memberships.keep(person, mark.room, read=seq)
        return kept.then(lambda _: self.unread(person, mark.room))

    def call(self, person: Person, room: str, seq: int) -> None:
        """Note a mention: a room that the person never opened becomes unread from this message
        on."""
        if self._memberships.reading(person, room).read is None:
            self._memberships.keep(person, room, read=seq - 1)

    def prefer(self, person: Person, prefs: Prefs) -> Future[RoomPrefs]:
        """Change a person's preferences for a room."""
        given: dict[str, Any] = {
            name: value
            for name, value in (("level", prefs.level), ("favourite", prefs.favourite))
            if value is not None
        }
        if prefs.closed is not None:
            given["closed"] = self._log.head(prefs.room) if prefs.closed else None
        if prefs.muted_until is not None:
            given["muted_until"] = checked_mute(prefs.muted_until) or None
        kept = self._memberships.keep(person, prefs.room, **given)
        return kept.then(lambda reading: self.prefs(prefs.room, reading))

    def prefs(self, room: str, reading: Reading) -> RoomPrefs:
        return RoomPrefs(
            room=room,
            level=reading.level,
            favourite=reading.favourite,
            closed=reading.is_closed(self._log.head(room)),
            muted_until=reading.muted_until,
        )


class _UnreadRange(msgspec.Struct, frozen=True, kw_only=True):
    """The unread events of a person in a room, up to its head."""

    room: str
    read: int | None
    head: int
    epoch: str
    is_in: bool


def _mark(unread_range: _UnreadRange, unread: int, mentions: int) -> ReadMark:
    return ReadMark(
        room=unread_range.room, read=unread_range.read, unread=unread, mentions=mentions
    )


def _key(person: Person, room: str) -> str:
    return f"{person.id}\n{room}"
