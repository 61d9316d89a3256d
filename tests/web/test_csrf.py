import re

import pytest
from flask import Flask

from chatapp.web import authorization
from chatapp.web.authorization import BearerToken, GuestSecret
from tests.support.pages import Browser


@pytest.mark.parametrize("token", [None, "", "made up", "tökén", "x" * 10_000])
def test_a_form_without_its_token_is_refused(browser: Browser, token: str | None) -> None:
    assert browser.token
    fields = {"name": "Ana"} | ({} if token is None else {"csrf_token": token})

    answer = browser.post("/name", fields)

    assert answer.status_code == 403
    assert browser.who == "nobody"


def test_a_form_with_its_token_is_taken(browser: Browser) -> None:
    answer = browser.post("/name", {"name": "Ana", "csrf_token": browser.token})

    assert answer.status_code == 303
    assert browser.who == "guest Ana"


def test_the_token_may_come_in_a_header(browser: Browser) -> None:
    headers = {"X-CSRF-Token": browser.token}

    assert browser.post("/name", {"name": "Ana"}, headers=headers).status_code == 303


def test_the_token_of_another_visitor_is_worth_nothing(app: Flask, browser: Browser) -> None:
    token = Browser(app).token
    assert browser.token

    assert browser.post("/name", {"name": "Ana", "csrf_token": token}).status_code == 403


def test_no_session_and_no_token_do_not_match(browser: Browser) -> None:
    assert browser.post("/name", {"name": "Ana", "csrf_token": ""}).status_code == 403


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_every_method_that_may_change_something_is_checked(app: Flask, method: str) -> None:
    @app.route("/change", methods=[method])
    def change() -> str:
        return "changed"

    answer = app.test_client().open("/change", method=method)

    assert answer.status_code == 403


@pytest.mark.parametrize("path", ["/name", "/login"])
def test_every_page_with_a_form_has_the_token_in_it(browser: Browser, path: str) -> None:
    field = r'name="csrf_token" value="([^"]+)"'

    first, second = (re.search(field, browser.get(path).text) for _ in range(2))

    assert first
    assert second
    assert first[1] != second[1], "compressed beside what people typed, it could be guessed"
    assert browser.post("/logout", {"csrf_token": first[1][:-4]}).status_code == 403
    assert browser.post("/logout", {"csrf_token": second[1]}).status_code == 303


def test_who_says_who_they_are_in_a_header_needs_no_token_where_programs_come(app: Flask) -> None:
    for path in ("/api/change", "/change"):
        app.add_url_rule(path, path, lambda: str(authorization.shown()), methods=["POST"])
    client = app.test_client()

    def sent(path: str, shown: str) -> tuple[int, str]:
        answer = client.post(path, headers={"Authorization": shown})
        return answer.status_code, answer.text

    assert client.post("/api/change").status_code == 403
    assert sent("/api/change", "Bearer a=b") == (200, str(BearerToken("a=b")))
    assert sent("/api/change", "guest %C3%81na:a%3Ab") == (200, str(GuestSecret("Ána", "a:b")))
    assert sent("/change", "Bearer a=b")[0] == 403
    for other in ("Basic YW5hOmJlbg==", "Bearer ", "Guest ana", "Guest :key", ""):
        assert sent("/api/change", other)[0] == 401
