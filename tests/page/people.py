"""People at the page: they come in, write, and read what is there."""

from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.support.browser import Windows
from tests.support.server import Server

BACK_MS = 40_000
"""The page tries to come back after at most half a minute, and a bit."""


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

    def is_online(self) -> None:
        """Waits until the server knows that this person is here."""
        expect(self.page.locator("member-list .member-name", has_text=self.name)).to_have_count(1)

    def sees(self, *texts: str) -> None:
        """Waits until the messages are these, in this order, each once, and all of them sent."""
        expect(self.sent).to_have_text(list(texts))
        expect(self.unsent).to_have_count(0)

    def sees_in_time(self, *texts: str) -> None:
        """As `sees`, with the patience that a reconnection may take."""
        expect(self.sent).to_have_text(list(texts), timeout=BACK_MS)
        expect(self.unsent).to_have_count(0)

    @property
    def composer(self) -> Locator:
        return self.page.locator("message-composer textarea")

    @property
    def sent(self) -> Locator:
        return self.page.locator(".messages > [data-seq] .text")

    @property
    def unsent(self) -> Locator:
        return self.page.locator(".messages > :not([data-seq])")

    @property
    def banner(self) -> Locator:
        return self.page.locator("connection-banner")

    @property
    def scroller(self) -> Locator:
        return self.page.locator(".scroller")

    def room(self, title: str) -> Locator:
        return self.page.locator(".room-link", has_text=title)


def enter(
    windows: Windows,
    server: Server,
    name: str,
    path: str = "/",
    *,
    page: Page | None = None,
    **options: Any,
) -> Person:
    """Somebody opens the chat, gives a name, and is there; in `page`, if there is one already."""
    page = page or windows.open(**options)
    page.goto(server.url + path)
    page.get_by_label("name").fill(name)
    page.keyboard.press("Enter")
    person = Person(page, name)
    expect(person.composer).to_be_visible()
    person.is_online()
    return person
