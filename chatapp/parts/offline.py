"""The commands on a data folder that no server holds."""

import secrets
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from chatapp import clock
from chatapp.accounts.attempts import LoginAttempts
from chatapp.accounts.manager import AccountManager
from chatapp.accounts.passwords import Passwords
from chatapp.accounts.people import PeopleManager
from chatapp.accounts.profiles import ProfileManager
from chatapp.admin.commands import admin_commands
from chatapp.audit.manager import Audit
from chatapp.control.run import settings
from chatapp.control.server import Commands
from chatapp.moderation.manager import ModerationManager
from chatapp.rooms.commands import room_commands
from chatapp.rooms.manager import RoomManager
from chatapp.storage import DataFolder, Directory, MessageLog


@contextmanager
def offline(folder: Path) -> Iterator[Commands]:
    with (
        closing(DataFolder.open(folder)) as data,
        closing(Directory.open(data.directory, clock=clock.now)) as directory,
        closing(MessageLog.open(data.path / "audit", index=data.path / "audit.sqlite3")) as log,
    ):
        config, audit = settings(), Audit(log)
        accounts = AccountManager(
            directory,
            Passwords(run=lambda function, arguments: function(*arguments)),
            LoginAttempts(),
            access=config.access,
            clock=clock.now,
            secret=lambda: secrets.token_urlsafe(32),
            note=audit,
        )
        rooms = RoomManager(directory, clock=clock.now, account_name=accounts.registered_name)
        commands = admin_commands(
            accounts,
            PeopleManager(accounts.registry, audit),
            ProfileManager(accounts.registry, audit),
            ModerationManager(
                directory,
                audit,
                role_of=accounts.role_of,
                in_charge=lambda _person, _room: False,
            ),
            log,
            show_out=lambda: None,
            address=lambda: config.address_at(config.port),
        )
        yield {**commands, **room_commands(rooms, lambda room: room)}
