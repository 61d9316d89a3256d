"""Creates the managers and the objects that they share."""

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import flask
import gevent

from chatapp.alone import SingleNode
from chatapp.app.emoji import AddUpload, adding_uploads, keeping_pictures, make_emoji
from chatapp.app.files import make_attachments, make_files
from chatapp.app.incoming_webhooks import make_incoming_hooks
from chatapp.app.infrastructure import Infrastructure
from chatapp.cluster.rate_limits import SharedRateLimits
from chatapp.domain import clock
from chatapp.domain.future import Future
from chatapp.domain.model import Event, FileInfo, Person
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
from chatapp.features.bots.manager import BotManager
from chatapp.features.bots.pace import BotPace
from chatapp.features.emoji.commands import Keep
from chatapp.features.emoji.manager import EmojiManager
from chatapp.features.emoji.rows import EmojiRows
from chatapp.features.files.manager import FileManager
from chatapp.features.forwarding.manager import ForwardManager
from chatapp.features.health.manager import HealthManager
from chatapp.features.incoming_webhooks.manager import IncomingHookManager
from chatapp.features.incoming_webhooks.rows import IncomingHookRows
from chatapp.features.messages.decisions import Decisions
from chatapp.features.messages.manager import MessageManager
from chatapp.features.moderation.manager import ModerationManager
from chatapp.features.moderation.slow_mode import SlowMode
from chatapp.features.moderation.timed_decisions import TimedDecisions, of_account
from chatapp.features.pins.manager import PinManager
from chatapp.features.polls.manager import PollManager
from chatapp.features.presence import events as presence_events
from chatapp.features.presence.guest_names import GuestNames
from chatapp.features.presence.last_seen import LastSeen
from chatapp.features.presence.manager import PresenceManager
from chatapp.features.presence.remote_presence import RemotePresence
from chatapp.features.presence.several_processes import (
    SeveralProcesses,
    SingleProcess,
)
from chatapp.features.previews.manager import PreviewManager
from chatapp.features.published.manager import PublishedRooms
from chatapp.features.reading.inbox import Inbox
from chatapp.features.reading.manager import ReadingManager
from chatapp.features.reading.notifications import NotificationRules
from chatapp.features.reading.outsiders import Outsiders
from chatapp.features.retention.manager import RetentionManager
from chatapp.features.rooms.manager import RoomManager
from chatapp.features.rooms.memberships import Memberships
from chatapp.features.rooms.room_descriptions import RoomDescriptions
from chatapp.features.saved.manager import SavedManager
from chatapp.features.saved.rows import SavedRows
from chatapp.features.scheduled.manager import ScheduledManager
from chatapp.features.scheduled.rows import ScheduledRows
from chatapp.features.settings.manager import SettingsManager
from chatapp.features.statuses.manager import StatusManager
from chatapp.features.statuses.out_of_office import OutOfOffice
from chatapp.features.statuses.rows import StatusRows
from chatapp.features.threads.follows import Follows
from chatapp.features.threads.manager import ThreadManager
from chatapp.features.threads.moving import MessageMover
from chatapp.features.threads.room_moves import RoomMoves
from chatapp.ports import Presence, RateLimits
from chatapp.store.message_log import MessageLog
from chatapp.text.tokens import mentioned_keys
from chatapp.transport import EVERYONE
from chatapp.web.waiting import in_greenlet, wait

ROOM_MAKERS_AN_ADDRESS = 3
"""An address can create as many rooms as this number of people."""
SIGN_UPS = Rate(burst=20, per_second=20 / 3600)
"""How many accounts an address can create. Guests store nothing."""
ROOM_CHANGES = Rate(burst=60, per_second=0.5)
"""How often a person can change rooms and their members."""
PROFILE_CHANGES = Rate(burst=20, per_second=20 / 3600)
"""How often a person can change their profile, which is sent to everyone online."""
STATUS_CHANGES = Rate(burst=30, per_second=30 / 600)
"""How often a person can change what they say of themselves, which is sent to everyone online."""

SCHEDULED_ID_BYTES = 12
FORWARD_ID_BYTES = 12


@dataclass(frozen=True, slots=True)
class Services:
    audit: Audit
    settings: SettingsManager
    refusals: DeniedRequests
    pace: PersonPace
    room_pace: PersonPace
    accounts: AccountManager
    people: PeopleManager
    bots: BotManager
    profiles: ProfileManager
    roster: PeopleDirectory
    rooms: RoomManager
    retention: RetentionManager
    published: PublishedRooms
    memberships: Memberships
    presence: PresenceManager
    processes: Presence
    last_seen: LastSeen
    moderation: ModerationManager
    files: FileManager
    emoji_rows: EmojiRows
    emoji: EmojiManager
    keep_emoji: Keep
    """Makes and keeps the picture of an emoji."""
    add_emoji: AddUpload
    messages: MessageManager
    incoming_hooks: IncomingHookManager
    forwarding: ForwardManager
    polls: PollManager
    scheduled_rows: ScheduledRows
    scheduled: ScheduledManager
    decisions: Decisions
    previews: PreviewManager
    check_stay: Callable[[Person], None]
    """Raises an error if somebody who came in would not come in any more."""
    reading: ReadingManager
    inbox: Inbox
    notifications: NotificationRules
    follows: Follows
    threads: ThreadManager
    saved: SavedManager
    pins: PinManager
    statuses: StatusManager
    out_of_office: OutOfOffice
    mover: MessageMover
    room_moves: RoomMoves
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
    moderation = _make_moderation(infrastructure, audit, mutes, bans, accounts)
    room_pace = PersonPace(infrastructure.config.room_rate, "new rooms", limiter=limits.limiter)
    rooms = _make_rooms(
        infrastructure, audit, settings, accounts, moderation=moderation, pace=room_pace
    )
    presence = PresenceManager(
        later=gevent.spawn_later,
        tell=lambda news: realtime.broadcast("presence", news, room=news.room),
    )
    pace = PersonPace(
        infrastructure.config.message_rate,
        "messages",
        own=BotPace(accounts.registry.limits_of, limits).of,
    )
    decisions = Decisions()
    memberships = Memberships(directory, infrastructure.short_lived)
    retention = RetentionManager(
        directory,
        log,
        room=rooms.any,
        all_days=lambda: settings.now.retention_days,
        clock=clock.now,
        note=audit,
    )
    published = PublishedRooms(
        directory,
        log,
        room=rooms.any,
        is_on=lambda: settings.now.web_rooms == "on",
        removed_to=retention.removed_to,
        clock=clock.now,
        note=audit,
    )
    reading = ReadingManager(
        memberships, log, accounts.registry.names, removed_to=retention.removed_to
    )
    attachments = make_attachments(infrastructure)
    scheduled_rows = ScheduledRows(directory)
    emoji_rows = EmojiRows(directory)
    hook_rows = IncomingHookRows(directory)
    files, file_copies = make_files(
        infrastructure,
        attachments,
        settings,
        rooms,
        limits,
        is_scheduled=scheduled_rows.has_file,
        is_emoji=emoji_rows.has_bytes,
    )
    emoji = make_emoji(infrastructure, emoji_rows, files, settings, audit)
    keep_emoji = keeping_pictures(infrastructure, files)
    room_moves = RoomMoves(directory, log, room=rooms.any)
    follows = Follows(directory, infrastructure.short_lived)
    threads = ThreadManager(
        follows, log, rooms=rooms, is_in=memberships.is_in, names=accounts.registry.names
    )
    notifications = NotificationRules(directory, infrastructure.short_lived)
    saved_rows = SavedRows(directory, infrastructure.short_lived)
    statuses = StatusRows(directory, infrastructure.short_lived, clock=clock.now)
    last_seen = LastSeen(directory, clock=clock.now, later=gevent.spawn_later)
    tell_profile = partial(realtime.broadcast, "profile", room=EVERYONE)

    def forget(id: str) -> None:
        """Remove everything that belongs to an account, except its messages."""
        owned = (rooms, memberships, follows, saved_rows, scheduled_rows, last_seen, moderation)
        hook_rows.forget(id)
        for manager in (*owned, notifications, statuses):
            manager.forget(id)

    def check_stay(person: Person) -> None:
        accounts.check_stay(person)
        moderation.check_stay(person)

    polls = PollManager(
        log,
        rooms=rooms,
        rules=moderation,
        pace=pace,
        decisions=decisions,
        is_in=memberships.is_in,
        check_stay=check_stay,
        clock=clock.now,
        secret=infrastructure.secret,
    )
    messages = MessageManager(
        log,
        rooms=rooms,
        rules=moderation,
        pace=pace,
        decisions=decisions,
        shown_like=accounts.registry.shown_like,
        max_text_bytes=lambda: settings.now.max_text_bytes,
        is_in=memberships.is_in,
        check_stay=check_stay,
        attachments=attachments,
        with_marks=threads.with_marks,
        reaction=emoji.reaction,
        with_own_votes=polls.with_own,
        told_votes=polls.told_to,
        removed_to=retention.removed_to,
    )
    pins = PinManager(
        log,
        rooms=rooms,
        check_change=moderation.check_change,
        is_in=memberships.is_in,
        decisions=decisions,
        pace=pace,
        check_stay=check_stay,
    )
    profiles = ProfileManager(
        accounts.registry,
        audit,
        is_free=presence.is_free,
        check_unmuted=moderation.check_unmuted,
        status_of=statuses.of,
        tell=tell_profile,
        pace=limits.limiter(PROFILE_CHANGES, "changes of how you are shown"),
    )
    status_manager = StatusManager(
        statuses,
        audit,
        account=accounts.registry.find,
        check_unmuted=moderation.check_unmuted,
        tell=profiles.tell_status,
        clock=clock.now,
        pace=limits.limiter(STATUS_CHANGES, "changes of your status"),
    )

    bots = BotManager(
        accounts.registry,
        audit,
        create=accounts.create_bot,
        rooms=rooms,
        memberships=memberships,
        expel=partial(presence_events.expel, realtime),
        shown=profiles.tell,
    )

    def gone(id: str) -> None:
        memberships.gone(id)
        status_manager.gone(id)

    return Services(
        audit=audit,
        settings=settings,
        refusals=DeniedRequests(audit, now=time.monotonic),
        pace=pace,
        room_pace=room_pace,
        accounts=accounts,
        people=PeopleManager(accounts.registry, audit, tell=tell_profile, forget=forget),
        bots=bots,
        profiles=profiles,
        roster=_make_roster(
            accounts, last_seen, rooms, memberships, presence=presence, statuses=statuses
        ),
        rooms=rooms,
        retention=retention,
        published=published,
        memberships=memberships,
        presence=presence,
        processes=_make_processes(infrastructure, presence, last_seen, gone),
        last_seen=last_seen,
        moderation=moderation,
        files=files,
        emoji_rows=emoji_rows,
        emoji=emoji,
        keep_emoji=keep_emoji,
        add_emoji=adding_uploads(emoji, files, attachments, keep_emoji),
        messages=messages,
        incoming_hooks=make_incoming_hooks(
            infrastructure,
            hook_rows,
            accounts,
            bots,
            rooms,
            post=messages.post,
            check_stay=check_stay,
            max_text_bytes=lambda: settings.now.max_text_bytes,
            limits=limits,
            audit=audit,
        ),
        forwarding=ForwardManager(
            log,
            rooms=rooms,
            room=rooms.any,
            rules=moderation,
            copies=file_copies,
            decisions=decisions,
            is_in=memberships.is_in,
            new_id=lambda: secrets.token_urlsafe(FORWARD_ID_BYTES),
            pace=pace,
            check_stay=check_stay,
            max_text_bytes=lambda: settings.now.max_text_bytes,
        ),
        polls=polls,
        scheduled_rows=scheduled_rows,
        scheduled=ScheduledManager(
            scheduled_rows,
            check=messages.check,
            file=attachments.info,
            clock=clock.now,
            new_id=lambda: secrets.token_hex(SCHEDULED_ID_BYTES),
        ),
        decisions=decisions,
        previews=_make_previews(infrastructure, rooms, settings, decisions, files),
        check_stay=check_stay,
        reading=reading,
        notifications=notifications,
        follows=follows,
        threads=threads,
        saved=SavedManager(saved_rows, log.message, find_room=rooms.find, clock=clock.now),
        pins=pins,
        statuses=status_manager,
        out_of_office=OutOfOffice(
            room=rooms.any,
            may_see=rooms.may_see,
            mentioned_keys=lambda text: mentioned_keys(text, accounts.registry.names),
            find=account_or_online(accounts, presence),
            status_of=statuses.of,
            profiles=profiles.of,
        ),
        mover=MessageMover(
            log,
            room_moves,
            rooms=rooms,
            rules=moderation,
            is_in=memberships.is_in,
            pace=pace,
            check_stay=check_stay,
        ),
        room_moves=room_moves,
        inbox=Inbox(reading, memberships, log, visible_to=rooms.visible_to, clock=clock.now),
        outsiders=_make_outsiders(rooms, reading, accounts, memberships, presence),
        descriptions=_make_descriptions(
            log,
            rooms,
            memberships,
            presence,
            reading=reading,
            accounts=accounts,
            pins=pins,
            retention=retention,
            published=published,
        ),
        health=_make_health(infrastructure),
    )


def _make_moderation(
    infrastructure: Infrastructure,
    audit: Audit,
    mutes: TimedDecisions,
    bans: TimedDecisions,
    accounts: AccountManager,
) -> ModerationManager:
    slow_mode = SlowMode(infrastructure.log.last_post)
    infrastructure.log.feed.subscribe(slow_mode.hear)
    return ModerationManager(
        audit,
        mutes=mutes,
        bans=bans,
        account_of=accounts.registry.named,
        require_another_owner=accounts.registry.require_another_owner,
        slow_mode=slow_mode,
        owner_of=accounts.registry.owner_of,
    )


def _make_rooms(
    infrastructure: Infrastructure,
    audit: Audit,
    settings: SettingsManager,
    accounts: AccountManager,
    *,
    moderation: ModerationManager,
    pace: PersonPace,
) -> RoomManager:
    is_limited = infrastructure.config.message_rate is not None
    return RoomManager(
        infrastructure.directory,
        clock=clock.now,
        account_of=accounts.registry.named,
        limits_of=accounts.registry.limits_of,
        check_unmuted=moderation.check_unmuted,
        pace=pace,
        makers=lambda: settings.now.room_makers,
        note=audit,
        changes=PersonPace(ROOM_CHANGES, "changes of rooms") if is_limited else None,
    )


def _make_roster(
    accounts: AccountManager,
    last_seen: LastSeen,
    rooms: RoomManager,
    memberships: Memberships,
    *,
    presence: PresenceManager,
    statuses: StatusRows,
) -> PeopleDirectory:
    return PeopleDirectory(
        accounts.registry,
        last_seen,
        find_room=rooms.find,
        is_in=memberships.is_in,
        state_of=presence.state_of,
        members=presence.members,
        person=presence.person,
        status_of=statuses.of,
    )


def _make_descriptions(
    log: MessageLog,
    rooms: RoomManager,
    memberships: Memberships,
    presence: PresenceManager,
    *,
    reading: ReadingManager,
    accounts: AccountManager,
    pins: PinManager,
    retention: RetentionManager,
    published: PublishedRooms,
) -> RoomDescriptions:
    return RoomDescriptions(
        rooms,
        memberships,
        presence,
        unread=reading.all_unread,
        head=log.head,
        last_at=log.last_at,
        accounts=accounts.registry.count,
        pins=pins.seqs,
        epoch=lambda: log.epoch,
        retention_days=retention.days,
        is_published=published.is_published,
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
    gone: Callable[[str], object],
) -> Presence:
    nodes = infrastructure.nodes
    if isinstance(nodes, SingleNode):
        return SingleProcess(gone)
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
        begins=gone,
        later=gevent.spawn_later,
    )
    return SeveralProcesses(remote_presence, guest_names, infrastructure.short_lived.reach)


def account_or_online(
    accounts: AccountManager, presence: PresenceManager
) -> Callable[[str], Person | None]:
    """Finds people by their name keys: accounts, and guests who are online."""

    def find(key: str) -> Person | None:
        account = accounts.registry.account(key)
        return as_person(account) if account else presence.person(key)

    return find


def _make_previews(
    infrastructure: Infrastructure,
    rooms: RoomManager,
    settings: SettingsManager,
    decisions: Decisions,
    files: FileManager,
) -> PreviewManager:
    def keep_image(image: bytes, event: Event) -> Future[FileInfo | None]:
        by = event.by or event.sender
        return in_greenlet(lambda: wait(files.keep_picture(by, image, event.room, event.seq)))

    previews = PreviewManager(
        infrastructure.log,
        infrastructure.outbound.page,
        is_on=lambda: settings.now.previews == "on",
        room=rooms.any,
        decisions=decisions,
        keep_image=keep_image,
        allowed=lambda: infrastructure.config.outbound_hosts,
    )
    infrastructure.log.feed.subscribe(previews.hear)
    return previews


def _make_outsiders(
    rooms: RoomManager,
    reading: ReadingManager,
    accounts: AccountManager,
    memberships: Memberships,
    presence: PresenceManager,
) -> Outsiders:
    registry = accounts.registry
    return Outsiders(
        reading,
        room=rooms.any,
        mentioned_keys=lambda text: mentioned_keys(text, registry.names),
        find=account_or_online(accounts, presence),
        is_in=memberships.is_in,
        may_see=rooms.may_see,
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
