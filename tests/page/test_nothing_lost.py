"""Whatever dies at whatever moment of a send, server or browser: nothing is lost or doubled."""

import json
import os
import signal
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Error, Page, Route, WebSocketRoute, expect

from tests.page.people import BACK_MS, Person, enter, give_name, own
from tests.support.browser import FLAGS, RESTARTING, Windows, comes_true
from tests.support.server import Server
from tests.support.waiting import wait_until
from tools.programs import find_chromium

pytestmark = pytest.mark.service_worker

KEPT = """
(table) => new Promise((answer) => {
  const opening = indexedDB.open("chatapp");
  opening.onsuccess = () => {
    const asked = opening.result.transaction(table).objectStore(table).getAll();
    asked.onsuccess = () => {
      opening.result.close();
      answer(asked.result);
    };
  };
})
"""
"""All that the browser keeps in a table."""
TAKES_ENTER = """(field) => document.readyState === "interactive" && !field.dispatchEvent(
  new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true }))"""
"""Whether the page is whole and a script hears the key, which does nothing in an empty field."""


@pytest.fixture(autouse=True)
def _servers_may_go_away(windows: Windows) -> None:
    windows.complaints.expect(RESTARTING)


class Line:
    """The line between a page and its server, which lets a test act when a message passes.

    `leaving` is called with a message's frame, before it goes to the server, `answered` with
    the frame of its ack, before the page has it: each says whether the frame goes on.
    """

    def __init__(self, page: Page) -> None:
        self.leaving: Callable[[], bool] = lambda: True
        self.answered: Callable[[], bool] = lambda: True
        page.route_web_socket("**/socket.io/**", self._relay)

    def _relay(self, socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()
        asked: list[str] = []

        def to_server(frame: str | bytes) -> None:
            text = str(frame)
            if text.startswith("42") and '["message",' in text:
                asked.append(text[2 : text.index("[")])
                if not self.leaving():
                    return
            server.send(frame)

        def to_page(frame: str | bytes) -> None:
            text = str(frame)
            is_ack = any(text.startswith(f"43{number}[") for number in asked)
            if not is_ack or self.answered():
                socket.send(frame)

        socket.on_message(to_server)
        server.on_message(to_page)


def logged(server: Server, start: str) -> list[str]:
    """The texts on disk that begin so, oldest first."""
    lines = b"".join(
        path.read_bytes() for path in sorted((server.data / "messages").glob("*.jsonl"))
    ).splitlines()
    texts = [record["text"] for record in map(json.loads, lines) if record["type"] == "message"]
    return [text for text in texts if text.startswith(start)]


@pytest.mark.parametrize(
    ("moment", "then"),
    [
        ("before the frame", "stays"),
        ("under way", "is loaded again"),
        ("before the ack", "stays"),
        ("before the ack", "is loaded again"),
        ("after it", "stays"),
    ],
)
def test_the_server_is_killed_at_a_moment_of_a_send(
    house: Server, windows: Windows, moment: str, then: str
) -> None:
    page = windows.open()
    line = Line(page)
    name = f"ana, {moment}, {then}"[:32]
    ana = enter(windows, house, name, page=page)
    killed: list[str] = []

    def kill(*, goes_on: bool) -> bool:
        if killed:
            return True
        killed.append(moment)
        house.kill9()
        return goes_on

    if moment == "before the frame":
        line.leaving = lambda: kill(goes_on=False)
    elif moment == "before the ack":
        line.answered = lambda: kill(goes_on=False)
    elif moment == "after it":
        line.answered = lambda: kill(goes_on=True)

    ana.say(f"{name} 1")
    if moment == "under way":
        kill(goes_on=True)
    wait_until(lambda: page.title() and killed, what="the moment")
    ana.say(f"{name} 2")
    if then == "is loaded again":
        page.goto("about:blank")
    house.start()
    if then == "is loaded again":
        page.goto(house.url)

    expect(ana.sent.filter(has_text=f"{name} 2")).to_have_count(1, timeout=BACK_MS)
    expect(ana.unsent).to_have_count(0)
    assert logged(house, name) == [f"{name} 1", f"{name} 2"]
    expect(ana.sent.filter(has_text=name)).to_have_text([f"{name} 1", f"{name} 2"])


class Laptop:
    """A browser that keeps its profile, and can be closed, or die."""

    def __init__(self, browser: Browser, profile: Path) -> None:
        self._chromium = browser.browser_type
        self._profile = profile
        self.start()

    def start(self) -> Page:
        self._context = self._chromium.launch_persistent_context(
            self._profile, executable_path=find_chromium(), args=FLAGS
        )
        return self._context.pages[0]

    @property
    def page(self) -> Page:
        return self._context.pages[0]

    def close(self) -> None:
        self._context.close()

    def kill9(self) -> None:
        """Cookies of the last half minute are lost with it: Chromium writes them down that seldom,
        and its headless shell at once. Here they always are."""
        self._context.clear_cookies()
        os.kill(self._pid, signal.SIGKILL)
        with suppress(Error):  # It may be noticed before it is asked for.
            self._context.close()

    @property
    def _pid(self) -> int:
        """Of the process that all others of this browser belong to."""
        return next(
            int(folder.name)
            for folder in Path("/proc").glob("[0-9]*")
            if (words := _command(folder))
            and f"--user-data-dir={self._profile}" in words
            and not any(word.startswith("--type=") for word in words)
        )


def _command(process: Path) -> list[str]:
    try:
        return (process / "cmdline").read_text().split("\0")
    except OSError:
        return []  # It has ended meanwhile.


@pytest.mark.parametrize("how", ["closed", "killed"])
def test_the_browser_ends_with_messages_that_are_not_sent(
    house: Server, windows: Windows, browser: Browser, tmp_path: Path, how: str
) -> None:
    laptop = Laptop(browser, tmp_path / "profile")
    with closing(laptop):
        name = f"bo, {how}"
        bo = enter(windows, house, name, page=laptop.page)
        house.kill9()
        for number in (1, 2, 3):
            bo.say(f"{name} {number}")
        bo.write("a draft")
        wait_until(lambda: len(laptop.page.evaluate(KEPT, "outbox")) == 3, what="the outbox")
        wait_until(lambda: "a draft" in laptop.page.evaluate(KEPT, "drafts"), what="the draft")

        laptop.close() if how == "closed" else laptop.kill9()
        house.start()
        bo = Person(laptop.start(), name)
        if how == "killed":
            give_name(laptop.page, house, name)
        laptop.page.goto(house.url)

        texts = [f"{name} {number}" for number in (1, 2, 3)]
        expect(bo.sent.filter(has_text=name)).to_have_text(texts, timeout=BACK_MS)
        expect(bo.unsent).to_have_count(0)
        expect(bo.composer).to_have_value("a draft")
        assert logged(house, name) == texts


@pytest.mark.parametrize("then", ["the script comes", "the page is left"])
def test_what_is_sent_before_the_script_has_come_is_sent(
    house: Server, windows: Windows, then: str
) -> None:
    name = f"eli, {then}"
    page = windows.open()
    give_name(page, house, name)
    held: list[Route] = []
    page.route("**/joined/chat.js*", lambda route: held.append(route))
    page.goto(house.url, wait_until="commit")
    eli = Person(page, name)
    wait_until(lambda: eli.composer.evaluate(TAKES_ENTER), what="the first script")
    eli.composer.press_sequentially(f"{name} 1")
    eli.composer.press("Enter")
    expect(eli.composer).to_have_value("")
    eli.composer.press_sequentially("/me waits")
    eli.composer.press("Enter")
    expect(eli.composer).to_have_value("/me waits")
    eli.composer.fill(f"{name} 2")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(eli.composer).to_have_value("")
    expect(page.get_by_role("button", name="Send", exact=True)).to_be_disabled()
    eli.composer.press_sequentially("a draft")
    wait_until(lambda: page.title() and held, what="the script")
    if then == "the page is left":
        page.goto("about:blank")
        page.unroute("**/joined/chat.js*")
        page.goto(house.url)
    else:
        held[0].continue_()

    texts = [f"{name} 1", f"{name} 2"]
    expect(eli.sent.filter(has_text=name)).to_have_text(texts, timeout=BACK_MS)
    expect(eli.unsent).to_have_count(0)
    expect(eli.composer).to_have_value("a draft")
    assert logged(house, name) == texts


def test_two_tabs_send_what_waits_once_and_in_order(house: Server, windows: Windows) -> None:
    cleo = enter(windows, house, "cleo")
    other = Person(cleo.page.context.new_page(), "cleo")
    other.page.goto(house.url)
    other.is_online()
    house.kill9()

    texts = [f"cleo {number}" for number in range(6)]
    for number, text in enumerate(texts):
        (cleo, other)[number % 2].say(text)
        for tab in (cleo, other):
            expect(tab.unsent).to_have_count(number + 1)
    house.start()

    for tab in (cleo, other):
        expect(tab.sent.filter(has_text="cleo")).to_have_text(texts, timeout=BACK_MS)
        expect(tab.unsent).to_have_count(0)
    assert logged(house, "cleo") == texts


def test_a_tab_that_is_closed_leaves_what_waits_to_the_other(
    house: Server, windows: Windows
) -> None:
    dora = enter(windows, house, "dora")
    other = Person(dora.page.context.new_page(), "dora")
    other.page.goto(house.url)
    other.is_online()
    house.kill9()
    dora.say("dora, from the first tab")
    dora.write("dora's draft")
    expect(other.composer).to_have_value("dora's draft")

    dora.page.close()
    house.start()

    mine = other.sent.filter(has_text="dora")
    expect(mine).to_have_text(["dora, from the first tab"], timeout=BACK_MS)
    assert logged(house, "dora") == ["dora, from the first tab"]


def test_what_an_earlier_page_kept_is_taken_over(house: Server, windows: Windows) -> None:
    finn = enter(windows, house, "finn")
    finn.page.evaluate(
        """() => {
          const item = { cid: "from-before", sender: "finn", room: "general", text: "finn, before",
            at: "2026-11-22T09:30:00.000Z", state: "waiting" };
          localStorage.setItem("chatapp.outbox.from-before", JSON.stringify(item));
          localStorage.setItem("chatapp.draft.finn.general", JSON.stringify("begun before"));
        }"""
    )

    finn.page.reload()

    expect(finn.sent.filter(has_text="finn")).to_have_text(["finn, before"])
    expect(finn.composer).to_have_value("begun before")
    left = finn.page.evaluate("Object.keys(localStorage).filter((key) => /outbox|draft/.test(key))")
    assert left == []


def test_other_rooms_can_be_read_without_a_server_until_one_leaves(
    house: Server, windows: Windows
) -> None:
    windows.complaints.expect("ERR_FAILED|Failed to fetch")
    gil = enter(windows, house, "gil", "/")
    gil.page.evaluate(
        "() => document.querySelector('message-composer').chat.create('kept', 'Kept')"
    )
    gil.room("Kept").click()
    gil.say("gil was here")
    gil.sees("gil was here")
    gil.room("General").click()
    comes_true(
        gil.page,
        """async () => {
          const { chat } = document.querySelector("message-composer");
          chat.recent.flush();
          return (await chat.recent.of("kept"))?.messages.length === 1;
        }""",
    )
    expect(gil.page.locator("html")).to_have_attribute("data-offline", "ready", timeout=BACK_MS)
    gil.page.reload()
    house.kill9()

    gil.page.reload()
    gil.room("Kept").click()

    expect(gil.sent).to_have_text(["gil was here"])
    house.start()
    expect(gil.banner).to_be_hidden(timeout=BACK_MS)
    own(gil.page, "Leave chat")
    expect(gil.page.get_by_role("textbox", name="name")).to_be_visible()
    wait_until(lambda: gil.page.evaluate(KEPT, "rooms") == [], what="the rooms to be forgotten")
