"""Chromium, and the rule that a page has nothing to complain about.

Every error on the console, every exception that nobody caught and everything that the
Content-Security-Policy stopped fails the test, unless the test said that it expects it.
"""

import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Error,
    Page,
    expect,
    sync_playwright,
)

from tests.support.waiting import DEADLINE_SECONDS, wait_until
from tools.programs import find_chromium

expect.set_options(timeout=DEADLINE_SECONDS * 1000)

EMPTY = "about:blank"
"""What a new page shows."""

ELSEWHERE = "chat.localhost"
"""A name that browsers take for this machine, and the server for any other."""
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-site-isolation-trials",
    "--renderer-process-limit=1",
    "--in-process-gpu",
    "--num-raster-threads=1",
]
"""Without the sandbox because tests run in containers and as root, where it cannot be set up. With
as few processes and threads as it can do with: a tenth less work for the same pages."""

OFFLINE = (
    r"ERR_INTERNET_DISCONNECTED|ERR_NETWORK_CHANGED|ERR_FAILED|ERR_CONTENT_LENGTH_MISMATCH"
    r"|ERR_CONNECTION|ERR_EMPTY_RESPONSE|WebSocket connection|TypeError: Failed to fetch"
    r"|error occurred when fetching the script"
)
"""What Chromium itself writes on the console when requests are cut off: of the socket, of a module
that the page loads at its first use, of the service worker."""
RESTARTING = rf"{OFFLINE}|status of 503.*socket\.io|status of 400.*sid="
"""The same while a server is away; before that it lets nobody in who comes while it stops, and the
next one does not know the sessions of the last."""

RECORD_SHIFTS = """
  window.shift = 0;
  window.shifted = [];  // what moved, for when a test fails
  new PerformanceObserver((list) => {
    for (const { value, sources } of list.getEntries()) {
      window.shift += value;
      for (const { node, previousRect: from, currentRect: to } of sources) {
        const name = node?.className || node?.textContent?.slice(0, 40) || node?.nodeName;
        const [was, is] = [from, to].map(({ y, height }) => `${height} high at ${y}`);
        window.shifted.push(`${name}: ${was}, now ${is}`);
      }
    }
  }).observe({ type: "layout-shift", buffered: true });
"""
"""A script for a page to begin with: how far its layout moves while it loads."""


def nothing_has_moved(page: Page) -> None:
    """Since the page began with `RECORD_SHIFTS`."""
    assert page.evaluate("window.shift") < 0.001, page.evaluate("window.shifted")


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
    """Opens browser windows. Each is another visitor: it shares no cookies with the others.

    Service workers are "allow" or "block".
    """

    def __init__(
        self, browser: Browser, complaints: Complaints, service_workers: str = "allow"
    ) -> None:
        self.complaints = complaints
        self._browser = browser
        self._service_workers = service_workers
        self._contexts: list[BrowserContext] = []

    def open(self, url: str = EMPTY, **options: Any) -> Page:
        """A window that shows `url`; `options` are those of Playwright's `new_context`."""
        options = {"service_workers": self._service_workers, **options}
        context = self._browser.new_context(**options)
        self._contexts.append(context)
        context.on("page", self.complaints.listen_to)
        page = context.new_page()
        if url != EMPTY:
            page.goto(url)
        return page

    def close(self) -> None:
        while self._contexts:
            self._contexts.pop().close()


@contextmanager
def launched() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
        yield browser
        browser.close()


_open = ExitStack()
_browsers: list[Browser] = []


def opened() -> Browser:
    """The browser of this process of tests; a new one if there is none, or it has crashed."""
    if not (_browsers and _browsers[-1].is_connected()):
        close()
        _browsers.append(_open.enter_context(launched()))
    return _browsers[-1]


def close() -> None:
    _browsers.clear()
    _open.close()
