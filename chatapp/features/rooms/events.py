"""The event handlers `rooms`, `join`, `leave`, `create`, `update`, `delete_room`, `invite`,
`remove`."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import TypeVar

from msgspec.structs import replace

from chatapp.domain.errors import NoSuchRoom
from chatapp.domain.future import Future
from chatapp.domain.model import Person, Room
from chatapp.domain.rights import check_scope, may_change_room, may_remove_from, only_reads
from chatapp.features.handlers import receive
from chatapp.features.presence.events import RoomSubscriptions
from chatapp.features.rooms.manager import RoomManager
from chatapp.features.rooms.memberships import Memberships
from chatapp.features.rooms.room_descriptions import RoomDescriptions
from chatapp.features.rooms.system_lines import SystemLines
from chatapp.protocol import events
from chatapp.protocol.answers import DescribedRoom, Done, RoomList
from chatapp.protocol.pushes import Removed
from chatapp.protocol.requests import (
    Create,
    DeleteRoom,
    Invite,
    Join,
    Leave,
    ListRooms,
    Remove,
    Update,
)
from chatapp.protocol.values import RoomInfo
from chatapp.transport import EVERYONE, Connection, Realtime

C = TypeVar("C", Update, Invite, Remove)


class RoomEvents:
    """Handles the requests about rooms, and tells everyone concerned about changes."""

    def __init__(
        self,
        realtime: Realtime,
        rooms: RoomManager,
        memberships: Memberships,
        descriptions: RoomDescriptions,
        subscriptions: RoomSubscriptions,
        *,
        lines: SystemLines,
        threads_unread: Callable[[Person], int] = lambda _person: 0,
        saved: Callable[[Person], tuple[int, int]] = lambda _person: (0, 0),
        emoji: Callable[[], str] = lambda: "",
    ) -> None:
        """`threads_unread(person)`: how many of their threads have something new; `saved(person)`:
        how many messages they have saved, and how many of these are due; `emoji()`: the version of
        the list of the chat's own emoji."""
        self._emoji = emoji
        self._saved = saved
        self._threads_unread = threads_unread
        self._realtime = realtime
        self._rooms = rooms
        self._memberships = memberships
        self._descriptions = descriptions
        self._subscriptions = subscriptions
        self._lines = lines
        self._followers: list[Callable[[Room], object]] = []

    def register(self) -> None:
        receive(self._realtime, events.ROOMS, self._list)
        receive(self._realtime, events.JOIN, self._join)
        receive(self._realtime, events.LEAVE, self._leave)
        receive(self._realtime, events.CREATE, self._create)
        receive(self._realtime, events.UPDATE, self._update)
        receive(self._realtime, events.DELETE_ROOM, self._delete)
        receive(self._realtime, events.INVITE, self._invite)
        receive(self._realtime, events.REMOVE, self._remove)

    def on_change(self, follow: Callable[[Room], object]) -> None:
        """`follow(room)` is called with every room that has changed, before people are told."""
        self._followers.append(follow)

    def initial_rooms(self, person: Person) -> list[str]:
        """The rooms that a new connection of this person joins."""
        return self._memberships.rooms_of(person, self._rooms.visible_to(person))

    def is_in(self, person: Person, name: str) -> bool:
        """Whether a person is a member of the room with this name."""
        try:
            return self._memberships.is_in(person.id, self._rooms.find(person, name))
        except NoSuchRoom:
            return False

    def _list(self, connection: Connection, _: ListRooms) -> RoomList:
        person = connection.person
        rooms = [_as_joined(connection, info) for info in self._descriptions.rooms(person)]
        saved, due = self._saved(person)
        return RoomList(
            me=person.name,
            id=person.id,
            rooms=rooms,
            threads_unread=self._threads_unread(person),
            saved=saved,
            saved_due=due,
            emoji=self._emoji(),
        )

    def _join(self, connection: Connection, payload: Join) -> Future[DescribedRoom]:
        """With a read-only token, only this connection joins, not the account's other devices."""
        person = connection.person
        room = self._rooms.find(person, payload.room)
        _require_lasting(connection)
        stays = not only_reads(person)
        is_new = stays and not self._memberships.is_in(person.id, room)
        if connection.open:
            self._subscriptions.enter(connection, room.name)
        if stays:
            self._memberships.join(person, room)
            self._tell_own(self._subscriptions.enter_all(person, room.name), room.name)
        told = self._lines.joined(person, room) if is_new else Future.of(None)
        return told.then(lambda _: self._described(connection, room))

    def _leave(self, connection: Connection, payload: Leave) -> Done | Future[Done]:
        person = connection.person
        room = self._rooms.find(person, payload.room)
        if room.kind == "private" or room.is_group:
            check_scope(person, "rooms")
            return self._remove(connection, Remove(room=room.name, name=person.name))
        _require_lasting(connection)
        if only_reads(person) or self._memberships.is_permanent(room):
            self._subscriptions.leave(connection, room.name)
            return Done()
        was_in = self._memberships.is_in(person.id, room)

        def left(_: None) -> Future[None]:
            if self._memberships.is_in(person.id, room):  # another device has joined meanwhile
                return Future.of(None)
            if connection.open:
                self._subscriptions.leave(connection, room.name)
            self._tell_own(self._subscriptions.leave_all(person, room.name), room.name)
            return self._lines.left(person, room) if was_in else Future.of(None)

        return self._memberships.leave(person, room).chain(left).then(lambda _: Done())

    def _create(self, connection: Connection, payload: Create) -> Future[DescribedRoom]:
        person = connection.person
        is_new = payload.kind == "direct" and isinstance(
            self._rooms.conversation(person, payload), str
        )

        def opened(room: Room) -> Future[DescribedRoom]:
            if connection.open:
                self._subscriptions.enter(connection, room.name)
            if connection.open or not person.is_guest:
                self._memberships.join(person, room)
            self.tell(room)
            self._tell_own(self._subscriptions.enter_all(person, room.name), room.name)
            is_told = is_new and room.is_group
            told = self._lines.started(person, room) if is_told else Future.of(None)
            return told.then(lambda _: self._described(connection, room))

        return self._rooms.create(person, payload).chain(opened)

    def _update(self, connection: Connection, payload: Update) -> Future[DescribedRoom]:
        changed = self._change(connection, payload, self._rooms.update)
        return changed.then(lambda room: self._described(connection, room))

    def _delete(self, connection: Connection, payload: DeleteRoom) -> Future[Done]:
        deleted = self._rooms.delete(connection.person, payload).then(self.tell)
        return deleted.then(lambda _: Done())

    def _invite(self, connection: Connection, payload: Invite) -> Future[DescribedRoom]:
        changed = self._change(connection, payload, self._rooms.invite)
        return changed.then(lambda room: self._described(connection, room))

    def _remove(self, connection: Connection, payload: Remove) -> Future[Done]:
        changed = self._change(connection, payload, self._rooms.remove)
        return changed.then(lambda _: Done())

    def _change(
        self, connection: Connection, payload: C, change: Callable[[Person, C], Future[Room]]
    ) -> Future[Room]:
        """Change a room, tell everyone, and write down in the room what has changed."""
        person = connection.person
        old = self._rooms.find(person, payload.room)
        changed = change(person, payload).then(self.tell)
        return changed.chain(lambda room: self._lines.changed(person, old, room))

    def tell_followed(self, person: Person, old: Sequence[str], new: Sequence[str]) -> None:
        """By way of another process, a person has joined and left public rooms."""
        for name in filter(partial(self.is_in, person), set(new) - set(old)):
            self._tell_own(self._subscriptions.enter_all(person, name), name)
        for name in set(old) - set(new):
            self._tell_own(self._subscriptions.leave_all(person, name), name)

    def tell(self, room: Room) -> Room:
        """Send the changed room to everyone who can see it, and remove those who no longer can.

        Personal fields are only included for people who can see it only from now on.
        """
        for follow in self._followers:
            follow(room)
        if self._rooms.is_deleted(room):
            self._tell_deleted(room)
            return room
        told: dict[tuple[bool, bool], list[Connection]] = {}
        is_public = room.kind == "public"
        for connection in list(self._realtime.members(EVERYONE)):
            if not self._rooms.may_see(connection.person, room):
                self._remove_connection(connection, room)
            elif not is_public and room.name not in connection.rooms:
                self._subscriptions.enter(connection, room.name)
                info = self._descriptions.room(connection.person, room.name)
                self._realtime.send(connection, "room", info)
            else:
                person = connection.person
                rights = may_change_room(person, room), may_remove_from(person, room)
                told.setdefault(rights, []).append(connection)
        for connections in told.values():
            news = self._descriptions.news(connections[0].person, room)
            self._realtime.send_all(connections, "room", news)
        return room

    def _tell_deleted(self, room: Room) -> None:
        """A deleted public room disappears for everyone, joined or not."""
        for connection in list(self._realtime.members(EVERYONE)):
            is_in = room.name in connection.rooms
            self._subscriptions.leave(connection, room.name)
            if is_in or self._rooms.may_hear_of(connection.person, room):
                self._realtime.send(connection, "removed", Removed(room=room.name))

    def _remove_connection(self, connection: Connection, room: Room) -> None:
        if room.name in connection.rooms:
            self._subscriptions.leave(connection, room.name)
            self._realtime.send(connection, "removed", Removed(room=room.name))

    def _described(self, connection: Connection, room: Room) -> DescribedRoom:
        info = self._descriptions.room(connection.person, room.name)
        return DescribedRoom(room=_as_joined(connection, info))

    def _tell_own(self, connections: list[Connection], room: str) -> None:
        """Tell other connections of the same person that they have joined or left the room."""
        if connections:
            info = self._descriptions.room(connections[0].person, room)
            self._realtime.send_all(connections, "room", info)


def _require_lasting(connection: Connection) -> None:
    """Raises `NotAllowed` if this could only be for the connection, and there is none."""
    if not connection.open and only_reads(connection.person):
        check_scope(connection.person, "write")


def _as_joined(connection: Connection, info: RoomInfo) -> RoomInfo:
    """A connection with a read-only token can be in rooms that its account has not joined."""
    return replace(info, joined=True) if info.name in connection.rooms else info
