"""A room in which nobody has said anything: one sentence, and what one can do with it."""

import pytest
from playwright.sync_api import expect
from socketio import SimpleClient

from tests.page.people import Person, sign_in
from tests.support.browser import Windows
from tests.support.cast import new_token
from tests.support.server import Server


@pytest.fixture(scope="module")
def server(house: Server) -> Server:
    """One for all tests here; each has a room of its own."""
    return house


def test_it_offers_what_is_not_done_yet_to_those_who_may(
    ana: Person, bo: SimpleClient, room: str
) -> None:
    offered = ana.page.locator(".begin-with button:visible")
    expect(offered).to_have_text(["Turn on notifications"])
    offered.click()
    expect(offered).to_have_count(0)
    bo.call("message", {"room": room, "text": "first"})
    ana.sees("first")

    expect(ana.page.locator(".begin-with")).to_be_hidden()


def test_the_topic_is_offered_to_those_who_may_change_it(server: Server, windows: Windows) -> None:
    new_token(server, "Olga", "member")
    olga = sign_in(windows, server, "Olga")

    olga.say("/private plans Plans")
    expect(olga.heading).to_have_text("Plans")
    offered = olga.page.locator(".begin-with button:visible")
    expect(offered).to_have_text(["Add a topic", "Invite people", "Turn on notifications"])
    offered.first.click()

    expect(olga.page.locator("room-details dialog")).to_be_visible()


def test_what_it_offers_moves_nothing_as_it_comes(ana: Person) -> None:
    offered = ana.page.locator(".begin-with")
    expect(offered.locator("button:visible")).to_have_count(1)
    before = offered.bounding_box()

    ana.page.evaluate("document.querySelector('message-log').chat.wishes.sound = true")
    expect(offered.locator("button:visible")).to_have_count(0)

    after = offered.bounding_box()
    assert before
    assert after
    assert (before["y"], before["height"]) == (after["y"], after["height"])
