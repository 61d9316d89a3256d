"""What keeps the place in order: settings, erasing, checking, and what the console changes."""

from functools import partial

import gevent
from gevent.lock import BoundedSemaphore

from chatapp import clock
from chatapp.admin.care import Care
from chatapp.admin.checkups import Checkups
from chatapp.admin.chores import Chores
from chatapp.admin.erasures import Erasures
from chatapp.admin.upkeep import EveryRoom, Upkeep
from chatapp.messages.manager import MessageManager
from chatapp.parts.ground import Ground
from chatapp.parts.rules import Rules
from chatapp.presence import events as presence_events
from chatapp.processes import run_module
from chatapp.realtime import EVERYONE
from chatapp.rooms.events import RoomEvents
from chatapp.settings.manager import SettingsManager
from chatapp.settings.model import Settings, public
from chatapp.waiting import wait


def make_care(ground: Ground, rules: Rules) -> Care:
    """What depends on a setting follows it from here on."""
    config, log, audit = ground.config, ground.log, rules.audit
    settings = SettingsManager(config, ground.directory, audit)
    settings.on_change(partial(_follow, ground, rules))
    chores = Chores(
        log,
        config.data.resolve(),
        run=run_module,
        wait=wait,
        alone=BoundedSemaphore(),
        tell=lambda room, news: ground.realtime.broadcast("erased", news, room=room),
    )
    return Care(
        settings,
        Erasures(ground.directory, audit, erase=chores.erase, spawn=gevent.spawn, clock=clock.now),
        Checkups(ground.directory, check=chores.check, later=gevent.spawn_later, clock=clock.now),
        log.latency,
    )


def make_upkeep(ground: Ground, rules: Rules, room_events: RoomEvents) -> Upkeep:
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
