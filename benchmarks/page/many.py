"""What opens on the chat page, in a chat with many rooms and people: the longest task of each.

    python -m benchmarks.page.many [--rooms 300] [--people 2000] [--runs 2]

As in chat_page.py, the browser's main thread is measured from its own trace; each step is done
several times, and the best is told. Tests hold how much is drawn (tests/page/test_many.py).
"""

import argparse
import json
import tempfile
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, expect
from socketio import SimpleClient

from benchmarks.page.chat_page import LONGEST_TASK_MS, TRACED, main_thread_tasks, visit
from tests.page.people import Person, sign_in
from tests.support.browser import launched
from tests.support.cast import chatapp, with_token
from tests.support.many import large_chat
from tests.support.server import Server

SETTLING_MS = 600
"""What a step has begun has ended by then."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rooms", type=int, default=300)
    parser.add_argument("--people", type=int, default=2_000)
    parser.add_argument("--runs", type=int, default=2)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, launched() as browser:
        server = large_chat(Path(folder), options.rooms, options.people)
        ben = with_token(server, chatapp(server, "token", "create", "person 7", "a test"))
        try:
            join_and_write(server, ben, options.rooms)
            report(browser, server, ben, options.runs)
        finally:
            ben.disconnect()
            server.close()


def join_and_write(server: Server, ben: SimpleClient, rooms: int) -> None:
    """Ana is in all rooms, and has read them; there is something new in each third."""
    ana = with_token(server, chatapp(server, "token", "create", "ana", "a test"))
    for number in range(rooms):
        room = f"room-{number}"
        ben.call("join", {"room": room})
        begun = ben.call("message", {"room": room, "text": "Let us begin."})["message"]
        ana.call("join", {"room": room})
        ana.call("read", {"room": room, "seq": begun["seq"]})
        if number % 3 == 0:
            ben.call("message", {"room": room, "text": "@ana, news"})
    ana.disconnect()


def report(browser: Browser, server: Server, ben: SimpleClient, runs: int) -> None:
    with visit(browser) as windows:
        ana = sign_in(windows, server, "ana")
        ana.use_letters()
        for what, step in steps(ben).items():
            longest = []
            for _ in range(runs):
                ana.page.wait_for_timeout(SETTLING_MS)
                longest.append(longest_task_ms(browser, ana, step))
            clock, own = (min(figures) for figures in zip(*longest, strict=True))
            print(
                f"{what:34}{clock:6.0f} ms by the clock, {own:4.0f} of its own"
                f" (goal {LONGEST_TASK_MS[1]})",
                flush=True,
            )


def longest_task_ms(
    browser: Browser, ana: Person, step: Callable[[Person], None]
) -> tuple[float, float]:
    """By the clock, and by the thread's processor time."""
    browser.start_tracing(page=ana.page, categories=TRACED)
    step(ana)
    ana.page.wait_for_timeout(SETTLING_MS)
    tasks = main_thread_tasks(json.loads(browser.stop_tracing())["traceEvents"])
    clock = max(task["dur"] for task in tasks)
    return clock / 1e3, max(task.get("tdur", 0) for task in tasks) / 1e3


def steps(ben: SimpleClient) -> dict[str, Callable[[Person], None]]:
    """Each ends where it has begun: in the room."""

    def typed(key: str, text: str) -> Callable[[Person], None]:
        def step(ana: Person) -> None:
            ana.page.evaluate("document.activeElement.blur()")
            ana.page.keyboard.press(key)
            ana.page.wait_for_timeout(SETTLING_MS)
            ana.page.keyboard.type(text)
            ana.page.wait_for_timeout(SETTLING_MS)
            ana.page.keyboard.press("Escape")
            ana.page.keyboard.press("Escape")

        return step

    def inbox(ana: Person) -> None:
        ana.page.get_by_role("link", name="Inbox").click()
        expect(ana.page.locator(".inbox-room").first).to_be_visible()
        ana.page.wait_for_timeout(SETTLING_MS)
        ana.page.go_back()
        expect(ana.composer).to_be_visible()

    def members(ana: Person) -> None:
        ana.page.get_by_role("button", name="Details", exact=True).click()
        ana.page.get_by_role("tab", name="Members").click()
        ana.page.keyboard.press("Escape")

    def another(ana: Person) -> None:
        ana.page.keyboard.press("Alt+ArrowDown")
        ana.page.wait_for_timeout(SETTLING_MS)
        ana.page.keyboard.press("Alt+ArrowUp")

    def fold(ana: Person) -> None:
        section = ana.page.get_by_role("region", name="Rooms")
        for _ in range(2):
            section.get_by_role("button", name="Rooms", exact=True).click()

    return {
        "a message here": lambda _: ben.emit("message", {"text": "hello"}),
        "a message in another room": lambda _: ben.emit(
            "message", {"room": "room-200", "text": "hello"}
        ),
        "another room, and back": another,
        "a section folded and unfolded": fold,
        "the inbox": inbox,
        "the switcher, filtered": typed("Control+k", "room 29"),
        "all rooms, filtered": typed("b", "29"),
        "the members": members,
        "the search, with a person": typed("Control+f", "from:pers"),
    }


if __name__ == "__main__":
    main()
