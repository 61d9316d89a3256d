"""One run through the chat without a mouse: everything is reached, and the focus is never lost."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect
from socketio import SimpleClient

from tests.page.people import Person, enter
from tests.support.browser import Windows, comes_true
from tests.support.server import Server
from tests.support.waiting import wait_until

Connect = Callable[..., SimpleClient]

FOCUS = """() => {
  const at = document.activeElement;
  return at === document.body ? "nowhere" : `${at.localName} ${at.ariaLabel ?? at.id}`;
}"""
IS_SOMEWHERE = "document.activeElement !== document.body"

RING = """() => {
  const { outlineStyle, outlineWidth, outlineColor } = getComputedStyle(document.activeElement);
  return { outlineStyle, width: parseFloat(outlineWidth), outlineColor };
}"""


def focus(page: Page) -> str:
    return str(page.evaluate(FOCUS))


def test_the_whole_chat_by_keyboard(server: Server, windows: Windows, connect: Connect) -> None:
    bo = connect("bo")
    bo.call("create", {"room": "design", "title": "Design"})
    bo.call("message", {"text": "from bo"})
    ana = enter_by_keyboard(server, windows)
    page, keys = ana.page, ana.page.keyboard

    # Write, and change it.
    keys.type("my first")
    keys.press("Enter")
    ana.sees("from bo", "my first")
    keys.press("ArrowUp")
    keys.type(", changed")
    keys.press("Enter")
    ana.sees("from bo", "my first, changed")
    expect(ana.composer).to_be_focused()

    # On the rows: react, look at the versions, reply, delete.
    go_to_newest_row(ana)
    keys.press("ArrowUp")
    expect(row(ana, "from bo")).to_be_focused()
    keys.press("+")
    expect(page.locator("message-emoji input")).to_be_focused()
    keys.press("Escape")
    expect(row(ana, "from bo")).to_be_focused()
    keys.press("r")
    expect(ana.composer).to_be_focused()
    keys.type("an answer")
    keys.press("Enter")
    expect(ana.sent.last).to_have_text("an answer")
    go_to_newest_row(ana)
    keys.press("Tab")
    expect(row(ana, "an answer").locator(".quote")).to_be_focused()
    keys.press("Enter")
    expect(ana.page.locator("[data-sought]")).to_be_focused()
    expect(ana.page.locator("[data-sought]")).to_contain_text("from bo")
    keys.press("Escape")
    expect(ana.composer).to_be_focused()
    go_to_newest_row(ana)
    keys.press("Delete")
    expect(page.get_by_role("dialog", name="Delete this message?")).to_be_visible()
    keys.press("Escape")
    expect(row(ana, "an answer")).to_be_focused()
    keys.press("Delete")
    keys.press("Tab")
    expect(page.get_by_role("dialog").get_by_role("button", name="Delete")).to_be_focused()
    keys.press("Enter")
    expect(ana.sent.last).to_contain_text("Deleted by")
    assert focus(page).startswith("li"), "the focus stays where the row was"

    # Dialogs give the focus back.
    ana.use_letters()
    for key in (",", "?", "b", "d", "g", "n"):
        before = focus(page)
        keys.press(key)
        expect(page.locator("dialog[open]")).to_be_visible()
        keys.press("Escape")
        expect(page.locator("dialog[open]")).to_have_count(0)
        wait_until(lambda before=before: focus(page) == before, what=f"the focus back after {key}")

    # Who is here, and who somebody is.
    keys.press("p")
    expect(page.locator("member-list .people")).to_be_focused()
    keys.press("Tab")
    expect(page.get_by_role("button", name="ana", exact=True)).to_be_focused()
    keys.press("Enter")
    expect(page.get_by_role("dialog").filter(has_text="@ana")).to_be_visible()
    keys.press("Escape")
    expect(page.get_by_role("button", name="ana", exact=True)).to_be_focused()
    go_to_newest_row(ana)

    # What lists has its field ready.
    keys.press("b")
    expect(page.get_by_label("Filter rooms")).to_be_focused()
    keys.press("Escape")

    # The search, and the switcher; a room's members; out again.
    keys.press("Control+f")
    keys.type("from")
    expect(page.get_by_role("option").first).to_be_visible()
    keys.press("Enter")
    expect(page.locator("dialog[open]")).to_have_count(0)
    comes_true(page, IS_SOMEWHERE)
    keys.press("Control+k")
    keys.type("des")
    keys.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Design")
    comes_true(page, IS_SOMEWHERE)
    keys.press("Escape")
    tab_to(page, "Options for Design")
    keys.press("Enter")
    keys.press("End")
    expect(page.get_by_role("menuitem", name="Leave room")).to_be_focused()
    keys.press("Enter")
    leave = page.get_by_role("dialog").get_by_role("button", name="Leave room")
    tab_to(page, leave)
    keys.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("General")
    comes_true(page, IS_SOMEWHERE)
    tab_to(page, "ana your menu")
    keys.press("Enter")
    expect(page.get_by_role("menuitemradio", name="Online")).to_be_focused()
    keys.press("End")
    expect(page.get_by_role("menuitem", name="Leave chat")).to_be_focused()
    keys.press("Enter")
    expect(page.get_by_role("heading", name="Welcome")).to_be_visible()


def enter_by_keyboard(server: Server, windows: Windows) -> Person:
    page = windows.open(server.url)
    expect(page.get_by_label("Your name")).to_be_focused()
    page.keyboard.type("ana")
    page.keyboard.press("Enter")
    ana = Person(page, "ana")
    ana.is_online()
    expect(ana.composer).to_be_focused()
    return ana


def go_to_newest_row(ana: Person) -> None:
    """From wherever one is, backwards, as people do."""
    for _ in range(12):
        if ana.page.evaluate("document.activeElement.matches('.message')"):
            return
        ana.page.keyboard.press("Shift+Tab")
    raise AssertionError("no row is reached from the composer")


def row(ana: Person, text: str) -> Any:
    return ana.page.locator(".messages > .message", has_text=text).last


def tab_to(page: Page, name: str | Locator) -> None:
    """Tab until the button of this name has the focus, at most once round the page."""
    button = page.get_by_role("button", name=name) if isinstance(name, str) else name
    expect(button).to_be_visible()
    for _ in range(60):
        page.keyboard.press("Tab")
        if button.evaluate("button => button === document.activeElement"):
            return
    raise AssertionError(f"{name} is not reached")


def test_the_newest_message_is_reached_and_answered_in_a_room_just_opened(
    server: Server, windows: Windows, connect: Connect
) -> None:
    bo = connect("bo")
    for number in range(3):
        bo.call("message", {"text": f"plain {number}"})
    ana = enter(windows, server, "ana")
    expect(ana.page.locator(".messages > [tabindex='0']")).to_have_count(1)

    go_to_newest_row(ana)
    expect(row(ana, "plain 2")).to_be_focused()
    bo.call("message", {"text": "see https://example.org"})
    expect(ana.sent.last).to_have_text("see https://example.org")
    expect(row(ana, "plain 2")).to_have_attribute("tabindex", "0")
    ana.composer.focus()
    ana.page.keyboard.press("Shift+Tab")

    expect(row(ana, "see").get_by_role("link", name="example.org")).to_be_focused()
    ana.page.keyboard.press("r")
    expect(ana.page.locator(".aim")).to_contain_text("see https://example.org")
    expect(ana.composer).to_be_focused()


def test_the_pointer_does_not_move_the_place_that_tab_reaches(
    server: Server, windows: Windows, connect: Connect
) -> None:
    bo = connect("bo")
    for number in range(3):
        bo.call("message", {"text": f"plain {number}"})
    ana = enter(windows, server, "ana")

    row(ana, "plain 0").hover()

    expect(ana.page.get_by_role("button", name="Reply")).to_be_visible()
    expect(row(ana, "plain 2")).to_have_attribute("tabindex", "0")
    expect(ana.page.locator(".messages > [tabindex='0']")).to_have_count(1)


def test_the_focus_stays_on_a_person_while_others_come_and_go(
    server: Server, windows: Windows, connect: Connect
) -> None:
    bo = connect("bo")
    ana = enter(windows, server, "ana")
    names = ana.page.locator("member-list .people .member-name")
    expect(names).to_have_text(["ana", "bo"])
    names.last.focus()

    connect("al")
    expect(names).to_have_text(["al", "ana", "bo"])
    expect(names.last).to_be_focused()
    ana.page.keyboard.press("Enter")
    expect(ana.page.locator("person-card")).to_be_visible()
    connect("cy")
    expect(names).to_have_text(["al", "ana", "bo", "cy"])
    ana.page.keyboard.press("Escape")

    expect(names.nth(2)).to_be_focused()
    bo.disconnect()
    expect(names).to_have_text(["al", "ana", "cy"])
    expect(ana.page.locator("member-list .people")).to_be_focused()


@pytest.mark.parametrize("look", ["light", "dark", "contrast"])
def test_what_has_the_focus_is_ringed(server: Server, windows: Windows, look: str) -> None:
    options: dict[str, Any] = {"contrast": "more"} if look == "contrast" else {"color_scheme": look}
    ana = enter(windows, server, "ana", **options)
    ana.page.evaluate("document.activeElement.blur()")

    for _ in range(24):
        ana.page.keyboard.press("Tab")
        if focus(ana.page) == "nowhere":
            continue  # the browser's own turn, after the end of the page
        ring = ana.page.evaluate(RING)
        has_ring = ring["outlineStyle"] != "none" and ring["width"] >= 2
        is_framed = ana.page.evaluate("document.activeElement.matches('textarea, input')")
        assert has_ring or is_framed, focus(ana.page)
