"""The event handlers of presence: connect, disconnect, `typing` and `status`.

`RoomSubscriptions` keeps a connection's rooms (in the transport) and a person's presence (in the
manager) in step.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

import msgspec

from chatapp.alone import LocalBroker
from chatapp.domain.errors import BadPayload, ChatError, NotAMember, Unauthorized, Unavailable
from chatapp.domain.future import Future
from chatapp.domain.model import Person
from chatapp.domain.rates import MovingWindow
from chatapp.domain.rights import check_scope
from chatapp.features.handlers import receive
from chatapp.features.presence.last_seen import LastSeen
from chatapp.features.presence.manager import PresenceManager
from chatapp.features.presence.several_processes import SingleProcess
from chatapp.ports import Broker, Presence
from chatapp.protocol import events
from chatapp.protocol.answers import OwnStatus
from chatapp.protocol.codec import connect_refusal
from chatapp.protocol.pushes import Typing
from chatapp.protocol.requests import ReportTyping, Status
from chatapp.protocol.values import PersonStatus, State
from chatapp.transport import EVERYONE, Connection, ConnectRefused, Realtime

Identify = Callable[[bytes, Mapping[str, Any]], Person]
"""Identifies who is connecting, from the handshake's auth and the request's environ; can refuse."""

Admit = Callable[[Person, str], None]
"""Raises an error if this address is banned."""

InitialRooms = Callable[[Person], Iterable[str]]
"""The rooms that a new connection of a person joins; `general` is always one of them."""


ChangeStatus = Callable[[Person, Status], Future[PersonStatus | None]]
"""Changes what a person says of themselves."""

TYPING_SECONDS = 2.0
"""A room is told that somebody types at most once in this time; it lasts for five seconds."""


_encode_typing = msgspec.json.Encoder().encode
_decode_typing = msgspec.json.Decoder(Typing).decode


class RoomSubscriptions:
    """Adds connections to the rooms of their people, and removes them.

    `departed(person)` is called when a person's last connection has ended.
    """

    def __init__(
        self,
        realtime: Realtime,
        presence: PresenceManager,
        last_seen: LastSeen,
        departed: Callable[[Person], object],
        processes: Presence | None = None,
    ) -> None:
        self._realtime = realtime
        self._presence = presence
        self._last_seen = last_seen
        self._departed = departed
        self._processes = processes or SingleProcess()
        self._changed = self._processes.changed
        self._connected: Counter[str] = Counter()
        """Number of connections of each person, under any name."""
        self._people: dict[str, Person] = {}
        """By id, with the name under which they connected last."""
        self._listening: dict[str, set[Connection]] = {}
        """Streams, which are of one room each, by the id of their person."""

    def person(self, id: str) -> Person | None:
        """The person with this id, if this process has a connection of theirs."""
        return self._people.get(id)

    def claim_name(self, person: Person) -> Future[None] | None:
        """As `Presence.claim`."""
        return self._processes.claim(person)

    def arrive(self, connection: Connection, person: Person, initial_rooms: Iterable[str]) -> None:
        """An authenticated connection; `initial_rooms` are the rooms that it joins at once."""
        self._processes.arriving(person)
        self._presence.arrive(connection, person)
        self._connected[person.id] += 1
        self._people[person.id] = person
        connection.person = person
        connection.payer = person.id
        self._last_seen.note(person)
        self._changed(person)
        for room in initial_rooms:
            self.enter(connection, room)

    def listen(self, connection: Connection, person: Person) -> None:
        """A connection that will hear one room: nobody is online by it."""
        connection.person = person
        connection.payer = person.id
        self._listening.setdefault(person.id, set()).add(connection)

    def hear(self, connection: Connection, room: str) -> None:
        """Until the person is no longer in the room, or cannot see it any more."""
        self._realtime.enter(connection, room)

    def enter(self, connection: Connection, room: str) -> None:
        if room not in connection.rooms and not self._is_listening(connection):
            self._realtime.enter(connection, room)
            self._presence.enter(connection.person, room)
            self._changed(connection.person)

    def leave(self, connection: Connection, room: str) -> None:
        if room not in connection.rooms:
            return
        self._realtime.leave(connection, room)
        if self._is_listening(connection):
            self._realtime.close(connection, "You are no longer in this room.")
        else:
            self._presence.leave(connection.person, room)
            self._changed(connection.person)

    def enter_all(self, person: Person, room: str) -> list[Connection]:
        """Add all connections of a person to a room; returns those that were not in it."""
        entering = [c for c in self._presence.connections(person) if room not in c.rooms]
        for connection in entering:
            self.enter(connection, room)
        return entering

    def leave_all(self, person: Person, room: str) -> list[Connection]:
        """Remove all connections of a person from a room; returns those that were in it."""
        connections = (*self._presence.connections(person), *self._streams(person))
        leaving = [connection for connection in connections if room in connection.rooms]
        for connection in leaving:
            self.leave(connection, room)
        return leaving

    def say(self, connection: Connection, state: State) -> None:
        self._presence.say(connection, connection.person, state)
        self._changed(connection.person)

    def tell_others(self, connection: Connection, event: str, payload: object) -> None:
        """Send something to all connections of a person except this one."""
        for other in self._presence.connections(connection.person):
            if other is not connection:
                self._realtime.send(other, event, payload)

    def tell(self, person: Person, event: str, payload: object) -> None:
        """Send something to all connections of a person."""
        self._realtime.send_all(self._presence.connections(person), event, payload)

    def depart(self, connection: Connection) -> None:
        """A connection has ended; the transport has already removed it from its rooms."""
        if self._is_listening(connection):
            streams = self._listening[connection.person.id]
            streams.discard(connection)
            if not streams:
                del self._listening[connection.person.id]
            return
        for room in connection.rooms:
            self._presence.leave(connection.person, room)
        self._presence.depart(connection, connection.person)
        self._changed(connection.person)
        if not self._presence.devices(connection.person.name):
            self._last_seen.note(connection.person)
        self._connected[connection.person.id] -= 1
        if not self._connected[connection.person.id]:
            del self._connected[connection.person.id]
            del self._people[connection.person.id]
            self._departed(connection.person)
            self._processes.departed(connection.person)

    def _is_listening(self, connection: Connection) -> bool:
        return connection in self._streams(connection.person)

    def _streams(self, person: Person) -> Collection[Connection]:
        return self._listening.get(person.id, ())


def register(  # noqa: PLR0917 - parameters in the order of their use
    realtime: Realtime,
    subscriptions: RoomSubscriptions,
    identify: Identify,
    admit: Admit,
    initial_rooms: InitialRooms,
    is_in: Callable[[Person, str], bool],
    turned_away: Callable[[str], object] = lambda _address: None,
    broker: Broker | None = None,
    check_guest: Callable[[str], None] = lambda _name: None,
    change_status: ChangeStatus = lambda _person, _wanted: Future.of(None),
) -> None:
    """`is_in(person, name)`: whether they are a member of the room. `turned_away(address)` is
    called after a failed authentication and for banned people. `broker` tells other processes who
    types. `check_guest(name)` raises an error if no guest can have this name now."""

    broker = broker or LocalBroker()
    told_typing = MovingWindow(1, TYPING_SECONDS)

    def connect(
        connection: Connection, auth: bytes, environ: dict[str, Any]
    ) -> Future[None] | None:
        def refused(error: Exception) -> Exception:
            if isinstance(error, Unauthorized):
                turned_away(connection.address)
            return ConnectRefused(connect_refusal(error)) if isinstance(error, ChatError) else error

        try:
            person = msgspec.structs.replace(identify(auth, environ), place=connection.network)
            check_scope(person, "read")
            admit(person, connection.address)
            claimed = subscriptions.claim_name(person)
            if claimed is None:
                subscriptions.arrive(connection, person, initial_rooms(person))
                return None
        except ChatError as error:
            raise refused(error) from None
        return claimed.then(lambda _: arrive_later(connection, person)).map_error(refused)

    def arrive_later(connection: Connection, person: Person) -> None:
        """A guest whose name was claimed first; meanwhile they may have gone, or been banned, or
        the name may belong to a new account."""
        if connection.gone:
            raise Unavailable("This connection has ended.")
        check_guest(person.name)
        admit(person, connection.address)
        subscriptions.arrive(connection, person, initial_rooms(person))

    def disconnect(connection: Connection, _reason: str) -> None:
        subscriptions.depart(connection)

    def typing(connection: Connection, payload: ReportTyping) -> None:
        if not is_in(connection.person, payload.room):
            raise NotAMember(f"Join {payload.room!r} before you type there.")
        key = f"{connection.person.id}\n{payload.room}"
        if not told_typing.wait(key):
            told_typing.count(key)
            news = Typing(room=payload.room, name=connection.person.name)
            realtime.broadcast("typing", news, payload.room, connection.sid)
            broker.publish("typing", _encode_typing(news))

    def typing_elsewhere(news: bytes) -> None:
        told = _decode_typing(news)
        realtime.broadcast("typing", told, told.room)

    realtime.on_connect(connect)
    realtime.on_disconnect(disconnect)
    receive(realtime, events.TYPING, typing)
    broker.subscribe("typing", typing_elsewhere)
    _receive_status(realtime, subscriptions, change_status)


def _receive_status(
    realtime: Realtime, subscriptions: RoomSubscriptions, change: ChangeStatus
) -> None:
    def status(connection: Connection, payload: Status) -> OwnStatus | Future[OwnStatus]:
        if payload.state is None and not payload.is_about_person:
            raise BadPayload("Give a state, or an emoji or a text.")
        if payload.state is not None and not connection.open:
            raise BadPayload("A state is that of a connection; a request has none.")
        if not payload.is_about_person:
            return in_state(connection, payload)
        changed = change(connection.person, payload)
        in_state(connection, payload)
        return changed.then(lambda now: OwnStatus(status=now))

    def in_state(connection: Connection, payload: Status) -> OwnStatus:
        if payload.state is not None:
            subscriptions.say(connection, payload.state)
        return OwnStatus()

    receive(realtime, events.STATUS, status)


def disconnect_guests(realtime: Realtime) -> None:
    for connection in list(realtime.members(EVERYONE)):
        if connection.person.is_guest:
            realtime.close(connection, "This chat is now for members only.", for_good=True)


def take_guest_name(realtime: Realtime, guest: Person) -> None:
    """Close the connections of a guest whose name somebody else has, at another process."""
    for connection in list(realtime.members(EVERYONE)):
        person = connection.person
        if person.is_guest and (person.id, person.name) == (guest.id, guest.name):
            realtime.close(connection, f"Someone else is called {guest.name} now.")


def take_name(realtime: Realtime, is_taken: Callable[[str], bool]) -> None:
    """Close the connections of guests whose names now are, or look like, those of an account."""
    for connection in list(realtime.members(EVERYONE)):
        person = connection.person
        if person.is_guest and is_taken(person.name):
            realtime.close(connection, f"{person.name} is a member's name now. Choose another.")


def expel(realtime: Realtime, id: str) -> None:
    """Close a person's connections; they can reconnect with their new rights."""
    for connection in list(realtime.members(EVERYONE)):
        if connection.person.id == id:
            realtime.close(connection, "You were signed out, or your account has changed.")
