"""A room in which much is said stays readable, and typing in it stays smooth."""

import time
from collections.abc import Callable

from playwright.sync_api import CDPSession, expect
from socketio import SimpleClient

from tests.page.people import enter
from tests.support.browser import Windows
from tests.support.server import Server

Connect = Callable[..., SimpleClient]

PER_SECOND = 50
SECONDS = 6
BUSY_AT_MOST = 0.5
"""Of the time. It was a third when this was written, and all of it before frames were gathered."""


def seconds_at_work(session: CDPSession) -> float:
    """The processor time of the page's main thread so far; what others do does not count."""
    metrics = session.send("Performance.getMetrics")["metrics"]
    return float(next(each["value"] for each in metrics if each["name"] == "TaskDuration"))


def test_at_fifty_messages_a_second_the_page_has_time_left(
    server: Server, windows: Windows, connect: Connect
) -> None:
    script = connect("script")
    ana = enter(windows, server, "ana")
    session = ana.page.context.new_cdp_session(ana.page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})
    ana.page.wait_for_timeout(500)

    before, begun = seconds_at_work(session), time.monotonic()
    for number in range(PER_SECOND * SECONDS):
        script.emit("message", {"text": f"number {number}, see https://example.org/{number}"})
        time.sleep(max(0.0, begun + number / PER_SECOND - time.monotonic()))
        if number % PER_SECOND == 0:
            ana.composer.press("x")

    expect(ana.sent.last).to_contain_text(f"number {PER_SECOND * SECONDS - 1},")
    expect(ana.composer).to_have_value("x" * SECONDS)
    assert ana.sent.count() <= 100
    busy = (seconds_at_work(session) - before) / SECONDS
    assert busy <= BUSY_AT_MOST, f"{busy:.0%} of the time"
