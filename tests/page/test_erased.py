"""Texts that are erased while the server is stopped, and the pages that had them."""

from collections.abc import Callable
from subprocess import CompletedProcess

import pytest

from tests.page.people import enter
from tests.support.browser import RESTARTING, Windows, comes_true
from tests.support.server import Server

pytestmark = pytest.mark.service_worker

KEPT = """await (async () => {
  const all = [];
  for (const name of await caches.keys()) {
    const cache = await caches.open(name);
    for (const request of await cache.keys()) all.push(await (await cache.match(request)).text());
  }
  for (const { name } of await indexedDB.databases()) {
    const opening = indexedDB.open(name);
    await new Promise((done) => { opening.onsuccess = done; });
    for (const table of opening.result.objectStoreNames) {
      const asking = opening.result.transaction(table).objectStore(table).getAll();
      await new Promise((done) => { asking.onsuccess = done; });
      all.push(asking.result);
    }
    opening.result.close();
  }
  return JSON.stringify(all);
})()"""
"""What the browser keeps of the chat, as one text."""
PAGE = "(await (await caches.match(location.href))?.text() ?? '')"
"""The page as it opens without a network."""


def test_a_page_that_comes_back_shows_no_text_that_was_erased_meanwhile(
    server: Server, windows: Windows, run_chatapp: Callable[..., CompletedProcess[str]]
) -> None:
    windows.complaints.expect(RESTARTING)
    ana, bo = enter(windows, server, "ana"), enter(windows, server, "bo")
    ana.say("my address is 7 Elm Street")
    bo.sees("my address is 7 Elm Street")
    bo.say("noted")
    bo.sees("my address is 7 Elm Street", "noted")
    bo.page.reload()
    comes_true(bo.page, f"async () => {PAGE}.includes('Elm Street')")
    comes_true(bo.page, f"async () => ({KEPT}).includes('Elm Street')")

    server.stop()
    run_chatapp("log", "erase", "--sender", "ana", "--yes", "--data", server.data)
    server.start()

    bo.sees_in_time("Erased", "noted")
    comes_true(bo.page, f"async () => !({KEPT}).includes('Elm Street')")
