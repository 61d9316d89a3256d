"""How a stream begins: first what its client has missed, then what comes, without holes or doubles.

    page, page, … ── wait until the client has read them
    last page ─┐
               ├─ in one turn of the event loop: nothing can come between
    enter ─────┘

The log shows an event to readers in the turn in which the feed hands it to the rooms. So a stream
that enters a room right after it has read to the room's end hears exactly what follows.
"""

from collections.abc import Callable, Iterable
from typing import NamedTuple

import gevent

from chatapp.domain.model import Person, Room
from chatapp.features.messages.manager import MessageManager
from chatapp.features.presence.events import RoomSubscriptions
from chatapp.features.streams.formats import READY
from chatapp.protocol import events
from chatapp.protocol.answers import ResumedEvents
from chatapp.protocol.requests import Resume
from chatapp.protocol.streams import StreamReady
from chatapp.transport import Connection, EventStream, Realtime, StreamFormat
from chatapp.web.waiting import wait


class OpenStream(NamedTuple):
    connection: Connection
    transport: EventStream
    format: StreamFormat

    def send_all(self, events: Iterable[tuple[str, object]]) -> int:
        """Send events, by their names, before the connection is in any room. Returns how many bytes
        they are."""
        data = b"".join(self.format.encode(name, payload) for name, payload in events)
        self.transport.send([data], data)
        return len(data)


class Following:
    """`find_room(person, name)` raises an error for rooms that they cannot see."""

    def __init__(
        self,
        realtime: Realtime,
        subscriptions: RoomSubscriptions,
        messages: MessageManager,
        find_room: Callable[[Person, str], Room],
    ) -> None:
        self._realtime = realtime
        self._subscriptions = subscriptions
        self._messages = messages
        self._find_room = find_room

    def follow_room(
        self,
        stream: OpenStream,
        person: Person,
        room: str,
        after: int | None,
    ) -> None:
        """Begin a stream of one room, behind the event `after` or now. Blocks until its client has
        read what it has missed. Raises an error if the person may not read it any more."""
        if stream.connection.gone:
            return
        self._subscriptions.listen(stream.connection, person)
        recovered = after is None or self._catch_up(stream, person, room, after)
        if stream.connection.gone:
            return
        self._find_room(person, room)  # they may have been removed meanwhile
        self._subscriptions.hear(stream.connection, room)
        ready = StreamReady(
            room=room,
            seq=self._messages.head(room),
            epoch=self._messages.epoch,
            recovered=recovered,
        )
        self._realtime.send(stream.connection, READY, ready)

    def _catch_up(self, stream: OpenStream, person: Person, room: str, after: int) -> bool:
        """Send all events after this one, in pages. False if there is no such event (any more)."""
        while not stream.connection.gone:
            page = self._page(stream.connection, person, room, after)
            if not page.recovered:
                return False
            if page.events:
                after = page.events[-1].seq
                size = stream.send_all((event.type, event) for event in page.events)
                self._realtime.charge_answer(stream.connection, size)
            if after == self._messages.head(room):
                break
            stream.transport.wait_until_sent()
        return True

    def _page(self, connection: Connection, person: Person, room: str, after: int) -> ResumedEvents:
        """Charged like the event `resume`; with nothing left to pay, it waits."""
        gevent.sleep(self._realtime.charge(connection, events.RESUME.weight))
        asked = Resume(room=room, epoch=self._messages.epoch, after=after)
        return wait(self._messages.resume(person, asked))
