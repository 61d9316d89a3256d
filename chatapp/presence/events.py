"""The doors of presence: who comes and goes, `typing`, `status`.

`Attendance` is where a connection's rooms (the transport's business) and a person's
presence (the manager's) are kept in step.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from chatapp.doors import Ack, check_scope, door
from chatapp.errors import ChatError, NotAMember, Unauthorized
from chatapp.model import Person
from chatapp.presence.last_seen import LastSeen
from chatapp.presence.manager import PresenceManager
from chatapp.realtime import EVERYONE, Connection, Realtime, Refused
from chatapp.wire import State, Status, Typing, connect_refusal

Identify = Callable[[bytes, Mapping[str, Any]], Person]
"""Who is connecting, from the handshake's auth and the request's environ; may refuse."""

Admit = Callable[[str, str], None]
"""Raises what keeps somebody of this name and address out."""

Homes = Callable[[Person], Iterable[str]]
"""The rooms that a new connection of a person is in; `general` always is one."""


class Attendance:
    """Brings connections into rooms and out of them."""

    def __init__(self, realtime: Realtime, presence: PresenceManager, last_seen: LastSeen) -> None:
        self._realtime = realtime
        self._presence = presence
        self._last_seen = last_seen

    def arrive(self, connection: Connection, person: Person, homes: Iterable[str]) -> None:
        """A connection has said who it is; `homes` are the rooms that it is in from the start."""
        self._presence.arrive(connection, person)
        connection.person = person
        self._last_seen.note(person)
        for room in homes:
            self.enter(connection, room)

    def enter(self, connection: Connection, room: str) -> None:
        if room not in connection.rooms:
            self._realtime.enter(connection, room)
            self._presence.enter(connection.person, room)

    def leave(self, connection: Connection, room: str) -> None:
        if room in connection.rooms:
            self._realtime.leave(connection, room)
            self._presence.leave(connection.person, room)

    def say(self, connection: Connection, state: State) -> None:
        self._presence.say(connection, connection.person, state)

    def tell_others(self, connection: Connection, event: str, payload: object) -> None:
        """Something about a person, to all their connections but this one."""
        for other in self._presence.connections(connection.person):
            if other is not connection:
                self._realtime.send(other, event, payload)

    def depart(self, connection: Connection) -> None:
        """A connection has ended; the transport has taken it out of its rooms already."""
        for room in connection.rooms:
            self._presence.leave(connection.person, room)
        self._presence.depart(connection, connection.person)
        if self._presence.state_of(connection.person.name) is None:
            self._last_seen.note(connection.person)


def register(  # noqa: PLR0917 - what a door needs, in the order of a visit
    realtime: Realtime,
    attendance: Attendance,
    identify: Identify,
    admit: Admit,
    homes: Homes,
    turned_away: Callable[[str], object] = lambda _address: None,
) -> None:
    """`turned_away(address)` hears of those who are not who they say, or may not come in."""

    def connect(connection: Connection, auth: bytes, environ: dict[str, Any]) -> None:
        try:
            person = identify(auth, environ)
            check_scope(person, "read")
            admit(person.name, connection.address)
            attendance.arrive(connection, person, homes(person))
        except ChatError as error:
            if isinstance(error, Unauthorized):
                turned_away(connection.address)
            raise Refused(connect_refusal(error)) from None

    def disconnect(connection: Connection, _reason: str) -> None:
        attendance.depart(connection)

    def typing(connection: Connection, payload: Typing) -> Ack | None:
        if payload.room not in connection.rooms:
            raise NotAMember(f"Join {payload.room!r} before you type there.")
        news = {"room": payload.room, "name": connection.person.name}
        realtime.broadcast("typing", news, room=payload.room, skip=connection)
        return None

    def status(connection: Connection, payload: Status) -> Ack:
        attendance.say(connection, payload.state)
        return {"ok": True}

    realtime.on_connect(connect)
    realtime.receive("status", door(Status, status))
    realtime.on_disconnect(disconnect)
    realtime.receive("typing", door(Typing, typing, needs="write"))


def show_guests_out(realtime: Realtime) -> None:
    """Close the connections of everybody who has no account."""
    for connection in list(realtime.members(EVERYONE)):
        if connection.person.is_guest:
            realtime.close(connection, "This chat is for members now.", for_good=True)


def expel(realtime: Realtime, key: str) -> None:
    """Close a person's connections: they may come back, as who they are now."""
    for connection in list(realtime.members(EVERYONE)):
        if connection.person.key == key:
            realtime.close(connection, "You were signed out, or your account has changed.")
