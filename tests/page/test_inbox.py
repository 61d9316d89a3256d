"""The inbox: all that is unread and every mention, by room, without opening them."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, expect
from socketio import SimpleClient

from tests.page.people import Person, enter
from tests.support.browser import Windows
from tests.support.server import Server
from tests.test_way_of_a_message import call

Connect = Callable[..., SimpleClient]


@pytest.fixture
def bo(connect: Connect) -> SimpleClient:
    bo = connect("bo")
    for room in ("Apples", "Bread", "Cheese"):
        call(bo, "create", {"room": room.lower(), "title": room})
    return bo


@pytest.fixture
def ana(server: Server, windows: Windows, bo: SimpleClient) -> Person:
    ana = enter(windows, server, "ana")
    for room in ("Apples", "Bread", "Cheese", "General"):
        ana.visit(room)
    for number in range(5):
        call(bo, "message", {"room": "apples", "text": f"number {number}"})
    call(bo, "message", {"room": "bread", "text": "@ana, look"})
    call(bo, "message", {"room": "cheese", "text": "news"})
    expect(count(ana)).to_have_text("1")
    return ana


def rooms(person: Person) -> Locator:
    return person.page.locator(".inbox-room")


def titles(person: Person) -> Locator:
    return rooms(person).locator("h2")


def count(person: Person) -> Locator:
    return person.page.locator("inbox-link .badge [aria-hidden]")


def test_by_keyboard_one_reads_and_marks_and_opens_room_after_room(
    ana: Person, bo: SimpleClient, server: Server
) -> None:
    keys = ana.page.keyboard
    ana.page.get_by_role("link", name="Inbox").click()

    expect(ana.page).to_have_url(f"{server.url}/inbox")
    expect(ana.page).to_have_title("(7) Inbox · Chat")
    expect(titles(ana)).to_have_text(["Bread", "Cheese", "Apples"])
    expect(rooms(ana).nth(2).locator(".inbox-text")).to_have_text(
        ["number 0", "number 1", "number 2"]
    )
    expect(rooms(ana).nth(2)).to_contain_text("2 more messages")
    expect(rooms(ana).first).to_be_focused()
    keys.press("j")
    expect(rooms(ana).nth(1)).to_be_focused()
    keys.press("e")
    expect(titles(ana)).to_have_text(["Bread", "Apples"])
    expect(rooms(ana).nth(1)).to_be_focused()
    expect(ana.room("Cheese").locator(".badge")).to_be_hidden()
    ana.page.get_by_role("button", name="Undo").click()
    expect(titles(ana)).to_have_text(["Bread", "Cheese", "Apples"])
    expect(ana.room("Cheese").locator(".badge [aria-hidden]")).to_have_text("1")
    keys.press("e")
    keys.press("k")
    expect(rooms(ana).first).to_be_focused()
    call(bo, "message", {"text": "in general"})
    expect(titles(ana)).to_have_text(["Bread", "Apples", "General"])
    expect(rooms(ana).first).to_be_focused()
    keys.press("Enter")

    expect(ana.heading).to_have_text("Bread")
    expect(ana.page).to_have_url(f"{server.url}/rooms/bread")
    expect(ana.room("Bread").locator(".badge")).to_be_hidden()
    expect(ana.room("Apples").locator(".badge [aria-hidden]")).to_have_text("5")


def test_the_inbox_has_an_address_and_reads_nothing_by_being_looked_at(
    ana: Person, bo: SimpleClient, server: Server
) -> None:
    ana.page.goto(f"{server.url}/inbox")
    expect(titles(ana)).to_have_text(["Bread", "Cheese", "Apples"])
    call(bo, "message", {"text": "in the room behind it"})
    expect(ana.room("General").locator(".badge [aria-hidden]")).to_have_text("1")
    expect(ana.page.get_by_role("link", name="Inbox")).to_have_attribute("aria-current", "page")

    rooms(ana).filter(has_text="Apples").get_by_text("number 2").click()

    expect(ana.heading).to_have_text("Apples")
    ana.page.go_back()
    expect(titles(ana)).to_have_text(["Bread", "General", "Cheese"])
    ana.page.go_forward()
    expect(ana.heading).to_have_text("Apples")


def test_what_is_read_elsewhere_goes_and_then_there_is_nothing_left(
    ana: Person, server: Server, windows: Windows
) -> None:
    ana.page.goto(f"{server.url}/inbox")
    expect(rooms(ana)).to_have_count(3)
    phone = windows.open(
        f"{server.url}/rooms/cheese", storage_state=ana.page.context.storage_state()
    )
    Person(phone, "ana").is_online()
    expect(titles(ana)).to_have_text(["Bread", "Apples"])

    for _ in range(2):
        rooms(ana).first.get_by_role("button", name="Mark as read").click()

    expect(ana.page.get_by_text("You're all caught up.")).to_be_visible()
    expect(ana.page.locator("inbox-link .badge")).to_be_hidden()
