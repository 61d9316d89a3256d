"""The console over a real log, and an admin who is signed in."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from chatapp.accounts.manager import AccountManager
from chatapp.storage import MessageLog
from tests.support.accounts import PASSWORD, Clock, make_accounts
from tests.support.pages import Browser, make_app


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
def app(accounts: AccountManager, log: MessageLog, tmp_path: Path) -> Flask:
    return make_app(accounts, log, data=tmp_path)


@pytest.fixture
def admin(app: Flask) -> Browser:
    browser = Browser(app)
    browser.submit("/login", name="Boss", password=PASSWORD)
    return browser
