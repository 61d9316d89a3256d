"""The doors that sockets come through."""

from collections.abc import Mapping
from typing import Any

import gevent
from flask import Flask

from chatapp import doors
from chatapp.accounts import events as account_events
from chatapp.accounts.identity import Identity
from chatapp.audit.refusals import Refusals
from chatapp.errors import NotAllowed
from chatapp.health import events as health_events
from chatapp.messages import events as message_events
from chatapp.messages.heads import Heads
from chatapp.moderation import events as moderation_events
from chatapp.parts.ground import Ground
from chatapp.parts.rules import Rules
from chatapp.presence import events as presence_events
from chatapp.presence.events import Attendance
from chatapp.reading import events as reading_events
from chatapp.realtime import Connection, Realtime
from chatapp.rooms.events import RoomEvents


def hang_socket_doors(app: Flask, ground: Ground, rules: Rules) -> RoomEvents:
    realtime = ground.realtime
    attendance = Attendance(realtime, rules.presence, rules.last_seen)
    room_events = RoomEvents(realtime, rules.rooms, rules.memberships, rules.lobby, attendance)
    room_events.register()
    presence_events.register(
        realtime,
        attendance,
        Identity(rules.accounts, _session_reader(app)),
        rules.moderation.check_entry,
        room_events.homes,
        lambda address: rules.refusals(None, "connect", address),
    )
    account_events.register(realtime, rules.profiles, rules.roster)
    message_events.register(realtime, rules.messages)
    moderation_events.register(realtime, rules.moderation)
    reading_events.register(realtime, rules.reading, rules.order, rules.rooms.find, attendance)
    health_events.register(realtime, rules.health)
    doors.hang(realtime)
    _note_refusals(realtime, rules.refusals)
    Heads(
        occupied=lambda: rules.presence.rooms,
        head=ground.log.head,
        tell=lambda room, news: realtime.broadcast("heads", news, room=room),
        later=gevent.spawn_later,
    ).start()
    return room_events


def _session_reader(app: Flask) -> Any:
    """Reads the browser's session out of the environ of a request that is not behind Flask."""

    def session_of(environ: Mapping[str, Any]) -> Mapping[str, Any]:
        request = app.request_class(dict(environ))
        return app.session_interface.open_session(app, request) or {}

    return session_of


def _note_refusals(realtime: Realtime, refusals: Refusals) -> None:
    def refused(connection: Connection, event: str, error: Exception) -> None:
        if isinstance(error, NotAllowed):
            refusals(connection.person.name, event, connection.address)

    realtime.on_error(refused)
    realtime.on_cross_site(lambda address: refusals(None, "a page of another site", address))
