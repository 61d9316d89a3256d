"""The rules of rooms: finding, creating and changing them.

Rooms are found through the person who asks: a room that they cannot see cannot be found. (People
who create a room learn that its name is taken, even by a room that they cannot see; attempts count
as created rooms.) `presence` knows who is online in a room, `rights` who may do what.

A change applies to the current state of the room (tables/table.py defines when writes become
visible), so a removed person is out at once.
"""

import hashlib
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

import msgspec

from chatapp.domain.clock import timestamp
from chatapp.domain.errors import BadPayload, NoSuchRoom, NotAllowed, NotFound, RoomExists
from chatapp.domain.future import Future
from chatapp.domain.limits import (
    checked_name,
    checked_room_name,
    checked_title,
    checked_topic,
    name_key,
)
from chatapp.domain.model import GENERAL, Person, Room, RoomMakers
from chatapp.domain.notes import Note, no_audit
from chatapp.domain.rates import PersonPace
from chatapp.domain.rights import (
    By,
    may,
    may_see,
    name_of,
    require_deletable,
    require_may_change_room,
    require_may_delete_room,
    require_may_make_rooms,
    require_not_deleted,
    require_private_rooms,
)
from chatapp.features.accounts.model import Account
from chatapp.protocol.requests import Create, DeleteRoom, Invite, Remove, Update
from chatapp.tables.rerun import rerun
from chatapp.tables.table import TableStore

TABLE = "rooms"


class RoomManager:
    """Finds, creates and changes rooms.

    `account_of(name)` is the account with this name, in any spelling, or None.
    `check_unmuted(person)` raises an error if they are muted. `makers()`: who can create rooms.
    `pace` limits how often a person can create rooms (admins have no limit), `changes` how often
    they can change them, because every change is broadcast.
    """

    def __init__(
        self,
        store: TableStore,
        *,
        clock: Callable[[], datetime],
        account_of: Callable[[str], Account | None],
        check_unmuted: Callable[[Person], None] = lambda _person: None,
        pace: PersonPace | None = None,
        changes: PersonPace | None = None,
        makers: Callable[[], RoomMakers] = lambda: "everyone",
        note: Note = no_audit,
    ) -> None:
        self._rooms = store.table(TABLE, Room)
        self._clock = clock
        self._account_of = account_of
        self._check_unmuted = check_unmuted
        self._pace = pace
        self._changes = changes
        self._tell: Callable[[Room], object] = lambda _room: None
        self._makers = makers
        self._note = note

    # Finding

    def visible_to(self, person: Person) -> list[Room]:
        """The rooms that a person can see, `general` first, then by title."""
        visible = [room for room in self._all() if may_see(person, room)]
        return sorted(visible, key=lambda room: (room.name != GENERAL, room.title.casefold()))

    def find(self, person: Person, name: str) -> Room:
        """The room with this name, if the person can see it; raises `NoSuchRoom`."""
        room = self._room(name) or self._room(name.casefold())
        if room is None or not may_see(person, room):
            raise NoSuchRoom(f"There is no room called {name[:60]!r}.")
        return room

    def may_see(self, person: Person, room: Room) -> bool:
        return may_see(person, self._latest(room))

    def is_deleted(self, room: Room) -> bool:
        return self._latest(room).deleted_at is not None

    # For the command line and the console, which see everything

    def all(self) -> list[Room]:
        """All rooms, with the deleted ones."""
        return sorted(self._all(), key=lambda room: room.name)

    def any(self, name: str) -> Room:
        """The room with this name, even a deleted one; raises `NoSuchRoom`."""
        room = self._rooms.get(name) or self._room(name)
        if room is None:
            raise NoSuchRoom(f"There is no room called {name[:60]!r}.")
        return room

    # Creating

    def create(self, person: Person, wanted: Create) -> Future[Room]:
        """Create a room. A direct one may already exist."""
        members = self._members(person, wanted)
        if wanted.kind == "direct":
            return self._direct(person, members)
        require_may_make_rooms(person, self._makers())
        name = checked_room_name(wanted.room)
        title = checked_title(wanted.title or wanted.room)
        self._check_unmuted(person)
        self._check_create_rate(person)
        if self._room(name) is not None:
            raise RoomExists(f"There is already a room called {name!r}.")
        if name in self._rooms:
            raise RoomExists(f"A room called {name!r} was deleted; its name can't be used again.")
        return self._open(person, Room(name=name, title=title, kind=wanted.kind, members=members))

    def _members(self, person: Person, wanted: Create) -> dict[str, str]:
        """The members of the new room by id; empty if it is public."""
        if wanted.kind == "public":
            return {}
        require_private_rooms(person)
        accounts = [self._account(name) for name in wanted.members]
        return {person.id: person.name, **{account.id: account.name for account in accounts}}

    def _direct(self, person: Person, members: dict[str, str]) -> Future[Room]:
        if len(members) < 2:
            raise BadPayload("A direct message needs at least one other person.")
        known = "\n".join(sorted(members))
        name = "direct-" + hashlib.sha256(known.encode()).hexdigest()[:16]
        if room := self._rooms.get(name):
            return Future.of(room)
        self._check_unmuted(person)
        self._check_create_rate(person)
        title = ", ".join(sorted(members.values(), key=str.casefold))
        return self._open(person, Room(name=name, title=title, kind="direct", members=members))

    def _open(self, person: Person, room: Room) -> Future[Room]:
        opened = msgspec.structs.replace(
            room, created_by=person.name, owner=person.id, created_at=timestamp(self._clock())
        )
        return self._rooms.put(room.name, opened, expected=None).then(lambda _: opened)

    def _check_create_rate(self, person: Person) -> None:
        if self._pace is not None and not may(person, "make rooms at any pace"):
            self._pace.check(person)

    # Changing rooms

    def update(self, person: Person, update: Update) -> Future[Room]:
        """Change a room's title, topic and restrictions."""
        room = self._own(person, update.room)
        self._check_unmuted(person)
        self._check_change_rate(person)
        return self.change(room, update)

    def change(self, room: Room, update: Update) -> Future[Room]:
        """The same, after the right to do so was checked."""
        require_not_deleted(room)
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
        return self._replace(room, **given)

    def delete(self, person: Person, wanted: DeleteRoom) -> Future[Room]:
        """Delete a room for everyone, and note it in the audit log.

        Its row stays, marked: its messages are in the log, and its name is never used again.
        """
        room = self.find(person, wanted.room)
        require_may_delete_room(person, room)
        self._check_unmuted(person)
        self._check_change_rate(person)
        return self.drop(person, room)

    def drop(self, by: By, room: Room, reason: str | None = None) -> Future[Room]:
        """The same, after the right to do so was checked."""
        require_deletable(room)

        def note(deleted: Room) -> Room:
            self._note(name_of(by), "delete-room", room=room.name, reason=reason)
            return deleted

        return self._replace(room, deleted_at=timestamp(self._clock())).then(note)

    def viewed(self, room: Room) -> Future[Room]:
        """Note that an admin, who is not a member, has read the room."""
        return self._replace(self._latest(room), viewed_at=timestamp(self._clock()))

    def invite(self, person: Person, invite: Invite) -> Future[Room]:
        """Invite somebody with an account to a private room. Any member may do this."""
        room = self._private(person, invite.room)
        self._check_unmuted(person)
        account = self._account(invite.name)
        self._check_change_rate(person)
        return self._with(room, account)

    def remove(self, person: Person, remove: Remove) -> Future[Room]:
        """Remove somebody from a private room: oneself, or anyone as its creator or an admin."""
        room = self._private(person, remove.room)
        id = self._member(room, checked_name(remove.name))
        if id != person.id:
            require_may_change_room(person, room)
        if id is None:
            raise NotFound(f"{remove.name!r} is not in this room.")
        self._check_change_rate(person)
        return self._replace(room, members=_without(room, id))

    def add_member(self, room: Room, name: str) -> Future[Room]:
        """Invite somebody, after the right to do so was checked."""
        return self._with(_with_members(room), self._account(name))

    def remove_member(self, room: Room, name: str) -> Future[Room]:
        """Remove somebody, after the right to do so was checked."""
        id = self._member(_with_members(room), checked_name(name))
        if id is None:
            raise NotFound(f"{name!r} is not in this room.")
        return self._replace(room, members=_without(room, id))

    def _with(self, room: Room, account: Account) -> Future[Room]:
        return self._replace(room, members={**room.members, account.id: account.name})

    def forget(self, id: str) -> None:
        """Remove the account with this id from all rooms."""
        for name, room in self._rooms.items():
            if id in room.members:
                rerun(partial(self._forget_in, name, id)).then(self._tell)

    def _forget_in(self, name: str, id: str) -> Future[Room]:
        room = self.any(name)
        return self._replace(room, members=_without(room, id))

    def tell_with(self, tell: Callable[[Room], object]) -> None:
        """`tell(room)` announces that somebody was removed from a room."""
        self._tell = tell

    def _own(self, person: Person, name: str) -> Room:
        room = self.find(person, name)
        require_may_change_room(person, room)
        return room

    def _private(self, person: Person, name: str) -> Room:
        return _with_members(self.find(person, name))

    def _member(self, room: Room, name: str) -> str | None:
        """The id of the member with this name, possibly of an account that an older version
        removed."""
        account = self._account_of(name)
        if account is not None and account.id in room.members:
            return account.id
        key = name_key(name)
        return next((id for id, known in room.members.items() if name_key(known) == key), None)

    def _check_change_rate(self, person: Person) -> None:
        if self._changes is not None:
            self._changes.check(person)

    def _account(self, name: str) -> Account:
        known = self._account_of(checked_name(name))
        if known is None:
            raise NotFound(f"There is no account called {name!r}.")
        return known

    def _replace(self, room: Room, **changes: Any) -> Future[Room]:
        """The room with these changes, once they are durable."""
        changed = msgspec.structs.replace(room, **changes)
        kept = self._rooms.put(room.name, changed, expected=None if room is _GENERAL else room)
        return kept.then(lambda _: changed)

    def _all(self) -> list[Room]:
        rooms = [room for _, room in self._rooms.items()]
        return rooms if GENERAL in self._rooms else [_GENERAL, *rooms]

    def _room(self, name: str) -> Room | None:
        """The room with this name; None if it was deleted."""
        room = self._rooms.get(name) or (_GENERAL if name == GENERAL else None)
        return room if room is not None and room.deleted_at is None else None

    def _latest(self, room: Room) -> Room:
        return self._rooms.get(room.name) or room


_GENERAL = Room(name=GENERAL, title="General")
"""The room `general` before its first change."""


def _with_members(room: Room) -> Room:
    require_not_deleted(room)
    if room.kind != "private":
        raise NotAllowed("Only private rooms have a member list.")
    return room


def _without(room: Room, id: str) -> dict[str, str]:
    return {known: name for known, name in room.members.items() if known != id}
