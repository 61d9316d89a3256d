"""Rooms as people see them: with what was said last and who is there."""

from collections.abc import Callable, Set
from typing import Protocol

from chatapp.model import Person, Room
from chatapp.reading.manager import Reading, Unread
from chatapp.wire import RoomInfo, State


class Rooms(Protocol):
    """What the lobby asks about rooms."""

    def visible_to(self, person: Person) -> list[Room]: ...
    def find(self, person: Person, name: str) -> Room: ...
    def may_change(self, person: Person, room: Room) -> bool: ...


class Presence(Protocol):
    """What the lobby asks about people."""

    def members(self, room: str) -> list[str]: ...
    def count(self, room: str) -> int: ...
    def states(self, room: str) -> dict[str, State]: ...


class Readings(Protocol):
    """What the lobby asks about how far somebody has read."""

    def of(self, person: Person, room: str) -> Reading: ...
    def unread(self, person: Person, room: str, *, never_read: int | None) -> Unread: ...


class Order(Protocol):
    """What the lobby asks about the order in which somebody wants to see the rooms."""

    def place(self, person: Person, room: str) -> int | None: ...


class Lobby:
    """Describes rooms for one person; `joined` are the rooms that they are in."""

    def __init__(
        self,
        rooms: Rooms,
        presence: Presence,
        readings: Readings,
        order: Order,
        *,
        head: Callable[[str], int],
        epoch: Callable[[], str],
    ) -> None:
        self._rooms = rooms
        self._presence = presence
        self._readings = readings
        self._order = order
        self._head = head
        self._epoch = epoch

    def rooms(self, person: Person, joined: Set[str]) -> list[RoomInfo]:
        """All rooms that a person may enter, each without its members."""
        return [self._info(person, room, joined, []) for room in self._rooms.visible_to(person)]

    def room(self, person: Person, name: str, joined: Set[str]) -> RoomInfo:
        """One room with who is in it; raises `NoSuchRoom`."""
        room = self._rooms.find(person, name)
        return self._info(person, room, joined, self._presence.members(room.name))

    def _info(self, person: Person, room: Room, joined: Set[str], members: list[str]) -> RoomInfo:
        reading = self._readings.of(person, room.name)
        never_read = None if room.kind == "public" else 0
        unread = self._readings.unread(person, room.name, never_read=never_read)
        return RoomInfo(
            name=room.name,
            title=room.title,
            kind=room.kind,
            topic=room.topic,
            read_only=room.read_only,
            archived=room.archived,
            slow_seconds=room.slow_seconds,
            invited=sorted(room.members.values(), key=str.casefold),
            head=self._head(room.name),
            epoch=self._epoch(),
            joined=room.name in joined,
            count=self._presence.count(room.name),
            members=members,
            states=self._presence.states(room.name) if members else {},
            read=unread.read,
            unread=unread.unread,
            mentions=unread.mentions,
            level=reading.level,
            favourite=reading.favourite,
            place=self._order.place(person, room.name),
            may_change=self._rooms.may_change(person, room),
        )
