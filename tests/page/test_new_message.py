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
    """A chat in which ana, ben, who is shown as Captain Haddock, carla and dan have accounts."""
    for name in ("ana", "ben", "carla", "dan"):
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
    dialog = ana.page.get_by_role("dialog", name="New message")
    expect(dialog.get_by_label("To", exact=True)).to_be_focused()
    ana.page.keyboard.type("carla")
    ana.page.keyboard.press("Enter")
    ana.page.keyboard.press("Enter")
    expect(title).to_have_text("carla")
    ana.sees()


def details(person: Person, tab: str) -> Locator:
    person.page.get_by_role("button", name="Details").click()
    panel = person.page.locator("room-details dialog")
    panel.get_by_role("tab", name=tab).click()
    return panel


def test_a_group_begins_beside_a_direct_message_and_its_people_and_name_change(
    server: Server, windows: Windows
) -> None:
    ana, ben, dan = (sign_in(windows, server, name) for name in ("ana", "ben", "dan"))
    dan.page.set_viewport_size({"width": 390, "height": 780})

    # A direct message stays between two: with more people, another conversation begins.
    ana.page.locator("member-list").get_by_role("button", name="Message Captain Haddock").click()
    expect(ana.heading).to_have_text("Captain Haddock")
    ana.say("only for you")
    direct = ana.page.url
    panel = details(ana, "Members")
    expect(panel.get_by_label("Name of the person to add")).to_be_hidden()
    panel.get_by_role("button", name="Start a conversation with more people").click()
    dialog = ana.page.get_by_role("dialog", name="New message")
    expect(dialog).to_contain_text("stays between you")
    expect(chips(ana)).to_have_text(["CCaptain Haddock"])
    ana.page.keyboard.type("carla")
    expect(dialog.get_by_role("option", selected=True)).to_contain_text("carla")
    ana.page.keyboard.press("Enter")
    ana.page.keyboard.press("Enter")
    expect(ana.heading).to_have_text("Captain Haddock, carla")
    assert ana.page.url != direct
    lines = ana.page.locator(".message.system .text")
    expect(lines).to_have_text(["ana started this conversation with Captain Haddock, carla"])
    ana.say("before dan")

    # Whoever is added reads what was said before, and it is said before.
    panel = details(ana, "Members")
    field = panel.get_by_label("Name of the person to add")
    expect(field).to_have_accessible_description(
        "People you add can read everything that was said before."
    )
    field.fill("dan")
    expect(panel.get_by_role("option")).to_have_count(1)
    ana.page.keyboard.press("Enter")
    expect(panel.locator(".invited bdi")).to_have_text(["ana", "Captain Haddock", "carla", "dan"])
    panel.get_by_role("button", name="Close").click()
    expect(lines.last).to_have_text("ana added dan")
    note = dan.page.locator("composer-note")
    expect(note).to_contain_text("You were added to ana, Captain Haddock, carla.")
    note.get_by_role("button", name="Open").click()
    dan.sees("before dan")

    # On a phone, dan gives it a name, which everybody sees; nobody but ana removes others.
    panel = details(dan, "Settings")
    name = panel.get_by_label("Name", exact=True)
    expect(name).to_have_attribute("placeholder", "ana, Captain Haddock, carla")
    name.fill("Trip")
    panel.get_by_role("button", name="Save").click()
    expect(panel.locator(".saved")).to_have_text("Saved.")
    expect(panel.get_by_role("button", name="Delete")).to_be_hidden()
    panel.get_by_role("tab", name="Members").click()
    expect(panel.get_by_role("button", name="Remove")).to_have_count(0)
    panel.get_by_role("button", name="Close").click()
    expect(dan.heading).to_have_text("Trip")
    ben.room("Trip").click()
    ben.sees("before dan")
    expect(ana.heading).to_have_text("Trip")
    panel = details(ana, "Members")
    panel.get_by_role("button", name="Remove carla").click()
    question = ana.page.get_by_role("dialog", name="Remove carla?")
    question.get_by_role("button", name="Remove").click()
    expect(panel.locator(".invited bdi")).to_have_text(["ana", "Captain Haddock", "dan"])
    panel.get_by_role("button", name="Close").click()

    # dan leaves, and is asked before.
    details(dan, "Settings").get_by_role("button", name="Leave conversation").click()
    question = dan.page.get_by_role("dialog", name="Leave Trip?")
    expect(question).to_contain_text("someone in it has to add you again")
    question.get_by_role("button", name="Leave conversation").click()
    expect(dan.heading).to_have_text("General")
    expect(dan.room("Trip")).to_have_count(0)
    expect(lines.last).to_have_text("dan left")

    # With two left it is still a group; the server draws it like the page. Its name can go again.
    ana.page.reload()
    ana.is_online()
    expect(ana.heading).to_have_text("Trip")
    ana.say("/rename")
    expect(ana.heading).to_have_text("Captain Haddock")
    expect(lines.last).to_have_text("ana removed the name")
    icons = ana.page.locator("section[data-section=direct] .room-link > .icon use")
    expect(icons).to_have_count(2)
    kinds = {icon.get_attribute("href") for icon in icons.all()}
    assert kinds == {"#icon-people", "#icon-person"}
