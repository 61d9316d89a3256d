"""How people are shown: by the names and colours that they choose, and when they were last here."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, expect
from socketio import SimpleClient

from tests.page.people import Person, own, sign_in
from tests.support.accounts import PASSWORD
from tests.support.browser import Windows
from tests.support.cast import add_account, chatapp, with_account, with_token
from tests.support.server import Server
from tests.test_way_of_a_message import call


@pytest.fixture(scope="module")
def server(house: Server) -> Server:
    """One chat for all these tests, in which ana and ben have accounts."""
    chatapp(house, "user", "add", "ana", "--password-stdin", input=PASSWORD)
    return house


@pytest.fixture(scope="module")
def ben(server: Server) -> Iterator[SimpleClient]:
    ben = with_account(server, "ben")
    yield ben
    ben.disconnect()


@pytest.fixture
def ana(server: Server, windows: Windows) -> Person:
    return sign_in(windows, server, "ana")


def member(person: Person, name: str) -> Locator:
    return person.page.locator(f"member-list .member[data-sender={name}]")


def test_who_has_an_account_signs_out_and_frees_no_name(ana: Person) -> None:
    own(ana.page, "Sign out")

    expect(ana.page.get_by_role("link", name="Sign in")).to_be_visible()


def test_a_display_name_is_shown_everywhere_at_once_and_after_a_reload(
    ana: Person, ben: SimpleClient
) -> None:
    call(ben, "profile", {"display_name": "", "colour": ""})
    call(ben, "message", {"text": "ahoy"})
    call(ben, "create", {"kind": "direct", "members": ["ana"]})
    sender = ana.page.locator(".messages .sender").first
    expect(sender).to_have_text("ben")

    call(ben, "profile", {"display_name": "Ben <b>Nevis", "colour": "slate"})

    ben.emit("typing", {"room": "general"})
    expect(ana.page.locator("typing-line")).to_contain_text("Ben <b>Nevis")
    for _ in range(2):
        expect(sender).to_have_text("Ben <b>Nevis")
        expect(sender).to_have_attribute("title", "@ben")
        flag = ana.page.locator(".messages .flag").first
        expect(flag).to_have_attribute("data-hue", "7")
        expect(member(ana, "ben").locator(".member-name")).to_have_text("Ben <b>Nevis")
        expect(ana.room("Ben <b>Nevis")).to_be_visible()
        ana.page.reload()


def test_people_are_found_by_either_name_and_mentioned_by_name(
    ana: Person, ben: SimpleClient
) -> None:
    call(ben, "profile", {"display_name": "Captain Haddock"})
    expect(member(ana, "ben")).to_contain_text("Captain Haddock")

    ana.composer.press_sequentially("hi @hadd")
    expect(ana.page.get_by_role("option")).to_have_text(re.compile("@ben.*Captain Haddock"))
    ana.composer.press("Enter")
    expect(ana.composer).to_have_value("hi @ben ")

    ana.composer.fill("")
    ana.page.keyboard.press("Control+k")
    ana.page.keyboard.type("haddock")
    place = ana.page.locator(".place", has_text="@ben")
    expect(place).to_contain_text("Captain Haddock")


def test_who_has_gone_was_last_seen_just_now(server: Server, ana: Person) -> None:
    eve = with_account(server, "eve")
    call(eve, "message", {"text": "bye"})
    expect(member(ana, "eve")).to_have_attribute("data-state", "online")

    eve.disconnect()

    absent = ana.page.locator(".absent .member", has_text="eve")
    expect(absent.locator(".member-seen")).to_have_text("just now")
    absent.locator(".member-name").press("Enter")
    card = ana.page.get_by_role("dialog", name="eve")
    expect(card).to_contain_text("@eve")
    expect(card.locator(".card-seen")).to_have_text("last seen just now")
    expect(card.locator(".card-seen")).to_have_attribute("title", re.compile(r"\d{4}"))
    expect(card.get_by_role("button", name="Message")).to_be_focused()
    ana.page.keyboard.press("Escape")
    expect(card).to_be_hidden()
    expect(absent.locator(".member-name")).to_be_focused()
    ana.page.locator(".messages .sender", has_text="eve").hover()
    expect(card).to_be_visible()
    card.get_by_role("button", name="Message").click()
    expect(ana.heading).to_have_text("eve")


def test_the_card_of_a_bot_says_whose_it_is(server: Server, ana: Person) -> None:
    add_account(server, "olga")
    token = chatapp(server, "bot", "add", "Deploy", "--owner", "olga")
    bot = with_token(server, token)
    call(bot, "message", {"text": "built"})

    sent = ana.page.locator(".messages .message", has_text="built")
    expect(sent.locator(".role-mark")).to_have_text("bot")
    member(ana, "Deploy").locator(".member-name").press("Enter")

    expect(ana.page.get_by_role("dialog", name="Deploy").locator(".card-role")).to_have_text(
        "bot of olga"
    )
    bot.disconnect()
