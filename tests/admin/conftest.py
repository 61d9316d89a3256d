"""The console over a real log, and an admin who is signed in.

Or at a real server, where a module has one for all its tests: the admin `boss`, and `mia`.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
import socketio
from flask import Flask

from chatapp.features.accounts.manager import AccountManager
from chatapp.store.message_log import MessageLog
from tests.support.accounts import PASSWORD, Clock, make_accounts
from tests.support.cast import with_account
from tests.support.pages import Browser, make_app
from tests.support.server import Server
from tests.support.visitor import Visitor


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def log(tmp_path: Path, clock: Clock) -> Iterator[MessageLog]:
    log = MessageLog.open(tmp_path / "messages", clock=clock)
    yield log
    log.close()


@pytest.fixture
def accounts() -> AccountManager:
    accounts = make_accounts()
    accounts.create("Boss", PASSWORD, "owner")
    return accounts


@pytest.fixture
def audit(tmp_path: Path, clock: Clock) -> Iterator[MessageLog]:
    audit = MessageLog.open(tmp_path / "audit", index=tmp_path / "audit.sqlite3", clock=clock)
    yield audit
    audit.close()


@pytest.fixture
def shown_out() -> list[str]:
    """An entry for each time that the connections of who is banned were closed."""
    return []


@pytest.fixture
def app(
    accounts: AccountManager,
    log: MessageLog,
    audit: MessageLog,
    tmp_path: Path,
    shown_out: list[str],
) -> Flask:
    return make_app(
        accounts, log, audit, data=tmp_path, disconnect_banned=lambda: shown_out.append("closed")
    )


@pytest.fixture
def admin(app: Flask) -> Browser:
    return Browser(app).sign_in("Boss")


@pytest.fixture(scope="module")
def boss(server: Server) -> Iterator[Visitor]:
    boss = Visitor(server.url).sign_in()
    yield boss
    boss.close()


@pytest.fixture(scope="module")
def mia(server: Server) -> Iterator[socketio.SimpleClient]:
    mia = with_account(server, "Mia")
    yield mia
    mia.disconnect()
