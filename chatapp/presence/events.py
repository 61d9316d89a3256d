"""The doors of presence: who comes and goes, and `typing`.

`Attendance` is where a connection's rooms (the transport's business) and a person's
presence (the manager's) are kept in step.
"""

from collections.abc import Callable, Mapping
from typing import Any

from chatapp.doors import Ack, door
from chatapp.errors import ChatError, NotAMember
from chatapp.model import GENERAL, Person
from chatapp.presence.manager import PresenceManager
from chatapp.realtime import Connection, Realtime, Refused
from chatapp.wire import Typing, connect_refusal

Identify = Callable[[bytes, Mapping[str, Any]], Person]
"""Who is connecting, from the handshake's auth and the request's environ; may refuse."""


class Attendance:
    """Brings connections into rooms and out of them."""

    def __init__(self, realtime: Realtime, presence: PresenceManager) -> None:
        self._realtime = realtime
        self._presence = presence

    def arrive(self, connection: Connection, person: Person) -> None:
        """A connection has said who it is; everyone who connects is in `general`."""
        self._presence.arrive(connection, person)
        connection.person = person
        self.enter(connection, GENERAL)

    def enter(self, connection: Connection, room: str) -> None:
        if room not in connection.rooms:
            self._realtime.enter(connection, room)
            self._presence.enter(connection.person, room)

    def leave(self, connection: Connection, room: str) -> None:
        if room in connection.rooms:
            self._realtime.leave(connection, room)
            self._presence.leave(connection.person, room)

    def depart(self, connection: Connection) -> None:
        """A connection has ended; the transport has taken it out of its rooms already."""
        for room in connection.rooms:
            self._presence.leave(connection.person, room)
        self._presence.depart(connection, connection.person)


def register(realtime: Realtime, attendance: Attendance, identify: Identify) -> None:
    def connect(connection: Connection, auth: bytes, environ: dict[str, Any]) -> None:
        try:
            attendance.arrive(connection, identify(auth, environ))
        except ChatError as error:
            raise Refused(connect_refusal(error)) from None

    def disconnect(connection: Connection, _reason: str) -> None:
        attendance.depart(connection)

    def typing(connection: Connection, payload: Typing) -> Ack | None:
        if payload.room not in connection.rooms:
            raise NotAMember(f"Join {payload.room!r} before you type there.")
        news = {"room": payload.room, "name": connection.person.name}
        realtime.broadcast("typing", news, room=payload.room, skip=connection)
        return None

    realtime.on_connect(connect)
    realtime.on_disconnect(disconnect)
    realtime.receive("typing", door(Typing, typing))
