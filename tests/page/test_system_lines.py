"""The lines that the chat itself writes: quiet, folded, in the reader's language."""

from itertools import count

import pytest
from playwright.sync_api import expect

from tests.page.people import enter
from tests.page.screenshots import speak
from tests.support.cast import with_account

numbers = count(1)


@pytest.fixture
def host(house):
    """Somebody with an account, who has made the room `quiet-…`."""
    number = next(numbers)
    host = with_account(house, f"Hostess {number}")
    host.room = f"quiet-{number}"
    host.call("create", {"room": host.room, "title": "Quiet"})
    yield host
    host.disconnect()


def change(host, **settings):
    assert host.call("update", {"room": host.room, **settings})["ok"]


def test_lines_of_the_chat_are_told_live_and_after_a_reload(windows, house, host):
    change(host, topic="Tea")
    ana = enter(windows, house, "ana", f"/rooms/{host.room}")
    lines = ana.page.locator(".message.system .text")
    expect(ana.page.locator(".run")).to_be_hidden()
    name = host.call("rooms", {})["me"]
    expect(lines).to_have_text([f"{name} changed the topic to “Tea”"])

    host.call("message", {"room": host.room, "text": "Hello"})
    change(host, title="Very quiet")
    told = [f"{name} changed the topic to “Tea”", f"{name} changed the name to “Very quiet”"]
    expect(lines).to_have_text(told)
    ana.page.reload()
    expect(lines).to_have_text(told)
    expect(ana.page.locator(".message:not(.system) .byline")).to_have_count(1)

    speak(ana.page, "es")
    expect(lines.last).to_have_text(f"{name} cambió el nombre a «Very quiet»")


def test_of_several_lines_the_last_is_shown_until_one_asks(windows, house, host):
    for topic in ("one", "two", "three"):
        change(host, topic=topic)
    ana = enter(windows, house, "ana", f"/rooms/{host.room}")
    lines = ana.page.locator(".message.system .text")
    shown = lines.locator("visible=true")
    expect(shown).to_have_count(2)  # the first has the day over it
    change(host, topic="four")
    expect(lines).to_have_count(4)
    expect(shown).to_have_count(2)

    ana.page.get_by_role("button", name="Show earlier changes").click()

    expect(shown).to_have_count(4)
    expect(ana.page.get_by_role("button", name="Show earlier changes")).to_have_count(0)
    lines.last.hover()
    expect(ana.page.locator("message-actions")).to_be_hidden()


def test_a_line_of_the_chat_is_not_new_to_anybody(windows, house, host):
    ana = enter(windows, house, "ana", f"/rooms/{host.room}")
    ana.visit("General")

    change(host, topic="Tea")
    host.call("message", {"room": host.room, "text": "Hello"})

    link = ana.page.locator(f'.room-link[data-room="{host.room}"]')
    expect(link.locator(".badge").locator("visible=true")).to_have_text("11 unread message")
