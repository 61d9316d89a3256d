"""The doors of rooms: `rooms`, `join`, `leave`, `create`, `update`, `invite`, `remove`."""

from chatapp.doors import Ack, door
from chatapp.model import Person, Room
from chatapp.pending import Pending
from chatapp.presence.events import Attendance
from chatapp.realtime import EVERYONE, Connection, Realtime
from chatapp.rooms.lobby import Lobby
from chatapp.rooms.manager import RoomManager
from chatapp.rooms.memberships import Memberships
from chatapp.wire import Create, Invite, Join, Leave, ListRooms, Remove, Update


class RoomEvents:
    """Answers what clients ask of rooms, and tells everyone concerned what changed."""

    def __init__(
        self,
        realtime: Realtime,
        rooms: RoomManager,
        memberships: Memberships,
        lobby: Lobby,
        attendance: Attendance,
    ) -> None:
        self._realtime = realtime
        self._rooms = rooms
        self._memberships = memberships
        self._lobby = lobby
        self._attendance = attendance

    def register(self) -> None:
        receive = self._realtime.receive
        receive("rooms", door(ListRooms, self._list))
        receive("join", door(Join, self._join))
        receive("leave", door(Leave, self._leave))
        receive("create", door(Create, self._create, needs="write"))
        receive("update", door(Update, self._update, needs="write"))
        receive("invite", door(Invite, self._invite, needs="write"))
        receive("remove", door(Remove, self._remove, needs="write"))

    def homes(self, person: Person) -> list[str]:
        """The rooms that a new connection of this person is in."""
        return self._memberships.homes(person, self._rooms.visible_to(person))

    def _list(self, connection: Connection, _: ListRooms) -> Ack:
        return {"ok": True, "rooms": self._lobby.rooms(connection.person, connection.rooms)}

    def _join(self, connection: Connection, payload: Join) -> Ack:
        room = self._rooms.find(connection.person, payload.room)
        self._attendance.enter(connection, room.name)
        self._memberships.join(connection.person, room.name)
        return self._described(connection, room)

    def _leave(self, connection: Connection, payload: Leave) -> Ack | Pending[Ack]:
        person = connection.person
        room = self._rooms.find(person, payload.room)
        if room.kind == "private":
            removed = self._rooms.remove(person, Remove(room=room.name, name=person.name))
            return removed.then(self.tell).then(lambda _: {"ok": True})
        self._attendance.leave(connection, room.name)
        self._memberships.leave(person, room.name)
        return {"ok": True}

    def _create(self, connection: Connection, payload: Create) -> Pending[Ack]:
        def opened(room: Room) -> Ack:
            if connection.open:
                self._attendance.enter(connection, room.name)
            self._memberships.join(connection.person, room.name)
            self.tell(room)
            return self._described(connection, room)

        return self._rooms.create(connection.person, payload).then(opened)

    def _update(self, connection: Connection, payload: Update) -> Pending[Ack]:
        changed = self._rooms.update(connection.person, payload).then(self.tell)
        return changed.then(lambda room: self._described(connection, room))

    def _invite(self, connection: Connection, payload: Invite) -> Pending[Ack]:
        changed = self._rooms.invite(connection.person, payload).then(self.tell)
        return changed.then(lambda room: self._described(connection, room))

    def _remove(self, connection: Connection, payload: Remove) -> Pending[Ack]:
        changed = self._rooms.remove(connection.person, payload).then(self.tell)
        return changed.then(lambda _: {"ok": True})

    def tell(self, room: Room) -> Room:
        """Everyone who may see the room hears how it is now; who no longer may is out of it."""
        for connection in list(self._realtime.members(EVERYONE)):
            if self._rooms.may_see(connection.person, room):
                if room.kind != "public":
                    self._attendance.enter(connection, room.name)
                info = self._lobby.room(connection.person, room.name, connection.rooms)
                self._realtime.send(connection, "room", info)
            elif room.name in connection.rooms:
                self._attendance.leave(connection, room.name)
                self._realtime.send(connection, "removed", {"room": room.name})
        return room

    def _described(self, connection: Connection, room: Room) -> Ack:
        info = self._lobby.room(connection.person, room.name, connection.rooms)
        return {"ok": True, "room": info}
