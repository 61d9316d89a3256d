"""The page and a server that goes away, comes back, refuses."""

import json
import os
import random
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, WebSocketRoute, expect
from socketio import SimpleClient

from tests.page.people import BACK_MS, enter, give_name
from tests.support.browser import RESTARTING, Windows
from tests.support.relay import Relay
from tests.support.server import Server
from tests.support.waiting import wait_until

pytestmark = pytest.mark.service_worker

Connect = Callable[..., SimpleClient]


KILLS = 20 if os.environ.get("TORTURE") else 2
"""TORTURE=1 kills more often."""

GOING_ROUND_MS = 500
"""Long enough for a page to be loaded and refused once more."""


class Wire:
    """The line between a page and its server, in the hands of a test."""

    def __init__(self, page: Page) -> None:
        self.is_deaf = False
        page.route_web_socket("**/socket.io/**", self._relay)

    def cut(self) -> None:
        self._socket.close()

    def say(self, frame: str) -> None:
        """As if the server had said it."""
        self._socket.send(frame)

    def _relay(self, socket: WebSocketRoute) -> None:
        self._socket, server = socket, socket.connect_to_server()
        server.on_message(lambda frame: None if self.is_deaf else socket.send(frame))


@pytest.fixture(autouse=True)
def _servers_may_go_away(windows: Windows) -> None:
    windows.complaints.expect(RESTARTING)


def test_the_page_carries_on_after_kill_9_with_nothing_lost_or_doubled(
    server: Server, windows: Windows, connect: Connect
) -> None:
    ana, bo = enter(windows, server, "ana"), enter(windows, server, "bo")
    ana.say("before 1")
    bo.sees("before 1")
    bo.say("before 2")
    ana.sees("before 1", "before 2")
    bo.sees("before 1", "before 2")

    server.kill9()
    for number in (1, 2, 3):
        ana.say(f"meanwhile {number}")
    expect(ana.unsent).to_have_count(3)
    expect(ana.banner).to_contain_text("Your messages are kept")
    server.start()
    script = connect("script")
    script.call("message", {"text": "first after the restart"})

    expect(ana.sent).to_have_count(6, timeout=BACK_MS)
    expect(bo.sent).to_have_count(6, timeout=BACK_MS)
    assert ana.sent.all_text_contents() == bo.sent.all_text_contents()
    told = [text for text in ana.sent.all_text_contents() if text.startswith("meanwhile")]
    assert told == ["meanwhile 1", "meanwhile 2", "meanwhile 3"]
    expect(ana.unsent).to_have_count(0)
    expect(ana.banner).to_be_hidden()
    bo.say("after")
    expect(ana.sent.last).to_have_text("after")
    expect(ana.page.locator("member-list .member-name")).to_have_text(["ana", "bo", "script"])


def test_a_message_whose_ack_was_lost_is_there_once(server: Server, windows: Windows) -> None:
    page = windows.open()
    wire = Wire(page)
    ana, bo = enter(windows, server, "ana", page=page), enter(windows, server, "bo")

    wire.is_deaf = True
    ana.say("said once")
    bo.sees("said once")
    expect(ana.unsent).to_have_count(1)
    wire.is_deaf = False
    wire.cut()

    ana.sees("said once")
    bo.say("heard")
    ana.sees("said once", "heard")
    bo.sees("said once", "heard")


def test_a_refused_message_says_why_and_can_be_tried_again_or_deleted(
    server: Server, windows: Windows, connect: Connect
) -> None:
    ana = enter(windows, server, "ana")
    script = connect("script")
    script.call("message", {"text": "hello"})
    ana.sees("hello")

    ana.say("\u200d\u200d")

    row = ana.unsent
    expect(row).to_contain_text("Not sent. The message is empty.")
    row.get_by_role("button", name="Try again").click()
    expect(row).to_contain_text("Not sent. The message is empty.")
    row.get_by_role("button", name="Delete").click()
    ana.sees("hello")


def test_who_writes_too_fast_waits_and_loses_nothing(
    new_server: Callable[..., Server], windows: Windows
) -> None:
    server = new_server(CHATAPP_MESSAGE_RATE="3 burst, 1 per second").start()
    ana = enter(windows, server, "ana")
    texts = [f"message {number}" for number in range(6)]

    ana.page.evaluate(SAY_AT_ONCE, texts)

    expect(ana.unsent.first).to_contain_text("Too many messages")
    ana.sees(*texts)


SAY_AT_ONCE = """
(texts) => {
  for (const text of texts) {
    document.querySelector("message-composer textarea").value = text;
    document.querySelector("message-composer form").requestSubmit();
  }
}
"""


def test_who_is_not_known_any_more_is_asked_for_a_name(server: Server, windows: Windows) -> None:
    ana = enter(windows, server, "ana")

    server.kill9()  # first, so that no late answer brings the cookie back
    ana.page.context.clear_cookies()
    server.start()

    expect(ana.page.get_by_role("textbox", name="name")).to_be_visible(timeout=BACK_MS)


def test_a_name_that_somebody_else_took_meanwhile_can_be_changed(
    server: Server, windows: Windows, connect: Connect
) -> None:
    ana = enter(windows, server, "ana")
    server.kill9()
    ana.page.goto("about:blank")
    server.start()
    connect("ana")

    ana.page.goto(server.url)

    expect(ana.banner).to_contain_text("choose another name")
    ana.banner.get_by_role("button", name="Choose another name").click()
    expect(ana.page.get_by_role("textbox", name="name")).to_be_visible()


def test_nobody_has_to_wait_for_the_next_attempt(server: Server, windows: Windows) -> None:
    page = windows.open()
    page.clock.install()
    ana = enter(windows, server, "ana", page=page)
    server.kill9()
    expect(ana.banner).to_be_visible()
    page.clock.pause_at(page.evaluate("Date.now() + 10_000"))
    server.start()

    ana.banner.get_by_role("button", name="Try now").click()

    expect(ana.banner).to_be_hidden()


def test_behind_a_proxy_that_swallows_websockets_the_page_polls(
    server: Server, windows: Windows, connect: Connect
) -> None:
    bo = connect("bo")
    with Relay(server.port, swallowed=b"Upgrade: websocket") as relay:
        page = windows.open()
        page.clock.install()
        give_name(page, server, "ana")
        page.goto(relay.url)
        wait_until(lambda: relay.has_swallowed)
        page.clock.run_for(12_000)

        bo.call("message", {"text": "hola"})

        expect(page.locator(".messages > [data-seq] .text")).to_have_text("hola")


def test_who_was_asked_to_leave_comes_back_only_when_they_want_to(
    server: Server, windows: Windows
) -> None:
    page = windows.open()
    wire = Wire(page)
    ana = enter(windows, server, "ana", page=page)

    wire.say('42["closing",{"reason":"You were asked to leave: enough."}]')
    wire.say("41")

    expect(ana.banner).to_contain_text("You were asked to leave: enough.")
    ana.banner.get_by_role("button", name="Reconnect").click()
    expect(ana.banner).to_be_hidden()
    ana.say("Back again.")
    ana.sees("Back again.")


def test_who_is_refused_and_sent_back_does_not_go_round(
    server: Server, windows: Windows, wait_until: Callable[..., object]
) -> None:
    page = windows.open()
    ana = enter(windows, server, "ana", page=page)
    page.route_web_socket("**/socket.io/**", refuse)
    ways: list[str] = []  # a page that is left before it has loaded never says that it has
    page.on("request", lambda request: request.is_navigation_request() and ways.append(request.url))

    page.goto(server.url)

    wait_until(lambda: page.title() and len(ways) == 2, what="the way over the welcome")
    expect(ana.banner).to_contain_text("You are banned.")
    page.wait_for_timeout(GOING_ROUND_MS)
    assert len(ways) == 2


def refuse(socket: WebSocketRoute) -> None:
    """A server that will not have this visitor."""
    reason = (
        '{"message":"You are banned.","data":{"code":"unauthorized","message":"You are banned."}}'
    )
    socket.send(
        '0{"sid":"x","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":100000}'
    )
    socket.on_message(lambda frame: socket.send(f"44{reason}") if frame == "40" else None)


def test_a_lively_conversation_survives_kills_exactly_once_and_in_order(
    server: Server, windows: Windows
) -> None:
    people = [enter(windows, server, name) for name in ("ana", "bo")]
    for person in people:
        person.page.evaluate(KEEP_TALKING, person.name)

    for _ in range(KILLS):
        people[0].page.wait_for_timeout(random.randint(200, 1500))
        server.kill9()
        server.start()
    told = {person.name: person.page.evaluate("stopTalking()") for person in people}

    for person in people:
        expect(person.unsent).to_have_count(0, timeout=2 * BACK_MS)
    log = logged(server)
    for name, count in told.items():
        assert [text for text in log if text.startswith(name)] == [
            f"{name} {number}" for number in range(count)
        ]
    for person in people:
        expect(person.sent.last).to_have_text(log[-1])
        shown = person.sent.all_text_contents()
        assert shown == log[-len(shown) :]


KEEP_TALKING = """
(name) => {
  let count = 0;
  const talking = setInterval(() => {
    document.querySelector("message-composer textarea").value = `${name} ${count++}`;
    document.querySelector("message-composer form").requestSubmit();
  }, 50);
  window.stopTalking = () => {
    clearInterval(talking);
    return count;
  };
}
"""


def logged(server: Server) -> list[str]:
    """The texts of all messages on disk, oldest first."""
    lines = b"".join(
        path.read_bytes() for path in sorted((server.data / "messages").glob("*.jsonl"))
    ).splitlines()
    return [record["text"] for record in map(json.loads, lines) if record["type"] == "message"]
