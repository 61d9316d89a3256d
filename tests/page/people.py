"""People at the page: they come in, write, and read what is there."""

import re
from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.support.accounts import PASSWORD
from tests.support.browser import Windows, comes_true
from tests.support.server import Server
from tests.support.waiting import DEADLINE_SECONDS, wait_until

BACK_MS = 30_000 + DEADLINE_SECONDS * 1000
"""The page tries to come back after half a minute at most; then it takes as long as all else."""

CHAT = "document.querySelector('message-log').chat"
"""What the page knows, for a script in it."""

TO_THE_TOP = "scroller.scrollTo(0, -scroller.scrollHeight)"


class Person:
    """Somebody with the chat page open."""

    def __init__(self, page: Page, name: str) -> None:
        self.page = page
        self.name = name

    def say(self, text: str) -> None:
        """Writes as one does, with Shift-Enter between lines, and sends."""
        self.write(text)
        self.composer.press("Enter")

    def write(self, text: str) -> None:
        self.composer.fill(text)

    def use(self) -> None:
        """Begins to use the page, and waits for what it loads then."""
        self.composer.press("Shift")
        comes_true(self.page, "document.documentElement.dataset.later === 'ready'")

    def use_letters(self) -> None:
        """Has chosen in the settings that single letters are shortcuts."""
        self.page.evaluate(f"localStorage.setItem('chatapp.letters.{self.name}', 'true')")

    def is_online(self) -> None:
        """Waits until the server knows that this person is here: not only another tab of theirs."""
        expect(self.page.locator("message-log")).to_have_attribute("data-connection", "online")
        expect(self.page.locator("member-list .self:not([hidden])")).to_have_count(1)

    def visit(self, title: str) -> None:
        """Goes to a room, and waits until the server knows that they are in it and have read it."""
        self.room(title).click()
        expect(self.heading).to_have_text(title)
        self.is_online()
        comes_true(self.page, f"{CHAT}.current.read !== null")

    def sees(self, *texts: str) -> None:
        """Waits until the messages are these, in this order, each once, and all of them sent."""
        expect(self.sent).to_have_text(list(texts))
        expect(self.unsent).to_have_count(0)

    def sees_in_time(self, *texts: str) -> None:
        """As `sees`, with the patience that a reconnection may take."""
        expect(self.sent).to_have_text(list(texts), timeout=BACK_MS)
        expect(self.unsent).to_have_count(0)

    @property
    def heading(self) -> Locator:
        """What the room is called."""
        return self.page.get_by_role("heading", level=1)

    @property
    def composer(self) -> Locator:
        return self.page.locator("message-composer textarea")

    @property
    def sent(self) -> Locator:
        """What people have said, without the lines of the chat itself."""
        return self.page.locator(".messages > [data-seq]:not(.system) .text")

    @property
    def unsent(self) -> Locator:
        return self.page.locator(".messages > :not([data-seq])")

    @property
    def banner(self) -> Locator:
        return self.page.locator("connection-banner")

    @property
    def scroller(self) -> Locator:
        return self.page.locator(".scroller")

    def scroll(self, step: str) -> None:
        """Does a step with the messages' `scroller`, and waits until the page has noticed."""
        self.scroller.evaluate(
            f"""(scroller) => new Promise((noticed) => {{
              const before = scroller.scrollTop;
              scroller.addEventListener("scroll", () => noticed(), {{ once: true }});
              {step};
              if (scroller.scrollTop === before) noticed();
            }})"""
        )

    def room(self, title: str) -> Locator:
        return self.page.locator(".room-link", has_text=title)


def begin(page: Page, what: str) -> None:
    """Chooses what one can begin from the menu behind the plus."""
    page.get_by_role("button", name="New", exact=True).click()
    page.get_by_role("menuitem", name=what).click()


def own(page: Page, what: str) -> None:
    """Chooses from one's own menu, behind name and face."""
    page.locator(".whoami-button").click()
    own_item(page, what).click()


def own_item(page: Page, what: str) -> Locator:
    return page.locator("#own-menu .menu-item", has_text=what)


def enter(
    windows: Windows,
    server: Server,
    name: str,
    path: str = "/",
    *,
    page: Page | None = None,
    **options: Any,
) -> Person:
    """Somebody who has given a name opens the chat and is there; in `page`, if there is one. They
    join the public room at this path, which at first they only look at.

    The form was sent without being shown: that page is test_talking's.
    """
    page = page or windows.open(**options)
    give_name(page, server, name)
    page.goto(server.url + path)
    person = Person(page, name)
    comes_true(page, f"{CHAT} !== undefined")
    page.evaluate(f"{CHAT}.current.joined || {CHAT}.join({CHAT}.current)")
    expect(person.composer).to_be_visible()
    person.is_online()
    return person


def sign_in(windows: Windows, server: Server, name: str, **options: Any) -> Person:
    """Somebody with an account comes in by the form."""
    page = windows.open(f"{server.url}/login", **options)
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{server.url}/")
    person = Person(page, name)
    person.is_online()
    return person


def give_name(page: Page, server: Server, name: str) -> None:
    """What the form at the door does, with the cookies of the page.

    Whoever was called so in the test before may still be on their way out.
    """
    door = page.context.request.get(server.url).text()
    token = re.search('name="csrf_token" value="([^"]+)"', door)
    assert token, door
    form = {"csrf_token": token[1], "name": name}

    def has_it() -> bool:
        answer = page.context.request.post(server.url + "/name", form=form, max_redirects=0)
        return answer.status == 303

    wait_until(has_it, what=f"the name {name}")
