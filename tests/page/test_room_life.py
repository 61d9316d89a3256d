"""Rooms with rules and members: private and direct ones, topics, archives, favourites, levels."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, expect
from socketio import SimpleClient

from tests.page.people import Person, begin, enter, sign_in
from tests.support.accounts import PASSWORD
from tests.support.browser import Windows, comes_true
from tests.support.cast import chatapp
from tests.support.server import Server

Connect = Callable[..., SimpleClient]


@pytest.fixture(scope="module")
def server(house: Server) -> Server:
    """One chat for all these tests, in which Olga, Ben and Cy have accounts."""
    for name, role in {"Olga": "owner", "Ben": "member", "Cy": "member"}.items():
        chatapp(house, "user", "add", name, "--role", role, "--password-stdin", input=PASSWORD)
    return house


def make_room(person: Person, title: str, kind: str = "Everyone") -> None:
    begin(person.page, "New room")
    person.page.get_by_label("Room name").fill(title)
    person.page.get_by_role("radio", name=kind).check()
    person.page.keyboard.press("Enter")
    expect(person.heading).to_have_text(title)
    person.is_online()


def make_private_room(person: Person, title: str) -> Locator:
    """Gives what opens then, to invite people in it."""
    make_room(person, title, "Only its members (and admins, in the admin console)")
    panel = person.page.locator("room-details dialog")
    expect(panel.get_by_label("Name of the person to add")).to_be_focused()
    return panel


def details(person: Person, tab: str = "About") -> Locator:
    person.page.get_by_role("button", name="Details").click()
    panel = person.page.locator("room-details dialog")
    panel.get_by_role("tab", name=tab).click()
    return panel


def press_and_confirm(person: Person, name: str, question: str, act: str) -> None:
    """Presses a button in the open dialog, and says in the question that one means it."""
    person.page.get_by_role("dialog").get_by_role("button", name=name, exact=True).click()
    asked = person.page.get_by_role("dialog", name=question)
    asked.get_by_role("button", name=act).click()


def test_rooms_are_browsed_joined_and_left(
    server: Server, windows: Windows, connect: Connect
) -> None:
    bo = connect("bo")
    bo.call("create", {"room": "tea", "title": "Tea"})
    ana = enter(windows, server, "ana")
    begin(ana.page, "All rooms")
    panel = ana.page.get_by_role("dialog", name="All rooms")
    panel.get_by_label("Filter").fill("tae")

    panel.get_by_role("button", name="Join: Tea").click()

    expect(ana.heading).to_have_text("Tea")
    ana.use_letters()
    ana.page.evaluate("document.activeElement.blur()")
    ana.page.keyboard.press("b")
    panel.get_by_role("button", name="Leave: Tea").click()
    ana.page.get_by_role("dialog", name="Leave Tea?").get_by_role("button", name="Leave").click()
    expect(panel.get_by_role("button", name="Join: Tea")).to_be_visible()
    expect(ana.heading).to_have_text("General")


def test_all_rooms_say_how_many_are_in_them_and_when_something_last_happened(
    server: Server, windows: Windows, connect: Connect
) -> None:
    ben = sign_in(windows, server, "Ben")
    make_room(ben, "Pond")
    bo = connect("bo")
    begin(ben.page, "All rooms")
    pond = ben.page.get_by_role("dialog", name="All rooms").get_by_role("listitem")
    facts = pond.filter(has_text="Pond").locator(".listed-facts")
    expect(facts).to_have_text("1 member · 1 online")
    ben.page.keyboard.press("Escape")
    bo.call("join", {"room": "pond"})
    bo.call("message", {"room": "pond", "text": "A frog!"})

    begin(ben.page, "All rooms")

    expect(facts).to_have_text("1 member · 2 online · active just now")


def test_who_made_a_room_gives_it_a_topic_that_everyone_sees(
    server: Server, windows: Windows
) -> None:
    ben = sign_in(windows, server, "Ben")
    make_room(ben, "Garden")
    gus = enter(windows, server, "gus", path="/rooms/garden")
    panel = details(ben, "Settings")

    panel.get_by_label("Topic").fill("What grows <b>where</b>")
    panel.get_by_role("button", name="Save").click()

    expect(panel.locator(".saved")).to_have_text("Saved.")
    for person in (ben, gus):
        expect(person.page.locator("p.room-topic")).to_have_text("What grows <b>where</b>")
    about = details(gus)
    expect(about).to_contain_text("What grows")
    expect(about.get_by_label("Topic")).to_be_hidden()


def test_slow_mode_and_archiving_are_said_where_one_writes(
    server: Server, windows: Windows
) -> None:
    ben = sign_in(windows, server, "Ben")
    make_room(ben, "Busy")
    gus = enter(windows, server, "gus", path="/rooms/busy")
    rules = gus.page.locator("room-rules")
    expect(rules).to_be_hidden()
    panel = details(ben, "Settings")

    panel.get_by_label("Slow mode").select_option("30")
    panel.get_by_role("button", name="Save").click()
    expect(rules).to_have_text("Slow mode: one message every 30 seconds.")

    press_and_confirm(ben, "Archive room", "Archive Busy?", "Archive room")
    expect(rules).to_contain_text("archived")
    expect(gus.composer).to_be_hidden()
    panel.get_by_role("button", name="Unarchive room").click()
    expect(gus.composer).to_be_visible()


@pytest.mark.service_worker
def test_a_private_room_is_there_for_who_is_invited_until_they_are_removed(
    server: Server, windows: Windows, connect: Connect
) -> None:
    ben, cy = sign_in(windows, server, "Ben"), sign_in(windows, server, "Cy")
    make_private_room(ben, "Surprise")
    ben.page.keyboard.press("Escape")
    ben.say("before you came")
    ben.sees("before you came")
    expect(ben.page.locator(".beginning-who")).to_contain_text("Admins can too")
    connect("bo").call("message", {"text": "in the open"})
    expect(cy.sent.last).to_have_text("in the open")
    expect(cy.room("Surprise")).to_have_count(0)
    panel = details(ben)
    expect(panel.locator(".details-who")).to_contain_text("only members can read this room")
    panel.get_by_role("tab", name="Members").click()
    panel.get_by_label("Name of the person to add").fill("nobody")
    panel.get_by_role("button", name="Add", exact=True).click()
    expect(panel.locator(".problem")).to_contain_text("There is no account called")

    panel.get_by_label("Name of the person to add").fill("cy")
    panel.get_by_role("button", name="Add", exact=True).click()

    expect(panel.locator(".invited bdi")).to_have_text(["Ben", "Cy"])
    expect(cy.room("Surprise").locator(".news [aria-hidden]")).to_have_text("1")
    expect(cy.page.locator("composer-note")).to_contain_text("You were added to Surprise.")
    cy.page.locator("composer-note").get_by_role("button", name="Open").click()
    cy.sees("before you came")
    expect(cy.page.locator("composer-note")).to_be_hidden()
    cy.page.reload()
    cy.is_online()
    address = cy.page.url
    comes_true(cy.page, f"async () => Boolean(await caches.match('{address}'))")
    press_and_confirm(ben, "Remove Cy", "Remove Cy?", "Remove")
    expect(cy.room("Surprise")).to_have_count(0)
    expect(cy.heading).to_have_text("General")
    expect(cy.page.locator("room-rules")).to_have_text("You are no longer in Surprise.")
    comes_true(cy.page, f"async () => !(await caches.match('{address}'))")


def test_one_talks_with_somebody_alone_by_their_name(server: Server, windows: Windows) -> None:
    ben, cy = sign_in(windows, server, "Ben"), sign_in(windows, server, "Cy")

    ben.page.keyboard.press("Control+k")
    ben.page.keyboard.type("cy")
    ben.page.get_by_role("option", name=re.compile("cy.*person", re.IGNORECASE)).click()
    expect(ben.heading).to_have_text("Cy")
    ben.say("just us")

    expect(cy.room("Ben").locator(".news [aria-hidden]")).to_have_text("1")
    cy.room("Ben").click()
    cy.sees("just us")


def test_favourites_come_first_and_a_quiet_room_stays_quiet_on_all_devices(
    server: Server, windows: Windows, connect: Connect
) -> None:
    bo = connect("bo")
    for room in ("aaa", "zebra"):
        bo.call("create", {"room": room})
    laptop, phone = sign_in(windows, server, "Olga"), sign_in(windows, server, "Olga")
    for device in (laptop, phone):
        device.visit("zebra")
    panel = details(laptop)

    panel.get_by_label("Favourite").check()
    for device in (laptop, phone):
        expect(device.page.locator(".room-title").first).to_have_text("zebra")
    panel.get_by_label("mentions").check()
    panel.get_by_role("button", name="Close").click()

    for device in (laptop, phone):
        device.room("General").click()
        expect(device.heading).to_have_text("General")
    bo.call("message", {"room": "zebra", "text": "for all"})
    bo.call("message", {"room": "zebra", "text": "for @olga"})
    for device in (laptop, phone):
        expect(device.room("zebra").locator(".calls [aria-hidden]")).to_have_text("1")
        expect(device.room("zebra").locator(".news")).to_be_hidden()
        expect(device.page).to_have_title("(1) General · Chat")
    laptop.page.reload()
    expect(laptop.page.locator(".room-title").first).to_have_text("zebra")


def test_a_private_room_is_left_only_after_a_question(server: Server, windows: Windows) -> None:
    ben = sign_in(windows, server, "Ben")
    make_private_room(ben, "Salaries")
    ben.page.keyboard.press("Escape")
    expect(ben.page.locator(".room-header").get_by_role("button", name="Leave")).to_have_count(0)
    question = ben.page.get_by_role("dialog", name="Leave Salaries?")

    ben.page.get_by_role("button", name="Options for Salaries").click()
    ben.page.get_by_role("menuitem", name="Leave room").click()
    expect(question).to_contain_text("nobody will be able to come back")
    question.get_by_role("button", name="Cancel").click()
    expect(ben.heading).to_have_text("Salaries")
    details(ben, "Settings").get_by_role("button", name="Leave room").click()
    question.get_by_role("button", name="Leave room").click()

    expect(ben.heading).to_have_text("General")
    expect(ben.room("Salaries")).to_have_count(0)


def test_who_is_to_be_invited_is_offered_while_one_types(server: Server, windows: Windows) -> None:
    ben = sign_in(windows, server, "Ben")
    panel = make_private_room(ben, "Party")
    field = panel.get_by_label("Name of the person to add")

    ben.page.keyboard.type("ol")
    offered = panel.get_by_role("listbox").get_by_role("option")
    expect(offered).to_have_text(re.compile("Olga"))
    ben.page.keyboard.press("Enter")

    expect(panel.locator(".invited bdi")).to_have_text(["Ben", "Olga"])
    expect(field).to_have_value("")
    ben.page.keyboard.type("cy")
    expect(offered).to_have_text(re.compile("Cy"))
    field.fill("olga")
    expect(offered).to_have_count(0)


def test_of_two_who_talk_alone_neither_has_settings(server: Server, windows: Windows) -> None:
    ben = sign_in(windows, server, "Ben")
    ben.page.keyboard.press("Control+k")
    ben.page.keyboard.type("olga")
    ben.page.get_by_role("option", name=re.compile("olga.*person", re.IGNORECASE)).click()
    expect(ben.heading).to_have_text("Olga")

    panel = details(ben)

    expect(panel.get_by_label("Favourite")).to_be_visible()
    for hidden in ("Name", "Topic", "Slow mode"):
        expect(panel.get_by_label(hidden, exact=True)).to_be_hidden()
    expect(panel.get_by_role("tab")).to_have_text(["About", "Members", "Pinned", "Files"])


def test_a_deleted_room_disappears_for_everyone_after_a_question(
    server: Server, windows: Windows
) -> None:
    ben = sign_in(windows, server, "Ben")
    make_room(ben, "Attic")
    gus = enter(windows, server, "gus", path="/rooms/attic")
    details(ben, "Settings")
    press_and_confirm(ben, "Delete room", "Delete Attic?", "Cancel")
    expect(ben.room("Attic")).to_have_count(1)

    press_and_confirm(ben, "Delete room", "Delete Attic?", "Delete room")

    for person in (ben, gus):
        expect(person.room("Attic")).to_have_count(0)
        expect(person.heading).to_have_text("General")
    expect(gus.page.locator("room-rules")).to_have_text("You are no longer in Attic.")


def test_a_room_is_muted_for_a_while_on_all_devices(server: Server, windows: Windows) -> None:
    laptop, phone = sign_in(windows, server, "Olga"), sign_in(windows, server, "Olga")
    panel = details(laptop)
    expect(panel.locator(".muted-until")).to_be_hidden()

    panel.get_by_role("button", name="For 1 hour").click()

    expect(panel.locator(".muted-until")).to_contain_text("Muted until")
    expect(panel.get_by_role("button", name="Unmute")).to_be_focused()
    expect(phone.room("General")).to_have_class(re.compile("muted"))
    panel.get_by_role("button", name="Unmute").click()
    expect(phone.room("General")).not_to_have_class(re.compile("muted"))
    panel.get_by_role("button", name="Until I unmute it").click()
    phone.page.reload()
    expect(phone.room("General")).to_have_class(re.compile("muted"))
    panel.get_by_role("button", name="Unmute").click()
    expect(phone.room("General")).not_to_have_class(re.compile("muted"))
    laptop.page.keyboard.press("Escape")
    for choices in (["Mute", "For 1 hour"], ["Unmute"]):
        laptop.room("General").hover()
        laptop.page.get_by_role("button", name="Options for General").click()
        for choice in choices:
            laptop.page.get_by_role("menuitem", name=choice, exact=True).click()
        there = expect(phone.room("General"))
        says_so = there.to_have_class if "Mute" in choices else there.not_to_have_class
        says_so(re.compile("muted"))


def test_tabs_are_chosen_with_the_arrow_keys(server: Server, windows: Windows) -> None:
    ben = sign_in(windows, server, "Ben")
    make_room(ben, "Cellar")
    panel = details(ben)
    tab = panel.get_by_role("tab")

    ben.page.keyboard.press("ArrowRight")
    expect(tab.nth(1)).to_be_focused()
    expect(panel.get_by_role("tabpanel", name="Members")).to_be_visible()
    ben.page.keyboard.press("End")
    expect(panel.get_by_role("tabpanel", name="Settings")).to_be_visible()
    ben.page.keyboard.press("ArrowRight")
    expect(tab.first).to_be_focused()
    ben.page.keyboard.press("Tab")
    expect(panel.get_by_role("radio", name="all messages")).to_be_focused()


def test_people_are_named_while_one_makes_a_private_room(server: Server, windows: Windows) -> None:
    ben, cy = sign_in(windows, server, "Ben"), sign_in(windows, server, "Cy")
    begin(ben.page, "New room")
    dialog = ben.page.get_by_role("dialog", name="New room")
    dialog.get_by_label("Room name").fill("Picnic")
    expect(dialog.get_by_label("People to add")).to_be_hidden()
    dialog.get_by_role("radio", name=re.compile("Only its members")).check()

    dialog.get_by_label("People to add").press_sequentially("cy")
    dialog.get_by_role("option", name=re.compile("Cy")).click()
    expect(dialog.locator(".chip bdi")).to_have_text("Cy")
    dialog.get_by_role("button", name="Create room").click()

    expect(ben.heading).to_have_text("Picnic")
    expect(cy.room("Picnic")).to_have_count(1)
    expect(details(ben, "Members").locator(".invited bdi")).to_have_text(["Ben", "Cy"])


def test_guests_and_bots_are_marked_for_people_with_an_account(
    server: Server, windows: Windows, connect: Connect
) -> None:
    ben, gus = sign_in(windows, server, "Ben"), enter(windows, server, "gus")
    gus.say("Hello")
    for page in (ben.page, gus.page):
        marks = page.locator("member-list .member", has_text="gus").locator(".role-mark")
        expect(marks).to_have_text("guest" if page is ben.page else "")
        said = page.locator(".message", has_text="Hello").locator(".role-mark")
        expect(said).to_have_text("guest" if page is ben.page else "")
    ben.page.reload()
    said = ben.page.locator(".message", has_text="Hello").locator(".role-mark")
    expect(said).to_have_text("guest")
    marks = ben.page.locator("member-list .member", has_text="gus").locator(".role-mark")
    expect(marks).to_have_text("guest")


def test_the_address_of_a_public_room_shows_it_and_joins_nothing(
    server: Server, windows: Windows, connect: Connect
) -> None:
    bo = connect("bo")
    bo.call("create", {"room": "balcony", "title": "Balcony"})
    bo.call("message", {"room": "balcony", "text": "Sunny here"})
    ben = sign_in(windows, server, "Ben")

    ben.page.goto(f"{server.url}/rooms/balcony")

    ben.sees("Sunny here")
    expect(ben.composer).to_be_hidden()
    begin(ben.page, "All rooms")
    listed = ben.page.get_by_role("dialog", name="All rooms").get_by_role("listitem")
    expect(listed.filter(has_text="Balcony").locator(".listed-facts")).to_contain_text("1 online")
    listed.filter(has_text="General").get_by_role("link").click()
    expect(ben.heading).to_have_text("General")
    begin(ben.page, "All rooms")
    listed.get_by_role("link", name="Balcony").click()
    ben.sees("Sunny here")

    ben.page.get_by_role("button", name="Join room").click()

    expect(ben.page.locator(".message.system .text")).to_have_text("Ben joined")
    ben.say("Hello")
    ben.sees("Sunny here", "Hello")
    ben.page.reload()
    expect(ben.composer).to_be_visible()
    bo.call("message", {"room": "balcony", "text": "Welcome"})
    ben.sees("Sunny here", "Hello", "Welcome")
