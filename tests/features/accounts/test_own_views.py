import pytest
from flask import Flask

from chatapp.domain.model import Person
from chatapp.features.accounts.manager import AccountManager
from chatapp.features.accounts.people import PeopleManager
from chatapp.protocol.requests import Ban
from tests.support.accounts import PASSWORD, Notes
from tests.support.pages import Browser

NEW_PASSWORD = "another horse battery"


@pytest.fixture
def mia(browser: Browser, accounts: AccountManager) -> Browser:
    accounts.create("Mia", PASSWORD)
    browser.sign_in("Mia")
    return browser


def test_ones_account_lists_where_one_is_signed_in(app: Flask, mia: Browser) -> None:
    phone = Browser(app, address="192.0.2.77")
    phone.http.environ_base["HTTP_USER_AGENT"] = "Mozilla/5.0 (Android 16) Firefox/150.0"
    phone.sign_in("Mia")

    page = mia.get("/account").text

    assert "Firefox on Android" in page
    assert "192.0.2.77" in page
    assert page.count("this browser") == 1


def test_a_device_is_shown_as_text(app: Flask, mia: Browser) -> None:
    other = Browser(app)
    other.http.environ_base["HTTP_USER_AGENT"] = "<script>alert(1)</script>"
    other.sign_in("Mia")

    page = mia.get("/account").text

    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page


def test_signing_out_everywhere_else_leaves_this_browser(app: Flask, mia: Browser) -> None:
    other = Browser(app).sign_in("Mia")
    assert other.who == "member Mia"

    mia.submit("/account/sessions/end")

    assert mia.who == "member Mia"
    assert other.who == "nobody"


def test_a_new_password_needs_the_present_one(mia: Browser, app: Flask) -> None:
    wrong = mia.submit("/account/password", old="wrong", new=NEW_PASSWORD)
    short = mia.submit("/account/password", old=PASSWORD, new="short")
    right = mia.submit("/account/password", old=PASSWORD, new=NEW_PASSWORD)

    assert (wrong.status_code, short.status_code, right.status_code) == (401, 400, 303)
    assert "The current password is wrong." in wrong.text
    assert "Password changed" in mia.get(right.location).text
    other = Browser(app)
    other.submit("/login", name="Mia", password=NEW_PASSWORD)
    assert other.who == "member Mia"


@pytest.mark.parametrize(
    "path", ["/account/password", "/account/sessions/end", "/account/sessions/x/end"]
)
def test_who_is_not_signed_in_changes_nothing(browser: Browser, path: str) -> None:
    assert browser.get("/account").location == "/login?next=/account"
    assert browser.submit(path, old="x", new=NEW_PASSWORD).status_code == 401


def test_an_invitation_leads_into_the_chat(browser: Browser, accounts: AccountManager) -> None:
    secret = PeopleManager(accounts.registry, Notes()).invite(None).result()
    link = f"/invite/{secret}"
    assert "Create your account" in browser.get(link).text

    short = browser.submit(link, name="Ana", password="short")
    answer = browser.submit(link, name="Ana", password=PASSWORD)

    assert short.status_code == 400
    assert (answer.status_code, answer.location) == (303, "/")
    assert browser.who == "member Ana"
    assert browser.get(link).status_code == 404


def test_a_reset_link_leads_into_the_chat(app: Flask, accounts: AccountManager) -> None:
    accounts.create("Ana", PASSWORD)
    secret = PeopleManager(accounts.registry, Notes()).reset_link(None, "Ana").result()
    browser = Browser(app)
    assert "Choose a new password for <b><bdi>Ana</bdi></b>" in browser.get(f"/reset/{secret}").text

    browser.submit(f"/reset/{secret}", password=NEW_PASSWORD)

    assert browser.who == "member Ana"
    assert browser.get(f"/reset/{secret}").status_code == 404


@pytest.mark.parametrize("path", ["/invite/made-up", "/reset/made-up"])
def test_a_made_up_link_leads_nowhere(browser: Browser, path: str) -> None:
    assert browser.get(path).status_code == 404
    assert browser.submit(path, name="Eve", password=PASSWORD).status_code == 404


def ban(app: Flask, name: str) -> None:
    owner = Person(name="Boss", id="boss", role="owner")
    app.extensions["moderation"].ban(owner, Ban(name=name, reason="spam"))


@pytest.mark.parametrize("path", ["/account", "/", "/login", "/invite/some-secret", "/admin"])
def test_who_is_banned_opens_no_page(mia: Browser, browser: Browser, app: Flask, path: str) -> None:
    assert mia.get("/account").status_code == 200
    ban(app, "Mia")

    page = mia.get(path)

    assert page.status_code == 403
    assert "You are banned: spam" in page.text


def test_who_is_banned_changes_nothing_and_may_sign_out(mia: Browser, app: Flask) -> None:
    other = Browser(app).sign_in("Mia")
    ban(app, "Mia")

    assert mia.submit("/account/sessions/end").status_code == 403
    assert mia.submit("/account/password", old=PASSWORD, new=NEW_PASSWORD).status_code == 403
    assert mia.submit("/leave").status_code == 303
    assert "sid" not in mia.cookie
    assert "sid" in other.cookie


def test_one_chooses_how_others_see_one(mia: Browser, accounts: AccountManager) -> None:
    saved = mia.submit("/account/profile", display_name="Mia <b>Farrow", colour="rose")

    page = mia.get(saved.location).text
    account = accounts.registry.find("mia")
    assert (account.display_name, account.colour) == ("Mia <b>Farrow", "rose")
    assert "Mia &lt;b&gt;Farrow" in page
    assert "Mia <b>Farrow" not in page
    assert 'value="rose" aria-label="rose" checked' in page


@pytest.mark.parametrize(
    ("name", "colour", "said"),
    [
        ("Boss", "", "looks like"),
        ("x" * 61, "", "at most 60"),
        ("Mia", "url(x)", "is not a colour"),
    ],
)
def test_a_profile_that_is_refused_changes_nothing_and_is_not_lost(
    mia: Browser, accounts: AccountManager, name: str, colour: str, said: str
) -> None:
    accounts.create("Boss", PASSWORD, "owner")

    refused = mia.submit("/account/profile", display_name=name, colour=colour)

    assert refused.status_code in (400, 409)
    assert said in refused.text
    assert f'value="{name}"' in refused.text
    assert accounts.registry.find("mia").display_name == ""
