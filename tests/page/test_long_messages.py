"""A text that would fill the screen: its beginning, and all of it for who asks."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, expect
from socketio import SimpleClient

from tests.page.people import Person, enter
from tests.support.browser import RECORD_SHIFTS, Windows, nothing_has_moved
from tests.support.server import Server

Connect = Callable[..., SimpleClient]

WORDS = "and so on " * 500 + "https://example.org/end"
LINES = "```python\n" + "line\n" * 40 + "```"


def height(what: Locator) -> float:
    box = what.bounding_box()
    assert box
    return box["height"]


def top(what: Locator) -> float:
    box = what.bounding_box()
    assert box
    return box["y"]


@pytest.fixture
def ana(server: Server, windows: Windows, connect: Connect) -> Person:
    bo, cy = connect("bo"), connect("cy")
    for somebody, text in ((bo, "short"), (bo, LINES), (cy, WORDS)):
        somebody.call("message", {"text": text})
    return enter(windows, server, "ana")


def test_one_sees_its_beginning_until_one_asks_for_more(ana: Person) -> None:
    row = ana.page.locator(".messages > [data-seq]").last
    text = row.locator(".text")
    expect(row.locator(".sender")).to_be_in_viewport()
    assert height(text) < 300
    assert height(ana.sent.nth(1)) < 320
    expect(ana.page.get_by_role("button", name="Show all")).to_have_count(2)
    before = top(row)

    row.get_by_role("button", name="Show all").click()

    assert height(text) > 400
    assert abs(top(row) - before) < 1
    ana.scroller.evaluate("scroller => scroller.scrollTo(0, 0)")
    row.get_by_role("button", name="Show less", expanded=True).click()
    assert height(text) < 300
    expect(row.locator(".sender")).to_be_in_viewport()


def test_of_a_long_block_of_code_the_beginning_is_shown(ana: Person) -> None:
    row = ana.page.locator(".messages > [data-seq]").nth(1)
    code = row.locator("pre")
    whole = row.get_by_role("button", name="Show all 40 lines", expanded=False)
    expect(row.locator(".code-language")).to_have_text("python")
    expect(row.get_by_role("button", name="Show all", exact=True)).to_be_hidden()
    folded = height(code)

    whole.focus()
    ana.page.keyboard.press("Enter")

    less = row.get_by_role("button", name="Show less", expanded=True)
    expect(less).to_be_focused()
    assert height(code) > 2 * folded
    less.click()
    assert height(code) == folded
    expect(row.locator(".code")).to_be_in_viewport()


def test_who_goes_through_the_links_by_keyboard_sees_them(ana: Person) -> None:
    row = ana.page.locator(".messages > [data-seq]").last
    ana.composer.press("Shift+Tab")
    row.focus()

    ana.page.keyboard.press("Tab")

    expect(row.get_by_role("link")).to_be_focused()
    assert height(row.locator(".text")) > 400


def test_nothing_moves_as_the_page_loads(ana: Person) -> None:
    ana.page.add_init_script(RECORD_SHIFTS)

    ana.page.reload()
    ana.is_online()

    assert height(ana.sent.last) < 300
    nothing_has_moved(ana.page)


def test_on_a_phone_a_long_text_is_written_over_the_whole_width(ana: Person) -> None:
    ana.page.set_viewport_size({"width": 390, "height": 844})
    ana.write("short")
    send = ana.page.get_by_role("button", name="Send")
    assert top(send) < top(ana.composer) + height(ana.composer)

    ana.write("and so on " * 30)

    box = ana.composer.bounding_box()
    assert box
    assert box["width"] > 340
    assert top(send) >= box["y"] + box["height"]
