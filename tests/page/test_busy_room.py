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
LAYOUTS_AT_MOST = 2.2
STYLES_AT_MOST = 3.6
"""How often the page is laid out and its styles are found for each message: 1.7 and 2.8 where each
has a frame of its own, less on a slow machine, and one more each time that something asks for a
place in between. benchmarks/page/chat_page.py measures how long it takes."""


def counted(session: CDPSession) -> tuple[float, float]:
    """How often the page was laid out and its styles were found so far."""
    metrics = session.send("Performance.getMetrics")["metrics"]
    values = {each["name"]: float(each["value"]) for each in metrics}
    return values["LayoutCount"], values["RecalcStyleCount"]


def test_at_fifty_messages_a_second_the_page_does_little_for_each(
    server: Server, windows: Windows, connect: Connect
) -> None:
    script = connect("script")
    ana = enter(windows, server, "ana")
    session = ana.page.context.new_cdp_session(ana.page)
    session.send("Performance.enable")

    before, begun = counted(session), time.monotonic()
    for number in range(PER_SECOND * SECONDS):
        script.emit("message", {"text": f"number {number}, see https://example.org/{number}"})
        time.sleep(max(0.0, begun + number / PER_SECOND - time.monotonic()))
        if number % PER_SECOND == 0:
            ana.composer.press("x")

    expect(ana.sent.last).to_contain_text(f"number {PER_SECOND * SECONDS - 1},")
    expect(ana.composer).to_have_value("x" * SECONDS)
    assert ana.sent.count() <= 100
    layouts, styles = (now - then for now, then in zip(counted(session), before, strict=True))
    assert layouts <= LAYOUTS_AT_MOST * PER_SECOND * SECONDS
    assert styles <= STYLES_AT_MOST * PER_SECOND * SECONDS
