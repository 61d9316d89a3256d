"""Threads on the page: under their message in the room, beside it, and over it on a phone."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, expect
from socketio import SimpleClient

from tests.page.people import CHAT, Person, enter
from tests.page.test_accessibility import violations
from tests.page.test_files import picture
from tests.support.browser import Windows, comes_true
from tests.support.cast import with_account
from tests.support.server import Server
from tests.support.waiting import wait_until
from tests.test_way_of_a_message import call

Connect = Callable[..., SimpleClient]


@pytest.fixture
def bo(connect: Connect) -> SimpleClient:
    return connect("bo")


def say(person: SimpleClient, text: str, **more: Any) -> int:
    """Posts, and gives the seq."""
    seq: int = call(person, "message", {"text": text, **more})["message"]["seq"]
    return seq


def row(person: Person, seq: int) -> Locator:
    return person.page.locator(f"#message-{seq}")


def line(person: Person, root: int) -> Locator:
    """The folded thread."""
    return row(person, root).locator("> .replies .replies-line")


def pane(person: Person) -> Locator:
    return person.page.locator("thread-pane")


def replies(place: Locator) -> Locator:
    return place.locator(".thread-messages .text")


def shown(person: Person) -> Locator:
    """What stands in the room itself."""
    return person.page.locator(".messages > [data-seq]:not(.system) > .said .text")


def test_a_thread_is_one_line_that_unfolds_in_place_and_beside(
    server: Server, windows: Windows, bo: SimpleClient
) -> None:
    root = say(bo, "Shall we?")
    for number in range(9):
        say(bo, f"reply {number}", thread=root)
    other = say(bo, "something else")
    ana = enter(windows, server, "ana")

    expect(shown(ana)).to_have_text(["Shall we?", "something else"])
    expect(line(ana, root)).to_contain_text("9 replies")
    expect(line(ana, root)).to_have_attribute("aria-expanded", "false")
    line(ana, root).click()
    expect(replies(row(ana, root))).to_have_text([f"reply {number}" for number in range(3, 9)])
    expect(line(ana, root)).to_have_attribute("aria-expanded", "true")
    expect(ana.page).to_have_url(f"{server.url}/?thread={root}")
    ana.page.get_by_role("button", name="Show earlier replies").click()
    expect(replies(row(ana, root))).to_have_count(9)
    found = violations(ana.page)
    row(ana, root).focus()
    ana.page.keyboard.press("ArrowDown")
    expect(row(ana, root).locator(".thread-messages > .message").first).to_be_focused()
    ana.page.keyboard.press("ArrowUp")
    expect(row(ana, root)).to_be_focused()
    line(ana, root).press("Enter")
    expect(replies(row(ana, root))).to_have_count(0)
    expect(line(ana, root)).to_be_focused()
    row(ana, root).locator(".replies-other").click()
    expect(replies(pane(ana))).to_have_count(9)
    expect(pane(ana).get_by_role("heading", level=2)).to_be_focused()
    ana.page.keyboard.press("Escape")
    expect(pane(ana)).to_be_hidden()
    expect(ana.page).to_have_url(f"{server.url}/")
    say(bo, "of the second", thread=other)
    line(ana, other).click()

    expect(replies(pane(ana))).to_have_text(["of the second"])
    row(ana, other).locator(".replies-other").click()
    line(ana, root).click()
    expect(replies(row(ana, root))).to_have_count(6)
    line(ana, root).click()
    expect(replies(row(ana, other))).to_have_text(["of the second"])
    expect(ana.page).to_have_url(f"{server.url}/?thread={other}")
    assert found + violations(ana.page) == []


def test_what_unfolds_at_the_end_of_the_room_comes_up(
    server: Server, windows: Windows, bo: SimpleClient
) -> None:
    for number in range(30):
        say(bo, f"line {number}")
    root = say(bo, "Shall we?")
    for number in range(3):
        say(bo, f"reply {number}", thread=root)
    ana = enter(windows, server, "ana")

    line(ana, root).click()

    expect(row(ana, root).get_by_text("reply 2")).to_be_in_viewport()
    expect(row(ana, root).locator("> .said")).to_be_in_viewport()


def test_two_people_talk_in_a_thread_and_the_room_stands_still(
    server: Server, windows: Windows, bo: SimpleClient
) -> None:
    root = say(bo, "Shall we?")
    for number in range(30):
        say(bo, f"number {number}")
    ana = enter(windows, server, "ana")
    ana.use()
    row(ana, root).scroll_into_view_if_needed()
    row(ana, root).focus()
    ana.page.keyboard.press("t")
    field = row(ana, root).locator("textarea")
    expect(field).to_be_focused()
    field.fill("a draft")
    ana.page.reload()
    expect(field).to_have_value("a draft")
    field.focus()
    expect(row(ana, root)).to_be_in_viewport()
    place = row(ana, root).bounding_box()

    field.press("Enter")
    expect(replies(row(ana, root))).to_have_text(["a draft"])
    expect(row(ana, root).locator(".thread-messages > [data-seq]")).to_have_count(1)
    say(bo, "@ana **yes**", thread=root)

    expect(replies(row(ana, root))).to_have_text(["a draft", "@ana yes"])
    expect(line(ana, root)).to_contain_text("2 replies")
    assert row(ana, root).bounding_box()["y"] == place["y"]  # type: ignore[index]
    expect(shown(ana)).to_have_count(31)
    spoken = row(ana, root).locator("[role=log]")
    expect(spoken).to_have_text("bo: ana yes")
    ana.page.get_by_label("Also send to General").check()
    field.fill("We do.")
    field.press("Enter")
    expect(shown(ana).last).to_have_text("We do.")
    expect(ana.page.get_by_label("Also send to General")).not_to_be_checked()
    quote = row(ana, root + 33).locator("> .quote")
    expect(quote).to_have_text("in the thread of bo Shall we?")
    expect(line(ana, root)).to_contain_text("3 replies")
    name, kind, content = picture("sea.png")
    row(ana, root).locator("input[type=file]").first.set_input_files(
        {"name": name, "mimeType": kind, "buffer": content}
    )
    expect(row(ana, root).locator(".attachment")).to_have_count(1)
    expect(ana.page.locator(".write .attachment")).to_have_count(0)
    field.press("Enter")
    expect(line(ana, root)).to_contain_text("4 replies")
    expect(row(ana, root).locator(".thread-messages message-files img")).to_be_visible()


def test_a_link_to_a_reply_opens_its_thread_there_and_so_does_a_reload_and_back(
    server: Server, windows: Windows, bo: SimpleClient
) -> None:
    root = say(bo, "Shall we?")
    seqs = [say(bo, f"reply {number}", thread=root) for number in range(60)]
    for number in range(80):
        say(bo, f"number {number}")
    ana = enter(windows, server, "ana")

    ana.page.goto(f"{server.url}/?at={seqs[20]}")

    sought = ana.page.locator(f"#thread-{root}-{seqs[20]}")
    expect(sought).to_be_focused()
    expect(sought).to_be_in_viewport()
    expect(ana.page).to_have_url(f"{server.url}/?thread={root}&at={seqs[20]}")
    ana.page.reload()
    expect(sought).to_be_in_viewport()
    expect(ana.page.get_by_role("button", name="Show later replies")).to_be_attached()
    sought.hover()
    ana.page.get_by_role("button", name="More actions").click()
    expect(ana.page.get_by_role("menuitem", name="Reply in thread")).to_be_hidden()
    ana.page.keyboard.press("Escape")
    ana.page.evaluate(f"{CHAT}.show('general', {seqs[50]})")
    expect(ana.page.locator(f"#thread-{root}-{seqs[50]}")).to_be_in_viewport()


def test_on_a_phone_a_thread_is_a_page_that_back_leaves(
    server: Server, windows: Windows, bo: SimpleClient
) -> None:
    root = say(bo, "Shall we?")
    say(bo, "yes", thread=root)
    phone = {"width": 390, "height": 844}
    ana = enter(windows, server, "ana", viewport=phone, has_touch=True, is_mobile=True)

    row(ana, root).locator(".replies-other").tap()

    expect(replies(pane(ana))).to_have_text(["yes"])
    whole = {"x": 0, "y": 0, **phone}
    wait_until(lambda: pane(ana).bounding_box() == whole, what="the thread over the whole page")
    found = violations(ana.page)
    ana.page.go_back()
    expect(pane(ana)).to_be_hidden()
    expect(ana.heading).to_have_text("General")
    line(ana, root).tap()
    pane(ana).get_by_role("button", name="Back to the room").tap()
    expect(pane(ana)).to_be_hidden()
    assert found == []


def test_a_room_without_threads_has_no_controls_and_one_that_requires_them_no_loose_replies(
    server: Server, windows: Windows, bo: SimpleClient
) -> None:
    olga = with_account(server, "Olga")
    call(olga, "create", {"room": "quiet", "title": "Quiet"})
    call(bo, "join", {"room": "quiet"})
    root = say(bo, "Shall we?", room="quiet")
    say(bo, "in the thread", room="quiet", thread=root)
    ana = enter(windows, server, "ana", "/rooms/quiet")

    call(olga, "update", {"room": "quiet", "threads": "off"})
    comes_true(ana.page, f"{CHAT}.current.threads === 'off'")
    row(ana, root).hover()
    ana.page.get_by_role("button", name="More actions").click()
    expect(ana.page.get_by_role("menuitem", name="Copy link")).to_be_visible()
    expect(ana.page.get_by_role("menuitem", name="Reply in thread")).to_be_hidden()
    ana.page.keyboard.press("Escape")
    line(ana, root).click()
    expect(replies(row(ana, root))).to_have_text(["in the thread"])
    expect(row(ana, root).locator("textarea")).to_be_hidden()

    call(olga, "update", {"room": "quiet", "threads": "required"})

    composer = ana.page.locator(".write textarea")
    expect(composer).to_have_attribute("placeholder", "Start a thread in Quiet")
    expect(row(ana, root).locator("textarea")).to_be_visible()
    line(ana, root).click()
    row(ana, root).focus()
    ana.page.keyboard.press("r")
    expect(row(ana, root).locator("textarea")).to_be_focused()
    olga.disconnect()
