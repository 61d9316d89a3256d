import time
from datetime import timedelta

import pytest
from flask import Flask

from chatapp.web.cookies import NAME, SECURE_NAME
from tests.support.pages import Browser

TLS = "https://localhost"


def test_over_tls_the_cookie_is_this_hosts_only(browser: Browser) -> None:
    cookie = browser.get("/name", base_url=TLS).headers["Set-Cookie"]

    assert cookie.startswith(f"{SECURE_NAME}=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(cookie.split("; "))
    assert "Domain" not in cookie


def test_over_tls_a_visitor_stays_who_they_are(browser: Browser) -> None:
    page = browser.get("/name", base_url=TLS).text
    token = page.split('name="csrf_token" value="')[1].split('"')[0]

    browser.post("/name", {"name": "Ana", "csrf_token": token}, base_url=TLS)

    assert browser.get("/", base_url=TLS).text == "guest Ana"


def test_over_tls_a_cookie_that_was_planted_without_it_is_not_read(app: Flask) -> None:
    planted = Browser(app)
    planted.submit("/name", name="Planted")
    value = planted.http.get_cookie(NAME)
    assert value is not None

    victim = Browser(app)
    victim.http.set_cookie(NAME, value.value, domain="localhost", secure=False)

    assert victim.get("/").text == "guest Planted"
    assert victim.get("/", base_url=TLS).text == "nobody"


@pytest.mark.parametrize("value", ["", "x", "eyJzaWQiOiJ4In0.AAAA.BBBB", "é" * 10])
def test_a_cookie_that_nobody_signed_is_nobody(browser: Browser, value: str) -> None:
    browser.http.set_cookie(NAME, value)

    assert browser.who == "nobody"


@pytest.mark.parametrize("jump", [timedelta(hours=-1), timedelta(days=-40), timedelta(days=40)])
def test_a_clock_that_is_wrong_for_a_while_signs_nobody_out(
    browser: Browser, monkeypatch: pytest.MonkeyPatch, jump: timedelta
) -> None:
    browser.submit("/name", name="Ana")
    now = time.time()

    with monkeypatch.context() as wrong:
        wrong.setattr("time.time", lambda: now + jump.total_seconds())
        assert browser.who == "guest Ana"
        browser.get("/login?next=/account")

    assert browser.who == "guest Ana"


def test_over_tls_browsers_are_told_to_stay_there(browser: Browser) -> None:
    assert "max-age=31536000" in browser.get("/", base_url=TLS).headers["Strict-Transport-Security"]
    assert "Strict-Transport-Security" not in browser.get("/").headers


@pytest.mark.parametrize(
    "path",
    [
        "/static/js/theme.js",
        "/static/icons/favicon.svg",
        "/static/js/joined/chat.js",
        "/static/sheets/reset+base.css",
    ],
)
def test_a_file_that_comes_late_does_not_bring_the_cookie_back(browser: Browser, path: str) -> None:
    browser.submit("/name", name="Ana")

    assert "Set-Cookie" in browser.get("/").headers
    assert "Set-Cookie" not in browser.get(path).headers
