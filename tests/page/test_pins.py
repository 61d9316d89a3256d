"""Pinned messages: pinned from the menu, counted in the head of the room, listed, and unpinned."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Locator, expect

from tests.page.people import Person, enter, sign_in
from tests.page.test_accessibility import violations
from tests.support.cast import with_account
from tests.support.closing import SimpleClient
from tests.support.server import Server
from tests.test_way_of_a_message import call

PHONE = {"width": 390, "height": 700}
ROOM = "pinboard"


@pytest.fixture
def with_script(house: Server) -> Iterator[Callable[[str], SimpleClient]]:
    """Somebody with an account who is there without a page."""
    scripts: list[SimpleClient] = []

    def with_script(name: str) -> SimpleClient:
        scripts.append(with_account(house, name))
        return scripts[-1]

    yield with_script
    for script in scripts:
        script.disconnect()


def button(person: Person) -> Locator:
    return person.page.get_by_role("button", name="Pinned messages")


def pins(person: Person) -> Locator:
    return person.page.locator(".pin")


def act(person: Person, text: str, what: str) -> None:
    """Chooses from the menu of a message."""
    row = person.page.locator(".messages > .message:not(.system)", has_text=text)
    row.focus()
    row.get_by_role("button", name="More actions").click()
    person.page.get_by_role("menuitem", name=what, exact=True).click()


def test_messages_are_pinned_for_everyone_in_the_room(house, windows, with_script) -> None:
    script = with_script("Pia")
    call(script, "create", {"room": ROOM, "title": "Pinboard"})
    seqs = [
        call(script, "message", {"room": ROOM, "text": text})["message"]["seq"]
        for text in ("Lunch is at noon", "The wifi key is on the fridge", "And so on\n" * 60)
    ]
    call(script, "pin", {"room": ROOM, "seq": seqs[0], "on": True})
    pia = sign_in(windows, house, "Pia")
    pia.page.goto(f"{house.url}/rooms/{ROOM}")
    gus = enter(windows, house, "gus", f"/rooms/{ROOM}")

    expect(button(gus)).to_have_text(
        "Pinned messages: 1"
    )  # As the server drew it, and as it stays.
    line = gus.page.locator(".message.system", has_text="Pia pinned a message")
    to_it = re.compile(rf"/rooms/{ROOM}\?at={seqs[0]}$")
    expect(line.get_by_role("link")).to_have_attribute("href", to_it)
    gus.use()
    act(pia, "wifi", "Pin to this room")
    expect(pia.page.locator("toast-note")).to_have_text("Pinned for everyone in this room.")
    for person in (pia, gus):
        expect(button(person)).to_have_text("Pinned messages: 2")

    button(gus).click()
    expect(pins(gus).locator("a")).to_have_text(
        ["The wifi key is on the fridge", "Lunch is at noon"]
    )
    expect(pins(gus).first).to_contain_text("Pinned by Pia, just now")
    expect(gus.page.get_by_role("tab", name="Pinned")).to_have_attribute("aria-selected", "true")
    expect(gus.page.get_by_role("button", name="Unpin")).to_have_count(0)
    assert violations(gus.page) == []
    pins(gus).nth(1).click()
    expect(gus.page.get_by_role("dialog")).to_have_count(0)
    expect(gus.page.locator(f"#message-{seqs[0]}")).to_be_in_viewport()

    call(script, "delete", {"room": ROOM, "seq": seqs[0]})
    expect(button(gus)).to_have_text("Pinned messages: 1")
    pia.write("/pins")
    pia.composer.press("Enter")
    expect(pins(pia)).to_have_count(1)
    assert violations(pia.page) == []
    pins(pia).get_by_role("button", name="Unpin the message from Pia").press("Enter")
    expect(pins(pia)).to_have_count(0)
    expect(pia.page.get_by_role("heading", name="Pinboard", level=2)).to_be_focused()
    expect(pia.page.get_by_text("Nothing is pinned here.")).to_be_visible()
    pia.page.keyboard.press("Escape")
    for person in (pia, gus):
        expect(button(person)).to_have_count(0)

    pia.page.get_by_role("button", name="Details").click()
    pia.page.get_by_role("tab", name="Settings").click()
    pia.page.get_by_label("Who can pin messages").select_option("The creator and admins")
    pia.page.get_by_role("button", name="Save", exact=True).click()
    expect(pia.page.locator(".form-actions > .saved")).to_have_text("Saved.")
    gus.page.set_viewport_size(PHONE)
    gus.page.reload()
    gus.is_online()
    gus.use()
    answer = {"room": ROOM, "text": "In the garden", "thread": seqs[1]}
    reply = call(script, "message", answer)["message"]["seq"]
    call(script, "pin", {"room": ROOM, "seq": reply, "on": True})
    expect(button(gus)).to_have_text("Pinned messages: 1")
    button(gus).click()
    assert violations(gus.page) == []
    pins(gus).click()
    expect(gus.page.locator(f"#thread-{seqs[1]}-{reply}")).to_be_in_viewport()
