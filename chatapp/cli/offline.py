"""The commands for a data folder that no server is using."""

import secrets
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager

from chatapp.admin.commands import admin_commands
from chatapp.config import Config
from chatapp.control.server import Commands
from chatapp.domain import clock
from chatapp.features.accounts.manager import AccountManager
from chatapp.features.accounts.people import PeopleManager
from chatapp.features.accounts.profiles import ProfileManager
from chatapp.features.accounts.sign_in.attempts import LoginAttempts
from chatapp.features.accounts.sign_in.passwords import Passwords
from chatapp.features.audit.manager import Audit
from chatapp.features.moderation.manager import ModerationManager
from chatapp.features.moderation.timed_decisions import TimedDecisions, of_account
from chatapp.features.presence.last_seen import LastSeen
from chatapp.features.rooms.commands import room_commands
from chatapp.features.rooms.manager import RoomManager
from chatapp.features.rooms.memberships import Memberships
from chatapp.store.data_folder import DataFolder
from chatapp.store.message_log import MessageLog
from chatapp.tables.directory import Directory

READING = frozenset(["audit", "room.list", "token.list", "user.list"])
"""The commands that change nothing, which copies of a database allow."""


@contextmanager
def offline(config: Config, command: str) -> Iterator[Commands]:
    """For running this command. Raises StorageError if the folder does not allow it."""
    only_reads = command in READING
    with (
        closing(DataFolder.open(config.data, only_reads=only_reads)) as data,
        closing(
            Directory.open(data.directory, clock=clock.now, compacts=not only_reads)
        ) as directory,
        closing(MessageLog.open(data.audit, index=data.audit_index)) as log,
    ):
        audit = Audit(log)
        mutes, bans = (TimedDecisions(directory, table, time.time) for table in ("mutes", "bans"))
        accounts = AccountManager(
            directory,
            Passwords(run=lambda function, arguments: function(*arguments)),
            LoginAttempts(),
            access=lambda: config.access,
            clock=clock.now,
            secret=lambda: secrets.token_urlsafe(32),
            is_banned=lambda id: bans.in_force(of_account(id)) is not None,
            ban_unchanged=lambda id: bans.unchanged(of_account(id)),
            note=audit,
        )
        rooms = RoomManager(
            directory, clock=clock.now, account_of=accounts.registry.named, note=audit
        )
        moderation = ModerationManager(
            audit,
            mutes=mutes,
            bans=bans,
            account_of=accounts.registry.named,
            require_another_owner=accounts.registry.require_another_owner,
        )
        last_seen = LastSeen(directory, clock=clock.now, later=lambda _seconds, _step: None)

        def forget(id: str) -> None:
            for manager in (rooms, Memberships(directory), last_seen, moderation):
                manager.forget(id)

        commands = admin_commands(
            accounts,
            PeopleManager(accounts.registry, audit, forget=forget),
            ProfileManager(accounts.registry, audit),
            moderation,
            log,
            disconnect_banned=lambda: None,
            address=lambda: config.address_at(config.port),
        )
        yield {**commands, **room_commands(rooms, lambda room: room)}
