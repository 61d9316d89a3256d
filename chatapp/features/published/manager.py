"""The rules of published rooms: which rooms the web can read, and from which message on.

Only admins publish rooms, only public ones, and only while the chat's setting allows it; whoever is
in a room is told by a line in it. What was written before stays unpublished unless the admin wants
all of it: people wrote it for the room, not for the web.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

import msgspec

from chatapp.domain.clock import timestamp
from chatapp.domain.errors import NoSuchRoom, NotAllowed, Unavailable
from chatapp.domain.future import Future
from chatapp.domain.limits import checked_reason
from chatapp.domain.model import Appended, Draft, Room, SystemLine, What
from chatapp.domain.notes import Note
from chatapp.domain.rights import By, name_of, require_admin
from chatapp.tables.table import TableStore

TABLE = "published"
NO_LOG = "Start the server first: its rooms are told."


class PublishedRow(msgspec.Struct, frozen=True, kw_only=True):
    """A room that the web can read, from the seq `first` on, since `at`."""

    first: int
    at: str


class PublishedRoom(msgspec.Struct, frozen=True):
    """`first` is the seq of the first message that the web can read."""

    room: Room
    first: int


class LogOfLines(Protocol):
    """What publishing needs of the message log."""

    def head(self, room: str) -> int: ...
    def append(self, draft: Draft) -> Future[Appended]: ...


class PublishedRooms:
    """`room(name)` finds any room; `is_on()`: whether the chat's setting allows it; messages up to
    `removed_to(room)` are gone. Without a log, nothing can be changed."""

    def __init__(
        self,
        store: TableStore,
        log: LogOfLines | None,
        *,
        room: Callable[[str], Room],
        is_on: Callable[[], bool],
        removed_to: Callable[[str], int],
        clock: Callable[[], datetime],
        note: Note,
    ) -> None:
        self._table = store.table(TABLE, PublishedRow)
        self._log = log
        self._room = room
        self._is_on = is_on
        self._removed_to = removed_to
        self._clock = clock
        self._note = note

    @property
    def is_on(self) -> bool:
        return self._is_on()

    def on_change(self, tell: Callable[[str], object]) -> None:
        """`tell(room)` is called when a room was published or withdrawn, here or elsewhere."""

        def changed(room: str, _old: object, _new: object) -> None:
            tell(room)

        self._table.on_change(changed)

    def is_published(self, room: Room) -> bool:
        return self._is_on() and room.name in self._table and _can_be_published(room)

    def all(self) -> list[PublishedRoom]:
        """By title."""
        rooms = [self._published(name) for name, _ in self._table.items()]
        return sorted(
            filter(None, rooms), key=lambda one: (one.room.title.casefold(), one.room.name)
        )

    def find(self, name: str) -> PublishedRoom:
        """Raises `NoSuchRoom` for a room that the web cannot read, as for one that is not there."""
        published = self._published(name)
        if published is None:
            raise NoSuchRoom("There is no page at this address.")
        return published

    def publish(self, by: By, name: str, reason: str, *, everything: bool) -> Future[None]:
        """Let the web read a room: what is written from now on, or `everything`."""
        require_admin(by)
        reason, room, log = checked_reason(reason), self._room(name), self._required_log()
        if not self._is_on():
            raise NotAllowed("The settings of the chat do not allow the web to read rooms.")
        if not _can_be_published(room):
            raise NotAllowed("The web can only read public rooms.")
        if room.name in self._table:
            return Future.of(None)
        first = 1 if everything else log.head(room.name) + 1
        row = PublishedRow(first=first, at=timestamp(self._clock()))
        written = self._table.put(room.name, row, expected=None)
        self._note(
            name_of(by),
            "publish",
            room=room.name,
            everything="yes" if everything else None,
            reason=reason,
        )
        return written.chain(
            lambda _: self._tell(log, by, room, "published", "opened the room to the web")
        )

    def withdraw(self, by: By, name: str, reason: str) -> Future[None]:
        """The web can no longer read a room."""
        require_admin(by)
        reason, room, log = checked_reason(reason), self._room(name), self._required_log()
        row = self._table.get(room.name)
        if row is None:
            return Future.of(None)
        written = self._table.delete(room.name, expected=row)
        self._note(name_of(by), "withdraw", room=room.name, reason=reason)
        return written.chain(
            lambda _: self._tell(log, by, room, "withdrawn", "closed the room to the web")
        )

    def _published(self, name: str) -> PublishedRoom | None:
        row = self._table.get(name)
        if row is None:
            return None
        try:
            room = self._room(name)
        except NoSuchRoom:
            return None
        if not self.is_published(room):
            return None
        return PublishedRoom(room, max(row.first, self._removed_to(name) + 1))

    def _required_log(self) -> LogOfLines:
        if self._log is None:
            raise Unavailable(NO_LOG)
        return self._log

    @staticmethod
    def _tell(log: LogOfLines, by: By, room: Room, what: What, news: str) -> Future[None]:
        line = Draft(
            room=room.name,
            sender=name_of(by),
            by=by.id if by else None,
            text=f"{name_of(by)} {news}",
            system=SystemLine(what=what),
        )
        return log.append(line).then(lambda _: None)


def _can_be_published(room: Room) -> bool:
    return room.kind == "public" and room.deleted_at is None
