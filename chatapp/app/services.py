"""Creates the managers and the objects that they share."""

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import flask
import gevent

from chatapp.alone import SingleNode
from chatapp.app.infrastructure import Infrastructure
from chatapp.cluster.rate_limits import SharedRateLimits
from chatapp.domain import clock
from chatapp.domain.model import Person
from chatapp.domain.rates import PersonPace, Rate
from chatapp.features.accounts.manager import AccountManager
from chatapp.features.accounts.model import as_person
from chatapp.features.accounts.people import PeopleManager
from chatapp.features.accounts.people_directory import PeopleDirectory
from chatapp.features.accounts.profiles import ProfileManager
from chatapp.features.accounts.sign_in.attempts import LoginAttempts
from chatapp.features.accounts.sign_in.hashing import Hashing
from chatapp.features.accounts.sign_in.passwords import Passwords
from chatapp.features.audit.manager import Audit
from chatapp.features.audit.refusals import DeniedRequests
from chatapp.features.health.manager import HealthManager
from chatapp.features.messages.decisions import Decisions
from chatapp.features.messages.manager import MessageManager
from chatapp.features.moderation.manager import ModerationManager
from chatapp.features.moderation.slow_mode import SlowMode
from chatapp.features.moderation.timed_decisions import TimedDecisions, of_account
from chatapp.features.presence import events as presence_events
from chatapp.features.presence.guest_names import GuestNames
from chatapp.features.presence.last_seen import LastSeen
from chatapp.features.presence.manager import PresenceManager
from chatapp.features.presence.remote_presence import RemotePresence
from chatapp.features.presence.several_processes import (
    SeveralProcesses,
    SingleProcess,
)
from chatapp.features.reading.inbox import Inbox
from chatapp.features.reading.manager import ReadingManager
from chatapp.features.reading.outsiders import Outsiders
from chatapp.features.rooms.manager import RoomManager
from chatapp.features.rooms.memberships import Memberships
from chatapp.features.rooms.room_descriptions import RoomDescriptions
from chatapp.features.settings.manager import SettingsManager
from chatapp.ports import Presence, RateLimits
from chatapp.text.tokens import mentioned_keys
from chatapp.transport import EVERYONE

ROOM_MAKERS_AN_ADDRESS = 3
"""An address can create as many rooms as this number of people."""
SIGN_UPS = Rate(burst=20, per_second=20 / 3600)
"""How many accounts an address can create. Guests store nothing."""
ROOM_CHANGES = Rate(burst=60, per_second=0.5)
"""How often a person can change rooms and their members."""
PROFILE_CHANGES = Rate(burst=20, per_second=20 / 3600)
"""How often a person can change their profile, which is sent to everyone online."""


@dataclass(frozen=True, slots=True)
class Services:
    audit: Audit
    settings: SettingsManager
    refusals: DeniedRequests
    pace: PersonPace
    room_pace: PersonPace
    accounts: AccountManager
    people: PeopleManager
    profiles: ProfileManager
    roster: PeopleDirectory
    rooms: RoomManager
    memberships: Memberships
    presence: PresenceManager
    processes: Presence
    last_seen: LastSeen
    moderation: ModerationManager
    messages: MessageManager
    decisions: Decisions
    check_stay: Callable[[Person], None]
    """Raises an error if somebody who came in would not come in any more."""
    reading: ReadingManager
    inbox: Inbox
    outsiders: Outsiders
    descriptions: RoomDescriptions
    health: HealthManager


def make_services(infrastructure: Infrastructure) -> Services:
    directory, log, realtime = infrastructure.directory, infrastructure.log, infrastructure.realtime
    audit = Audit(infrastructure.audit_log, where=_address)
    mutes = TimedDecisions(directory, "mutes", time.time)
    bans = TimedDecisions(directory, "bans", time.time)
    settings = SettingsManager(infrastructure.config, directory, audit)
    limits = SharedRateLimits(infrastructure.broker)
    accounts = _make_accounts(infrastructure, audit, bans, settings, limits)
    slow_mode = SlowMode(log.last_post)
    moderation = ModerationManager(
        audit,
        mutes=mutes,
        bans=bans,
        account_of=accounts.registry.named,
        require_another_owner=accounts.registry.require_another_owner,
        slow_mode=slow_mode,
    )
    log.feed.subscribe(slow_mode.hear)
    room_pace = PersonPace(infrastructure.config.room_rate, "new rooms", limiter=limits.limiter)
    is_limited = infrastructure.config.message_rate is not None
    rooms = RoomManager(
        directory,
        clock=clock.now,
        account_of=accounts.registry.named,
        check_unmuted=moderation.check_unmuted,
        pace=room_pace,
        makers=lambda: settings.now.room_makers,
        note=audit,
        changes=PersonPace(ROOM_CHANGES, "changes of rooms") if is_limited else None,
    )
    presence = PresenceManager(
        later=gevent.spawn_later,
        tell=lambda news: realtime.broadcast("presence", news, room=news.room),
    )
    pace, decisions = PersonPace(infrastructure.config.message_rate, "messages"), Decisions()
    memberships = Memberships(directory, infrastructure.short_lived)
    reading = ReadingManager(memberships, log, accounts.registry.names)
    last_seen = LastSeen(directory, clock=clock.now, later=gevent.spawn_later)
    tell_profile = partial(realtime.broadcast, "profile", room=EVERYONE)

    def forget(id: str) -> None:
        """Remove everything that belongs to an account, except its messages."""
        for manager in (rooms, memberships, last_seen, moderation):
            manager.forget(id)

    def check_stay(person: Person) -> None:
        accounts.check_stay(person)
        moderation.check_stay(person)

    return Services(
        audit=audit,
        settings=settings,
        refusals=DeniedRequests(audit, now=time.monotonic),
        pace=pace,
        room_pace=room_pace,
        accounts=accounts,
        people=PeopleManager(accounts.registry, audit, tell=tell_profile, forget=forget),
        profiles=ProfileManager(
            accounts.registry,
            audit,
            is_free=presence.is_free,
            check_unmuted=moderation.check_unmuted,
            tell=tell_profile,
            pace=limits.limiter(PROFILE_CHANGES, "changes of how you are shown"),
        ),
        roster=PeopleDirectory(
            accounts.registry,
            last_seen,
            find_room=rooms.find,
            is_in=memberships.is_in,
            state_of=presence.state_of,
            members=presence.members,
        ),
        rooms=rooms,
        memberships=memberships,
        presence=presence,
        processes=_make_processes(infrastructure, presence, last_seen, memberships),
        last_seen=last_seen,
        moderation=moderation,
        messages=MessageManager(
            log,
            rooms=rooms,
            rules=moderation,
            pace=pace,
            decisions=decisions,
            shown_like=accounts.registry.shown_like,
            max_text_bytes=lambda: settings.now.max_text_bytes,
            is_in=memberships.is_in,
            check_stay=check_stay,
        ),
        decisions=decisions,
        check_stay=check_stay,
        reading=reading,
        inbox=Inbox(reading, memberships, log, visible_to=rooms.visible_to, clock=clock.now),
        outsiders=_make_outsiders(rooms, reading, accounts, memberships, presence),
        descriptions=RoomDescriptions(
            rooms,
            memberships,
            presence,
            unread=reading.all_unread,
            head=log.head,
            last_at=log.last_at,
            accounts=accounts.registry.count,
            epoch=lambda: log.epoch,
        ),
        health=_make_health(infrastructure),
    )


def _make_accounts(
    infrastructure: Infrastructure,
    audit: Audit,
    bans: TimedDecisions,
    settings: SettingsManager,
    limits: RateLimits,
) -> AccountManager:
    accounts = AccountManager(
        infrastructure.directory,
        Passwords(run=Hashing().run),
        LoginAttempts(broker=infrastructure.broker),
        access=lambda: settings.now.access,
        clock=clock.now,
        secret=lambda: secrets.token_urlsafe(32),
        expel=partial(presence_events.expel, infrastructure.realtime),
        take_name=partial(presence_events.take_name, infrastructure.realtime),
        is_banned=lambda id: bans.in_force(of_account(id)) is not None,
        ban_unchanged=lambda id: bans.unchanged(of_account(id)),
        guest_id=infrastructure.guest_id,
        note=audit,
        sign_ups=limits.limiter(SIGN_UPS, "sign-ups"),
        process=infrastructure.nodes.own,
    )
    accounts.registry.sessions.forget_old()
    return accounts


def _make_processes(
    infrastructure: Infrastructure,
    presence: PresenceManager,
    last_seen: LastSeen,
    memberships: Memberships,
) -> Presence:
    nodes = infrastructure.nodes
    if isinstance(nodes, SingleNode):
        return SingleProcess(memberships.gone)
    remote_presence = RemotePresence(
        presence,
        infrastructure.broker,
        nodes.own,
        later=gevent.spawn_later,
        departed=last_seen.note_elsewhere,
    )
    infrastructure.realtime.on_stop(remote_presence.stop)
    guest_names = GuestNames(
        infrastructure.directory,
        nodes.own,
        lambda: nodes.others,
        person=presence.person_here,
        lost=partial(presence_events.take_guest_name, infrastructure.realtime),
        begins=memberships.gone,
        later=gevent.spawn_later,
    )
    return SeveralProcesses(remote_presence, guest_names, infrastructure.short_lived.reach)


def _make_outsiders(
    rooms: RoomManager,
    reading: ReadingManager,
    accounts: AccountManager,
    memberships: Memberships,
    presence: PresenceManager,
) -> Outsiders:
    registry = accounts.registry

    def find(key: str) -> Person | None:
        account = registry.account(key)
        return as_person(account) if account else presence.person(key)

    return Outsiders(
        reading,
        room=rooms.any,
        mentioned_keys=lambda text: mentioned_keys(text, registry.names),
        find=find,
        is_in=memberships.is_in,
        connections=presence.connections,
    )


def _make_health(infrastructure: Infrastructure) -> HealthManager:
    health = HealthManager(
        [
            thing.journal
            for thing in (infrastructure.log, infrastructure.directory, infrastructure.audit_log)
        ],
        tell=lambda mode: infrastructure.realtime.broadcast("read_only", mode, room=EVERYONE),
        later=gevent.spawn_later,
    )
    health.start()
    return health


def _address() -> str | None:
    """The address of the current web request, if there is one."""
    return flask.request.remote_addr if flask.has_request_context() else None
