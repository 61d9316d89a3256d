"""The addresses of streams."""

from gevent.hub import get_hub

from chatapp.app.infrastructure import Infrastructure
from chatapp.app.services import Services
from chatapp.features.api.endpoint import Addresses
from chatapp.features.api.resources import ROOT
from chatapp.features.presence.events import RoomSubscriptions
from chatapp.features.rooms.events import RoomEvents
from chatapp.features.streams.following import Following
from chatapp.features.streams.following_rooms import FollowingRooms, LiveRooms
from chatapp.features.streams.formats import MIMETYPES, PLACED_MIMETYPES
from chatapp.features.streams.places import Places
from chatapp.features.streams.views import RoomStream, StreamOfRooms, StreamResponses


def add_streams(
    addresses: Addresses,
    infrastructure: Infrastructure,
    services: Services,
    subscriptions: RoomSubscriptions,
    room_events: RoomEvents,
) -> None:
    realtime, find_room = infrastructure.realtime, services.rooms.find
    following = Following(realtime, subscriptions, services.messages, find_room)
    of_room = RoomStream(StreamResponses(realtime, MIMETYPES), following, find_room)
    addresses.add("GET", f"{ROOT}/rooms/{{room}}/stream", of_room)

    places = Places(infrastructure.secret)
    live = live_rooms(infrastructure, services, room_events, places)
    following_rooms = FollowingRooms(
        realtime,
        subscriptions,
        infrastructure.log,
        services.rooms,
        places,
        live=live,
        as_missed=services.messages.as_missed,
    )
    responses = StreamResponses(realtime, PLACED_MIMETYPES)
    of_rooms = StreamOfRooms(responses, following_rooms, places, find_room)
    addresses.add("GET", f"{ROOT}/stream", of_rooms)


def live_rooms(
    infrastructure: Infrastructure, services: Services, room_events: RoomEvents, places: Places
) -> LiveRooms:
    """Streams of rooms, told of whatever changes for them."""
    live = LiveRooms(
        infrastructure.realtime,
        infrastructure.log,
        services.rooms,
        places,
        as_told=services.polls.told,
        soon=get_hub().loop.run_callback,
    )
    infrastructure.log.feed.subscribe(live.event_appended)
    infrastructure.log.feed.subscribe_to_erased(live.texts_erased)
    infrastructure.realtime.on_disconnect(live.remove)
    room_events.on_change(live.room_changed)
    return live
