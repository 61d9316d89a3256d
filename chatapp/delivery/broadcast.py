"""Broadcasts the log's events to the connections of this process that are in their rooms.

Nothing else broadcasts messages or changes of messages. Socket handlers, the console and erasing
only append to the log; their events arrive here once they are durable.
"""

from collections.abc import Callable, Sequence

from chatapp.domain.model import Event
from chatapp.protocol.pushes import ErasedTexts
from chatapp.store.feed import ELSEWHERE, Feed
from chatapp.transport import Connection, Realtime

CallOutsiders = Callable[[Event, bool], Sequence[Connection]]
"""The connections of people outside the room who are mentioned, to be notified. With True, their
mentions are noted too."""


AsTold = Callable[[Event], Event]
"""An event without what may not be known of it, such as who has voted in an anonymous poll."""


def subscribe(
    feed: Feed,
    realtime: Realtime,
    call_outsiders: CallOutsiders,
    as_told: AsTold = lambda event: event,
) -> None:
    """Broadcast each event to its room, except to the connection that it came from."""

    def tell_room(event: Event, origin: str | None) -> None:
        realtime.broadcast(event.type, as_told(event), event.room, origin)

    def tell_outsiders(event: Event, origin: str | None) -> None:
        is_message = event.type == "message" and event.system is None and event.moved_from is None
        mentions = is_message and "@" in (event.text or "")
        if mentions and (connections := call_outsiders(event, origin != ELSEWHERE)):
            realtime.send_all(connections, "mention", event)

    def tell_erased(erased: ErasedTexts) -> None:
        realtime.broadcast("erased", erased, erased.room)

    feed.subscribe(tell_room)
    feed.subscribe(tell_outsiders)
    feed.subscribe_to_erased(tell_erased)
