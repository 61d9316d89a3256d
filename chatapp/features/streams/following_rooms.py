"""How a stream of all rooms begins, and how it goes on.

    missed:  passages of the log, of the rooms that its person sees ── wait until they are read
    then, in one turn of the event loop: tell everybody up to the log's end, and add the stream
    live:    the feed has something ── read the log from where all streams are ── their rooms

What is live is read from the log, once for all streams, because an event has its place only there.
"""

from collections.abc import Callable
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple, Protocol

import gevent

from chatapp.delivery.broadcast import EventTeller
from chatapp.domain.errors import ChatError
from chatapp.domain.future import Future
from chatapp.domain.model import Event, Person, Room
from chatapp.features.presence.events import RoomSubscriptions
from chatapp.features.streams.following import OpenStream
from chatapp.features.streams.formats import READY, ROOM_ADDED, ROOM_REMOVED
from chatapp.features.streams.places import Places
from chatapp.protocol import events
from chatapp.protocol.pushes import ErasedTexts, Removed
from chatapp.protocol.streams import Placed, RoomAdded, RoomsReady
from chatapp.transport import Connection, Realtime
from chatapp.web.waiting import wait

EVERY_PUBLIC_ROOM = "streams of public rooms\n"
"""Hears all public rooms, so that a stream is not in hundreds of them. No room has such a name."""
SCANNED_RECORDS = 2_000
"""That a page of what was missed can be about, of whatever rooms."""
PAGE_EVENTS = 200
PAGE_BYTES = 256 * 1024
TOLD_AT_ONCE = 200

Numbered = list[tuple[int, Event]]


class LogOfStreams(Protocol):
    """What a stream reads of `MessageLog`."""

    epoch: str

    @property
    def last_n(self) -> int: ...
    def head(self, room: str) -> int: ...
    def reach_number(self, n: int) -> Future[None]: ...
    def following(self, n: int, *, limit: int) -> Numbered: ...
    def passage(
        self, n: int, *, rooms: frozenset[str], span: int, limit: int, most_bytes: int
    ) -> tuple[Numbered, int]: ...


class RoomsOfStreams(Protocol):
    """What a stream asks of `RoomManager`."""

    def all(self) -> list[Room]: ...
    def any(self, name: str) -> Room: ...
    def visible_to(self, person: Person) -> list[Room]: ...
    def may_see(self, person: Person, room: Room) -> bool: ...
    def sees_every_public_room(self, person: Person) -> bool: ...


class StreamListener(NamedTuple):
    """`rooms` are the names of those that the stream is about; None means all."""

    person: Person
    rooms: frozenset[str] | None = None

    def wants(self, room: Room) -> bool:
        return self.rooms is None or room.name in self.rooms


class LiveRooms:
    """The streams of this process that have begun. `as_told` is an event as everybody may hear
    it; `soon` calls a function in this turn of the event loop, or the next."""

    def __init__(
        self,
        realtime: Realtime,
        log: LogOfStreams,
        rooms: RoomsOfStreams,
        places: Places,
        *,
        as_told: Callable[[Event], Event],
        soon: Callable[[Callable[[], None]], object],
    ) -> None:
        self._realtime = realtime
        self._log = log
        self._rooms = rooms
        self._places = places
        self._teller = EventTeller(realtime, rooms.sees_every_public_room)
        self._as_told = as_told
        self._soon = soon
        self._listeners: dict[Connection, StreamListener] = {}
        self._public: set[str] = set()
        self._told = 0
        """The number of the last record that all streams have been told of."""
        self._is_due = False

    def add(self, connection: Connection, listener: StreamListener) -> None:
        """A stream that has everything up to the end of the log."""
        self.tell()
        if not self._listeners:
            self._told = self._log.last_n
            self._public = {r.name for r in self._rooms.all() if _is_public(r)}
        self._listeners[connection] = listener
        if self._hears_every_public(listener):
            self._realtime.enter(connection, EVERY_PUBLIC_ROOM)
        for room in filter(listener.wants, self._rooms.visible_to(listener.person)):
            if not (_is_public(room) and self._hears_every_public(listener)):
                self._realtime.enter(connection, _streams_of(room.name))

    def remove(self, connection: Connection, _reason: str = "") -> None:
        """Of a connection that has ended, whichever it was."""
        self._listeners.pop(connection, None)

    def event_appended(self, _event: Event, _origin: str | None) -> None:
        if self._listeners and not self._is_due:
            self._is_due = True
            self._soon(self.tell)

    def texts_erased(self, erased: ErasedTexts) -> None:
        for channel in self._channels(erased.room):
            self._realtime.broadcast("erased", erased, channel)

    def room_changed(self, room: Room) -> None:
        """Begin or end telling of a room those who see it from now on, or no longer."""
        if not self._listeners:
            return
        self.tell()
        room = self._rooms.any(room.name)
        was_public = room.name in self._public
        if _is_public(room):
            self._public.add(room.name)
        else:
            self._public.discard(room.name)
        for connection, listener in list(self._listeners.items()):
            if listener.wants(room):
                self._room_changed_for(connection, listener, room, was_public=was_public)

    def _room_changed_for(
        self, connection: Connection, listener: StreamListener, room: Room, *, was_public: bool
    ) -> None:
        hears_every_public = self._hears_every_public(listener)
        channel = _streams_of(room.name)
        heard = channel in connection.rooms or (was_public and hears_every_public)
        sees = self._rooms.may_see(listener.person, room)
        if sees == heard:
            return
        if sees:
            if not (_is_public(room) and hears_every_public):
                self._realtime.enter(connection, channel)
            added = RoomAdded(room=room.name, seq=self._log.head(room.name))
            self._realtime.send(connection, ROOM_ADDED, added)
        else:
            self._realtime.leave(connection, channel)
            self._realtime.send(connection, ROOM_REMOVED, Removed(room=room.name))

    def tell(self) -> None:
        """Tell all streams of what the log has more than they know."""
        self._is_due = False
        try:
            while self._listeners and (page := self._log.following(self._told, limit=TOLD_AT_ONCE)):
                for n, event in page:
                    self._told = n
                    self._broadcast(n, event)
        except ChatError as error:  # the log cannot be read
            for connection in list(self._listeners):
                self._realtime.close(connection, error.message)

    def _broadcast(self, n: int, event: Event) -> None:
        channels = [each for each in self._channels(event.room) if self._realtime.members(each)]
        if channels:
            id = self._places.id_of(n)
            for channel in channels:
                self._teller.tell_room(
                    self._as_told(event), channel, payload=lambda told: Placed(id=id, data=told)
                )

    def _channels(self, room: str) -> list[str]:
        return [_streams_of(room), *([EVERY_PUBLIC_ROOM] if room in self._public else [])]

    def _hears_every_public(self, listener: StreamListener) -> bool:
        return listener.rooms is None and self._rooms.sees_every_public_room(listener.person)


class FollowingRooms:
    """`as_missed(person, room, events)`: past events of a room, as this person may hear of them."""

    def __init__(
        self,
        realtime: Realtime,
        subscriptions: RoomSubscriptions,
        log: LogOfStreams,
        rooms: RoomsOfStreams,
        places: Places,
        *,
        live: LiveRooms,
        as_missed: Callable[[Person, str, list[Event]], list[Event]],
    ) -> None:
        self._realtime = realtime
        self._subscriptions = subscriptions
        self._log = log
        self._rooms = rooms
        self._places = places
        self._live = live
        self._as_missed = as_missed

    def follow(self, stream: OpenStream, listener: StreamListener, after: int | None) -> None:
        """Begin a stream behind the record with the number `after`, or now. Blocks until its client
        has read what it has missed."""
        if stream.connection.gone:
            return
        self._subscriptions.listen(stream.connection, listener.person)
        recovered = after is None or self._catch_up(stream, listener, after)
        if stream.connection.gone:
            return
        self._live.add(stream.connection, listener)
        ready = Placed(
            id=self._places.id_of(self._log.last_n),
            data=RoomsReady(epoch=self._log.epoch, recovered=recovered),
        )
        self._realtime.send(stream.connection, READY, ready)

    def _catch_up(self, stream: OpenStream, listener: StreamListener, after: int) -> bool:
        """Send all events behind this record, in pages. False if the log does not have them (any
        more)."""
        wait(self._log.reach_number(after))
        next = self._log.following(after, limit=1)
        if after > self._log.last_n or (next and next[0][0] != after + 1):
            return False
        while not stream.connection.gone:
            gevent.sleep(self._realtime.charge(stream.connection, events.RESUME.weight))
            visible = filter(listener.wants, self._rooms.visible_to(listener.person))
            page, after = self._log.passage(
                after,
                rooms=frozenset(room.name for room in visible),
                span=SCANNED_RECORDS,
                limit=PAGE_EVENTS,
                most_bytes=PAGE_BYTES,
            )
            if page:
                size = stream.send_all(self._told(listener.person, page))
                self._realtime.charge_answer(stream.connection, size)
            if after == self._log.last_n:
                break
            stream.transport.wait_until_sent()
        return True

    def _told(self, person: Person, page: Numbered) -> list[tuple[str, Placed]]:
        """With their names, in the order of the log."""
        told: Numbered = []
        for room, of_room in groupby(sorted(page, key=_room), key=_room):
            numbers, there = zip(*of_room, strict=True)
            told += zip(numbers, self._as_missed(person, room, list(there)), strict=True)
        return [
            (event.type, Placed(id=self._places.id_of(n), data=event))
            for n, event in sorted(told, key=itemgetter(0))
        ]


def _room(numbered: tuple[int, Event]) -> str:
    return numbered[1].room


def _is_public(room: Room) -> bool:
    return room.kind == "public" and room.deleted_at is None


def _streams_of(room: str) -> str:
    return f"streams of the room\n{room}"
