"""Registers the Socket.IO event handlers."""

from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from typing import Any

import gevent
from flask import Flask

from chatapp.app.followed_tables import tell_of_followed_rows
from chatapp.app.infrastructure import Infrastructure
from chatapp.app.services import Services
from chatapp.app.slash_commands import run_slash_commands
from chatapp.delivery import broadcast
from chatapp.delivery.broadcast import EventTeller
from chatapp.delivery.heads import tell_heads
from chatapp.delivery.other_rooms import hide_other_rooms
from chatapp.domain import clock
from chatapp.domain.errors import NoSuchRoom, NotAllowed
from chatapp.domain.future import Future
from chatapp.domain.model import Appended, Person
from chatapp.domain.rates import PersonPace, Rate
from chatapp.features import handlers
from chatapp.features.accounts import events as account_events
from chatapp.features.accounts.model import as_person
from chatapp.features.accounts.sign_in.authenticator import authenticator
from chatapp.features.accounts.sign_in.token_ends import TokenEnds
from chatapp.features.audit.refusals import DeniedRequests
from chatapp.features.checkpoints import events as checkpoint_events
from chatapp.features.checkpoints.event_prover import EventProver
from chatapp.features.checkpoints.rows import CheckpointRows
from chatapp.features.emoji import events as emoji_events
from chatapp.features.files import gallery_events
from chatapp.features.files.gallery import Gallery
from chatapp.features.forwarding import events as forwarding_events
from chatapp.features.health import events as health_events
from chatapp.features.messages import events as message_events
from chatapp.features.moderation import events as moderation_events
from chatapp.features.photos import events as photo_events
from chatapp.features.pins import events as pin_events
from chatapp.features.polls import events as poll_events
from chatapp.features.polls.closer import PollCloser
from chatapp.features.presence import events as presence_events
from chatapp.features.presence.events import RoomSubscriptions
from chatapp.features.reading import events as reading_events
from chatapp.features.rooms.events import RoomEvents
from chatapp.features.rooms.system_lines import SystemLines
from chatapp.features.saved import events as saved_events
from chatapp.features.saved.events import SavedTeller
from chatapp.features.saved.reminders import Reminders
from chatapp.features.scheduled import events as scheduled_events
from chatapp.features.scheduled.events import ScheduledTeller
from chatapp.features.scheduled.sender import ScheduledSender
from chatapp.features.settings.model import Settings
from chatapp.features.statuses.ending import StatusEnds
from chatapp.features.threads import events as thread_events
from chatapp.features.threads.auto_follow import AutoFollow
from chatapp.features.threads.events import FollowTeller
from chatapp.protocol.requests import Post
from chatapp.transport import Connection, Realtime

SYSTEM_LINES = Rate(burst=20, per_second=20 / 600)
"""How often what a person does to rooms and their members is told in the room."""


def register_socket_handlers(
    app: Flask, infrastructure: Infrastructure, services: Services
) -> tuple[RoomEvents, RoomSubscriptions]:
    realtime = infrastructure.realtime
    realtime.show = partial(_shown, services)
    subscriptions = RoomSubscriptions(
        realtime,
        services.presence,
        services.last_seen,
        services.memberships.departed,
        services.processes,
    )
    room_events = _register_rooms(infrastructure, services, subscriptions)
    _register_people(app, infrastructure, services, subscriptions, room_events)
    _register_messages(infrastructure, services, subscriptions)
    _register_reading(realtime, services, subscriptions)
    follow_teller = follow_threads(infrastructure, services, subscriptions)
    saved_teller = remind_of_saved(infrastructure, services, subscriptions)
    scheduled_teller = send_scheduled(infrastructure, services, subscriptions)
    run_slash_commands(app, infrastructure, services, subscriptions)
    end_statuses(infrastructure, services)
    end_tokens(services)
    health_events.register(realtime, services.health)
    tell_of_followed_rows(
        infrastructure,
        services,
        room_events,
        subscriptions,
        follow_teller=follow_teller,
        saved_teller=saved_teller,
        scheduled_teller=scheduled_teller,
    )
    _tell_of_settings(services, room_events)
    handlers.install_error_answers(realtime)
    _note_refusals(realtime, services.refusals)
    tell_heads(
        occupied=lambda: services.presence.rooms,
        head=infrastructure.log.head,
        tell=lambda room, news: realtime.broadcast("heads", news, room=room),
        later=gevent.spawn_later,
    )
    gevent.spawn(services.room_moves.resume)
    return room_events, subscriptions


def _shown(services: Services, connection: Connection, answer: Any) -> Any:
    knows_rooms = services.rooms.sees_every_public_room(connection.person)
    return answer if knows_rooms else hide_other_rooms(answer)


def _register_rooms(
    infrastructure: Infrastructure, services: Services, subscriptions: RoomSubscriptions
) -> RoomEvents:
    room_events = RoomEvents(
        infrastructure.realtime,
        services.rooms,
        services.memberships,
        services.descriptions,
        subscriptions,
        lines=SystemLines(infrastructure.log.append, PersonPace(SYSTEM_LINES, "lines")),
        threads_unread=services.threads.count_new,
        saved=services.saved.counts,
        emoji=lambda: services.emoji.version,
    )
    room_events.register()
    services.rooms.tell_with(room_events.tell)
    services.bots.tell_with(room_events.tell)
    return room_events


def _register_people(
    app: Flask,
    infrastructure: Infrastructure,
    services: Services,
    subscriptions: RoomSubscriptions,
    room_events: RoomEvents,
) -> None:
    realtime = infrastructure.realtime
    presence_events.register(
        realtime,
        subscriptions,
        authenticator(services.accounts, session_reader(app)),
        services.moderation.check_entry,
        room_events.initial_rooms,
        room_events.is_in,
        lambda address: services.refusals(None, "connect", address),
        infrastructure.broker,
        services.accounts.check_guest,
        services.statuses.change,
    )
    account_events.register(realtime, services.profiles, services.roster)
    moderation_events.register(realtime, services.moderation, infrastructure.broker)


def _register_messages(
    infrastructure: Infrastructure, services: Services, subscriptions: RoomSubscriptions
) -> None:
    realtime = infrastructure.realtime
    message_events.register(
        realtime, services.messages, services.outsiders.unreached, services.out_of_office.told
    )
    emoji_events.register(realtime, services.emoji, services.add_emoji)
    photo_events.register(realtime, services.change_photo)
    forwarding_events.register(realtime, services.forwarding)
    gallery_events.register(realtime, Gallery(infrastructure.log, find_room=services.rooms.find))
    pin_events.register(realtime, services.pins)
    _register_proofs(infrastructure, services)
    broadcast.subscribe(
        infrastructure.log.feed,
        realtime,
        services.outsiders.call,
        services.polls.told,
        teller=EventTeller(realtime, services.rooms.sees_every_public_room),
    )
    close_polls(infrastructure, services)
    poll_events.register(realtime, services.polls, subscriptions, infrastructure.broker)


def _register_proofs(infrastructure: Infrastructure, services: Services) -> None:
    rows = CheckpointRows(infrastructure.directory)
    prover = EventProver(
        infrastructure.log,
        find_room=services.rooms.find,
        resume=services.messages.resume,
        covering=rows.covering,
    )
    checkpoint_events.register(infrastructure.realtime, prover, rows)


def _register_reading(
    realtime: Realtime, services: Services, subscriptions: RoomSubscriptions
) -> None:
    reading_events.register(
        realtime,
        services.reading,
        services.inbox,
        services.memberships,
        services.rooms.find,
        subscriptions=subscriptions,
        notifications=services.notifications,
        mark_thread=services.threads.mark,
    )


def follow_threads(
    infrastructure: Infrastructure, services: Services, subscriptions: RoomSubscriptions
) -> FollowTeller:
    """People follow the threads in which they post, that answer them, and that mention them."""
    thread_events.register(infrastructure.realtime, services.threads, services.mover, subscriptions)
    registry = services.accounts.registry
    teller = FollowTeller(services.threads, subscriptions)

    def person(id: str) -> Person | None:
        account = registry.by_id(id)
        return as_person(account) if account else subscriptions.person(id)

    auto_follow = AutoFollow(
        services.follows,
        room=services.rooms.any,
        may_see=services.rooms.may_see,
        message=infrastructure.log.message,
        mentioned_keys=services.mentioned_keys,
        find=services.account_or_online,
        person=person,
        tell=teller.tell,
    )
    infrastructure.log.feed.subscribe(auto_follow.hear)
    return teller


def remind_of_saved(
    infrastructure: Infrastructure, services: Services, subscriptions: RoomSubscriptions
) -> SavedTeller:
    """From here on, people are reminded of what they saved, when its time comes."""
    saved_events.register(infrastructure.realtime, services.saved, subscriptions)
    teller = SavedTeller(services.saved, subscriptions)
    Reminders(
        services.saved.rows,
        lease=infrastructure.nodes.lease,
        clock=clock.now,
        later=gevent.spawn_later,
        tell=teller.remind,
    ).start()
    return teller


def end_statuses(infrastructure: Infrastructure, services: Services) -> None:
    """From here on, statuses end when their time comes."""
    StatusEnds(
        services.statuses.rows,
        lease=infrastructure.nodes.lease,
        clock=clock.now,
        later=gevent.spawn_later,
        tell=services.profiles.tell_of,
    ).start()


def end_tokens(services: Services) -> None:
    """From here on, connections end with the tokens by which they came."""
    registry = services.accounts.registry

    def expel(key: str) -> None:
        if account := registry.account(key):
            registry.expel(account)

    TokenEnds(registry.tokens, expel=expel, clock=clock.now, later=gevent.spawn_later).start()


def close_polls(infrastructure: Infrastructure, services: Services) -> None:
    """From here on, polls are closed when their time comes."""
    closer = PollCloser(
        infrastructure.log,
        services.polls,
        lease=infrastructure.nodes.lease,
        clock=clock.now,
        later=gevent.spawn_later,
    )
    infrastructure.log.feed.subscribe(closer.hear)
    gevent.spawn(closer.start)


def send_scheduled(
    infrastructure: Infrastructure, services: Services, subscriptions: RoomSubscriptions
) -> ScheduledTeller:
    """From here on, scheduled messages are sent when their time comes."""
    scheduled_events.register(infrastructure.realtime, services.scheduled, subscriptions)
    teller = ScheduledTeller(services.scheduled, subscriptions)

    def person(id: str) -> Person | None:
        account = services.accounts.registry.by_id(id)
        return as_person(account) if account else None

    def post(author: Person, wanted: Post) -> Future[Appended]:
        services.check_stay(author)
        return services.messages.post(author, wanted)

    sender = ScheduledSender(
        services.scheduled_rows,
        post=post,
        person=person,
        tell=teller.tell,
        lease=infrastructure.nodes.lease,
        later=gevent.spawn_later,
        clock=clock.now,
    )
    gevent.spawn(sender.start)
    return teller


def _tell_of_settings(services: Services, room_events: RoomEvents) -> None:
    """Rooms are told how long they keep messages, and whether the web can read them, when that has
    changed; when it has for all of them, those in which somebody is."""
    told = _about_rooms(services.settings.now)

    def tell(name: str) -> None:
        with suppress(NoSuchRoom):
            room_events.tell(services.rooms.any(name))

    def changed(settings: Settings) -> None:
        nonlocal told
        if _about_rooms(settings) != told:
            told = _about_rooms(settings)
            for room in services.presence.rooms:
                tell(room)

    services.retention.on_change(tell)
    services.published.on_change(tell)
    services.settings.on_change(changed)


def _about_rooms(settings: Settings) -> tuple[object, ...]:
    return settings.retention_days, settings.web_rooms


def session_reader(app: Flask) -> Any:
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
