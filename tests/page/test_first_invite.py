"""The link for the others that a new owner finds: beside all else, never over it."""

from playwright.sync_api import Locator, Page, expect

from tests.admin.test_in_browser import setup_link
from tests.page.people import Person
from tests.support.accounts import PASSWORD
from tests.support.browser import RECORD_SHIFTS, Windows
from tests.support.server import Server

BESIDE = (".room-header", "message-log", "message-composer", "member-list")
WINDOWS = ((1280, 800), (820, 1100), (390, 844), (640, 400))
WITHOUT_CLIPBOARD = "delete Navigator.prototype.clipboard"
"""As on plain http from another machine."""


def new_owner(page: Page, server: Server) -> Locator:
    page.goto(setup_link(server))
    page.get_by_label("Your name").fill("Ana")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Make the account").click()
    Person(page, "Ana").is_online()
    return page.get_by_role("complementary", name="The chat is yours")


def overlap(one: Locator, other: Locator) -> bool:
    a, b = one.bounding_box(), other.bounding_box()
    assert a, one
    if b is None:  # A drawer that is closed.
        return False
    apart = a["x"] + a["width"] <= b["x"] or b["x"] + b["width"] <= a["x"]
    return not apart and a["y"] + a["height"] > b["y"] and b["y"] + b["height"] > a["y"]


def test_it_covers_nothing_in_any_window_and_moves_nothing_as_it_comes(
    server: Server, page: Page
) -> None:
    page.add_init_script(RECORD_SHIFTS)
    invite = new_owner(page, server)
    assert page.evaluate("window.shift") < 0.001

    for width, height in WINDOWS:
        page.set_viewport_size({"width": width, "height": height})
        expect(invite).to_be_in_viewport()
        expect(page.locator("message-composer")).to_be_in_viewport(ratio=1)
        for other in BESIDE:
            assert not overlap(invite, page.locator(other)), (width, other)
    page.set_viewport_size({"width": 1280, "height": 800})
    expect(page.get_by_role("complementary", name="Who is here")).to_contain_text("Ana")


def test_the_link_is_copied_without_a_clipboard_too_and_shown_to_a_camera(
    server: Server, windows: Windows
) -> None:
    page = windows.open()
    page.add_init_script(WITHOUT_CLIPBOARD)
    invite = new_owner(page, server)

    invite.get_by_role("button", name="Copy the link").click()
    expect(invite.get_by_role("button", name="Copied")).to_be_visible()
    invite.get_by_role("button", name="Show it to a camera").click()
    expect(page.get_by_role("dialog", name="Show it to a camera").locator("svg")).to_be_visible()
    page.keyboard.press("Escape")
    page.locator("message-composer textarea").press("Control+v")

    link = invite.locator("code").first.text_content()
    assert link is not None
    expect(page.locator("message-composer textarea")).to_have_value(link)
