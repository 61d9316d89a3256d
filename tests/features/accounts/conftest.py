"""Accounts on a directory in memory, and browsers that visit their pages."""

import pytest
from flask import Flask

from chatapp.features.accounts.manager import AccountManager
from chatapp.features.accounts.people import PeopleManager
from tests.support.accounts import Clock, MemoryDirectory, Notes, make_accounts
from tests.support.pages import Browser, make_app


@pytest.fixture
def directory() -> MemoryDirectory:
    return MemoryDirectory()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def accounts(directory: MemoryDirectory, clock: Clock) -> AccountManager:
    return make_accounts(directory, clock=clock)


@pytest.fixture
def notes() -> Notes:
    return Notes()


@pytest.fixture
def people(accounts: AccountManager, notes: Notes) -> PeopleManager:
    return PeopleManager(accounts.registry, notes)


@pytest.fixture
def app(accounts: AccountManager) -> Flask:
    return make_app(accounts, here=("Zoe",))


@pytest.fixture
def browser(app: Flask) -> Browser:
    return Browser(app)
