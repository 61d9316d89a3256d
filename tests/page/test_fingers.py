"""On a phone: what fingers do, and that each of it has a button."""

import re

from playwright.sync_api import Locator, Page, expect

from tests.page.people import Person, enter
from tests.support.browser import Windows, comes_true
from tests.support.server import Server
from tests.support.waiting import wait_until

REACTIONS = ("👍", "❤️", "😂", "🎉", "😮", "🙏")
PHONE = {"width": 390, "height": 700}
AT_REST = "Promise.all(document.getAnimations().map((one) => one.finished)).then(() => null)"


def on_the_phone(windows: Windows, house: Server, name: str) -> tuple[Person, "Finger"]:
    person = enter(windows, house, name, viewport=PHONE, has_touch=True, is_mobile=True)
    return person, Finger(person.page)


class Finger:
    """One finger, as the browser gets it from the screen; on a page that has learnt of fingers,
    unless it `waits` for nothing."""

    def __init__(self, page: Page, *, waits: bool = True) -> None:
        if waits:
            comes_true(page, "customElements.get('touch-gestures') !== undefined")
        self._session = page.context.new_cdp_session(page)

    def swipe(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        (x, y), (to_x, to_y) = start, end
        self._touch("touchStart", x, y)
        for step in range(1, 6):
            self._touch("touchMove", x + (to_x - x) * step / 5, y + (to_y - y) * step / 5)
        self._touch("touchEnd")

    def press(self, what: Locator) -> None:
        box = what.bounding_box()
        assert box
        self._touch("touchStart", box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)

    def lift(self) -> None:
        self._touch("touchEnd")

    def _touch(self, kind: str, *place: float) -> None:
        points = [dict(zip("xy", place, strict=True))] if place else []
        self._session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})


def test_rooms_and_people_come_in_from_their_edges(house: Server, windows: Windows) -> None:
    ana, finger = on_the_phone(windows, house, "ana")
    rooms, people = ana.page.locator("#sidebar"), ana.page.locator("#members")

    finger.swipe((5, 400), (200, 410))
    expect(rooms).to_be_visible()
    finger.swipe((200, 400), (40, 400))
    expect(rooms).to_be_hidden()
    finger.swipe((385, 400), (200, 400))
    expect(people).to_be_visible()
    finger.swipe((150, 400), (350, 400))
    expect(people).to_be_hidden()

    ana.page.get_by_role("button", name="Rooms").tap()
    expect(rooms).to_be_visible()


def test_a_swipe_from_the_edge_is_kept_from_the_browser_which_would_go_back_in_history(
    house: Server, windows: Windows
) -> None:
    """Debian's headless shell does not go back; the Chromium that has windows does."""
    pia, finger = on_the_phone(windows, house, "pia")
    pia.page.evaluate(
        """window.kept = [];
        addEventListener("touchmove", (event) => kept.push(event.defaultPrevented));
        addEventListener("touchend", () => kept.push("end"))"""
    )

    def swiped(start: tuple[float, float], end: tuple[float, float]) -> set[bool]:
        finger.swipe(start, end)
        comes_true(pia.page, 'kept.at(-1) === "end"')
        return set(pia.page.evaluate("kept.splice(0)")) - {"end"}

    assert swiped((5, 400), (200, 410)) == {True}
    expect(pia.page.locator("#sidebar")).to_be_visible()
    assert swiped((200, 400), (40, 400)) == {True}
    expect(pia.page.locator("#sidebar")).to_be_hidden()
    assert swiped((5, 300), (5, 500)) == {False}


def test_what_is_no_swipe_from_the_edge_opens_nothing(house: Server, windows: Windows) -> None:
    bo, finger = on_the_phone(windows, house, "bo")
    bo.page.evaluate(
        """window.opened = [];
        for (const id of ["sidebar", "members"]) {
          document.getElementById(id).addEventListener("beforetoggle", () => opened.push(id));
        }"""
    )

    finger.swipe((150, 400), (350, 400))
    finger.swipe((5, 200), (60, 500))
    finger.swipe((5, 400), (30, 400))
    finger.swipe((385, 400), (200, 400))

    expect(bo.page.locator("#members")).to_be_visible()
    assert bo.page.evaluate("opened") == ["members"]


def said(windows: Windows, house: Server, name: str, text: str) -> tuple[Person, "Finger"]:
    """Somebody on the phone who has said something, so that there is a message to touch."""
    person, finger = on_the_phone(windows, house, name)
    person.say(text)
    expect(person.sent.last).to_have_text(text)
    expect(person.unsent).to_have_count(0)
    return person, finger


def middle_of(what: Locator) -> tuple[float, float]:
    box = what.bounding_box()
    assert box
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def test_a_long_press_opens_a_sheet_from_below_with_what_one_can_do_with_a_message(
    house: Server, windows: Windows
) -> None:
    cy, finger = said(windows, house, "cy", "press me")
    cy.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    sheet = cy.page.get_by_role("dialog", name="Message actions")

    finger.press(cy.sent.last)
    expect(sheet).to_be_visible()
    finger.lift()
    expect(sheet).to_be_visible()

    expect(sheet.get_by_role("menuitem").filter(visible=True)).to_have_text(
        [
            *(
                *REACTIONS,
                "",
                "Reply",
                "Reply in thread",
                "Quote",
                "Forward…",
                "Copy text",
                "Copy link",
            ),
            *("Save for later", "Remind me…"),
            *("Select messages", "Mark as unread", "Move messages…", "Edit", "Delete…"),
        ]
    )
    cy.page.evaluate(AT_REST)
    box = sheet.bounding_box()
    assert box
    assert (box["x"], box["width"]) == (0, PHONE["width"])
    assert box["y"] + box["height"] == PHONE["height"]
    sheet.get_by_role("menuitem", name="Copy text").tap()
    expect(cy.page.locator(".toast")).to_have_text("Copied")
    assert cy.page.evaluate("navigator.clipboard.readText()") == "press me"


def test_back_and_a_tap_beside_it_close_the_sheet(house: Server, windows: Windows) -> None:
    ida, finger = said(windows, house, "ida", "press me too")
    sheet = ida.page.get_by_role("dialog", name="Message actions")

    for close in (ida.page.go_back, lambda: ida.page.touchscreen.tap(100, 20)):
        finger.press(ida.sent.last)
        expect(sheet).to_be_visible()
        finger.lift()
        comes_true(ida.page, "history.state?.isCovered === true")
        close()
        expect(sheet).to_be_hidden()
        comes_true(ida.page, "history.state?.isCovered !== true")
    expect(ida.composer).to_be_visible()


def test_a_swipe_to_the_end_answers_and_let_go_early_does_nothing(
    house: Server, windows: Windows
) -> None:
    flo, finger = said(windows, house, "flo", "swipe me")
    aim = flo.page.locator(".aim")
    x, y = middle_of(flo.sent.last)

    finger.swipe((x, y), (x + 45, y))
    finger.swipe((x, y), (x - 90, y))
    finger.swipe((x, y), (x + 60, y + 60))
    expect(aim).to_be_hidden()
    expect(flo.page.locator("[data-swiped]")).to_have_count(0)
    finger.swipe((x, y), (x + 90, y))

    expect(aim).to_contain_text("Replying to")
    expect(flo.composer).to_be_focused()
    aim.get_by_role("button", name="Cancel").tap()
    expect(aim).to_be_hidden()


def test_a_tap_on_a_name_opens_who_it_is_and_nothing_else(house: Server, windows: Windows) -> None:
    eve, _ = on_the_phone(windows, house, "eve")
    eve.say("tap my name")
    expect(eve.sent.last).to_have_text("tap my name")

    eve.page.locator(".messages > [data-seq] .sender").last.tap()

    expect(eve.page.get_by_role("dialog").filter(has_text="@eve")).to_be_visible()
    expect(eve.page.get_by_role("menu")).to_have_count(0)
    eve.page.keyboard.press("Escape")
    eve.say("a long text " * 200)
    eve.page.get_by_role("button", name="Show all").tap()
    expect(eve.page.get_by_role("button", name="Show less")).to_be_visible()


def test_where_the_keyboard_lies_over_the_page_it_ends_above_it(
    house: Server, windows: Windows
) -> None:
    """As on an iPhone, which only says so by its visual viewport."""
    gil, _ = on_the_phone(windows, house, "gil")

    gil.page.evaluate(
        """Object.defineProperty(visualViewport, "height", { value: 400, configurable: true });
        visualViewport.dispatchEvent(new Event("resize"))"""
    )

    def ends_above_it() -> bool:
        box = gil.composer.bounding_box()
        return box is not None and box["y"] + box["height"] <= 400

    wait_until(ends_above_it, what="the composer to move up")
    gil.page.evaluate(
        "delete visualViewport.height; visualViewport.dispatchEvent(new Event('resize'))"
    )
    expect(gil.page.locator("html")).not_to_have_attribute("style", re.compile("seen-height"))
