"""Memberships: rooms, read marks and preferences of each person. Connections and presence follow
from them, and rules ask them.

Everyone is in `general`, and the members of a private or direct room are in that room. People join
public rooms: an account permanently and with all its devices, a guest only while they are online,
because anyone can have a guest's name tomorrow. While the disk is full, people join while they are
connected.

There are three tables: `joined` has a person's public rooms, `reading` one `Reading` for each
person and room, and `order` a person's order of rooms. Guests have their own, which are
short-lived, because anyone can make any number of guest keys.
"""

from collections import Counter
from collections.abc import Iterable
from typing import Any

import msgspec

from chatapp.domain.errors import BadPayload
from chatapp.domain.future import Future
from chatapp.domain.model import GENERAL, Person, Room
from chatapp.protocol.values import Level
from chatapp.tables.person_rows import PersonRows
from chatapp.tables.rerun import rerun
from chatapp.tables.short_lived import ShortLivedTables
from chatapp.tables.table import Table, TableStore


class Reading(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A person's read mark in a room (None if never opened) and preferences.

    `closed` was the room's head when they closed it: whatever happens later opens it again, and
    nothing has to be written. `muted_until` is the end of a mute, in the form of the log's times,
    or "always"; a time that is over counts as none, so a mute ends by itself.
    """

    read: int | None = None
    level: Level = "all"
    favourite: bool = False
    closed: int | None = None
    muted_until: str | None = None

    def is_closed(self, head: int) -> bool:
        return self.closed is not None and head <= self.closed

    def heard_level(self, now: str) -> Level:
        """The level that holds at this time: a muted room is not heard at all."""
        return "nothing" if is_muted(self.muted_until, now) else self.level


def is_muted(until: str | None, now: str) -> bool:
    return until == "always" or (until is not None and until > now)


class RoomView(msgspec.Struct, frozen=True):
    """A room as seen by a person, who may not be in it; `never_read` is the mark if they have
    none."""

    room: str
    never_read: int | None = None
    is_in: bool = True


class Memberships:
    def __init__(self, store: TableStore, short_lived: ShortLivedTables | None = None) -> None:
        guests = short_lived or ShortLivedTables()
        self._joined = store.table("joined", list[str])
        self._joined_guests = guests.table("joined", list[str])
        self._counts = Counter(room for _, rooms in self._joined.items() for room in rooms)
        self._joined.on_change(self._count)
        self._while_online: dict[str, set[str]] = {}
        """Public rooms by id of a person, of those rows that were refused."""
        self._readings = PersonRows(
            store.table("reading", Reading), guests.table("reading", Reading)
        )
        self._orders = PersonRows(store.table("order", list[str]), guests.table("order", list[str]))

    # Membership

    def is_in(self, id: str, room: Room) -> bool:
        """Whether the person with this id is a member of a room."""
        if room.kind != "public":
            return id in room.members
        return (
            room.name == GENERAL
            or room.name in (self._joined.get(id) or self._joined_guests.get(id) or ())
            or room.name in self._while_online.get(id, ())
        )

    @staticmethod
    def is_permanent(room: Room) -> bool:
        """Whether nobody can leave this room: `general`, and direct rooms of two."""
        return room.name == GENERAL or (room.kind == "direct" and not room.is_group)

    def count(self, room: Room) -> int:
        """How many accounts have joined a public room; how many members another room has."""
        return self._counts[room.name] if room.kind == "public" else len(room.members)

    def rooms_of(self, person: Person, visible: Iterable[Room]) -> list[str]:
        """The names of the rooms in `visible` that the person is in."""
        return [room.name for room in visible if self.is_in(person.id, room)]

    def view(self, person: Person, room: Room) -> RoomView:
        """How the person sees a room: one that is not public is unread from its beginning."""
        never_read = None if room.kind == "public" else 0
        return RoomView(room.name, never_read=never_read, is_in=self.is_in(person.id, room))

    def join(self, person: Person, room: Room) -> None:
        if self.is_in(person.id, room) or room.kind != "public":
            return
        kept = rerun(lambda: self._add(person, room.name))

        def keep_while_online(_: object) -> None:
            if kept.has_failed:
                self._join_while_online(person, room)

        kept.add_done_callback(keep_while_online)

    def _add(self, person: Person, room: str) -> Future[None]:
        table = self._joined_of(person)
        joined = table.get(person.id)
        more = sorted({*(joined or ()), room})
        return table.put(person.id, more, expected=joined)

    def _joined_of(self, person: Person) -> Table[list[str]]:
        return self._joined_guests if person.is_guest else self._joined

    def leave(self, person: Person, room: Room) -> Future[None]:
        """Remove somebody from a public room; fails, without effect, if the disk refuses."""
        self._while_online.get(person.id, set()).discard(room.name)
        table = self._joined_of(person)
        joined = table.get(person.id) or []
        if room.name not in joined:
            return Future.of(None)
        left = [name for name in joined if name != room.name]
        return table.put(person.id, left, expected=joined)

    def departed(self, person: Person) -> None:
        """Their last connection to this process has ended."""
        self._while_online.pop(person.id, None)

    def gone(self, id: str) -> None:
        """A person is, or was until now, connected to no process: a guest has no rooms then."""
        if joined := self._joined_guests.get(id):
            self._joined_guests.delete(id, expected=joined)

    def _count(self, _id: str, old: list[str] | None, new: list[str] | None) -> None:
        self._counts.subtract(old or ())
        self._counts.update(new or ())

    def _join_while_online(self, person: Person, room: Room) -> None:
        self._while_online.setdefault(person.id, set()).add(room.name)

    # Read marks and preferences

    def reading(self, person: Person, room: str) -> Reading:
        return self._readings.get(_key(person, room)) or Reading()

    def keep(self, person: Person, room: str, **changes: Any) -> Future[Reading]:
        """Change a `Reading`; resolved when it is durable. Raises `Conflict`, at once or by the
        future: another device may have changed something else in it at another process."""
        changed = msgspec.structs.replace(self.reading(person, room), **changes)
        return self._readings.change(person, _key(person, room), changed)

    def place(self, person: Person, room: str) -> int | None:
        """The person's own position for the room, counted from 0, or None."""
        order = self._orders.get(person.id) or []
        return order.index(room) if room in order else None

    def arrange(self, person: Person, rooms: list[str]) -> Future[list[str]]:
        """Set a person's order of rooms; others follow after them."""
        if len(set(rooms)) < len(rooms):
            raise BadPayload("Each room can be listed only once.")
        return self._orders.put(person, person.id, rooms)

    # Removing

    def forget(self, id: str) -> None:
        if id in self._joined:
            self._joined.delete(id)
        self._readings.forget(id)
        self._orders.forget(id)


def _key(person: Person, room: str) -> str:
    return f"{person.id}\n{room}"
