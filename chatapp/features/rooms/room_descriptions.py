"""Describes rooms for a person: with their head, members, unread counts and preferences."""

from collections.abc import Callable, Sequence
from typing import Any

from msgspec import UNSET, UnsetType
from msgspec.structs import replace

from chatapp.domain.model import GENERAL, Person, Room
from chatapp.domain.rights import may_change_room, may_remove_from
from chatapp.features.presence.manager import PresenceManager
from chatapp.features.rooms.manager import RoomManager
from chatapp.features.rooms.memberships import Memberships, RoomView
from chatapp.protocol.values import GroupInfo, ReadMark, RoomInfo, RoomNews


class RoomDescriptions:
    """Describes rooms for one person. `unread(person, views)` are their read marks, `accounts()`
    how many accounts there are, `pins(room)` are the seqs of its pinned messages,
    `retention_days(room)` is how long it keeps messages, `is_published(room)` whether the web can
    read it."""

    def __init__(
        self,
        rooms: RoomManager,
        memberships: Memberships,
        presence: PresenceManager,
        *,
        unread: Callable[[Person, Sequence[RoomView]], list[ReadMark]],
        head: Callable[[str], int],
        last_at: Callable[[str], str | None],
        accounts: Callable[[], int],
        pins: Callable[[str], list[int]],
        epoch: Callable[[], str],
        retention_days: Callable[[str], int] = lambda _room: 0,
        is_published: Callable[[Room], bool] = lambda _room: False,
    ) -> None:
        self._retention_days = retention_days
        self._is_published = is_published
        self._rooms = rooms
        self._memberships = memberships
        self._presence = presence
        self._all_unread = unread
        self._head = head
        self._last_at = last_at
        self._accounts = accounts
        self._epoch = epoch
        self._pins = pins

    def rooms(self, person: Person) -> list[RoomInfo]:
        """All rooms that a person can see, each without its members."""
        rooms = self._rooms.visible_to(person)
        return [
            self._info(person, room, unread, [])
            for room, unread in zip(rooms, self._unread(person, rooms), strict=True)
        ]

    def room(self, person: Person, name: str) -> RoomInfo:
        """One room with its first members; raises `NoSuchRoom`."""
        room = self._rooms.find(person, name)
        (unread,) = self._unread(person, [room])
        info = self._info(person, room, unread, self._presence.members(room.name))
        return replace(info, pins=self._pins(room.name))

    def news(self, person: Person, room: Room) -> RoomNews:
        """A room in the form for everyone who can see it and has the rights of this person."""
        return RoomNews(**self._same_for_all(person, room))

    def _same_for_all(self, person: Person, room: Room) -> dict[str, Any]:
        """The fields of a `RoomNews`: the same for all with the rights of this person."""
        return {
            "name": room.name,
            "title": room.title,
            "kind": room.kind,
            "group": _group(person, room),
            "topic": room.topic,
            "read_only": room.read_only,
            "archived": room.archived,
            "slow_seconds": room.slow_seconds,
            "threads": room.threads,
            "previews": room.previews,
            "pinning": room.pinning,
            "invited": sorted(room.members.values(), key=str.casefold),
            "head": self._head(room.name),
            "epoch": self._epoch(),
            "count": self._presence.count(room.name),
            "member_count": self._member_count(room),
            "last_at": self._last_at(room.name),
            "viewed_at": room.viewed_at,
            "created_by": room.created_by,
            "created_at": room.created_at,
            "retention_days": self._retention_days(room.name),
            "published": self._is_published(room),
            "may_change": may_change_room(person, room),
        }

    def _member_count(self, room: Room) -> int:
        return self._accounts() if room.name == GENERAL else self._memberships.count(room)

    def _unread(self, person: Person, rooms: Sequence[Room]) -> list[ReadMark]:
        return self._all_unread(person, [self._memberships.view(person, room) for room in rooms])

    def _info(self, person: Person, room: Room, unread: ReadMark, members: list[str]) -> RoomInfo:
        reading = self._memberships.reading(person, room.name)
        news = self._same_for_all(person, room)
        return RoomInfo(
            **news,
            joined=self._memberships.is_in(person.id, room),
            members=members,
            states=self._presence.states(room.name, members),
            read=unread.read,
            unread=unread.unread,
            mentions=unread.mentions,
            level=reading.level,
            favourite=reading.favourite,
            muted_until=reading.muted_until,
            place=self._memberships.place(person, room.name),
            closed=reading.is_closed(news["head"]),
        )


def _group(person: Person, room: Room) -> GroupInfo | UnsetType:
    if not room.is_group:
        return UNSET
    return GroupInfo(named=room.named, may_remove=may_remove_from(person, room))
