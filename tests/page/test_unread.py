"""What is unread: counted by the server, the same on all devices, and never wrong."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, expect
from socketio import SimpleClient

from tests.page.people import BACK_MS, CHAT, Person, enter
from tests.support.browser import RESTARTING, Windows, comes_true
from tests.support.server import Server

Connect = Callable[..., SimpleClient]


@pytest.fixture
def bo(connect: Connect) -> SimpleClient:
    bo = connect("bo")
    bo.call("create", {"room": "design", "title": "Design"})
    return bo


def second_device(windows: Windows, server: Server, person: Person, path: str = "/") -> Person:
    """The same person in another browser that has the same session."""
    state = person.page.context.storage_state()
    page = windows.open(server.url + path, storage_state=state)
    device = Person(page, person.name)
    device.is_online()
    return device


def count_of(person: Person, title: str, kind: str = "news") -> Locator:
    return person.room(title).locator(f".{kind} [aria-hidden]")


def restart(server: Server, *devices: Person) -> None:
    """Kills the server, and waits until these have noticed it, and are back."""
    server.kill9()
    for device in devices:
        expect(device.banner).to_be_visible()
    server.start()
    for device in devices:
        expect(device.banner).to_be_hidden(timeout=BACK_MS)


def look_away(person: Person, state: str = "hidden") -> None:
    person.page.evaluate(
        """(state) => {
          Object.defineProperty(document, "visibilityState", { value: state, configurable: true });
          document.dispatchEvent(new Event("visibilitychange"));
        }""",
        state,
    )


def test_what_is_unread_is_counted_beside_its_room_and_on_the_tab(
    server: Server, windows: Windows, bo: SimpleClient
) -> None:
    ana = enter(windows, server, "ana")
    ana.visit("Design")
    ana.visit("General")

    bo.call("message", {"room": "design", "text": "one"})
    bo.call("message", {"room": "design", "text": "two"})
    bo.call("message", {"room": "design", "text": "three, @ana"})

    expect(count_of(ana, "Design", "calls")).to_have_text("1")
    expect(count_of(ana, "Design")).to_have_count(0)
    expect(ana.room("Design")).to_have_accessible_name(re.compile("3 unread messages.*1 mention"))
    expect(ana.page).to_have_title("(3) General · Chat")
    expect(ana.page.locator("link[rel=icon]")).to_have_attribute("href", re.compile("-called"))

    ana.visit("Design")
    expect(count_of(ana, "Design")).to_be_hidden()
    expect(ana.page).to_have_title("Design · Chat")
    expect(ana.page.locator("[data-first-unread]")).to_have_attribute("data-seq", "1")


def test_two_devices_and_a_restart_tell_the_same(
    server: Server, windows: Windows, bo: SimpleClient, connect: Connect
) -> None:
    windows.complaints.expect(RESTARTING)
    laptop = enter(windows, server, "ana")
    laptop.visit("Design")
    laptop.visit("General")
    phone = second_device(windows, server, laptop)
    for number in range(3):
        bo.call("message", {"room": "design", "text": f"number {number}"})
    for device in (laptop, phone):
        expect(count_of(device, "Design")).to_have_text("3")

    restart(server, laptop, phone)
    for device in (laptop, phone):
        expect(count_of(device, "Design")).to_have_text("3")

    phone.visit("Design")
    for device in (laptop, phone):
        expect(count_of(device, "Design")).to_be_hidden(timeout=BACK_MS)

    restart(server, laptop, phone)
    third = second_device(windows, server, laptop)
    for device in (laptop, phone, third):
        expect(count_of(device, "Design")).to_be_hidden()
    look_away(phone)
    chidi = connect("chidi")
    chidi.call("join", {"room": "design"})
    chidi.call("message", {"room": "design", "text": "after it all"})
    for device in (laptop, third):
        expect(count_of(device, "Design")).to_have_text("1", timeout=BACK_MS)


def test_nobody_has_read_what_stands_in_a_tab_that_is_not_looked_at(
    server: Server, windows: Windows, bo: SimpleClient
) -> None:
    ana = enter(windows, server, "ana")
    look_away(ana)

    bo.call("message", {"text": "psst"})

    expect(ana.page).to_have_title("(1) General · Chat")
    look_away(ana, "visible")
    expect(ana.page).to_have_title("General · Chat")
    expect(ana.page.locator("[data-first-unread]")).to_have_count(1)
    ana.page.keyboard.press("Escape")
    expect(ana.page.locator("[data-first-unread]")).to_have_count(0)


def test_what_came_below_the_screen_is_unread_until_one_is_there_or_presses_escape(
    server: Server, windows: Windows, bo: SimpleClient
) -> None:
    for number in range(60):
        bo.call("message", {"text": f"number {number}"})
    ana = enter(windows, server, "ana")
    ana.scroll("scroller.scrollTo(0, -500)")
    bo.call("message", {"text": "below"})
    expect(ana.page).to_have_title("(1) General · Chat")

    ana.composer.focus()
    ana.page.keyboard.press("Escape")

    expect(ana.page).to_have_title("General · Chat")
    bo.call("message", {"text": "further below"})
    expect(ana.page).to_have_title("(1) General · Chat")
    ana.scroll("scroller.scrollTo(0, 0)")
    expect(ana.page).to_have_title("General · Chat")


def test_what_came_while_one_was_away_is_unread_when_one_is_back(
    server: Server, windows: Windows, bo: SimpleClient
) -> None:
    ana = enter(windows, server, "ana")
    ana.visit("Design")
    ana.visit("General")
    ana.page.goto("about:blank")
    bo.call("message", {"room": "design", "text": "while you were out, @ana"})
    bo.call("message", {"text": "here too"})

    ana.page.goto(server.url)

    ana.is_online()
    expect(count_of(ana, "Design", "calls")).to_have_text("1")
    expect(ana.page.locator("[data-first-unread] .text")).to_have_text("here too")


def test_one_marks_unread_from_a_message_on_and_other_devices_see_it(
    server: Server, windows: Windows, bo: SimpleClient
) -> None:
    ana = enter(windows, server, "ana")
    phone = second_device(windows, server, ana)
    for text in ("one", "two", "three"):
        bo.call("message", {"text": text})
    ana.sees("one", "two", "three")

    ana.page.locator(".messages > [data-seq='2']").hover()
    ana.page.get_by_role("button", name="More actions").click()
    ana.page.get_by_role("menuitem", name="Mark as unread").click()

    for device in (ana, phone):
        expect(device.page).to_have_title("(2) General · Chat")
        expect(device.page.locator("[data-first-unread] .text")).to_have_text("two")
    phone.composer.focus()
    phone.page.keyboard.press("Escape")
    for device in (ana, phone):
        expect(device.page).to_have_title("General · Chat")


def test_what_comes_while_one_looks_at_it_has_no_line_above_it(
    server: Server, windows: Windows, bo: SimpleClient
) -> None:
    ana = enter(windows, server, "ana", "/rooms/design")
    bo.call("message", {"room": "design", "text": "one"})
    ana.sees("one")
    expect(ana.page.locator("[data-first-unread]")).to_have_count(0)
    comes_true(ana.page, f"{CHAT}.current.read === 1")

    ana.page.evaluate("document.hasFocus = () => false")
    bo.call("message", {"room": "design", "text": "two"})
    bo.call("message", {"room": "design", "text": "three"})
    ana.sees("one", "two", "three")
    expect(ana.page.locator("[data-first-unread] .text")).to_have_text("two")
    expect(count_of(ana, "Design")).to_have_text("2")
    ana.page.evaluate("document.hasFocus = () => true; dispatchEvent(new Event('focus'))")
    expect(count_of(ana, "Design")).to_be_hidden()
    bo.call("message", {"room": "design", "text": "four"})
    ana.sees("one", "two", "three", "four")

    expect(ana.page.locator("[data-first-unread] .text")).to_have_text("two")
