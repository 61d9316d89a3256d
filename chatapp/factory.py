"""The one place where everything meets: `create_app` makes the parts and hands them around.

Read it as a parts list. What a part needs arrives in its constructor; nothing is kept at
module level, so that two chats can live in one process.
"""

import os
import secrets
from collections.abc import Callable, Mapping
from contextlib import ExitStack, closing
from typing import Any

import flask
import gevent
from flask import Flask
from gevent.threadpool import ThreadPool

from chatapp import clock, doors
from chatapp.accounts.attempts import LoginAttempts
from chatapp.accounts.identity import Identity
from chatapp.accounts.manager import AccountManager
from chatapp.accounts.passwords import Passwords
from chatapp.accounts.views import accounts_blueprint
from chatapp.admin.views import admin_blueprint
from chatapp.audit.manager import Audit
from chatapp.config import Config
from chatapp.files import STATIC, TEMPLATES
from chatapp.messages import events as message_events
from chatapp.messages.heads import Heads
from chatapp.messages.manager import MessageManager
from chatapp.messages.views import messages_blueprint
from chatapp.model import Person
from chatapp.moderation import events as moderation_events
from chatapp.moderation.manager import ModerationManager
from chatapp.pages.views import pages_blueprint
from chatapp.presence import events as presence_events
from chatapp.presence.events import Attendance
from chatapp.presence.manager import PresenceManager
from chatapp.rates import Pace
from chatapp.reading import events as reading_events
from chatapp.reading.manager import ReadingManager
from chatapp.realtime import Realtime
from chatapp.rooms.events import RoomEvents
from chatapp.rooms.lobby import Lobby
from chatapp.rooms.manager import RoomManager
from chatapp.rooms.memberships import Memberships
from chatapp.storage import DataFolder, Directory, MessageLog
from chatapp.web import install_web

HASHING_THREADS = 2


def create_app(config: Config | None = None) -> Flask:
    """A chat on the data folder of `config`, or of the environment's settings.

    It holds the folder's lock until `app.extensions["house"].close()`. Raises `StorageError`
    where the folder is in use, not writable or damaged.
    """
    config = config or Config.load(os.environ)
    app = Flask("chatapp", template_folder=str(TEMPLATES), static_folder=str(STATIC))
    with ExitStack() as house:
        _furnish(app, config, house)
        app.extensions["house"] = house.pop_all()
    return app


def _furnish(app: Flask, config: Config, house: ExitStack) -> None:
    loop = gevent.get_hub().loop

    def deliver(step: Callable[[], None]) -> None:
        loop.run_callback_threadsafe(step)

    # The ground: files and sockets.
    data = house.enter_context(closing(DataFolder.open(config.data)))
    directory = house.enter_context(
        closing(
            Directory.open(
                data.directory, durability=config.durability, clock=clock.now, deliver=deliver
            )
        )
    )
    log = house.enter_context(
        closing(
            MessageLog.open(
                data.messages,
                index=data.index,
                durability=config.durability,
                clock=clock.now,
                deliver=deliver,
            )
        )
    )
    app.secret_key = config.secret_key or data.secret_key
    realtime = Realtime(
        app,
        origins=config.origins,
        transports=config.transports,
        connections=config.connections,
        connections_per_address=config.connections_per_address,
    )

    # The rules.
    accounts = AccountManager(
        directory,
        Passwords(run=ThreadPool(HASHING_THREADS).apply),
        LoginAttempts(),
        access=config.access,
        clock=clock.now,
        secret=lambda: secrets.token_urlsafe(32),
    )
    rooms = RoomManager(directory, clock=clock.now, account_name=accounts.registered_name)
    memberships = Memberships(directory)
    presence = PresenceManager(
        later=gevent.spawn_later,
        tell=lambda news: realtime.broadcast("presence", news, room=news.room),
    )
    audit = Audit(
        house.enter_context(
            closing(
                MessageLog.open(
                    data.path / "audit",
                    index=data.path / "audit.sqlite3",
                    durability=config.durability,
                    clock=clock.now,
                    deliver=deliver,
                )
            )
        )
    )
    moderation = ModerationManager(
        directory, audit, role_of=accounts.role_of, in_charge=rooms.may_change
    )
    pace = Pace(config.message_rate, "messages") if config.message_rate else None
    messages = MessageManager(log, rooms=rooms, rules=moderation, pace=pace)
    reading = ReadingManager(directory, log)
    lobby = Lobby(rooms, presence, reading, head=log.head, epoch=log.epoch)
    heads = Heads(
        occupied=lambda: presence.rooms,
        head=log.head,
        tell=lambda room, news: realtime.broadcast("heads", news, room=room),
        later=gevent.spawn_later,
    )

    # The doors of sockets.
    attendance = Attendance(realtime, presence)
    identity = Identity(accounts, _session_reader(app))
    room_events = RoomEvents(realtime, rooms, memberships, lobby, attendance)
    room_events.register()
    presence_events.register(
        realtime, attendance, identity, moderation.check_entry, room_events.homes
    )
    message_events.register(realtime, messages)
    moderation_events.register(realtime, moderation)
    reading_events.register(realtime, reading, rooms, attendance)
    doors.hang(realtime)

    # The doors of pages.
    def who() -> Person | None:
        return accounts.person_of(flask.session)

    install_web(app)
    app.register_blueprint(pages_blueprint(who, lobby, messages))
    app.register_blueprint(messages_blueprint(who, messages))
    app.register_blueprint(
        accounts_blueprint(accounts, people=lambda: presence.people, is_free=presence.is_free)
    )
    app.register_blueprint(admin_blueprint(log, accounts, data=config.data.resolve()))

    heads.start()
    app.extensions |= {
        "messages": messages,
        "accounts": accounts,
        "realtime": realtime,
        "log": log,
    }


def _session_reader(app: Flask) -> Any:
    """Reads the browser's session out of the environ of a request that is not behind Flask."""

    def session_of(environ: Mapping[str, Any]) -> Mapping[str, Any]:
        request = app.request_class(dict(environ))
        return app.session_interface.open_session(app, request) or {}

    return session_of
