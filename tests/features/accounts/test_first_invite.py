"""What a new owner finds in the chat: a link for the others; and how many may use one at once."""

import re
from html import unescape

from flask import Flask, render_template

from chatapp.domain import clock
from chatapp.domain.rates import Rate, RateLimiter
from chatapp.features.accounts.invitations.qr import qr_code
from chatapp.features.accounts.manager import AccountManager
from chatapp.features.accounts.people import PeopleManager
from chatapp.web.reach import Reach
from tests.support.accounts import PASSWORD, Notes, make_accounts
from tests.support.pages import Browser, make_app


def with_chat_page(accounts: AccountManager) -> Flask:
    app = make_app(accounts)

    @app.get("/chat")
    def chat() -> str:
        return render_template("_first_steps.html")

    return app


SITE = "http://chat.example.org"


def new_owner(app: Flask, accounts: AccountManager, site: str = SITE) -> Browser:
    browser = Browser(app, site=site)
    link = f"/setup/{accounts.setup_token().result()}"
    assert browser.submit(link, name="Ana", password=PASSWORD).location == "/"
    return browser


def test_a_new_owner_finds_a_link_that_works_for_somebody_else(accounts: AccountManager) -> None:
    app = with_chat_page(accounts)
    owner = new_owner(app, accounts)

    found = re.search(rf"<code>{SITE}(/invite/[^<]+)</code>", owner.get("/chat").text)

    assert found
    friend = Browser(app, site=SITE)
    friend.submit(unescape(found[1]), name="Ben", password=PASSWORD)
    assert friend.who == "member Ben"
    assert "/invite/" not in friend.get("/chat").text


def test_a_link_that_opens_on_this_machine_only_is_shown_with_what_to_do(
    accounts: AccountManager,
) -> None:
    app = with_chat_page(accounts)
    at_home = new_owner(app, accounts, site="http://localhost")

    page = at_home.get("/chat").text

    assert "--host 0.0.0.0" in page
    assert "/invite/" not in page
    assert "<svg" not in page


def test_elsewhere_the_link_is_shown_without_that(accounts: AccountManager) -> None:
    page = new_owner(with_chat_page(accounts), accounts).get("/chat").text

    assert "/invite/" in page
    assert "0.0.0.0" not in page


def test_an_open_server_shows_at_home_a_link_with_an_address_for_others(
    accounts: AccountManager,
) -> None:
    app = with_chat_page(accounts)
    app.extensions["reach"] = Reach("0.0.0.0", lambda: ["192.168.1.20"])
    at_home = Browser(app, "127.0.0.1")
    at_home.submit(f"/setup/{accounts.setup_token().result()}", name="Ana", password=PASSWORD)

    page = at_home.get("/chat").text

    assert "<code>http://192.168.1.20/invite/" in page
    assert "0.0.0.0" not in page


def test_the_link_stays_until_it_is_put_away(accounts: AccountManager) -> None:
    owner = new_owner(with_chat_page(accounts), accounts)
    assert all("/invite/" in owner.get("/chat").text for _ in range(2))

    owner.submit("/account/first-invite/done")

    assert "/invite/" not in owner.get("/chat").text


def test_a_bot_is_not_the_people_whom_one_invites(accounts: AccountManager) -> None:
    owner = new_owner(with_chat_page(accounts), accounts)
    done = '<li class="is-done"><button class="button small" type="button" popovertarget="first'

    accounts.create("Deploy", PASSWORD, "bot")
    assert done not in owner.get("/chat").text

    accounts.create("Ben", PASSWORD, "member")
    assert done in owner.get("/chat").text


def test_a_link_that_was_revoked_is_not_shown(accounts: AccountManager) -> None:
    owner = new_owner(with_chat_page(accounts), accounts)
    people = PeopleManager(accounts.registry, Notes())
    ((id, _),) = people.invites()

    people.revoke_invite(None, id)

    assert "/invite/" not in owner.get("/chat").text


def test_a_qr_code_has_no_style_and_no_script_in_it() -> None:
    code = qr_code("https://chat.example.org/invite/<script>'\"")

    assert re.fullmatch(r"<svg [^<>]*>(<path [^<>]*/>)+</svg>", code.strip())
    assert "style" not in code
    assert "script" not in code


def test_too_many_sign_ups_from_an_address_are_told_when_again() -> None:
    pace = RateLimiter(Rate(burst=2, per_second=2 / 3600), "sign-ups")
    accounts = make_accounts(clock=clock.now, sign_ups=pace)
    app = make_app(accounts)
    accounts.create("Boss", PASSWORD, "owner")
    link = f"/invite/{PeopleManager(accounts.registry, Notes()).invite(None, uses=9).result()}"
    for name in ("Ana", "Ben"):
        assert Browser(app).submit(link, name=name, password=PASSWORD).status_code == 303

    refused = Browser(app).submit(link, name="Eve", password=PASSWORD)
    elsewhere = Browser(app, "192.0.2.2").submit(link, name="Eve", password=PASSWORD)

    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) > 3000
    assert "again in 60 minutes" in refused.text
    assert 'value="Eve"' in refused.text
    assert elsewhere.status_code == 303
