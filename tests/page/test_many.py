"""A chat with three hundred rooms and many people: what happens touches what it is about."""

from pathlib import Path

from playwright.sync_api import expect

from tests.page.people import sign_in
from tests.support.browser import Windows
from tests.support.cast import chatapp, with_token
from tests.support.many import large_chat

ROOMS, PEOPLE = 300, 2_000
COUNT_ROWS = """
  window.rows = new Set();
  new MutationObserver((changes) => {
    for (const { target, addedNodes } of changes) {
      for (const node of [target, ...addedNodes]) {
        const row = (node.closest ? node : node.parentElement)?.closest(".room-item");
        if (row) window.rows.add(row);
      }
    }
  }).observe(document.querySelector("room-list"), {
    subtree: true, childList: true, characterData: true, attributes: true,
  });
"""
"""The rows of the sidebar that were written, from now on."""


def test_a_message_writes_the_row_of_its_room_and_what_opens_shows_a_part(
    tmp_path: Path, windows: Windows
) -> None:
    server = large_chat(tmp_path, ROOMS, PEOPLE)
    ben = with_token(server, chatapp(server, "token", "create", "person 7", "a test"))
    token = with_token(server, chatapp(server, "token", "create", "ana", "a test"))
    for number in range(ROOMS):
        token.call("join", {"room": f"room-{number}"})
        token.call("read", {"room": f"room-{number}", "seq": 0})
    token.disconnect()
    try:
        ana = sign_in(windows, server, "ana")
        page = ana.page
        expect(page.locator(".room-item")).to_have_count(ROOMS + 1)
        ana.visit("Room 200")
        ana.visit("General")

        page.evaluate(COUNT_ROWS)
        ben.call("join", {"room": "room-200"})
        assert ben.call("message", {"room": "room-200", "text": "@ana, news"})["ok"]
        expect(ana.room("Room 200").locator(".badge")).to_be_visible()
        assert page.evaluate("window.rows.size") <= 2

        page.keyboard.press("Control+k")
        expect(page.get_by_role("option")).to_have_count(12)
        page.keyboard.type("person 19")
        expect(page.get_by_role("option").first).to_contain_text("person 19")
        assert page.get_by_role("option").count() <= 12
        page.keyboard.press("Escape")
        page.get_by_role("button", name="Details", exact=True).click()
        page.get_by_role("tab", name="Members").click()
        expect(
            page.get_by_role("tabpanel", name="Members").get_by_role("listitem").first
        ).to_be_visible()
        assert page.get_by_role("tabpanel", name="Members").get_by_role("listitem").count() <= 200
    finally:
        ben.disconnect()
        server.close()
