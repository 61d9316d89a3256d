import pytest
from flask import Flask

from chatapp.features.accounts.manager import AccountManager
from chatapp.store.message_log import MessageLog
from tests.support.accounts import PASSWORD
from tests.support.pages import Browser
from tests.support.records import say

LISTINGS = ["/admin/messages", "/admin/messages.jsonl", "/admin/messages.csv"]
PATHS = ["/admin", *LISTINGS, "/admin/audit", "/admin/audit.jsonl", "/admin/audit.csv"]
PATHS += ["/admin/people", "/admin/person?name=Boss", "/admin/overview"]
PATHS += ["/admin/erasures", "/admin/settings", "/admin/bots", "/admin/help"]
PATHS += ["/admin/emoji", "/admin/files", "/admin/file?room=general&seq=1&id=x"]
PATHS += [
    "/admin/rooms",
    "/admin/retention",
    "/admin/incoming-webhooks",
    "/admin/outgoing-webhooks",
    "/admin/outgoing-webhook?id=x",
    "/admin/room?name=general",
    "/admin/room/as-of?name=general&at=2026-11-22",
    "/admin/message?room=general&seq=1",
]
ACTS = ["invites", "invites/x/revoke", "person/role", "person/end-sessions", "person/reset"]
ACTS += ["person/invite"]
ACTS += [
    "person/ban",
    "person/unban",
    "person/profile",
    "person/clear-status",
    "person/remove-photo",
    "person/remove",
    "room",
    "rooms/view",
    "message/ban",
    "message/delete",
]
ACTS += ["erasures/message", "erasures/person", "overview/check", "settings"]
ACTS += [
    "emoji/remove",
    "files/remove",
    "bots",
    "bots/limits",
    "bots/remove-command",
    "bots/revoke",
    "room/members",
    "room/delete",
]
ACTS += ["incoming-webhooks", "incoming-webhooks/test", "incoming-webhooks/revoke"]
ACTS += ["outgoing-webhooks", "outgoing-webhook", "outgoing-webhook/rotate"]
ACTS += ["outgoing-webhook/remove", "outgoing-webhook/pause", "outgoing-webhook/resume"]
ACTS += ["outgoing-webhook/skip", "outgoing-webhook/replay", "outgoing-webhook/test"]
ACTS += ["outgoing-webhook/again", "overview/checkpoint"]
ACTS += ["retention", "room/retention", "room/hold", "room/publish", "person/clear-status"]


@pytest.mark.parametrize("path", PATHS)
def test_who_is_not_signed_in_is_sent_to_do_so(app: Flask, log: MessageLog, path: str) -> None:
    say(log, "a secret")

    answer = Browser(app).get(path)

    assert answer.status_code == 303
    assert answer.location.startswith("/login?next=/admin")
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
    member = Browser(app).sign_in("Ana")
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

    browser.sign_in("Ana")

    for path in LISTINGS:
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


def test_every_page_of_the_console_is_in_these_lists(app: Flask) -> None:
    rules = [rule for rule in app.url_map.iter_rules() if rule.endpoint.startswith("admin.")]
    pages = {rule.rule for rule in rules if "GET" in (rule.methods or ())}
    acts = {rule.rule.replace("<id>", "x") for rule in rules if "POST" in (rule.methods or ())}

    assert pages == {path.partition("?")[0] for path in PATHS}
    assert acts == {f"/admin/{act}" for act in ACTS}


@pytest.mark.parametrize("act", ACTS)
def test_only_admins_act(app: Flask, accounts: AccountManager, act: str) -> None:
    accounts.create("Ana", PASSWORD)
    fields = {"name": "Boss", "role": "member", "reason": "x", "confirm": "Boss"}
    stranger, guest, member = Browser(app), Browser(app), Browser(app)
    guest.submit("/name", name="Guest")
    member.sign_in("Ana")

    answers = [one.submit(f"/admin/{act}", **fields) for one in (stranger, guest, member)]

    assert [answer.status_code for answer in answers] == [303, 303, 403]
    assert all(answer.location.startswith("/login") for answer in answers[:2])


def test_a_banned_admin_is_shut_out(app: Flask, admin: Browser, accounts: AccountManager) -> None:
    accounts.create("Ada", PASSWORD, "admin")
    ada = Browser(app).sign_in("Ada")
    assert ada.get("/admin/messages").status_code == 200

    admin.submit("/admin/person/ban", name="Ada", reason="left us")

    answer = ada.get("/admin/messages")
    assert answer.status_code == 403
    assert "left us" in answer.text
