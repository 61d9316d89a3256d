"""The addresses of streams."""

from chatapp.app.infrastructure import Infrastructure
from chatapp.app.services import Services
from chatapp.features.api.endpoint import Addresses
from chatapp.features.api.resources import ROOT
from chatapp.features.presence.events import RoomSubscriptions
from chatapp.features.streams.following import Following
from chatapp.features.streams.views import RoomStream, StreamResponses


def add_streams(
    addresses: Addresses,
    infrastructure: Infrastructure,
    services: Services,
    subscriptions: RoomSubscriptions,
) -> None:
    responses = StreamResponses(infrastructure.realtime)
    find_room = services.rooms.find
    following = Following(infrastructure.realtime, subscriptions, services.messages, find_room)
    of_room = RoomStream(responses, following, find_room)
    addresses.add("GET", f"{ROOT}/rooms/{{room}}/stream", of_room)
