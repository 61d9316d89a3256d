"""On a phone: what fingers do, and that each of it has a button."""

from playwright.sync_api import CDPSession, Locator, expect

from tests.page.people import Person, enter
from tests.support.browser import Windows, comes_true
from tests.support.server import Server

PHONE = {"width": 390, "height": 700}


def on_the_phone(windows: Windows, house: Server, name: str) -> tuple[Person, "Finger"]:
    person = enter(windows, house, name, viewport=PHONE, has_touch=True, is_mobile=True)
    return person, Finger(person.page.context.new_cdp_session(person.page))


class Finger:
    """One finger, as the browser gets it from the screen."""

    def __init__(self, session: CDPSession) -> None:
        self._session = session

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


def test_a_long_press_shows_what_one_can_do_with_a_message(house: Server, windows: Windows) -> None:
    cy, finger = on_the_phone(windows, house, "cy")
    cy.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    cy.say("press me")
    cy.sees("press me")
    actions = cy.page.get_by_role("group", name="Message actions")

    finger.press(cy.sent.last)
    expect(actions).to_be_visible()
    finger.lift()
    expect(actions).to_be_visible()

    box = actions.bounding_box()
    assert box
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= PHONE["width"]
    actions.get_by_role("button", name="Copy text").tap()
    expect(cy.page.locator(".toast")).to_have_text("Copied")
    assert cy.page.evaluate("navigator.clipboard.readText()") == "press me"


def test_the_dots_of_a_message_stand_beside_what_is_said_whichever_way_it_runs(
    house: Server, windows: Windows
) -> None:
    dee, _ = on_the_phone(windows, house, "dee")
    for text in ("words " * 30, "كلمات " * 30, "`" + "code " * 30 + "`"):
        dee.say(text)
        expect(dee.unsent).to_have_count(0)
    expect(dee.sent.last.locator("code")).to_be_visible()

    gaps = dee.page.evaluate(
        """() => [...document.querySelectorAll(".messages > [data-seq]")].map((row) => {
          const right = row.querySelector(".text").getBoundingClientRect().right;
          const range = row.querySelector(".for-fingers .icon").getBoundingClientRect();
          return range.left + range.width * 4 / 24 - right;  // The dots begin there in the drawing.
        })"""
    )

    assert len(gaps) >= 3
    assert min(gaps) >= 0, gaps


def test_a_tap_on_a_name_opens_who_it_is_and_nothing_else(house: Server, windows: Windows) -> None:
    eve, _ = on_the_phone(windows, house, "eve")
    eve.say("tap my name")
    expect(eve.sent.last).to_have_text("tap my name")

    eve.page.locator(".messages > [data-seq] .sender").last.tap()

    expect(eve.page.get_by_role("dialog").filter(has_text="@eve")).to_be_visible()
    expect(eve.page.locator("message-actions")).to_be_hidden()
    eve.page.keyboard.press("Escape")
    eve.say("a long text " * 200)
    eve.page.get_by_role("button", name="Show all").tap()
    expect(eve.page.get_by_role("button", name="Show less")).to_be_visible()
    expect(eve.page.locator("message-actions")).to_be_hidden()
