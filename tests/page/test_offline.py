"""The chat on a phone's home screen, and without a network."""

import json
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urljoin

import pytest
from playwright.sync_api import Page, expect
from socketio import SimpleClient

from chatapp.features.pages.worker import version_of
from chatapp.resources import STATIC
from chatapp.web.compression import without_comments
from tests.page.people import BACK_MS, Person, begin, enter, own
from tests.support.browser import RESTARTING, Windows, comes_true
from tests.support.server import Server

pytestmark = pytest.mark.service_worker


def is_kept(page: Page, path: str | None = None) -> None:
    """Waits until the worker has everything that it needs to show the page at `path`, this one if
    there is none."""
    url = json.dumps(page.url if path is None else urljoin(page.url, path))
    expect(page.locator("html")).to_have_attribute("data-offline", "ready", timeout=BACK_MS)
    comes_true(
        page,
        f"""async () => {{
          const names = await caches.keys();
          if (names.length !== 1) return false;
          const kept = (await (await caches.open(names[0])).keys()).map(({{ url }}) => url);
          const files = performance.getEntriesByType("resource").map(({{ name }}) => name)
            .filter((name) => name.startsWith(`${{location.origin}}/static/`));
          const hasAll = [{url}, ...files].every((url) => kept.includes(url));
          return hasAll && files.some((url) => url.endsWith("/chat.js"));
        }}""",
    )


def test_the_page_opens_without_a_server_and_sends_what_was_written_then(
    server: Server, windows: Windows
) -> None:
    windows.complaints.expect(RESTARTING)
    windows.complaints.expect("ERR_FAILED|TypeError: Failed to fetch")
    ana = enter(windows, server, "ana")
    ana.say("the last thing said")
    ana.sees("the last thing said")
    ana.page.reload()
    is_kept(ana.page)
    server.kill9()

    ana.page.reload()

    ana.sees("the last thing said")
    ana.say("written without a server")
    expect(ana.unsent).to_have_count(1)
    server.start()
    ana.sees_in_time("the last thing said", "written without a server")


def test_the_first_visit_is_enough_in_whatever_room_one_is_then(
    server: Server, windows: Windows
) -> None:
    """No second visit, and a room that was opened without loading its page."""
    windows.complaints.expect(RESTARTING)
    windows.complaints.expect("ERR_FAILED|TypeError: Failed to fetch")
    ana = enter(windows, server, "ana")
    begin(ana.page, "New room")
    ana.page.get_by_label("Room name").fill("Kitchen")
    ana.page.keyboard.press("Enter")
    title = ana.heading
    expect(title).to_have_text("Kitchen")
    ana.say("said here")
    ana.sees("said here")
    is_kept(ana.page, path="/")
    server.kill9()

    ana.page.reload()

    expect(title).to_have_text("Kitchen")
    ana.sees("said here")
    ana.room("General").click()
    expect(title).to_have_text("General")
    server.start()
    ana.is_online()


def test_who_goes_away_leaves_no_page_behind(server: Server, windows: Windows) -> None:
    ana = enter(windows, server, "ana")
    is_kept(ana.page)

    own(ana.page, "Leave chat")

    expect(ana.page.get_by_role("textbox", name="name")).to_be_visible()
    no_page_is_kept(ana.page)


@pytest.mark.parametrize("door", ["login", "logout", "name", "invite/x", "reset/x", "setup/x"])
def test_who_comes_in_as_somebody_else_finds_no_page_of_who_was_here(
    server: Server, windows: Windows, door: str
) -> None:
    windows.complaints.expect("40[0-9]")
    ana = enter(windows, server, "ana")
    is_kept(ana.page)

    ana.page.evaluate(f"fetch('/{door}', {{ method: 'POST' }})")

    no_page_is_kept(ana.page)


def no_page_is_kept(page: Page) -> None:
    comes_true(
        page,
        """async () => {
          const kept = await (await caches.open((await caches.keys())[0])).keys();
          return kept.length > 0 && !kept.some(({ url }) => new URL(url).pathname === "/");
        }""",
    )


def test_a_changed_file_is_served_at_once(server: Server, windows: Windows) -> None:
    """The worker stands in where the network gives nothing, and nowhere else."""
    ana = enter(windows, server, "ana")
    ana.page.reload()
    is_kept(ana.page)
    ana.page.evaluate(
        """async () => {
          const cache = await caches.open((await caches.keys())[0]);
          for (const { url } of await cache.keys()) await cache.put(url, new Response("stale"));
        }"""
    )

    ana.page.reload()

    Person(ana.page, "ana").is_online()
    source = ana.page.evaluate("fetch('/static/js/chat.js').then((answer) => answer.text())")
    assert source == without_comments((STATIC / "js" / "chat.js").read_bytes()).decode()


def test_a_file_that_changes_gives_another_version(tmp_path: Path) -> None:
    (tmp_path / "a.js").write_text("1")
    before = version_of(tmp_path)
    assert version_of(tmp_path) == before

    (tmp_path / "a.js").write_text("2")

    assert version_of(tmp_path) != before


def test_the_manifest_and_its_icons_are_there(server: Server, page: Page) -> None:
    page.goto(server.url)
    manifest = page.locator("link[rel=manifest]").get_attribute("href")
    assert manifest == "/static/manifest.json"

    described = json.loads(page.request.get(server.url + manifest).text())

    sizes = {icon["sizes"] for icon in described["icons"]}
    assert {"192x192", "512x512"} <= sizes
    for icon in described["icons"]:
        assert page.request.get(f"{server.url}/static/{icon['src']}").ok
    worker = page.request.get(f"{server.url}/worker.js")
    assert worker.headers["content-type"].startswith("text/javascript")
    assert worker.headers["cache-control"] == "no-cache"


def test_a_room_that_was_never_opened_says_why_it_is_blank(
    server: Server, windows: Windows, connect: Callable[..., SimpleClient]
) -> None:
    windows.complaints.expect(RESTARTING)
    bo = connect("bo")
    bo.call("create", {"room": "design", "title": "Design"})
    bo.call("message", {"room": "design", "text": "hello"})
    ana = enter(windows, server, "ana")
    server.kill9()
    expect(ana.banner).to_be_visible()

    ana.room("Design").click()

    expect(ana.page.get_by_text("Messages load when")).to_be_visible()
    server.start()
    ana.sees_in_time("hello")
    expect(ana.page.get_by_text("Messages load when")).to_be_hidden()
