"""The rules of rooms: finding, creating and changing them.

Rooms are found through the person who asks: a room that they cannot see cannot be found. (People
who create a room learn that its name is taken, even by a room that they cannot see; attempts count
as created rooms.) `presence` knows who is online in a room, `rights` who may do what.

A change applies to the current state of the room (tables/table.py defines when writes become
visible), so a removed person is out at once.
"""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

import msgspec

from chatapp.domain.bots import BotLimits
from chatapp.domain.clock import timestamp
from chatapp.domain.errors import (
    BadPayload,
    NoSuchRoom,
    NotAllowed,
    NotFound,
    QuotaReached,
    RoomExists,
)
from chatapp.domain.future import Future
from chatapp.domain.groups import between, title_of, with_members
from chatapp.domain.limits import (
    MAX_GROUP_MEMBERS,
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
    is_within,
    may,
    may_see,
    name_of,
    require_deletable,
    require_may_delete_room,
    require_may_make_rooms,
    require_may_remove_from,
    require_may_update,
    require_not_deleted,
    require_private_rooms,
    require_within,
)
from chatapp.features.accounts.model import Account, as_person
from chatapp.protocol.requests import Create, DeleteRoom, Invite, Remove, Update
from chatapp.tables.rerun import rerun
from chatapp.tables.table import TableStore

TABLE = "rooms"


class RoomManager:
    """Finds, creates and changes rooms.

    `account_of(name)` is the account with this name, in any spelling, or None.
    `check_unmuted(person)` raises an error if they are muted. `makers()`: who can create rooms.
    `pace` limits how often a person can create rooms (admins have no limit), `changes` how often
    they can change them, because every change is broadcast. `limits_of(id)` are those of a bot.
    """

    def __init__(
        self,
        store: TableStore,
        *,
        clock: Callable[[], datetime],
        account_of: Callable[[str], Account | None],
        limits_of: Callable[[str], BotLimits | None] = lambda _id: None,
        check_unmuted: Callable[[Person], None] = lambda _person: None,
        pace: PersonPace | None = None,
        changes: PersonPace | None = None,
        makers: Callable[[], RoomMakers] = lambda: "everyone",
        note: Note = no_audit,
    ) -> None:
        self._rooms = store.table(TABLE, Room)
        self._clock = clock
        self._account_of = account_of
        self._limits_of = limits_of
        self._check_unmuted = check_unmuted
        self._pace = pace
        self._changes = changes
        self._tell: Callable[[Room], object] = lambda _room: None
        self._makers = makers
        self._note = note

    # Finding

    def visible_to(self, person: Person) -> list[Room]:
        """The rooms that a person can see, `general` first, then by title."""
        limits = self._limits(person)
        visible = [room for room in self._all() if may_see(person, room, limits)]
        return sorted(visible, key=lambda room: (room.name != GENERAL, room.title.casefold()))

    def find(self, person: Person, name: str) -> Room:
        """The room with this name, if the person can see it; raises `NoSuchRoom`."""
        room = self._room(name) or self._room(name.casefold())
        if room is None or not may_see(person, room, self._limits(person)):
            raise NoSuchRoom(f"There is no room called {name[:60]!r}.")
        return room

    def may_see(self, person: Person, room: Room) -> bool:
        return may_see(person, self._latest(room), self._limits(person))

    def may_hear_of(self, person: Person, room: Room) -> bool:
        """Whether a room that everybody saw may be named to a person: not to a bot that has other
        rooms."""
        limits = self._limits(person)
        return room.kind == "public" and (limits is None or is_within(limits, room))

    def sees_every_public_room(self, person: Person) -> bool:
        """Everybody does, but a bot that has rooms of its own."""
        limits = self._limits(person)
        return limits is None or limits.rooms is None

    def _limits(self, person: Person) -> BotLimits | None:
        return self._limits_of(person.id) if person.role == "bot" else None

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
        """Create a room. A conversation of these people may already exist."""
        if wanted.kind == "direct":
            return self._converse(person, wanted)
        members = self._members(person, wanted)
        require_may_make_rooms(person, self._makers())
        name = checked_room_name(wanted.room)
        title = checked_title(wanted.title or wanted.room)
        self._check_unmuted(person)
        self._check_create_rate(person)
        if self._room(name) is not None:
            raise RoomExists(f"There is already a room called {name!r}.")
        if name in self._rooms:
            raise RoomExists(f"A room called {name!r} was deleted; its name can't be used again.")
        new = Room(name=name, title=title, kind=wanted.kind, members=members)
        self._require_within_limits(person, new)
        return self._open(person, new)

    def conversation(self, person: Person, wanted: Create) -> Room | str:
        """The conversation that these people have, or the name for a new one."""
        members = self._members(person, wanted)
        if len(members) < 2:
            raise BadPayload("A direct message needs at least one other person.")
        return between(members, self._rooms.get, self._all())

    def _members(self, person: Person, wanted: Create) -> dict[str, str]:
        """The members of the new room by id; empty if it is public."""
        if wanted.kind == "public":
            return {}
        require_private_rooms(person)
        accounts = [self._account(name) for name in wanted.members]
        return {person.id: person.name, **{account.id: account.name for account in accounts}}

    def _converse(self, person: Person, wanted: Create) -> Future[Room]:
        there = self.conversation(person, wanted)
        if isinstance(there, Room):
            require_within(self._limits(person), person.name, there)
            return Future.of(there)
        members = self._members(person, wanted)
        _check_size(len(members))
        self._check_unmuted(person)
        self._check_create_rate(person)
        new = Room(
            name=there,
            title=title_of(members.values()),
            kind="direct",
            group=len(members) > 2,
            members=members,
        )
        self._require_within_limits(person, new)
        return self._open(person, new)

    def converse_with_owner(self, bot: Account, owner: Account) -> Future[Room]:
        """The conversation of a bot and its owner, for what the chat writes there for the bot. The
        bot's own limits may forbid that it sees the room."""
        members = {bot.id: bot.name, owner.id: owner.name}
        there = between(members, self._rooms.get, self._all())
        if isinstance(there, Room):
            return Future.of(there)
        title = title_of(members.values())
        new = Room(name=there, title=title, kind="direct", members=members)
        return self._open(as_person(bot), new)

    def _require_within_limits(self, person: Person, new: Room) -> None:
        """No room is made that a bot in it, or that makes it, could not see."""
        for id, name in {person.id: person.name, **new.members}.items():
            require_within(self._limits_of(id), name, new)

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
        room = self.find(person, update.room)
        require_may_update(person, room, _given(update))
        self._check_unmuted(person)
        self._check_change_rate(person)
        return self.change(room, update)

    def change(self, room: Room, update: Update) -> Future[Room]:
        """The same, after the right to do so was checked."""
        require_not_deleted(room)
        changes: dict[str, Any] = {
            "topic": None if update.topic is None else checked_topic(update.topic),
            "read_only": update.read_only,
            "archived": update.archived,
            "slow_seconds": update.slow_seconds,
            "threads": update.threads,
            "previews": update.previews,
            "pinning": update.pinning,
        }
        if room.kind == "direct" and update.threads == "required":
            raise NotAllowed("A direct conversation cannot require threads.")
        if room.name == GENERAL and update.archived:
            raise NotAllowed("Everyone is in the general room; it stays open.")
        given = {name: value for name, value in changes.items() if value is not None}
        return self._replace(room, **given, **_titled(room, update.title))

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
        """Invite somebody with an account to a private room or a group conversation. Any member may
        do this."""
        room = _with_changing_members(self.find(person, invite.room))
        self._check_unmuted(person)
        account = self._account(invite.name)
        if room.is_group:
            _check_size(len(room.members.keys() | {account.id}))
        self._check_change_rate(person)
        return self._with(room, account)

    def remove(self, person: Person, remove: Remove) -> Future[Room]:
        """Remove somebody from a private room or a group conversation: oneself, or anyone as its
        creator or an admin."""
        room = _with_changing_members(self.find(person, remove.room))
        id = self._member(room, checked_name(remove.name))
        if id != person.id:
            require_may_remove_from(person, room)
        if id is None:
            raise NotFound(f"{remove.name!r} is not in this room.")
        self._check_change_rate(person)
        return self._without(room, id)

    def add_member(self, room: Room, name: str) -> Future[Room]:
        """Invite somebody, after the right to do so was checked."""
        return self._with(_with_members(room), self._account(name))

    def remove_member(self, room: Room, name: str) -> Future[Room]:
        """Remove somebody, after the right to do so was checked."""
        id = self._member(_with_members(room), checked_name(name))
        if id is None:
            raise NotFound(f"{name!r} is not in this room.")
        return self._without(room, id)

    def _with(self, room: Room, account: Account) -> Future[Room]:
        require_within(self._limits_of(account.id), account.name, room)
        return self._replace(room, **with_members(room, {**room.members, account.id: account.name}))

    def _without(self, room: Room, id: str) -> Future[Room]:
        others = {known: name for known, name in room.members.items() if known != id}
        return self._replace(room, **with_members(room, others))

    def forget(self, id: str) -> None:
        """Remove the account with this id from all rooms."""
        for name, room in self._rooms.items():
            if id in room.members:
                rerun(partial(self._forget_in, name, id)).then(self._tell)

    def _forget_in(self, name: str, id: str) -> Future[Room]:
        return self._without(self.any(name), id)

    def tell_with(self, tell: Callable[[Room], object]) -> None:
        """`tell(room)` announces that somebody was removed from a room."""
        self._tell = tell

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


def _with_changing_members(room: Room) -> Room:
    """For the people in it: a group's change too."""
    if room.is_group:
        return room
    if room.kind == "direct":
        raise NotAllowed(
            "A direct message stays between its two people. "
            "To talk with more, start a conversation with all of them."
        )
    return _with_members(room)


def _check_size(people: int) -> None:
    if people > MAX_GROUP_MEMBERS:
        raise QuotaReached(
            f"A group conversation has up to {MAX_GROUP_MEMBERS} people; "
            "for more, create a private room."
        )


def _given(update: Update) -> set[str]:
    """The names of the settings to change."""
    values = msgspec.structs.asdict(update)
    return {name for name, value in values.items() if value is not None} - {"room"}


def _titled(room: Room, title: str | None) -> dict[str, Any]:
    """What changes with a new title. A group without one is called like its people."""
    if title is None:
        return {}
    if not room.is_group:
        return {"title": checked_title(title)}
    if not title.strip():
        return {"title": title_of(room.members.values()), "named": False}
    return {"title": checked_title(title), "named": True}
