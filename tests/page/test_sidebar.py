"""The sidebar in sections: what is new, favourites, rooms, direct messages."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, expect
from socketio import SimpleClient

from tests.page.people import Person, enter, sign_in
from tests.support.browser import Windows
from tests.support.cast import add_account, with_account
from tests.support.server import Server
from tests.support.waiting import wait_until
from tests.test_way_of_a_message import call

Connect = Callable[..., SimpleClient]

SECTIONS = """(root) => Object.fromEntries(
  [...root.querySelectorAll(".room-section:not([hidden])")].map((section) => [
    section.dataset.section,
    [...section.querySelectorAll(".room-title")].map((title) => title.textContent),
  ]))"""
AS_THE_SERVER_WRITES_IT = f"""() => fetch(location.href).then((answer) => answer.text()).then(
  (html) => ({SECTIONS})(new DOMParser().parseFromString(html, "text/html")))"""


def section(person: Person, name: str) -> Locator:
    return person.page.locator(f".room-section[data-section={name}]")


def titles(person: Person, name: str) -> Locator:
    return section(person, name).locator(".room-title")


def agrees_with_the_server(person: Person) -> None:
    """What was just chosen or said may still be on its way to the server."""
    shown = f"() => ({SECTIONS})(document)"

    def agrees() -> bool:
        written = person.page.evaluate(AS_THE_SERVER_WRITES_IT)
        return bool(written == person.page.evaluate(shown))

    wait_until(agrees, what="the server to write what the page shows")


@pytest.fixture
def bo(server: Server) -> SimpleClient:
    bo = with_account(server, "bo")
    for room in ("Apples", "Bread"):
        call(bo, "create", {"room": room.lower(), "title": room})
    return bo


@pytest.fixture
def ana(server: Server, windows: Windows, bo: SimpleClient) -> Person:
    add_account(server, "ana")
    return sign_in(windows, server, "ana")


def talk(bo: SimpleClient) -> str:
    room: str = call(bo, "create", {"kind": "direct", "members": ["ana"]})["room"]["name"]
    return room


def test_what_is_new_stands_above_mentions_first_and_the_open_room_stays(
    ana: Person, bo: SimpleClient
) -> None:
    for room in ("Apples", "Bread", "General"):
        ana.visit(room)
    direct = talk(bo)
    call(bo, "message", {"room": "apples", "text": "@ana, look"})
    call(bo, "message", {"room": "bread", "text": "news"})
    call(bo, "message", {"room": direct, "text": "psst"})

    expect(titles(ana, "unread")).to_have_text(["Apples", "bo", "Bread"])
    expect(titles(ana, "rooms")).to_have_text(["General"])
    expect(ana.room("Apples").locator(".badge")).to_contain_class("calls")
    agrees_with_the_server(ana)

    ana.visit("Bread")
    expect(ana.room("Bread").locator(".badge")).to_be_hidden()
    expect(titles(ana, "unread")).to_have_text(["Apples", "bo", "Bread"])
    ana.visit("General")
    expect(titles(ana, "unread")).to_have_text(["Apples", "bo"])
    expect(titles(ana, "rooms")).to_have_text(["General", "Bread"])


def test_a_section_folds_and_is_sorted_and_both_are_there_before_the_script_is(
    ana: Person, bo: SimpleClient
) -> None:
    page = ana.page
    ana.visit("Apples")
    ana.say("first")
    ana.visit("Bread")
    ana.say("second")
    ana.visit("General")
    expect(titles(ana, "rooms")).to_have_text(["General", "Apples", "Bread"])

    section(ana, "rooms").get_by_role("button", name="Sort Rooms").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowUp")
    expect(page.get_by_role("menuitemradio", name="By latest activity")).to_be_focused()
    page.keyboard.press("Enter")
    expect(titles(ana, "rooms")).to_have_text(["Bread", "Apples", "General"])
    agrees_with_the_server(ana)

    section(ana, "rooms").get_by_role("button", name="Rooms", exact=True).click()
    expect(titles(ana, "rooms")).to_have_text(["General"])
    expect(section(ana, "rooms").locator(".section-count")).to_have_text("2")
    agrees_with_the_server(ana)
    page.reload()
    ana.is_online()
    expect(titles(ana, "rooms")).to_have_text(["General"])
    section(ana, "rooms").get_by_role("button", name="Rooms", exact=True).click()
    expect(titles(ana, "rooms")).to_have_text(["Bread", "Apples", "General"])


def test_a_direct_message_has_the_face_and_is_closed_on_all_devices_until_something_is_said(
    ana: Person, bo: SimpleClient, server: Server, windows: Windows
) -> None:
    direct = talk(bo)
    phone = sign_in(windows, server, "ana")
    face = ana.room("bo").locator(".room-face")
    expect(face).to_have_attribute("data-state", "online")
    call(bo, "status", {"state": "busy"})
    expect(face).to_have_attribute("data-state", "busy")
    agrees_with_the_server(ana)

    ana.room("bo").hover()
    ana.page.get_by_role("button", name="Options for bo").click()
    ana.page.get_by_role("menuitem", name="Close conversation").click()
    for device in (ana, phone):
        expect(titles(device, "direct")).to_have_count(0)
    expect(section(ana, "direct").get_by_role("button", name="New message")).to_be_visible()
    agrees_with_the_server(ana)

    call(bo, "message", {"room": direct, "text": "one more thing"})
    for device in (ana, phone):
        expect(titles(device, "unread")).to_have_text(["bo"])


def test_a_pencil_marks_a_room_where_one_has_begun_to_write(ana: Person) -> None:
    ana.visit("Apples")
    pencil = ana.room("Apples").locator(".draft")
    ana.write("half a thought")
    expect(pencil).to_be_hidden()

    ana.visit("General")

    expect(pencil).to_be_visible()
    expect(ana.room("Apples")).to_have_accessible_name("Apples Draft")
    ana.page.reload()
    expect(pencil).to_be_visible()
    ana.visit("Apples")
    ana.say("a whole one")
    ana.visit("General")
    expect(pencil).to_be_hidden()


def test_on_a_phone_a_dot_tells_of_what_is_new_elsewhere(
    server: Server, windows: Windows, connect: Connect
) -> None:
    cy = connect("cy")
    call(cy, "create", {"room": "apples", "title": "Apples"})
    phone = {"width": 390, "height": 700}
    ana = enter(windows, server, "ana", "/rooms/apples", viewport=phone, has_touch=True)
    ana.page.get_by_role("button", name="Rooms").click()
    ana.visit("General")
    dot = ana.page.locator(".conversation .drawer-open .dot")
    expect(dot).to_be_hidden()

    call(cy, "message", {"room": "apples", "text": "news"})
    expect(dot).to_be_visible()
    expect(ana.page.get_by_role("button", name="Rooms, new messages")).to_be_visible()
    call(cy, "message", {"room": "apples", "text": "@ana"})
    expect(dot).to_contain_class("calls")

    ana.page.get_by_role("button", name="Rooms, someone mentioned you").click()
    ana.visit("Apples")
    expect(dot).to_be_hidden()


def test_rooms_with_news_out_of_sight_are_a_press_away_above_and_below(
    ana: Person, bo: SimpleClient
) -> None:
    ana.page.set_viewport_size({"width": 1280, "height": 420})
    direct = talk(bo)
    ana.visit("bo")
    ana.visit("General")
    ana.page.evaluate("document.querySelector('.rooms').scrollTo(0, 1000)")
    call(bo, "message", {"room": direct, "text": "psst"})
    above = ana.page.locator(".more-unread.above")

    ana.page.evaluate("document.querySelector('.rooms').scrollTo(0, 1000)")
    expect(above).to_contain_text("1 more unread room")
    above.click()

    expect(ana.room("bo")).to_be_focused()
    expect(ana.room("bo")).to_be_in_viewport()
    expect(above).to_be_hidden()
