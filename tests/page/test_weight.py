"""What the chat page weighs when somebody opens it for the first time."""

from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect
from socketio import SimpleClient

from tests.page.people import Person, enter
from tests.support.browser import Windows
from tests.support.server import Server
from tests.support.waiting import wait_until

pytestmark = pytest.mark.service_worker

Connect = Callable[..., SimpleClient]

WEIGHT_AT_MOST_BYTES = 120_000
NOT_AT_FIRST = ("highlight", "emoji-picker", "markdown-it", "dompurify")


def unread_of(page: Page, server: Server) -> int:
    """As the server knows it."""
    rooms = page.context.request.get(f"{server.url}/api/v1/rooms").json()["rooms"]
    return sum(room.get("unread", 0) for room in rooms)


def test_a_first_visit_weighs_little_and_asks_nobody_else(
    server: Server, windows: Windows, connect: Connect
) -> None:
    script = connect("script")
    for number in range(60):
        script.call("message", {"text": f"number {number} " + "and so on " * (number % 12)})
    before = enter(windows, server, "ana").page
    wait_until(
        lambda: not unread_of(before, server), what="everything to be read, or more is loaded"
    )
    page = windows.open(storage_state=before.context.storage_state())
    network = page.context.new_cdp_session(page)
    network.send("Network.enable")
    asked: dict[str, str] = {}
    came: dict[str, int] = {}
    network.on(
        "Network.requestWillBeSent",
        lambda sent: asked.update({sent["requestId"]: sent["request"]["url"]}),
    )
    network.on(
        "Network.loadingFinished",
        lambda done: came.update({done["requestId"]: done["encodedDataLength"]}),
    )

    page.goto(server.url, wait_until="networkidle")
    Person(page, "ana").is_online()
    expect(page.locator("html")).to_have_attribute("data-offline", "ready")

    weights = {asked[request]: weight for request, weight in came.items()}
    asked_of = {urlsplit(url).netloc for url in asked.values() if not url.startswith("data:")}
    assert asked_of == {urlsplit(server.url).netloc}
    assert not [url for url in weights if any(name in url for name in NOT_AT_FIRST)]
    assert len(weights) > 5, "the page, its styles, its scripts and its font"
    assert sum(weights.values()) <= WEIGHT_AT_MOST_BYTES, list(weights.items())
