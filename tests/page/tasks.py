"""Five tasks that a new user has, done by what one sees: roles and words, no test hooks.

`User` counts what it takes: presses (clicks, taps and single keys), characters typed, turns of the
wheel to find what is out of sight, and seconds, which are those of the chat: this user never stops
to think.
"""

import contextlib
import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from playwright.sync_api import Locator, Page, ViewportSize, expect
from socketio import SimpleClient

from tests.admin.test_in_browser import setup_link
from tests.support.accounts import PASSWORD
from tests.support.browser import ELSEWHERE, Windows
from tests.support.cast import chatapp, with_account, with_token
from tests.support.server import Server

ROOMS = 80
WITH_NEWS = range(5, ROOMS, 5)
CALLED_IN = "Project 63"
CALL = "@Ana, can you sign this off?"
SAID = "The roof leaks above the stairs."
ROOF = ("Who has the key to the roof?", "A roof garden, one day.", "Roof tiles are here.")
A_YEAR = timedelta(days=365)
PHONE: ViewportSize = {"width": 390, "height": 844}
TURN_PX = 300
TURNS_AT_MOST = 60
SETTLED_MS = 2000


class Effort(NamedTuple):
    presses: int
    typed: int
    turns: int
    seconds: float


class User:
    """Somebody at a page who can only press what is in sight."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self._begun = time.monotonic()
        self._presses = self._typed = self._turns = 0

    @property
    def effort(self) -> Effort:
        seconds = time.monotonic() - self._begun
        return Effort(self._presses, self._typed, self._turns, seconds)

    def press(self, role: str, name: str | re.Pattern[str], within: Locator | None = None) -> None:
        """A name that is a text is the whole of it."""
        place = within or self.page
        is_whole = isinstance(name, str)
        self.press_on(place.get_by_role(role, name=name, exact=is_whole))  # type: ignore[arg-type]

    def press_on(self, what: Locator) -> None:
        expect(what).to_be_visible()
        self.look_for(what)
        self._presses += 1
        what.click()

    def look_for(self, what: Locator) -> None:
        """Turns the wheel over the list that it is in, a little at a time, until it is in sight.

        What is still on its way, as all is on a page that has just come, is waited for first.
        """
        with contextlib.suppress(AssertionError):
            expect(what).to_be_in_viewport(ratio=1, timeout=SETTLED_MS)
        for _ in range(TURNS_AT_MOST):
            box, window = what.bounding_box(), self.page.viewport_size
            assert box, what
            assert window, self.page
            top, bottom = box["y"], box["y"] + box["height"]
            if top >= 0 and bottom <= window["height"]:
                return
            self._turns += 1
            self.page.mouse.move(box["x"] + box["width"] / 2, window["height"] / 2)
            self.page.mouse.wheel(0, TURN_PX if top > 0 else -TURN_PX)
            self.page.wait_for_timeout(50)
        raise AssertionError(f"{what} stays out of sight")

    def key(self, name: str) -> None:
        self._presses += 1
        self.page.keyboard.press(name)

    def type(self, text: str) -> None:
        self._typed += len(text)
        self.page.keyboard.type(text)

    def fill(self, label: str, text: str) -> None:
        self.press_on(self.page.get_by_label(label))
        self.type(text)

    def sees(self, text: str | re.Pattern[str]) -> None:
        expect(self.page.get_by_text(text).last).to_be_in_viewport()


@dataclass
class Chat:
    """A chat in use: Ana owns it and has just come in; Ben and Cy have written in eighty rooms."""

    server: Server
    windows: Windows
    ana: Page
    ben: SimpleClient

    @property
    def url(self) -> str:
        return f"http://{ELSEWHERE}:{self.server.port}"


def prepare(folder: Path, windows: Windows) -> Chat:
    server = Server(folder, {"CHATAPP_ORIGINS": f"http://{ELSEWHERE}"})
    bring_the_past(server, folder / "past.jsonl")
    server.start()
    link = setup_link(server).replace("localhost", ELSEWHERE).replace("127.0.0.1", ELSEWHERE)
    page = windows.open(link, viewport={"width": 1280, "height": 800})
    page.get_by_label("Your name").fill("Ana")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Create account").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("General")
    ben = with_account(server, "Ben")
    ana = with_token(server, chatapp(server, "token", "create", "Ana", "a test"))
    for number in range(1, ROOMS + 1):
        room = ben.call("create", {"room": f"project-{number}", "title": f"Project {number:02}"})
        assert room["ok"], room
        begun = ben.call("message", {"room": f"project-{number}", "text": "Let us begin."})
        assert ana.call("join", {"room": f"project-{number}"})["ok"]
        assert ana.call("read", {"room": f"project-{number}", "seq": begun["message"]["seq"]})["ok"]
    for number in WITH_NEWS:
        ben.call("message", {"room": f"project-{number}", "text": f"News of {number}"})
    ben.call("message", {"room": "project-63", "text": CALL})
    ana.disconnect()
    page.goto(f"http://{ELSEWHERE}:{server.port}/")
    expect(page.get_by_role("textbox", name="Message General")).to_be_editable()
    return Chat(server, windows, page, ben)


def bring_the_past(server: Server, file: Path) -> None:
    """Cy has said one thing about the roof last month; others have too, and he at other times."""
    now = datetime.now().astimezone()  # The browser's months are those of this machine.
    this_month = now.replace(day=1, hour=0, minute=0)
    last_month = now.replace(day=1) - timedelta(days=12)
    said = [("Cy", ROOF[0], now - A_YEAR), ("Dana", ROOF[1], last_month)]
    said += [("Cy", f"Day {day}, all is well.", last_month) for day in range(40)]
    said += [("Cy", SAID, last_month), ("Cy", ROOF[2], max(this_month, now - timedelta(hours=1)))]
    rows = [
        {"room": "general", "client": who, "message": text, "timestamp": at.isoformat()}
        for who, text, at in said
    ]
    file.write_text(json.dumps(rows))
    chatapp(server, "log", "import", str(file), "--public", "--data", str(server.data))


# The tasks


def find_the_mention(chat: Chat) -> Effort:
    """Of eighty rooms, fifteen have news; in one of them, Ana is asked something."""
    ana = User(chat.ana)
    ana.press("link", re.compile("^Project.*mention of you"))
    ana.sees(CALL)
    return ana.effort


def bring_a_phone_in(chat: Chat) -> Effort:
    """The owner takes the link; who has it on a phone joins and says hello. Both efforts in one."""
    ana = User(chat.ana)
    ana.press("button", re.compile("Invite people$"))
    invitation = chat.ana.get_by_role("dialog", name="Invite people")
    ana.press("button", "Copy link", invitation)
    link = invitation.get_by_role("code").inner_text()
    ana.key("Escape")

    page = chat.windows.open(link, viewport=PHONE, has_touch=True, is_mobile=True)
    eli = User(page)
    eli.fill("Your name", "Eli")
    eli.fill("Password", PASSWORD)
    eli.press("button", "Join")
    eli.press("textbox", "Message General")
    eli.type("Hello from my phone")
    eli.press("button", "Send")

    ana.sees("Hello from my phone")
    page.context.close()
    return Effort(*(sum(both) for both in zip(ana.effort, eli.effort, strict=True)))


def mute_for_an_hour(chat: Chat) -> Effort:
    ana = User(chat.ana)
    ana.press("button", "Details")
    ana.press("button", "For 1 hour")
    ana.sees(re.compile("^Muted until"))
    ana.key("Escape")
    return ana.effort


def find_what_was_said(chat: Chat) -> Effort:
    """What Cy said of the roof last month."""
    ana = User(chat.ana)
    search = chat.ana.get_by_role("search", name="Search")
    ana.press("button", "Search")
    ana.type("roof")
    ana.press("button", "Person", search)
    ana.press("option", re.compile("Cy"), search)
    ana.press("button", "Date", search)
    ana.press("option", re.compile("Last month"), search)
    expect(search.get_by_role("option")).to_have_count(1)
    ana.press("option", re.compile("leaks"), search)
    ana.sees(SAID)
    ana.press("button", "Close", search)
    return ana.effort


def let_a_bot_in(chat: Chat) -> Effort:
    """It posts with the token that the console shows."""
    ana = User(chat.ana)
    ana.press("button", re.compile("your menu"))
    ana.press("menuitem", "Admin console")
    ana.press("link", "Bots")
    ana.fill("Name of a new or existing bot", "weather")
    ana.fill("What this token is for", "forecast")
    ana.press("button", "Create token")
    token = chat.ana.get_by_role("status").get_by_role("code").first.inner_text()
    bot = with_token(chat.server, token)
    assert bot.call("message", {"room": "general", "text": "Rain at noon"})["ok"]
    bot.disconnect()
    ana.press("link", "Back to the chat")
    ana.sees("Rain at noon")
    return ana.effort


TASKS: dict[str, Callable[[Chat], Effort]] = {
    "bring somebody in from a phone": bring_a_phone_in,
    "find the one mention among 80 rooms": find_the_mention,
    "mute a room for an hour": mute_for_an_hour,
    "find what one person said last month": find_what_was_said,
    "let a bot in": let_a_bot_in,
}
