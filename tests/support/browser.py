"""Chromium, and the rule that a page has nothing to complain about.

Every error on the console, every exception that nobody caught and everything that the
Content-Security-Policy stopped fails the test, unless the test said that it expects it.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Error,
    Page,
    sync_playwright,
)

from tests.support.waiting import wait_until
from tools.programs import find_chromium

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
"""Without the sandbox because tests run in containers and as root, where it cannot be set up."""

RESTARTING = (
    r"ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET|ERR_EMPTY_RESPONSE|ERR_FAILED"
    r"|WebSocket connection"
)
"""What Chromium itself writes on the console while a server is away."""

RECORD_SHIFTS = """
  window.shift = 0;
  new PerformanceObserver((list) => {
    for (const { value } of list.getEntries()) window.shift += value;
  }).observe({ type: "layout-shift", buffered: true });
"""
"""A script for a page to begin with: how far its layout moves while it loads."""


def comes_true(page: Page, expression: str) -> None:
    """Waits for a script's answer. Playwright's own `wait_for_function` evaluates it within the
    page from the second look on, which the page's Content-Security-Policy rightly forbids."""
    wait_until(lambda: page.evaluate(expression), what=expression)


class Complaints:
    """What the pages of one test complained about."""

    def __init__(self) -> None:
        self._all: list[str] = []
        self._expected: list[str] = []

    def expect(self, pattern: str) -> None:
        """From now on and before, complaints in which `pattern` is found are right."""
        self._expected.append(pattern)

    def listen_to(self, page: Page) -> None:
        page.on("console", self._on_console)
        page.on("pageerror", self._on_page_error)

    @property
    def unexpected(self) -> list[str]:
        return [
            complaint
            for complaint in self._all
            if not any(re.search(pattern, complaint) for pattern in self._expected)
        ]

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type == "error" or "Content Security Policy" in message.text:
            where = message.location.get("url", "")
            self._all.append(f"{message.text} ({where})" if where else message.text)

    def _on_page_error(self, error: Error) -> None:
        self._all.append(f"uncaught: {error}")


class Windows:
    """Opens browser windows. Each is another visitor: it shares no cookies with the others."""

    def __init__(self, browser: Browser, complaints: Complaints) -> None:
        self.complaints = complaints
        self._browser = browser
        self._contexts: list[BrowserContext] = []

    def open(self, url: str = "about:blank", **options: Any) -> Page:
        """A window that shows `url`; `options` are those of Playwright's `new_context`."""
        context = self._browser.new_context(**options)
        self._contexts.append(context)
        context.on("page", self.complaints.listen_to)
        page = context.new_page()
        page.goto(url)
        return page

    def close(self) -> None:
        for context in self._contexts:
            context.close()


@contextmanager
def launched() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
        yield browser
        browser.close()
