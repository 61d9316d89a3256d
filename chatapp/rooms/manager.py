"""The rooms: who may see them, who may change them.

Rooms are found through the person who asks: one that is not yours cannot be found, and
its name tells nobody that it exists. Who is in a room just now is kept by `presence`.

`_rooms` is what is on disk; `_coming` has the changes that are on their way there, so that
two changes at once build on each other. Who was removed is out at once, not when the disk
says so: `may_see` asks both.
"""

import hashlib
from collections.abc import Callable
from datetime import datetime
from typing import Any

import msgspec

from chatapp.clock import timestamp
from chatapp.errors import BadPayload, NoSuchRoom, NotAllowed, NotFound, RoomExists
from chatapp.limits import (
    checked_name,
    checked_room_name,
    checked_title,
    checked_topic,
    name_key,
)
from chatapp.model import GENERAL, Person, Room, RoomMakers
from chatapp.pending import Pending
from chatapp.rates import Pace
from chatapp.table import Directory
from chatapp.wire import Create, Invite, Remove, Update

TABLE = "rooms"


class RoomManager:
    """Finds, makes and changes rooms.

    `account_name(name)` is how the account of this name, in whatever spelling, writes itself;
    None where there is no such account. `pace` is how fast one person may make rooms.
    """

    def __init__(
        self,
        store: Directory,
        *,
        clock: Callable[[], datetime],
        account_name: Callable[[str], str | None],
        pace: Pace | None = None,
    ) -> None:
        self._store = store
        self._clock = clock
        self._account_name = account_name
        self._pace = pace
        self.makers: RoomMakers = "everyone"
        self._rooms: dict[str, Room] = {GENERAL: Room(name=GENERAL, title="General")}
        self._rooms |= dict(store.items(TABLE, type=Room))
        self._coming: dict[str, Room] = {}

    # Who may see what

    def visible_to(self, person: Person) -> list[Room]:
        """The rooms that a person may enter, `general` first, then by title."""
        visible = [room for room in self._rooms.values() if self.may_see(person, room)]
        return sorted(visible, key=lambda room: (room.name != GENERAL, room.title.casefold()))

    def find(self, person: Person, name: str) -> Room:
        """The room of this name, if this person may see it; raises `NoSuchRoom`."""
        room = self._rooms.get(name) or self._rooms.get(name.casefold())
        if room is None or not self.may_see(person, room):
            raise NoSuchRoom(f"There is no room called {name[:60]!r}.")
        return room

    def may_see(self, person: Person, room: Room) -> bool:
        if room.kind == "public":
            return True
        latest = self._coming.get(room.name, room)
        return all(_lets_in(known, person) for known in (room, latest))

    # For those who hold the data folder, and see everything

    def all(self) -> list[Room]:
        """Every room, by name."""
        return sorted(self._rooms.values(), key=lambda room: room.name)

    def any(self, name: str) -> Room:
        """The room of this name, whoever may see it; raises `NoSuchRoom`."""
        if name not in self._rooms:
            raise NoSuchRoom(f"There is no room called {name[:60]!r}.")
        return self._latest(self._rooms[name])

    # Making rooms

    def create(self, person: Person, wanted: Create) -> Pending[Room]:
        """Make a room; it is there when it is on disk. A direct one may be there already."""
        members = self._members(person, wanted)
        if wanted.kind == "direct":
            return self._direct(person, members)
        if not self.may_make(person):
            whose = "admins" if self.makers == "admins" else "people with an account"
            raise NotAllowed(f"Only {whose} make rooms here.")
        name = checked_room_name(wanted.room)
        title = checked_title(wanted.title or wanted.room)
        if name in self._rooms or name in self._coming:
            raise RoomExists(f"There is a room called {name!r} already.")
        return self._open(person, Room(name=name, title=title, kind=wanted.kind, members=members))

    def may_make(self, person: Person) -> bool:
        """Whether somebody may make rooms for several."""
        if self.makers == "everyone":
            return True
        return person.is_admin if self.makers == "admins" else not person.is_guest

    def _members(self, person: Person, wanted: Create) -> dict[str, str]:
        """Who may see the new room; nobody in particular if it is public."""
        if wanted.kind == "public":
            return {}
        if person.is_guest:
            raise NotAllowed(
                "Private rooms are for people with an account; guests' names are free."
            )
        names = [person.name, *(self._account(name) for name in wanted.members)]
        return {name_key(name): name for name in names}

    def _direct(self, person: Person, members: dict[str, str]) -> Pending[Room]:
        if len(members) < 2:
            raise BadPayload("A direct room needs somebody to talk to.")
        known = "\n".join(sorted(members))
        name = "direct-" + hashlib.sha256(known.encode()).hexdigest()[:16]
        if name in self._rooms:
            return Pending.of(self._rooms[name])
        title = ", ".join(sorted(members.values(), key=str.casefold))
        return self._open(person, Room(name=name, title=title, kind="direct", members=members))

    def _open(self, person: Person, room: Room) -> Pending[Room]:
        if self._pace is not None:
            self._pace.check(person.key, self._clock().timestamp())
        made = timestamp(self._clock())
        return self._keep(msgspec.structs.replace(room, created_by=person.name, created_at=made))

    # Changing rooms

    def update(self, person: Person, update: Update) -> Pending[Room]:
        """Change what a room is called, what it is about, and who may write there."""
        return self.change(self._own(person, update.room), update)

    def change(self, room: Room, update: Update) -> Pending[Room]:
        """The same, for who was found to be allowed to."""
        changes: dict[str, Any] = {
            "title": None if update.title is None else checked_title(update.title),
            "topic": None if update.topic is None else checked_topic(update.topic),
            "read_only": update.read_only,
            "archived": update.archived,
            "slow_seconds": update.slow_seconds,
        }
        if room.name == GENERAL and update.archived:
            raise NotAllowed("Everyone is in the general room; it stays open.")
        given = {name: value for name, value in changes.items() if value is not None}
        return self._keep(msgspec.structs.replace(room, **given))

    def invite(self, person: Person, invite: Invite) -> Pending[Room]:
        """Let somebody with an account see a private room. Any of its members may."""
        room = self._private(person, invite.room)
        name = self._account(invite.name)
        return self._keep(
            msgspec.structs.replace(room, members={**room.members, name_key(name): name})
        )

    def remove(self, person: Person, remove: Remove) -> Pending[Room]:
        """Take a room out of somebody's sight; oneself, or as its owner or an admin anyone."""
        room = self._private(person, remove.room)
        key = name_key(checked_name(remove.name))
        if key != name_key(person.name):
            self._own(person, remove.room)
        if key not in room.members:
            raise NotFound(f"{remove.name!r} is not in this room.")
        members = {known: name for known, name in room.members.items() if known != key}
        return self._keep(msgspec.structs.replace(room, members=members))

    def may_change(self, person: Person, room: Room) -> bool:
        """Admins may, and who made the room and has an account."""
        return person.is_admin or (not person.is_guest and person.name == room.created_by)

    def _own(self, person: Person, name: str) -> Room:
        room = self._latest(self.find(person, name))
        if not self.may_change(person, room):
            raise NotAllowed("Only who made the room, or an admin, may do that.")
        return room

    def _private(self, person: Person, name: str) -> Room:
        room = self._latest(self.find(person, name))
        if room.kind != "private":
            raise NotAllowed("Only private rooms have a list of members.")
        return room

    def _latest(self, room: Room) -> Room:
        return self._coming.get(room.name, room)

    def _account(self, name: str) -> str:
        known = self._account_name(checked_name(name))
        if known is None:
            raise NotFound(f"Nobody with an account is called {name!r}.")
        return known

    def _keep(self, room: Room) -> Pending[Room]:
        self._coming[room.name] = room
        kept = self._store.put(TABLE, room.name, room)
        kept.when_done(lambda _: self._arrived(room))
        return kept.then(lambda _: self._opened(room))

    def _arrived(self, room: Room) -> None:
        """Written or not, this change is no longer on its way; a later one may be."""
        if self._coming.get(room.name) is room:
            del self._coming[room.name]

    def _opened(self, room: Room) -> Room:
        self._rooms[room.name] = room
        return room


def _lets_in(room: Room, person: Person) -> bool:
    return not person.is_guest and name_key(person.name) in room.members
