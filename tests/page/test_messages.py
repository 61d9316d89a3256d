"""What helps while one writes: completion of people, rooms and emoji, and the picker."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, expect
from socketio import SimpleClient

from tests.page.people import Person, enter
from tests.support.browser import Windows
from tests.support.server import Server

Connect = Callable[..., SimpleClient]


@pytest.fixture(scope="module")
def server(house: Server) -> Server:
    """One for all tests here; none of them says anything."""
    return house


@pytest.fixture
def ana(windows: Windows, server: Server, connect: Connect) -> Person:
    connect("Chidi")
    connect("Maria Anders").call("create", {"room": "design", "title": "Design"})
    ana = enter(windows, server, "ana")
    expect(ana.page.locator("member-list .member-name")).to_have_count(3)
    return ana


def offered(person: Person) -> Locator:
    return person.page.get_by_role("listbox", name="Suggestions").get_by_role("option")


def test_people_are_completed_after_an_at(ana: Person) -> None:
    ana.composer.press_sequentially("ask @and")
    expect(offered(ana)).to_have_text(["@Maria Anders"])

    ana.composer.press("Enter")

    expect(ana.composer).to_have_value("ask @Maria Anders ")
    expect(offered(ana)).to_have_count(0)


def test_rooms_are_completed_after_a_hash_and_taken_with_tab(ana: Person) -> None:
    ana.composer.press_sequentially("see #de")
    expect(offered(ana)).to_have_text(["#designDesign"])

    ana.composer.press("Tab")

    expect(ana.composer).to_have_value("see #design ")


def test_emoji_are_completed_by_their_names(ana: Person) -> None:
    ana.composer.press_sequentially("lunch :pizz")
    expect(offered(ana).first).to_contain_text(":pizza:")

    offered(ana).first.click()

    expect(ana.composer).to_have_value("lunch 🍕 ")
    expect(ana.composer).to_be_focused()


def test_arrows_choose_and_escape_lets_be(ana: Person) -> None:
    ana.composer.press_sequentially("@")
    expect(offered(ana)).to_have_count(3)
    ana.composer.press("ArrowDown")
    expect(offered(ana).nth(1)).to_have_attribute("aria-selected", "true")

    ana.composer.press("Escape")

    expect(offered(ana)).to_have_count(0)
    expect(ana.composer).to_have_value("@")


def test_an_emoji_is_picked_by_keyboard_alone(ana: Person) -> None:
    ana.write("so ")
    ana.page.get_by_role("button", name="Emoji").focus()
    ana.page.keyboard.press("Enter")
    picker = ana.page.get_by_role("dialog", name="Emoji")
    expect(picker.get_by_role("searchbox")).to_be_focused()

    ana.page.keyboard.type("tada")
    expect(picker.locator(".emoji-grid button").first).to_have_text("🎉")
    ana.page.keyboard.press("Enter")

    expect(ana.composer).to_have_value("so 🎉")
    expect(picker).to_be_hidden()


def test_the_emoji_of_exactly_this_name_comes_first(ana: Person) -> None:
    ana.composer.press_sequentially(":heart")

    expect(offered(ana).first).to_contain_text("❤️:heart:")


def test_an_emoji_that_is_typed_out_becomes_one(ana: Person) -> None:
    ana.composer.press_sequentially("so :fire:")
    expect(ana.composer).to_have_value("so 🔥")

    ana.composer.press_sequentially(" `a:fire:` :fire:")

    expect(ana.composer).to_have_value("so 🔥 `a:fire:` 🔥")


def test_the_picker_says_that_it_loads(ana: Person) -> None:
    ana.page.context.route("**/data.json", lambda _route: None)  # which never comes

    ana.page.locator(".composer").get_by_role("button", name="Emoji").click()

    expect(ana.page.get_by_role("dialog", name="Emoji")).to_contain_text("Loading emoji…")
