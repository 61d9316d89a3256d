import pytest
from flask import Flask

from chatapp.accounts.manager import AccountManager
from chatapp.storage import MessageLog
from tests.support.accounts import PASSWORD
from tests.support.pages import Browser
from tests.support.records import say

PATHS = ["/admin", "/admin/messages", "/admin/messages.jsonl", "/admin/messages.csv"]


@pytest.mark.parametrize("path", PATHS)
def test_who_is_not_signed_in_is_sent_to_do_so(app: Flask, log: MessageLog, path: str) -> None:
    say(log, "a secret")

    answer = Browser(app).get(path)

    assert (answer.status_code, answer.location) == (303, f"/login?next={path}")
    assert "a secret" not in answer.text


@pytest.mark.parametrize("path", PATHS)
def test_a_guest_is_sent_to_sign_in(app: Flask, path: str) -> None:
    guest = Browser(app)
    guest.submit("/name", name="Ana")
    assert guest.who == "guest Ana"

    assert guest.get(path).status_code == 303


@pytest.mark.parametrize("role", ["member", "bot"])
@pytest.mark.parametrize("path", PATHS)
def test_an_account_that_is_no_admin_is_refused(
    app: Flask, accounts: AccountManager, log: MessageLog, path: str, role: str
) -> None:
    say(log, "a secret")
    accounts.create("Ana", PASSWORD, role)
    member = Browser(app)
    member.submit("/login", name="Ana", password=PASSWORD)
    assert member.who == f"{role} Ana"

    answer = member.get(path)

    assert answer.status_code == 403
    assert "a secret" not in answer.text


@pytest.mark.parametrize("role", ["admin", "owner"])
def test_admins_and_the_owner_get_in(
    app: Flask, accounts: AccountManager, log: MessageLog, role: str
) -> None:
    say(log, "a secret")
    accounts.create("Ana", PASSWORD, role)
    browser = Browser(app)

    browser.submit("/login", name="Ana", password=PASSWORD)

    for path in PATHS[1:]:
        assert "a secret" in browser.get(path).text


def test_the_filters_survive_the_sign_in(app: Flask) -> None:
    browser = Browser(app)
    wanted = "/admin/messages?room=tea&text=a+b"

    login = browser.get(wanted).location
    answer = browser.submit(login, name="Boss", password=PASSWORD)

    assert answer.location == wanted


def test_after_sign_out_the_console_is_closed(admin: Browser) -> None:
    assert admin.get("/admin/messages").status_code == 200

    admin.submit("/logout")

    assert admin.get("/admin/messages").status_code == 303
