"""A room in which much is said stays readable, and typing in it stays smooth."""

import time
from collections.abc import Callable

from playwright.sync_api import CDPSession, Page, expect
from socketio import SimpleClient

from tests.page.people import enter
from tests.support.browser import Windows
from tests.support.server import Server

Connect = Callable[..., SimpleClient]

PER_SECOND = 50
SECONDS = 6
WORK_AT_MOST = 36.0
"""As much as so many runs of `A_PIECE_OF_WORK`, which says how quick this machine is just now. It
is 15 to 30, by the machine; one `:has()` about the whole page made it 33 to 39, and it was three
times as much before frames were gathered."""
A_PIECE_OF_WORK = """() => {
  const list = document.createElement("ul");
  document.body.append(list);
  for (let number = 0; number < 400; number++) {
    const item = document.createElement("li");
    item.textContent = `number ${number}, see https://example.org/${number}`;
    list.append(item);
    list.offsetHeight;
  }
  list.remove();
}"""


def seconds_at_work(session: CDPSession) -> float:
    """The processor time of the page's main thread so far; what others do does not count."""
    metrics = session.send("Performance.getMetrics")["metrics"]
    return float(next(each["value"] for each in metrics if each["name"] == "TaskDuration"))


def of_a_piece(page: Page, session: CDPSession) -> float:
    before = seconds_at_work(session)
    page.evaluate(A_PIECE_OF_WORK)
    return seconds_at_work(session) - before


def test_at_fifty_messages_a_second_the_page_has_time_left(
    server: Server, windows: Windows, connect: Connect
) -> None:
    script = connect("script")
    ana = enter(windows, server, "ana")
    session = ana.page.context.new_cdp_session(ana.page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})
    ana.page.wait_for_timeout(500)
    piece = min(of_a_piece(ana.page, session) for _ in range(5))

    before, begun = seconds_at_work(session), time.monotonic()
    for number in range(PER_SECOND * SECONDS):
        script.emit("message", {"text": f"number {number}, see https://example.org/{number}"})
        time.sleep(max(0.0, begun + number / PER_SECOND - time.monotonic()))
        if number % PER_SECOND == 0:
            ana.composer.press("x")

    expect(ana.sent.last).to_contain_text(f"number {PER_SECOND * SECONDS - 1},")
    expect(ana.composer).to_have_value("x" * SECONDS)
    assert ana.sent.count() <= 100
    work = seconds_at_work(session) - before
    assert work <= WORK_AT_MOST * piece, f"{work:.1f} s, as {work / piece:.0f} pieces"
