"""Scrolling back, and what comes in meanwhile."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect
from socketio import SimpleClient

from tests.page.people import BACK_MS, TO_THE_TOP, Person, enter
from tests.support.browser import Windows
from tests.support.server import Server

Connect = Callable[..., SimpleClient]
Wait = Callable[..., object]


@pytest.fixture
def script(connect: Connect) -> SimpleClient:
    return connect("script")


def say_much(script: SimpleClient, first: int, last: int) -> None:
    for number in range(first, last + 1):
        script.call("message", {"text": f"number {number}\n" + "more " * (number % 40)})


def look_at(person: Person, seq: int) -> None:
    person.scroll(f"document.querySelector('[data-seq=\"{seq}\"]').scrollIntoView()")


def position_of(person: Person, seq: int) -> float:
    box = person.page.locator(f"[data-seq='{seq}']").bounding_box()
    assert box is not None
    return box["y"]


def test_older_pages_load_as_one_scrolls_up_without_a_jump(
    server: Server, windows: Windows, script: SimpleClient
) -> None:
    say_much(script, 1, 130)
    ana = enter(windows, server, "ana")
    expect(ana.sent).to_have_count(50)

    reading = 90
    look_at(ana, reading)
    before = position_of(ana, reading)
    expect(ana.sent).to_have_count(100)

    assert position_of(ana, reading) == pytest.approx(before, abs=1)
    look_at(ana, 35)
    expect(ana.sent).to_have_count(130)
    ana.scroll(TO_THE_TOP)
    expect(ana.page.locator(".beginning")).to_be_in_viewport()
    numbers = [int(text.split()[1]) for text in ana.sent.all_text_contents()]
    assert numbers == list(range(1, 131))


def test_what_one_reads_stays_where_it_is_when_new_messages_come(
    server: Server, windows: Windows, script: SimpleClient
) -> None:
    say_much(script, 1, 50)
    ana = enter(windows, server, "ana")
    look_at(ana, 20)
    before = position_of(ana, 20)

    say_much(script, 51, 53)

    pill = ana.page.get_by_role("button", name="3 new messages")
    expect(pill).to_be_visible()
    assert position_of(ana, 20) == pytest.approx(before, abs=1)
    pill.click()
    expect(ana.page.locator("[data-seq='53']")).to_be_in_viewport()
    expect(pill).to_be_hidden()


def test_at_the_end_new_messages_stay_in_view(
    server: Server, windows: Windows, script: SimpleClient
) -> None:
    say_much(script, 1, 30)
    ana = enter(windows, server, "ana")
    expect(ana.page.locator("[data-seq='30']")).to_be_in_viewport(ratio=0.9)

    say_much(script, 31, 35)

    expect(ana.page.locator("[data-seq='35']")).to_be_in_viewport(ratio=0.9)


def test_a_long_evening_does_not_fill_the_page(
    server: Server, windows: Windows, script: SimpleClient
) -> None:
    ana = enter(windows, server, "ana")

    say_much(script, 1, 300)

    expect(ana.sent.last).to_contain_text("number 300")
    assert ana.sent.count() <= 100
    ana.scroll(TO_THE_TOP)
    expect(ana.page.locator("[data-seq='200']")).to_be_attached()


def test_older_messages_that_do_not_come_can_be_asked_for_again(
    server: Server, windows: Windows, script: SimpleClient
) -> None:
    say_much(script, 1, 120)
    ana = enter(windows, server, "ana")
    windows.complaints.expect("WebSocket|ERR_")
    ana.page.context.set_offline(True)
    server.kill9()
    expect(ana.banner).to_be_visible()
    ana.scroll(TO_THE_TOP)
    assert ana.sent.count() == 50

    ana.page.context.set_offline(False)
    server.start()

    expect(ana.sent).not_to_have_count(50, timeout=BACK_MS)
