"""On a phone, Back closes what is open, and only then leads to the room before."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from socketio import SimpleClient

from tests.page.people import Person, enter
from tests.support.browser import Windows, comes_true
from tests.support.server import Server

Connect = Callable[..., SimpleClient]
PHONE = {"viewport": {"width": 390, "height": 700}, "has_touch": True, "is_mobile": True}


@pytest.fixture
def ana(house: Server, windows: Windows, connect: Connect) -> Person:
    connect("bo", url=house.url).call("create", {"room": "design", "title": "Design"})
    return enter(windows, house, "ana", **PHONE)


def open_rooms(ana: Person) -> None:
    ana.page.get_by_role("button", name="Rooms").click()
    expect(ana.page.locator("#sidebar:popover-open")).to_be_visible()


def is_covered(page: Page) -> None:
    """Waits until the browser has an entry in its history for what is open."""
    comes_true(page, "history.state?.isCovered === true")


def test_back_closes_a_dialog_and_then_a_drawer_but_not_the_chat(ana: Person) -> None:
    page = ana.page

    page.get_by_role("button", name="Details").click()
    is_covered(page)
    page.go_back()
    expect(page.locator("dialog[open]")).to_have_count(0)
    open_rooms(ana)
    is_covered(page)
    page.go_back()

    expect(page.locator(":popover-open")).to_have_count(0)
    expect(ana.heading).to_have_text("General")


def test_what_was_closed_otherwise_leaves_nothing_to_go_back_through(ana: Person) -> None:
    page = ana.page
    open_rooms(ana)
    ana.room("Design").click()
    expect(ana.heading).to_have_text("Design")
    page.get_by_role("button", name="Details").click()
    is_covered(page)
    page.get_by_role("dialog").get_by_role("button", name="Close").click()
    expect(page.locator("dialog[open]")).to_have_count(0)
    expect(ana.heading).to_have_text("Design")
    comes_true(page, "history.state === null")

    page.go_back()

    expect(ana.heading).to_have_text("General")
