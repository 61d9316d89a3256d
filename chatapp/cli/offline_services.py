"""What the commands need of a chat that no server runs: the same rules, for one command."""

import secrets
import time
from functools import cached_property

from chatapp.client.terminal.commands import HELP
from chatapp.config import Config
from chatapp.domain import clock
from chatapp.features.accounts.manager import AccountManager
from chatapp.features.accounts.people import PeopleManager
from chatapp.features.accounts.sign_in.attempts import LoginAttempts
from chatapp.features.accounts.sign_in.passwords import Passwords
from chatapp.features.audit.manager import Audit
from chatapp.features.bots.manager import BotManager
from chatapp.features.incoming_webhooks.rows import IncomingHookRows
from chatapp.features.moderation.manager import ModerationManager
from chatapp.features.moderation.timed_decisions import TimedDecisions, of_account
from chatapp.features.outgoing_webhooks.manager import OutgoingWebhooks
from chatapp.features.outgoing_webhooks.rows import WebhookRows
from chatapp.features.outgoing_webhooks.signing import SealedSecrets
from chatapp.features.photos.rows import PhotoRows
from chatapp.features.presence.last_seen import LastSeen
from chatapp.features.published.manager import PublishedRooms
from chatapp.features.reading.notifications import NotificationRules
from chatapp.features.retention.manager import RetentionManager
from chatapp.features.rooms.manager import RoomManager
from chatapp.features.rooms.memberships import Memberships
from chatapp.features.saved.rows import SavedRows
from chatapp.features.scheduled.rows import ScheduledRows
from chatapp.features.slash_commands.manager import SlashCommandManager
from chatapp.features.slash_commands.rows import CommandRows
from chatapp.features.statuses.manager import StatusManager
from chatapp.features.statuses.rows import StatusRows
from chatapp.features.threads.follows import Follows
from chatapp.tables.directory import Directory
from chatapp.tables.short_lived import ShortLivedTables


class OfflineServices:
    """Each is made when a command asks for it."""

    def __init__(
        self, config: Config, directory: Directory, audit: Audit, *, secret: bytes
    ) -> None:
        """`secret` seals what the chat keeps for itself."""
        self.audit = audit
        self._config = config
        self._directory = directory
        self._secret = secret
        self._mutes = TimedDecisions(directory, "mutes", time.time)
        self._bans = TimedDecisions(directory, "bans", time.time)

    def address(self) -> str:
        return self._config.address_at(self._config.port)

    @cached_property
    def accounts(self) -> AccountManager:
        return AccountManager(
            self._directory,
            Passwords(run=lambda function, arguments: function(*arguments)),
            LoginAttempts(),
            access=lambda: self._config.access,
            clock=clock.now,
            secret=lambda: secrets.token_urlsafe(32),
            is_banned=lambda id: self._bans.in_force(of_account(id)) is not None,
            ban_unchanged=lambda id: self._bans.unchanged(of_account(id)),
            note=self.audit,
        )

    @cached_property
    def rooms(self) -> RoomManager:
        return RoomManager(
            self._directory,
            clock=clock.now,
            account_of=self.accounts.registry.named,
            limits_of=self.accounts.registry.limits_of,
            note=self.audit,
        )

    @cached_property
    def moderation(self) -> ModerationManager:
        return ModerationManager(
            self.audit,
            mutes=self._mutes,
            bans=self._bans,
            account_of=self.accounts.registry.named,
            require_another_owner=self.accounts.registry.require_another_owner,
        )

    @cached_property
    def statuses(self) -> StatusManager:
        return StatusManager(
            StatusRows(self._directory, clock=clock.now),
            self.audit,
            account=self.accounts.registry.find,
            check_unmuted=self.moderation.check_unmuted,
            tell=lambda _id, _name: None,
            clock=clock.now,
        )

    @cached_property
    def people(self) -> PeopleManager:
        return PeopleManager(self.accounts.registry, self.audit, forget=self._forget)

    @cached_property
    def bots(self) -> BotManager:
        return BotManager(
            self.accounts.registry,
            self.audit,
            create=self.accounts.create_bot,
            rooms=self.rooms,
            memberships=Memberships(self._directory),
        )

    @cached_property
    def retention(self) -> RetentionManager:
        return RetentionManager(
            self._directory,
            None,
            room=self.rooms.any,
            all_days=lambda: 0,
            clock=clock.now,
            note=self.audit,
        )

    @cached_property
    def published(self) -> PublishedRooms:
        return PublishedRooms(
            self._directory,
            None,
            room=self.rooms.any,
            is_on=lambda: True,
            removed_to=lambda _room: 0,
            clock=clock.now,
            note=self.audit,
        )

    @cached_property
    def webhooks(self) -> OutgoingWebhooks:
        return OutgoingWebhooks(
            WebhookRows(self._directory),
            find_room=lambda _by, name: self.rooms.any(name),
            room=self.rooms.any,
            is_bot=self.accounts.registry.is_bot,
            tip=lambda: None,
            secrets=SealedSecrets(self._secret, secrets.token_bytes),
            randomness=secrets.token_bytes,
            allowed=lambda: self._config.outbound_hosts,
            of_commands=self._slash_commands.changes_of_webhook,
            clock=clock.now,
            note=self.audit,
        )

    @cached_property
    def _slash_commands(self) -> SlashCommandManager:
        return SlashCommandManager(
            CommandRows(self._directory, ShortLivedTables()),
            find_room=self.rooms.find,
            may_see=self.rooms.may_see,
            is_in=lambda _id, _room: True,
            account=self.accounts.registry.by_id,
            own_names=HELP,
            note=self.audit,
            clock=clock.now,
        )

    def _forget(self, id: str) -> None:
        """Everything that is kept for somebody who is removed."""
        tables = (Memberships, Follows, SavedRows, ScheduledRows, NotificationRules, PhotoRows)
        IncomingHookRows(self._directory).forget(id)
        for table in tables:
            table(self._directory).forget(id)
        last_seen = LastSeen(self._directory, clock=clock.now, later=lambda _seconds, _step: None)
        for manager in (self.rooms, last_seen, self.moderation, self.statuses):
            manager.forget(id)
