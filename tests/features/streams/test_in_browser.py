"""A browser's own `EventSource`, with the session of the page."""

from collections.abc import Callable

from socketio import SimpleClient

from tests.page.people import enter
from tests.support.browser import RESTARTING, Windows, comes_true
from tests.support.server import Server
from tests.test_way_of_a_message import call

FOLLOW = """() => {
    window.heard = [];
    window.stream = new EventSource("/api/v1/rooms/general/stream");
    for (const name of ["ready", "message"]) {
        stream.addEventListener(name, (event) => {
            const { text = name } = JSON.parse(event.data);
            heard.push(`${event.lastEventId} ${text}`);
        });
    }
}"""


def test_an_event_source_follows_and_goes_on_where_it_was(
    server: Server, windows: Windows, connect: Callable[..., SimpleClient]
) -> None:
    windows.complaints.expect(rf"{RESTARTING}|ERR_INCOMPLETE_CHUNKED_ENCODING")
    ana = enter(windows, server, "ana")
    ana.page.evaluate(FOLLOW)
    comes_true(ana.page, "heard.length === 1")
    call(connect("ben"), "message", {"text": "before"})
    comes_true(ana.page, "heard.length === 2")

    server.kill9()
    server.start()
    call(connect("eva"), "message", {"text": "after"})

    comes_true(ana.page, "heard.includes('2 after')")
    heard = [each for each in ana.page.evaluate("heard") if "ready" not in each]
    assert heard == ["1 before", "2 after"]
