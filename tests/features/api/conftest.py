"""A whole chat in this process, and programs that send it requests."""

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask

from chatapp.app.factory import create_app
from chatapp.config import Config
from chatapp.web.waiting import wait
from tests.support.accounts import PASSWORD
from tests.support.pages import quick_pages
from tests.support.programs import Program

SCOPES = ("read", "write", "admin")


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    with quick_pages():
        app = create_app(Config(data=tmp_path_factory.mktemp("chat") / "data", message_rate=None))
    yield app
    app.extensions["resources"].close()


@pytest.fixture(scope="module")
def new_token(app: Flask) -> Callable[..., str]:
    """Makes a token for an account, which is new if there is none of this name."""

    def new_token(name: str, role: Any = "member", scopes: tuple[str, ...] = SCOPES) -> str:
        registry = app.extensions["accounts"].registry
        if not registry.has(name):
            wait(app.extensions["accounts"].create(name, PASSWORD, role=role))
        account = registry.find(name)
        token: str = wait(registry.tokens.create(account.key, "a test", scopes, None))
        return token

    return new_token


@pytest.fixture(scope="module")
def program(app: Flask, new_token: Callable[..., str]) -> Callable[..., Program]:
    """A program with a token: `program("Ana")`, `program("Kit", role="admin")`."""

    def program(name: str, **options: Any) -> Program:
        return Program(app, f"Bearer {new_token(name, **options)}")

    return program


@pytest.fixture(scope="module")
def ana(program: Callable[..., Program]) -> Program:
    return program("Ana")


@pytest.fixture(scope="module")
def nobody(app: Flask) -> Program:
    return Program(app, None)


@pytest.fixture
def guest(app: Flask) -> Callable[[str], Program]:
    def guest(name: str) -> Program:
        return Program(app, f"Guest {quote(name)}:{quote((name * 20)[:40])}")

    return guest
