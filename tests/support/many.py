"""A chat with many rooms and many accounts, written to its tables while nothing runs."""

import secrets
from contextlib import closing
from pathlib import Path

from chatapp.domain import clock
from chatapp.domain.model import Room
from chatapp.features.accounts.manager import AccountManager
from chatapp.features.accounts.model import Account
from chatapp.features.accounts.sign_in.attempts import LoginAttempts
from chatapp.features.accounts.sign_in.passwords import Passwords
from chatapp.store.data_folder import DataFolder
from chatapp.tables.directory import Directory
from tests.support.accounts import PASSWORD
from tests.support.server import Server


def large_chat(folder: Path, rooms: int, people: int) -> Server:
    """Runs. Ana owns it; the others share her password and are called person 0, person 1 …"""
    server = Server(folder)
    with (
        closing(DataFolder.open(server.data)) as data,
        closing(Directory.open(data.directory, durability="os", clock=clock.now)) as directory,
    ):
        accounts = AccountManager(
            directory,
            Passwords(run=lambda function, arguments: function(*arguments)),
            LoginAttempts(),
            access=lambda: "open",
            clock=clock.now,
            secret=secrets.token_urlsafe,
        )
        ana = accounts.create("ana", PASSWORD, "owner").result()
        for number in range(people):
            member = Account(
                name=f"person {number}",
                role="member",
                password=ana.password,
                created_at=ana.created_at,
            )
            directory.table("accounts", Account).put(member.key, member)
        for number in range(rooms):
            name = f"room-{number}"
            directory.table("rooms", Room).put(name, Room(name=name, title=f"Room {number}"))
        directory.flush()
    return server.start()
