"""A room opens at the first message that one has not read, however much was said since."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, expect
from socketio import SimpleClient

from tests.page.people import Person, enter
from tests.support.browser import Windows
from tests.support.server import Server
from tests.support.waiting import wait_until

Connect = Callable[..., SimpleClient]

READ = 120
UNREAD = 300


@pytest.fixture
def bo(connect: Connect) -> SimpleClient:
    bo = connect("bo")
    bo.call("create", {"room": "design", "title": "Design"})
    say(bo, 1, READ)
    return bo


def say(bo: SimpleClient, first: int, last: int) -> None:
    for number in range(first, last + 1):
        bo.call(
            "message", {"room": "design", "text": f"number {number} " + "more " * (number % 30)}
        )


def row(person: Person, seq: int) -> Locator:
    return person.page.locator(f".messages > [data-seq='{seq}']")


def is_at_the_first_unread(person: Person) -> None:
    """It stands in the upper part of the screen, under the line, with what was read above it."""
    first = row(person, READ + 1)
    expect(first).to_be_in_viewport(ratio=1)
    expect(first.locator("unread-line")).to_have_text("New")
    expect(row(person, READ)).to_be_in_viewport()

    def is_in_the_upper_half() -> bool:
        place, scroller = first.bounding_box(), person.scroller.bounding_box()
        assert place is not None
        assert scroller is not None
        return place["y"] - scroller["y"] < scroller["height"] / 2

    wait_until(is_in_the_upper_half, what="the first unread message in the upper half")
    expect(person.page.get_by_role("button", name=f"{UNREAD} new messages")).to_be_visible()


def unread_of(person: Person) -> Locator:
    return person.room("Design").locator(".news [aria-hidden]")


def test_a_page_opens_at_the_first_of_hundreds_and_again_after_a_reload(
    server: Server, windows: Windows, bo: SimpleClient
) -> None:
    ana = enter(windows, server, "ana", "/rooms/design")
    expect(row(ana, READ)).to_be_in_viewport()
    ana.page.goto("about:blank")
    say(bo, READ + 1, READ + UNREAD)

    ana.page.goto(f"{server.url}/rooms/design")
    ana.is_online()
    is_at_the_first_unread(ana)
    ana.page.reload()
    ana.is_online()
    is_at_the_first_unread(ana)

    expect(unread_of(ana)).to_have_text("99+")
    ana.page.get_by_role("button", name=f"{UNREAD} new messages").click()
    expect(row(ana, READ + UNREAD)).to_be_in_viewport()
    expect(unread_of(ana)).to_be_hidden()
    ana.page.reload()
    ana.is_online()
    expect(row(ana, READ + UNREAD)).to_be_in_viewport()
    expect(ana.page.locator("[data-first-unread]")).to_have_count(0)


def test_a_room_that_one_goes_to_opens_there_too_and_is_read_by_scrolling_down(
    server: Server, windows: Windows, bo: SimpleClient
) -> None:
    ana = enter(windows, server, "ana", "/rooms/design")
    expect(row(ana, READ)).to_be_in_viewport()
    ana.page.goto(server.url)
    ana.is_online()
    say(bo, READ + 1, READ + UNREAD)
    expect(unread_of(ana)).to_have_text("99+")

    ana.room("Design").click()
    is_at_the_first_unread(ana)

    def newest_has_come() -> int:
        ana.scroller.evaluate("scroller => scroller.scrollBy(0, scroller.clientHeight)")
        return row(ana, READ + UNREAD).count()

    wait_until(newest_has_come, what="the newest message")
    ana.scroller.evaluate("scroller => scroller.scrollTo(0, 0)")
    expect(row(ana, READ + UNREAD)).to_be_in_viewport()
    expect(unread_of(ana)).to_be_hidden()


PHONE = {"width": 390, "height": 844}


@pytest.mark.parametrize("viewport", [None, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("way", ["click", "load"])
def test_a_few_new_messages_at_the_end_are_seen_and_read(
    server: Server, windows: Windows, bo: SimpleClient, viewport: dict[str, int] | None, way: str
) -> None:
    options = {"viewport": viewport} if viewport else {}
    ana = enter(windows, server, "ana", "/rooms/design", **options)
    expect(row(ana, READ)).to_be_in_viewport()
    ana.page.goto(server.url)
    ana.is_online()
    news = 2
    say(bo, READ + 1, READ + news)
    expect(unread_of(ana)).to_have_text(str(news))

    if way == "load":
        ana.page.goto(f"{server.url}/rooms/design")
    else:
        if viewport:
            ana.page.get_by_role("button", name="Rooms").click()
        ana.room("Design").click()

    expect(row(ana, READ + 1).locator("unread-line")).to_have_text("New")
    expect(row(ana, READ + news)).to_be_in_viewport(ratio=1)
    expect(ana.page.locator(".to-newest")).to_be_hidden()
    expect(unread_of(ana)).to_be_hidden()
    assert ana.scroller.evaluate("scroller => scroller.scrollTop") > -2
