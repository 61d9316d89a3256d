"""The managers, and what they share."""

import secrets
import time
from dataclasses import dataclass
from functools import partial

import flask
import gevent
from gevent.threadpool import ThreadPool

from chatapp import clock
from chatapp.accounts.attempts import LoginAttempts
from chatapp.accounts.manager import AccountManager
from chatapp.accounts.passwords import Passwords
from chatapp.accounts.people import PeopleManager
from chatapp.accounts.profiles import ProfileManager
from chatapp.accounts.roster import Roster
from chatapp.audit.manager import Audit
from chatapp.audit.refusals import Refusals
from chatapp.config import Rate
from chatapp.health.manager import HealthManager
from chatapp.messages.deletions import Deletions
from chatapp.messages.manager import MessageManager
from chatapp.moderation.manager import ModerationManager
from chatapp.parts.ground import Ground
from chatapp.presence import events as presence_events
from chatapp.presence.last_seen import LastSeen
from chatapp.presence.manager import PresenceManager
from chatapp.rates import Pace
from chatapp.reading.manager import ReadingManager
from chatapp.reading.order import RoomOrder
from chatapp.realtime import EVERYONE
from chatapp.rooms.lobby import Lobby
from chatapp.rooms.manager import RoomManager
from chatapp.rooms.memberships import Memberships

HASHING_THREADS = 2
SIGN_UPS = Rate(burst=20, per_second=20 / 3600)
"""Accounts that one address may make. A guest's name makes nothing that is kept."""
NEW_ROOMS = Rate(burst=20, per_second=20 / 3600)
"""Rooms that one person may make."""
PROFILE_CHANGES = Rate(burst=20, per_second=20 / 3600)
"""How often one person may change how they are shown: everyone here is told."""


@dataclass(frozen=True, slots=True)
class Rules:
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


def make_rules(ground: Ground) -> Rules:
    directory, log, realtime = ground.directory, ground.log, ground.realtime
    audit = Audit(ground.audit_log, where=_address)
    accounts = _make_accounts(ground, audit)
    rooms = _make_rooms(ground, accounts)
    presence = PresenceManager(
        later=gevent.spawn_later,
        tell=lambda news: realtime.broadcast("presence", news, room=news.room),
    )
    moderation = ModerationManager(
        directory, audit, role_of=accounts.role_of, in_charge=rooms.may_change
    )
    pace, deletions = Pace(ground.config.message_rate, "messages"), Deletions()
    reading, order = ReadingManager(directory, log), RoomOrder(directory)
    memberships = Memberships(directory)
    last_seen = LastSeen(directory, clock=clock.now, later=gevent.spawn_later)
    tell_profile = partial(realtime.broadcast, "profile", room=EVERYONE)
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
        health=_make_health(ground),
    )


def _make_accounts(ground: Ground, audit: Audit) -> AccountManager:
    accounts = AccountManager(
        ground.directory,
        Passwords(run=ThreadPool(HASHING_THREADS).apply),
        LoginAttempts(),
        access=ground.config.access,
        clock=clock.now,
        secret=lambda: secrets.token_urlsafe(32),
        expel=partial(presence_events.expel, ground.realtime),
        note=audit,
        sign_ups=Pace(SIGN_UPS, "sign-ups"),
    )
    accounts.registry.sessions.forget_old()
    return accounts


def _make_rooms(ground: Ground, accounts: AccountManager) -> RoomManager:
    return RoomManager(
        ground.directory,
        clock=clock.now,
        account_name=accounts.registered_name,
        pace=Pace(NEW_ROOMS, "new rooms") if ground.config.message_rate else None,
    )


def _make_health(ground: Ground) -> HealthManager:
    return HealthManager(
        [thing.journal for thing in (ground.log, ground.directory, ground.audit_log)],
        tell=lambda mode: ground.realtime.broadcast("read_only", mode, room=EVERYONE),
        later=gevent.spawn_later,
    )


def _address() -> str | None:
    """Where the web request comes from that is answered just now, if one is."""
    return flask.request.remote_addr if flask.has_request_context() else None
