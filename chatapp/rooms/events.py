"""The doors of rooms: `join`, `leave`, `create`, `rooms`."""

from chatapp.doors import Ack, door
from chatapp.model import Room
from chatapp.pending import Pending
from chatapp.presence.events import Attendance
from chatapp.realtime import EVERYONE, Connection, Realtime
from chatapp.rooms.lobby import Lobby
from chatapp.rooms.manager import RoomManager
from chatapp.wire import Create, Join, Leave, ListRooms


def register(realtime: Realtime, rooms: RoomManager, lobby: Lobby, attendance: Attendance) -> None:
    def join(connection: Connection, payload: Join) -> Ack:
        room = rooms.find(connection.person, payload.room)
        attendance.enter(connection, room.name)
        return described(connection, room)

    def leave(connection: Connection, payload: Leave) -> Ack:
        room = rooms.find(connection.person, payload.room)
        attendance.leave(connection, room.name)
        return {"ok": True}

    def create(connection: Connection, payload: Create) -> Pending[Ack]:
        return rooms.create(connection.person, payload).then(
            lambda room: announced(connection, room)
        )

    def list_rooms(connection: Connection, _: ListRooms) -> Ack:
        return {"ok": True, "rooms": lobby.rooms(connection.person, connection.rooms)}

    def announced(creator: Connection, room: Room) -> Ack:
        """A new room: its creator is in it, and all who may see it hear of it."""
        if creator.open:
            attendance.enter(creator, room.name)
        for connection in list(realtime.members(EVERYONE)):
            if connection is not creator and rooms.may_see(connection.person, room):
                realtime.send(connection, "room", lobby.room(connection.person, room.name, set()))
        return described(creator, room)

    def described(connection: Connection, room: Room) -> Ack:
        return {"ok": True, "room": lobby.room(connection.person, room.name, connection.rooms)}

    realtime.receive("join", door(Join, join))
    realtime.receive("leave", door(Leave, leave))
    realtime.receive("create", door(Create, create))
    realtime.receive("rooms", door(ListRooms, list_rooms))
