"""Broadcasts the log's events to the connections of this process that are in their rooms.

Nothing else broadcasts messages or changes of messages. Socket handlers, the console and erasing
only append to the log; their events arrive here once they are durable.
"""

from collections.abc import Callable, Iterable, Sequence

from chatapp.delivery.other_rooms import names_another_room, without_other_rooms
from chatapp.domain.model import Event, Person
from chatapp.protocol.pushes import ErasedTexts
from chatapp.store.feed import ELSEWHERE, Feed
from chatapp.transport import Connection, Realtime

CallOutsiders = Callable[[Event, bool], Sequence[Connection]]
"""The connections of people outside the room who are mentioned, to be notified. With True, their
mentions are noted too."""


AsTold = Callable[[Event], Event]
"""An event without what may not be known of it, such as who has voted in an anonymous poll."""


KnowsRooms = Callable[[Person], bool]
"""Whether somebody may be told the names of all public rooms."""


class EventTeller:
    """Sends events to connections, and to those of people who may not know other rooms without
    their names."""

    def __init__(self, realtime: Realtime, knows_rooms: KnowsRooms = lambda _person: True) -> None:
        self._realtime = realtime
        self._knows_rooms = knows_rooms

    def tell_room(
        self,
        event: Event,
        room: str,
        origin: str | None = None,
        *,
        payload: Callable[[Event], object] = lambda event: event,
    ) -> None:
        """`payload(event)` is what is sent of it."""
        members = self._realtime.members(room)
        if not (names_another_room(event) and any(map(self._is_apart, members))):
            self._realtime.broadcast(event.type, payload(event), room, origin)
            return
        others = [member for member in members if member.sid != origin]
        self.tell(others, event.type, event, payload=payload)

    def tell(
        self,
        connections: Iterable[Connection],
        name: str,
        event: Event,
        *,
        payload: Callable[[Event], object] = lambda event: event,
    ) -> None:
        if not names_another_room(event):
            self._realtime.send_all(connections, name, payload(event))
            return
        told: list[Connection] = []
        apart: list[Connection] = []
        for connection in connections:
            (apart if self._is_apart(connection) else told).append(connection)
        self._realtime.send_all(told, name, payload(event))
        if apart:
            self._realtime.send_all(apart, name, payload(without_other_rooms(event)))

    def _is_apart(self, connection: Connection) -> bool:
        return connection.person.role == "bot" and not self._knows_rooms(connection.person)


def subscribe(
    feed: Feed,
    realtime: Realtime,
    call_outsiders: CallOutsiders,
    as_told: AsTold = lambda event: event,
    *,
    teller: EventTeller | None = None,
) -> None:
    """Broadcast each event to its room, except to the connection that it came from."""
    teller = teller or EventTeller(realtime)

    def tell_room(event: Event, origin: str | None) -> None:
        teller.tell_room(as_told(event), event.room, origin)

    def tell_outsiders(event: Event, origin: str | None) -> None:
        is_message = event.type == "message" and event.system is None and event.moved_from is None
        mentions = is_message and "@" in (event.text or "")
        if mentions and (connections := call_outsiders(event, origin != ELSEWHERE)):
            teller.tell(connections, "mention", event)

    def tell_erased(erased: ErasedTexts) -> None:
        realtime.broadcast("erased", erased, erased.room)

    feed.subscribe(tell_room)
    feed.subscribe(tell_outsiders)
    feed.subscribe_to_erased(tell_erased)
