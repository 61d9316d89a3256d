from datetime import timedelta

import pytest
from flask import Flask

from chatapp.domain.model import Person
from chatapp.features.accounts.manager import AccountManager
from chatapp.features.accounts.people import PeopleManager
from tests.support.accounts import PASSWORD, Clock, make_accounts
from tests.support.pages import Browser, make_app, make_care

BOSS = Person(name="Boss", id="boss", role="owner")
DOORS = {"/name": True, "/login": True, "/nowhere": False, "/invite/none": False}
"""Pages, and whether the welcome stands on them."""

# Guests


def test_a_visitor_chooses_a_name_and_is_in(browser: Browser) -> None:
    answer = browser.submit("/name", name="  Ana ")

    assert (answer.status_code, answer.location) == (303, "/")
    assert browser.who == "guest Ana"


def test_the_welcome_says_how_many_are_here(browser: Browser, accounts: AccountManager) -> None:
    assert "One person is online." in browser.get("/name").text
    crowd = make_app(accounts, here=tuple(map(str, range(1234))))
    assert "1,234 people are online." in Browser(crowd).get("/name").text
    assert "You can be the first." in Browser(make_app(accounts)).get("/name").text


@pytest.mark.parametrize(
    ("name", "status"),
    [("", 400), ("   ", 400), ("x" * 33, 400), ("a\u202eb", 400), ("Zoe", 409), ("BOSS", 409)],
)
def test_what_cannot_be_a_name_is_said_on_the_page(
    browser: Browser, accounts: AccountManager, name: str, status: int
) -> None:
    accounts.create("Boss", PASSWORD)

    answer = browser.submit("/name", name=name)

    assert answer.status_code == status
    assert 'class="problem"' in answer.text
    assert browser.who == "nobody"


def test_a_name_is_shown_again_as_text(browser: Browser) -> None:
    answer = browser.submit("/name", name='"><script>alert(1)</script>' * 2)

    assert answer.status_code == 400
    assert "<script>alert" not in answer.text
    assert "&lt;script&gt;alert" in answer.text


def test_a_name_of_an_account_is_refused_in_every_normal_form(
    browser: Browser, accounts: AccountManager
) -> None:
    accounts.create("Zoë", PASSWORD)

    for spelling in ("zoë", "ZOE\u0308", "Ｚｏë"):
        assert browser.submit("/name", name=spelling).status_code == 409


def test_choosing_ones_own_name_again_changes_nothing(browser: Browser) -> None:
    browser.submit("/name", name="Ana")
    before = browser.cookie

    browser.submit("/name", name="Ana")

    assert browser.cookie["key"] == before["key"]


def test_who_leaves_is_nobody(browser: Browser) -> None:
    browser.submit("/name", name="Ana")

    answer = browser.submit("/leave")

    assert (answer.status_code, answer.location) == (303, "/")
    assert browser.who == "nobody"


def test_where_access_is_for_members_there_are_no_names_to_choose() -> None:
    accounts = make_accounts(access="members")
    accounts.create("Boss", PASSWORD, "owner")
    browser = Browser(make_app(accounts))

    assert browser.get("/name?next=/rooms/tea").location == "/login?next=/rooms/tea"
    assert browser.submit("/name", name="Ana").status_code == 401
    assert "for members" in browser.get("/login").text
    assert browser.who == "nobody"


# Accounts


def test_an_account_chats_under_its_own_name(browser: Browser, accounts: AccountManager) -> None:
    accounts.create("Ana", PASSWORD)

    answer = browser.submit("/login", name="ana", password=PASSWORD)

    assert (answer.status_code, answer.location) == (303, "/")
    assert browser.who == "member Ana"


def test_a_wrong_password_and_an_unknown_name_look_the_same(
    app: Flask, accounts: AccountManager
) -> None:
    accounts.create("Ana", PASSWORD)

    wrong = Browser(app).submit("/login", name="Ana", password="wrong")
    unknown = Browser(app).submit("/login", name="Bea", password="wrong")

    assert wrong.status_code == unknown.status_code == 401
    assert without_token(wrong.text).replace("Ana", "") == without_token(unknown.text).replace(
        "Bea", ""
    )


def test_brute_force_is_told_when_it_may_go_on(browser: Browser, accounts: AccountManager) -> None:
    accounts.create("Ana", PASSWORD)
    for _ in range(5):
        assert browser.submit("/login", name="Ana", password="wrong").status_code == 401

    answer = browser.submit("/login", name="Ana", password=PASSWORD)

    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 15 * 60
    assert "Try again in 15 minutes." in answer.text
    assert browser.who == "nobody"


def test_sign_in_leaves_nothing_of_the_session_before(
    browser: Browser, accounts: AccountManager
) -> None:
    accounts.create("Ana", PASSWORD)
    browser.submit("/name", name="Planted")
    planted = browser.cookie

    browser.sign_in("Ana")

    assert set(browser.cookie) == {"sid", "_permanent"}
    assert browser.token != planted.get("csrf")
    assert not set(browser.cookie.values()) & {planted["name"], planted["key"]}


def test_each_sign_in_has_a_session_of_its_own(browser: Browser, accounts: AccountManager) -> None:
    accounts.create("Ana", PASSWORD)
    browser.sign_in("Ana")
    first = browser.cookie["sid"]

    browser.sign_in("Ana")

    assert browser.cookie["sid"] != first
    assert accounts.person_of({"sid": first}) is None


def test_a_copied_cookie_is_worth_nothing_after_sign_out(
    app: Flask, browser: Browser, accounts: AccountManager
) -> None:
    accounts.create("Ana", PASSWORD)
    browser.sign_in("Ana")
    thief = Browser(app)
    with thief.http.session_transaction() as session:
        session.update(browser.cookie)
    assert thief.who == "member Ana"

    browser.submit("/logout")

    assert browser.who == "nobody"
    assert thief.who == "nobody"


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "/\t/evil.example",
        "\\\\evil.example",
        "javascript:alert(1)",
        "evil.example",
        "/ok\r\nX: y",
    ],
)
def test_sign_in_leads_nowhere_else(
    browser: Browser, accounts: AccountManager, elsewhere: str
) -> None:
    accounts.create("Ana", PASSWORD)

    answer = browser.submit("/login", name="Ana", password=PASSWORD, next=elsewhere)

    assert answer.location == "/"
    assert browser.get("/login", query_string={"next": elsewhere}).location == "/"


def test_sign_in_goes_on_to_where_one_wanted_to(browser: Browser, accounts: AccountManager) -> None:
    accounts.create("Ana", PASSWORD)
    wanted = "/admin/messages?room=tea&text=a%20b"

    page = browser.get("/login", query_string={"next": wanted}).text
    answer = browser.submit("/login", name="Ana", password=PASSWORD, next=wanted)

    assert "/admin/messages?room=tea&amp;text=a%20b" in page
    assert answer.location == wanted


# The first admin


def test_the_link_of_the_first_start_makes_the_owner(
    app: Flask, browser: Browser, accounts: AccountManager
) -> None:
    link = f"/setup/{accounts.setup_token().result()}"
    assert browser.get(link).status_code == 200

    answer = browser.submit(link, name="Ana", password=PASSWORD)

    assert (answer.status_code, answer.location) == (303, "/")
    assert browser.who == "owner Ana"
    assert browser.get(link).status_code == 404
    assert Browser(app).submit(link, name="Eve", password=PASSWORD).status_code == 404


def test_a_made_up_link_makes_nobody(browser: Browser, accounts: AccountManager) -> None:
    accounts.setup_token()

    assert browser.get("/setup/made-up").status_code == 404
    assert browser.submit("/setup/made-up", name="Eve", password=PASSWORD).status_code == 404
    assert not accounts.registry.has_admin()


def test_a_short_password_is_said_on_the_page(browser: Browser, accounts: AccountManager) -> None:
    link = f"/setup/{accounts.setup_token().result()}"

    answer = browser.submit(link, name="Ana", password="short")

    assert answer.status_code == 400
    assert "at least 8 characters" in answer.text
    assert 'value="Ana"' in answer.text
    assert "short" not in answer.text.replace("at least 8", "")


def without_token(page: str) -> str:
    return "".join(line for line in page.splitlines() if "csrf_token" not in line)


@pytest.mark.parametrize("jump", [timedelta(hours=-1), timedelta(days=-40), timedelta(days=40)])
def test_a_session_outlives_a_clock_that_is_wrong_for_a_while(
    browser: Browser, accounts: AccountManager, clock: Clock, jump: timedelta
) -> None:
    accounts.create("Ana", PASSWORD)
    browser.sign_in("Ana")

    clock.pass_by(jump)
    browser.get("/login?next=/account")
    clock.pass_by(-jump)

    assert browser.who == "member Ana"


# Links


def test_an_invitation_says_to_what_and_by_whom(
    accounts: AccountManager, people: PeopleManager
) -> None:
    accounts.create("Boss", PASSWORD, "owner")
    secret = people.invite(people.registry.find("Boss")).result()
    maintenance = make_care()
    maintenance.settings.change(BOSS, {"name": "Harbour"})

    page = Browser(make_app(accounts, maintenance=maintenance)).get(f"/invite/{secret}").text

    assert "<b><bdi>Boss</bdi></b> invited you to <bdi>Harbour</bdi>." in page


def test_an_invitation_that_is_over_says_why(
    app: Flask, people: PeopleManager, clock: Clock
) -> None:
    used, expired = (people.invite(None, days=1).result() for _ in range(2))
    joined = Browser(app).submit(f"/invite/{used}", name="Ana", password=PASSWORD)
    told = [Browser(app).get(f"/invite/{used}").text]
    clock.pass_by(timedelta(days=2))
    told += [Browser(app).get(f"/invite/{secret}").text for secret in (expired, "none")]

    assert joined.status_code == 303
    assert all("This link no longer works" in page for page in told)
    assert "It has no uses left." in told[0]
    assert "It has expired." in told[1]
    assert "It was used, revoked or replaced." in told[2]
    assert people.invites() == []


def test_the_welcome_stands_only_where_people_come_in(accounts: AccountManager) -> None:
    maintenance = make_care()
    maintenance.settings.change(BOSS, {"welcome": "Be kind."})
    browser = Browser(make_app(accounts, maintenance=maintenance))

    assert {path: "Be kind." in browser.get(path).text for path in DOORS} == DOORS
