"""An app with the pages of accounts, and one that fails."""

import pytest
from flask import Flask

from chatapp.domain.errors import NoSuchRoom, RateLimited
from tests.support.accounts import make_accounts
from tests.support.pages import Browser, make_app


@pytest.fixture
def app() -> Flask:
    app = make_app(make_accounts())

    @app.get("/refused")
    def refused() -> str:
        raise NoSuchRoom("There is no room <b>tea</b>.")

    @app.get("/too-fast")
    @app.get("/api/too-fast")
    def too_fast() -> str:
        raise RateLimited("Slower, please.", retry_after=1.2)

    @app.get("/crash")
    def crash() -> str:
        raise ZeroDivisionError("the secret reason")

    return app


@pytest.fixture
def browser(app: Flask) -> Browser:
    return Browser(app)
