"""The services of people: accounts, who is online, how people are shown, what moderators decide."""

import secrets
import time
from functools import cached_property, partial

import gevent

from chatapp.app.services.shared import SharedServices
from chatapp.domain import clock
from chatapp.domain.model import Person
from chatapp.domain.rates import PersonPace, Rate, RateLimiter
from chatapp.features.accounts.manager import AccountManager
from chatapp.features.accounts.model import as_person
from chatapp.features.accounts.profiles import ProfileManager
from chatapp.features.accounts.sign_in.attempts import LoginAttempts
from chatapp.features.accounts.sign_in.hashing import Hashing
from chatapp.features.accounts.sign_in.passwords import Passwords
from chatapp.features.bots.pace import BotPace
from chatapp.features.moderation.manager import ModerationManager
from chatapp.features.moderation.slow_mode import SlowMode
from chatapp.features.moderation.timed_decisions import TimedDecisions, of_account
from chatapp.features.photos.rows import PhotoRows
from chatapp.features.presence import events as presence_events
from chatapp.features.presence.last_seen import LastSeen
from chatapp.features.presence.manager import PresenceManager
from chatapp.features.statuses.manager import StatusManager
from chatapp.features.statuses.rows import StatusRows
from chatapp.protocol.values import Profile
from chatapp.transport import EVERYONE

SIGN_UPS = Rate(burst=20, per_second=20 / 3600)
"""How many accounts an address can create. Guests store nothing."""
PROFILE_CHANGES = Rate(burst=20, per_second=20 / 3600)
"""How often a person can change their profile, which is sent to everyone online."""
STATUS_CHANGES = Rate(burst=30, per_second=30 / 600)
"""How often a person can change what they say of themselves, which is sent to everyone online."""


class PeopleServices(SharedServices):
    @cached_property
    def bans(self) -> TimedDecisions:
        return TimedDecisions(self.directory, "bans", time.time)

    @cached_property
    def accounts(self) -> AccountManager:
        accounts = AccountManager(
            self.directory,
            Passwords(run=Hashing().run),
            LoginAttempts(broker=self.infrastructure.broker),
            access=lambda: self.settings.now.access,
            clock=clock.now,
            secret=lambda: secrets.token_urlsafe(32),
            expel=partial(presence_events.expel, self.realtime),
            take_name=partial(presence_events.take_name, self.realtime),
            is_banned=lambda id: self.bans.in_force(of_account(id)) is not None,
            ban_unchanged=lambda id: self.bans.unchanged(of_account(id)),
            guest_id=self.infrastructure.guest_id,
            note=self.audit,
            sign_ups=self.limits.limiter(SIGN_UPS, "sign-ups"),
            process=self.infrastructure.nodes.own,
        )
        accounts.registry.sessions.forget_old()
        return accounts

    @cached_property
    def moderation(self) -> ModerationManager:
        slow_mode = SlowMode(self.log.last_post)
        self.log.feed.subscribe(slow_mode.hear)
        return ModerationManager(
            self.audit,
            mutes=TimedDecisions(self.directory, "mutes", time.time),
            bans=self.bans,
            account_of=self.accounts.registry.named,
            require_another_owner=self.accounts.registry.require_another_owner,
            slow_mode=slow_mode,
            owner_of=self.accounts.registry.owner_of,
        )

    @cached_property
    def pace(self) -> PersonPace:
        """How often people post, and do what costs as much."""
        return PersonPace(
            self.infrastructure.config.message_rate,
            "messages",
            own=BotPace(self.accounts.registry.limits_of, self.limits).of,
        )

    @cached_property
    def presence(self) -> PresenceManager:
        return PresenceManager(
            later=gevent.spawn_later,
            tell=lambda news: self.realtime.broadcast("presence", news, room=news.room),
        )

    @cached_property
    def last_seen(self) -> LastSeen:
        return LastSeen(self.directory, clock=clock.now, later=gevent.spawn_later)

    @cached_property
    def status_rows(self) -> StatusRows:
        return StatusRows(self.directory, self.short_lived, clock=clock.now)

    @cached_property
    def photo_rows(self) -> PhotoRows:
        return PhotoRows(self.directory)

    @cached_property
    def profiles(self) -> ProfileManager:
        return ProfileManager(
            self.accounts.registry,
            self.audit,
            is_free=self.presence.is_free,
            check_unmuted=self.moderation.check_unmuted,
            status_of=self.status_rows.of,
            photo_of=self.photo_rows.of,
            tell=self.tell_profile,
            pace=self.profile_pace,
        )

    @cached_property
    def profile_pace(self) -> RateLimiter:
        return self.limits.limiter(PROFILE_CHANGES, "changes of how you are shown")

    @cached_property
    def statuses(self) -> StatusManager:
        return StatusManager(
            self.status_rows,
            self.audit,
            account=self.accounts.registry.find,
            check_unmuted=self.moderation.check_unmuted,
            tell=self.profiles.tell_of,
            clock=clock.now,
            pace=self.limits.limiter(STATUS_CHANGES, "changes of your status"),
        )

    def tell_profile(self, profile: Profile) -> None:
        self.realtime.broadcast("profile", profile, room=EVERYONE)

    def check_stay(self, person: Person) -> None:
        """Raises an error if somebody who came in would not come in any more."""
        self.accounts.check_stay(person)
        self.moderation.check_stay(person)

    def account_or_online(self, key: str) -> Person | None:
        """Finds people by their name keys: accounts, and guests who are online."""
        account = self.accounts.registry.account(key)
        return as_person(account) if account else self.presence.person(key)
