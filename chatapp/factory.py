"""The one place where everything meets: `create_app` makes the parts and hands them around.

Read it as a parts list. What a part needs arrives in its constructor; nothing is kept at
module level, so that two chats can live in one process.
"""

import os
import secrets
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack, closing
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

import flask
import gevent
from flask import Flask
from gevent.lock import BoundedSemaphore
from gevent.threadpool import ThreadPool
from werkzeug.middleware.proxy_fix import ProxyFix

from chatapp import clock, doors
from chatapp.accounts import events as account_events
from chatapp.accounts.attempts import LoginAttempts
from chatapp.accounts.first_invite import FIRST_INVITE_USES
from chatapp.accounts.identity import Identity
from chatapp.accounts.manager import AccountManager
from chatapp.accounts.passwords import Passwords
from chatapp.accounts.people import PeopleManager
from chatapp.accounts.profiles import ProfileManager
from chatapp.accounts.roster import Roster
from chatapp.accounts.views import accounts_blueprint
from chatapp.admin.care import Care
from chatapp.admin.checkups import Checkups
from chatapp.admin.chores import Chores
from chatapp.admin.commands import admin_commands
from chatapp.admin.erasures import Erasures
from chatapp.admin.overview_views import Vitals
from chatapp.admin.upkeep import EveryRoom, Upkeep
from chatapp.admin.views import admin_blueprint
from chatapp.audit.manager import Audit
from chatapp.audit.refusals import Refusals
from chatapp.config import Config, Rate, is_loopback
from chatapp.control.server import Commands
from chatapp.errors import NotAllowed
from chatapp.files import STATIC, TEMPLATES
from chatapp.health import events as health_events
from chatapp.health.manager import HealthManager
from chatapp.health.metrics import ChatMetrics, CommitTimes, registry_of
from chatapp.health.views import health_blueprint
from chatapp.messages import events as message_events
from chatapp.messages.deletions import Deletions
from chatapp.messages.heads import Heads
from chatapp.messages.manager import MessageManager
from chatapp.messages.views import messages_blueprint
from chatapp.model import Person
from chatapp.moderation import events as moderation_events
from chatapp.moderation.manager import ModerationManager
from chatapp.moderation.views import moderation_blueprint
from chatapp.pages.views import pages_blueprint
from chatapp.presence import events as presence_events
from chatapp.presence.events import Attendance
from chatapp.presence.last_seen import LastSeen
from chatapp.presence.manager import PresenceManager
from chatapp.processes import run_module
from chatapp.rates import Pace
from chatapp.reading import events as reading_events
from chatapp.reading.manager import ReadingManager
from chatapp.reading.order import RoomOrder
from chatapp.realtime import EVERYONE, Connection, Realtime
from chatapp.rooms.commands import room_commands
from chatapp.rooms.events import RoomEvents
from chatapp.rooms.lobby import Lobby
from chatapp.rooms.manager import RoomManager
from chatapp.rooms.memberships import Memberships
from chatapp.settings.manager import SettingsManager
from chatapp.settings.model import Settings, public
from chatapp.settings.views import show_place
from chatapp.storage import DataFolder, Directory, MessageLog
from chatapp.waiting import wait
from chatapp.web import install_web
from chatapp.web.hosts import OwnHosts
from chatapp.wire import Profile

C = TypeVar("C", DataFolder, Directory, MessageLog)

HASHING_THREADS = 2
REFUSED = frozenset([403, 429])
"""Not allowed, forged or banned; too many tries. (401 is a wrong password, noted as such.)"""
SIGN_UPS = Rate(burst=20, per_second=20 / 3600)
"""Accounts that one address may make. A guest's name makes nothing that is kept."""
NEW_ROOMS = Rate(burst=20, per_second=20 / 3600)
"""Rooms that one person may make."""
PROFILE_CHANGES = Rate(burst=20, per_second=20 / 3600)
"""How often one person may change how they are shown: everyone here is told."""


def create_app(config: Config | None = None) -> Flask:
    """A chat on the data folder of `config`, or of the environment's settings.

    It holds the folder's lock until `app.extensions["house"].close()`. Raises `StorageError`
    where the folder is in use, not writable or damaged.
    """
    config = config or Config.load(os.environ)
    app = Flask("chatapp", template_folder=str(TEMPLATES), static_folder=str(STATIC))
    with ExitStack() as house:
        ground = _lay_ground(app, config, house)
        rules = _make_rules(config, ground)
        house.callback(rules.refusals.flush)
        house.callback(rules.last_seen.flush)
        room_events = _hang_socket_doors(app, ground, rules)
        care = _make_care(config, ground, rules)
        _hang_page_doors(app, config, ground, rules, care, room_events)
        app.extensions |= {
            "accounts": rules.accounts,
            "commands": partial(_commands, ground, rules, room_events),
            "messages": rules.messages,
            "realtime": ground.realtime,
            "care": care,
            "house": house.pop_all(),
        }
    return app


@dataclass(frozen=True, slots=True)
class Ground:
    """Files and sockets."""

    directory: Directory
    log: MessageLog
    commits: CommitTimes
    audit_log: MessageLog
    realtime: Realtime


@dataclass(frozen=True, slots=True)
class Rules:
    """The managers, and what they share."""

    audit: Audit
    refusals: Refusals
    pace: Pace
    accounts: AccountManager
    people: PeopleManager
    profiles: ProfileManager
    roster: Roster
    rooms: RoomManager
    memberships: Memberships
    presence: PresenceManager
    last_seen: LastSeen
    moderation: ModerationManager
    messages: MessageManager
    deletions: Deletions
    reading: ReadingManager
    order: RoomOrder
    lobby: Lobby
    health: HealthManager


def _lay_ground(app: Flask, config: Config, house: ExitStack) -> Ground:
    loop = gevent.get_hub().loop

    def deliver(step: Callable[[], None]) -> None:
        loop.run_callback_threadsafe(step)

    def opened(thing: C) -> C:
        return house.enter_context(closing(thing))

    disk: Any = {"durability": config.durability, "clock": clock.now, "deliver": deliver}
    data = opened(DataFolder.open(config.data))
    app.secret_key = config.secret_key or data.secret_key
    log = opened(MessageLog.open(data.messages, index=data.index, **disk))
    log.latency = commits = CommitTimes()
    return Ground(
        directory=opened(Directory.open(data.directory, **disk)),
        log=log,
        commits=commits,
        audit_log=opened(
            MessageLog.open(data.path / "audit", index=data.path / "audit.sqlite3", **disk)
        ),
        realtime=Realtime(
            app,
            origins=config.origins,
            transports=config.transports,
            connections=config.connections,
            connections_per_address=config.connections_per_address,
        ),
    )


def _make_rules(config: Config, ground: Ground) -> Rules:
    directory, log, realtime = ground.directory, ground.log, ground.realtime
    audit = Audit(ground.audit_log, where=_address)
    accounts = AccountManager(
        directory,
        Passwords(run=ThreadPool(HASHING_THREADS).apply),
        LoginAttempts(),
        access=config.access,
        clock=clock.now,
        secret=lambda: secrets.token_urlsafe(32),
        expel=lambda key: presence_events.expel(realtime, key),
        note=audit,
        sign_ups=Pace(SIGN_UPS, "sign-ups"),
    )
    accounts.registry.sessions.forget_old()
    rooms = RoomManager(
        directory,
        clock=clock.now,
        account_name=accounts.registered_name,
        pace=Pace(NEW_ROOMS, "new rooms") if config.message_rate else None,
    )
    moderation = ModerationManager(
        directory, audit, role_of=accounts.role_of, in_charge=rooms.may_change
    )
    presence = PresenceManager(
        later=gevent.spawn_later,
        tell=lambda news: realtime.broadcast("presence", news, room=news.room),
    )
    pace = Pace(config.message_rate, "messages")
    reading = ReadingManager(directory, log)
    order = RoomOrder(directory)
    deletions = Deletions()

    def tell_profile(profile: Profile) -> None:
        realtime.broadcast("profile", profile, room=EVERYONE)

    memberships = Memberships(directory)
    last_seen = LastSeen(directory, clock=clock.now, later=gevent.spawn_later)
    return Rules(
        audit=audit,
        refusals=Refusals(audit, now=time.monotonic),
        pace=pace,
        accounts=accounts,
        people=PeopleManager(accounts.registry, audit, tell=tell_profile),
        profiles=ProfileManager(
            accounts.registry,
            audit,
            is_free=presence.is_free,
            tell=tell_profile,
            pace=Pace(PROFILE_CHANGES, "changes of how you are shown"),
        ),
        roster=Roster(
            accounts.registry,
            last_seen,
            find_room=rooms.find,
            has_joined=memberships.has_joined,
            state_of=presence.state_of,
        ),
        rooms=rooms,
        memberships=memberships,
        presence=presence,
        last_seen=last_seen,
        moderation=moderation,
        messages=MessageManager(log, rooms=rooms, rules=moderation, pace=pace, deletions=deletions),
        deletions=deletions,
        reading=reading,
        order=order,
        lobby=Lobby(rooms, presence, reading, order, head=log.head, epoch=lambda: log.epoch),
        health=HealthManager(
            [log.journal, directory.journal, ground.audit_log.journal],
            tell=lambda mode: realtime.broadcast("read_only", mode, room=EVERYONE),
            later=gevent.spawn_later,
        ),
    )


def _hang_socket_doors(app: Flask, ground: Ground, rules: Rules) -> RoomEvents:
    realtime, presence = ground.realtime, rules.presence
    attendance = Attendance(realtime, presence, rules.last_seen)
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
    reading_events.register(realtime, rules.reading, rules.order, rules.rooms, attendance)
    health_events.register(realtime, rules.health)
    doors.hang(realtime)
    _note_refusals(realtime, rules.refusals)
    Heads(
        occupied=lambda: presence.rooms,
        head=ground.log.head,
        tell=lambda room, news: realtime.broadcast("heads", news, room=room),
        later=gevent.spawn_later,
    ).start()
    return room_events


def _note_refusals(realtime: Realtime, refusals: Refusals) -> None:
    """Of what sockets ask for."""

    def refused(connection: Connection, event: str, error: Exception) -> None:
        if isinstance(error, NotAllowed):
            refusals(connection.person.name, event, connection.address)

    realtime.on_error(refused)
    realtime.on_cross_site(lambda address: refusals(None, "a page of another site", address))


def _hang_page_doors(  # noqa: PLR0917 - each part once, by name
    app: Flask,
    config: Config,
    ground: Ground,
    rules: Rules,
    care: Care,
    room_events: RoomEvents,
) -> None:
    accounts, presence = rules.accounts, rules.presence

    def who() -> Person | None:
        return accounts.person_of(flask.session)

    install_web(app)
    show_place(app, care.settings)

    @app.after_request
    def note_refusal(response: flask.Response) -> flask.Response:
        if response.status_code in REFUSED:
            person = accounts.person_of(flask.session)
            what = f"{flask.request.method} {flask.request.endpoint}"
            rules.refusals(person.name if person else None, what, flask.request.remote_addr or "")
        return response

    if is_loopback(config.host) and not config.proxies:
        app.wsgi_app = OwnHosts(app.wsgi_app, config.origins)  # type: ignore[method-assign]
    if config.proxies:
        trusted = config.proxies
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=trusted, x_proto=trusted, x_host=trusted
        )
    registry = registry_of(
        ChatMetrics(
            ground.commits,
            heads=ground.log.heads,
            read_only=lambda: rules.health.mode.on,
        )
    )
    ground.realtime.register_metrics(registry)
    app.register_blueprint(
        health_blueprint(
            registry,
            is_writable=lambda: not rules.health.mode.on,
            is_stopping=lambda: ground.realtime.is_stopping,
            bearer=accounts.bearer,
        )
    )
    app.register_blueprint(moderation_blueprint(who, rules.moderation))
    app.register_blueprint(
        pages_blueprint(
            who,
            rules.lobby,
            rules.messages,
            profiles=rules.profiles.of,
            settings=lambda: public(care.settings.now),
        )
    )
    app.register_blueprint(messages_blueprint(who, rules.messages))
    app.register_blueprint(
        accounts_blueprint(
            accounts,
            rules.profiles,
            people=lambda: presence.people,
            is_free=presence.is_free,
            invite=lambda owner: rules.people.invite(owner, uses=FIRST_INVITE_USES),
        )
    )
    app.register_blueprint(
        admin_blueprint(
            ground.log,
            ground.audit_log,
            accounts,
            rules.people,
            rules.moderation,
            profiles=rules.profiles,
            roster=rules.roster,
            upkeep=_make_upkeep(ground, rules, room_events),
            care=care,
            here=presence.count,
            show_out=lambda: moderation_events.close_banned(ground.realtime, rules.moderation),
            vitals=lambda: _vitals(config, ground, rules, care),
            clock=clock.now,
            data=config.data.resolve(),
        )
    )


def _commands(
    ground: Ground, rules: Rules, room_events: RoomEvents, address: Callable[[], str]
) -> Commands:
    """What the command line can ask of the server that is found at `address()`."""
    commands = admin_commands(
        rules.accounts,
        rules.people,
        rules.profiles,
        rules.moderation,
        ground.audit_log,
        show_out=lambda: moderation_events.close_banned(ground.realtime, rules.moderation),
        address=address,
    )
    return {**commands, **room_commands(rules.rooms, room_events.tell)}


def _make_upkeep(ground: Ground, rules: Rules, room_events: RoomEvents) -> Upkeep:
    """What the console does to rooms and messages, whoever may see them, at any pace."""
    messages = MessageManager(
        ground.log,
        rooms=EveryRoom(rules.rooms),
        rules=rules.moderation,
        pace=None,
        deletions=rules.deletions,
    )
    return Upkeep(
        rules.rooms,
        messages,
        rules.audit,
        tell_event=lambda event: ground.realtime.broadcast(event.type, event, room=event.room),
        tell_room=room_events.tell,
    )


def _make_care(config: Config, ground: Ground, rules: Rules) -> Care:
    """Settings, erasing and checking; what depends on a setting follows it from here on."""
    log, realtime, audit = ground.log, ground.realtime, rules.audit
    settings = SettingsManager(config, ground.directory, audit)
    settings.on_change(partial(_follow, ground, rules))
    chores = Chores(
        log,
        config.data.resolve(),
        run=run_module,
        wait=wait,
        alone=BoundedSemaphore(),
        tell=lambda room, news: realtime.broadcast("erased", news, room=room),
    )
    return Care(
        settings,
        Erasures(ground.directory, audit, erase=chores.erase, spawn=gevent.spawn, clock=clock.now),
        Checkups(ground.directory, check=chores.check, later=gevent.spawn_later, clock=clock.now),
        log.latency,
    )


def _follow(ground: Ground, rules: Rules, settings: Settings) -> None:
    """What a setting is for, at once."""
    rules.pace.change(settings.message_rate)
    rules.messages.max_text_bytes = settings.max_text_bytes
    rules.rooms.makers = settings.room_makers
    rules.accounts.access = settings.access
    ground.realtime.limit_connections(settings.connections, settings.connections_per_address)
    if settings.access == "members":
        presence_events.show_guests_out(ground.realtime)
    ground.realtime.broadcast("settings", public(settings), room=EVERYONE)


def _vitals(config: Config, ground: Ground, rules: Rules, care: Care) -> Vitals:
    return Vitals(
        people_here=rules.presence.people,
        failure=rules.health.mode.reason,
        is_open=care.settings.now.access == "open" and not is_loopback(config.host),
    )


def _address() -> str | None:
    """Where the web request comes from that is answered just now, if one is."""
    return flask.request.remote_addr if flask.has_request_context() else None


def _session_reader(app: Flask) -> Any:
    """Reads the browser's session out of the environ of a request that is not behind Flask."""

    def session_of(environ: Mapping[str, Any]) -> Mapping[str, Any]:
        request = app.request_class(dict(environ))
        return app.session_interface.open_session(app, request) or {}

    return session_of
