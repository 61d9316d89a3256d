"""Messages to several people: chosen by their names, and one conversation for all of them."""

import pytest
from playwright.sync_api import Locator, expect

from tests.page.people import Person, begin, sign_in
from tests.support.accounts import PASSWORD
from tests.support.browser import Windows
from tests.support.cast import chatapp
from tests.support.server import Server

IS_UNDER_ITS_DAY = """row => {
  const at = (part) => row.querySelector(part).getBoundingClientRect();
  return at(".day").bottom <= at(".text").top;
}"""


@pytest.fixture
def server(server: Server) -> Server:
    """A chat in which ana, ben, who is shown as Captain Haddock, and carla have accounts."""
    for name in ("ana", "ben", "carla"):
        chatapp(server, "user", "add", name, "--password-stdin", input=PASSWORD)
    chatapp(server, "user", "profile", "ben", "--display-name", "Captain Haddock")
    return server


def chips(person: Person) -> Locator:
    return person.page.get_by_role("list", name="Selected").get_by_role("listitem")


def test_three_people_have_one_conversation_whoever_begins_it(
    server: Server, windows: Windows
) -> None:
    ana, ben, carla = (sign_in(windows, server, name) for name in ("ana", "ben", "carla"))
    title = ana.heading

    # By keyboard: ana chooses ben by what he is shown as, carla, not carla, and carla again.
    ana.use_letters()
    ana.page.evaluate("document.activeElement.blur()")
    ana.page.keyboard.press("m")
    dialog = ana.page.get_by_role("dialog", name="New message")
    expect(dialog.get_by_label("To", exact=True)).to_be_focused()
    expect(dialog.get_by_role("button", name="Open conversation")).to_be_disabled()
    for typed, shown in (("hadd", "Captain Haddock"), ("carla", "carla")):
        ana.page.keyboard.type(typed)
        expect(dialog.get_by_role("option", selected=True)).to_contain_text(shown)
        ana.page.keyboard.press("Enter")
    expect(chips(ana)).to_have_text(["CCaptain Haddock", "Ccarla"])
    expect(dialog.get_by_role("option")).to_have_count(0)
    ana.page.keyboard.press("Backspace")
    expect(chips(ana)).to_have_count(1)
    ana.page.keyboard.type("carl")
    ana.page.keyboard.press("Enter")
    expect(dialog.get_by_role("status")).to_have_text("You and 2 others.")
    ana.page.keyboard.press("Enter")
    expect(title).to_have_text("Captain Haddock, carla")
    expect(dialog).to_be_hidden()
    expect(ana.composer).to_be_focused()
    ana.say("ahoy, both")

    expect(ben.room("ana, carla").locator(".badge:not([hidden])")).to_have_count(1)
    ben.room("ana, carla").click()
    ben.sees("ahoy, both")
    first = ben.page.locator(".messages > [data-first-unread]")
    assert first.evaluate(IS_UNDER_ITS_DAY)
    ben.say("aye")
    ana.sees("ahoy, both", "aye")

    # With the mouse: carla begins one with the same two, and is where they are.
    begin(carla.page, "New message")
    dialog = carla.page.get_by_role("dialog", name="New message")
    for name in ("ana", "Captain Haddock"):
        dialog.get_by_role("option", name=name).click()
    dialog.get_by_role("button", name="Remove ana").click()
    dialog.get_by_role("option", name="ana").click()
    dialog.get_by_role("button", name="Open conversation").click()
    carla.sees("ahoy, both", "aye")
    expect(carla.page).to_have_url(ana.page.url)

    # Two of them alone are another conversation.
    begin(ana.page, "New message")
    expect(ana.page.get_by_label("To", exact=True)).to_be_focused()
    ana.page.keyboard.type("carla")
    ana.page.keyboard.press("Enter")
    ana.page.keyboard.press("Enter")
    expect(title).to_have_text("carla")
    ana.sees()
