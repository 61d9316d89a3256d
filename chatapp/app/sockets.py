"""Registers the Socket.IO event handlers."""

from collections.abc import Mapping
from typing import Any

import gevent
from flask import Flask

from chatapp.app.followed_tables import tell_of_followed_rows
from chatapp.app.infrastructure import Infrastructure
from chatapp.app.services import Services
from chatapp.delivery import broadcast
from chatapp.delivery.heads import tell_heads
from chatapp.domain.errors import NotAllowed
from chatapp.domain.rates import PersonPace, Rate
from chatapp.features import handlers
from chatapp.features.accounts import events as account_events
from chatapp.features.accounts.sign_in.authenticator import authenticator
from chatapp.features.audit.refusals import DeniedRequests
from chatapp.features.health import events as health_events
from chatapp.features.messages import events as message_events
from chatapp.features.moderation import events as moderation_events
from chatapp.features.presence import events as presence_events
from chatapp.features.presence.events import RoomSubscriptions
from chatapp.features.reading import events as reading_events
from chatapp.features.rooms.events import RoomEvents
from chatapp.features.rooms.system_lines import SystemLines
from chatapp.transport import Connection, Realtime

SYSTEM_LINES = Rate(burst=20, per_second=20 / 600)
"""How often what a person does to rooms and their members is told in the room."""


def register_socket_handlers(
    app: Flask, infrastructure: Infrastructure, services: Services
) -> RoomEvents:
    realtime = infrastructure.realtime
    subscriptions = RoomSubscriptions(
        realtime,
        services.presence,
        services.last_seen,
        services.memberships.departed,
        services.processes,
    )
    room_events = RoomEvents(
        realtime,
        services.rooms,
        services.memberships,
        services.descriptions,
        subscriptions,
        lines=SystemLines(infrastructure.log.append, PersonPace(SYSTEM_LINES, "lines")),
    )
    room_events.register()
    services.rooms.tell_with(room_events.tell)
    presence_events.register(
        realtime,
        subscriptions,
        authenticator(services.accounts, _session_reader(app)),
        services.moderation.check_entry,
        room_events.initial_rooms,
        room_events.is_in,
        lambda address: services.refusals(None, "connect", address),
        infrastructure.broker,
        services.accounts.check_guest,
    )
    account_events.register(realtime, services.profiles, services.roster)
    message_events.register(realtime, services.messages, services.outsiders.unreached)
    broadcast.subscribe(infrastructure.log.feed, realtime, services.outsiders.call)
    moderation_events.register(realtime, services.moderation, infrastructure.broker)
    reading_events.register(
        realtime,
        services.reading,
        services.inbox,
        services.memberships,
        services.rooms.find,
        subscriptions=subscriptions,
    )
    health_events.register(realtime, services.health)
    tell_of_followed_rows(infrastructure, services, room_events, subscriptions)
    handlers.install_error_answers(realtime)
    _note_refusals(realtime, services.refusals)
    tell_heads(
        occupied=lambda: services.presence.rooms,
        head=infrastructure.log.head,
        tell=lambda room, news: realtime.broadcast("heads", news, room=room),
        later=gevent.spawn_later,
    )
    return room_events


def _session_reader(app: Flask) -> Any:
    """Reads the browser's session from the environ of a request that does not go through Flask."""

    def session_of(environ: Mapping[str, Any]) -> Mapping[str, Any]:
        request = app.request_class(dict(environ))
        return app.session_interface.open_session(app, request) or {}

    return session_of


def _note_refusals(realtime: Realtime, refusals: DeniedRequests) -> None:
    def refused(connection: Connection, event: str, error: Exception) -> None:
        if isinstance(error, NotAllowed):
            refusals(connection.person.name, event, connection.address)

    realtime.on_error(refused)
    realtime.on_cross_site(lambda address: refusals(None, "a page of another site", address))
