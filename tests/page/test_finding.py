"""Finding messages, rooms and people: the search, the quick switcher, the keyboard."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, ViewportSize, expect
from socketio import SimpleClient

from tests.page.people import Person, enter, sign_in
from tests.support import closing
from tests.support.browser import RESTARTING, Windows
from tests.support.cast import new_token
from tests.support.server import Server

PHONE: ViewportSize = {"width": 390, "height": 844}

Connect = Callable[..., SimpleClient]


@pytest.fixture(scope="module")
def server(house: Server) -> Server:
    """One chat for all these tests, with something to find in it."""
    chidi = closing.SimpleClient()
    chidi.connect(house.url, auth={"name": "chidi"})
    for room, title in {"design": "Design", "kitchen": "Kitchen & plants"}.items():
        chidi.call("create", {"room": room, "title": title})
    chidi.call("message", {"text": "Who waters the café's palm tree?"})
    for number in range(120):
        chidi.call("message", {"room": "kitchen", "text": f"tea number {number}"})
    chidi.disconnect()
    return house


@pytest.fixture
def ana(server: Server, windows: Windows) -> Person:
    return enter(windows, server, "ana")


def dialog(person: Person, name: str) -> Locator:
    return person.page.get_by_role("dialog", name=name)


def search(person: Person) -> Locator:
    return person.page.get_by_role("search")


def options(person: Person) -> Locator:
    return person.page.get_by_role("option")


def test_a_search_follows_what_is_typed_and_marks_what_it_found(ana: Person) -> None:
    ana.page.keyboard.press("Control+f")
    expect(search(ana)).to_contain_text("from:ana")

    ana.page.keyboard.type("cafe")

    expect(options(ana)).to_have_count(1)
    expect(options(ana).locator("mark")).to_have_text("café")
    expect(options(ana)).to_contain_text("chidi")
    expect(options(ana)).to_contain_text("General")
    ana.page.keyboard.type(" in:kitchen")
    expect(search(ana).get_by_role("status")).to_contain_text("No results for")
    expect(options(ana)).to_have_count(0)


def test_operators_take_names_as_people_write_them_and_offer_them(ana: Person) -> None:
    ana.page.keyboard.press("Control+f")
    ana.page.keyboard.type("tea number 119 in:Ki")
    expect(options(ana).first).to_contain_text("in:kitchen")

    ana.page.keyboard.press("Enter")

    field = search(ana).get_by_role("combobox")
    expect(field).to_have_value("tea number 119 in:kitchen ")
    expect(options(ana).locator(".hit-text")).to_have_text(["tea number 119"])
    field.fill("in:#Kitchen from:@CHIDI “number 119” -palm")
    expect(options(ana).locator("mark")).to_have_text(["number 119"])


def test_the_arrow_keys_go_through_what_was_found_and_enter_goes_there(ana: Person) -> None:
    ana.use_letters()
    ana.page.evaluate("document.activeElement.blur()")
    ana.page.keyboard.press("/")
    ana.page.keyboard.type("tea in:kitchen")
    expect(options(ana)).to_have_count(25)
    expect(options(ana).first).to_contain_text("tea number 119")

    for _ in range(30):
        ana.page.keyboard.press("ArrowDown")
    expect(options(ana)).to_have_count(50)
    chosen = ana.page.locator("[role=option][aria-selected=true]")
    expect(chosen).to_contain_text(re.compile(r"tea number (89|9\d)"))
    text = chosen.locator(".hit-text").inner_text()
    ana.page.keyboard.press("Enter")

    expect(ana.heading).to_have_text("Kitchen & plants")
    expect(ana.sent.get_by_text(text, exact=True)).to_be_in_viewport()
    expect(chosen).to_contain_text(text)
    ana.page.go_back()
    expect(ana.heading).to_have_text("General")
    expect(options(ana)).to_have_count(50)
    ana.page.reload()
    expect(options(ana)).to_have_count(25)
    ana.page.keyboard.press("Escape")


def test_filters_narrow_a_search_by_clicking(ana: Person) -> None:
    ana.page.get_by_role("button", name="Search", exact=True).click()
    ana.page.keyboard.type("number")
    expect(options(ana)).to_have_count(25)
    members = ana.page.get_by_role("complementary", name="Members")
    expect(members).to_be_hidden()

    for name, choice in {"Person": "from:chidi", "Room": "in:kitchen", "Date": "Today"}.items():
        search(ana).get_by_role("button", name=name, exact=True).click()
        options(ana).filter(has_text=choice).click()
    field = search(ana).get_by_role("combobox")
    expect(field).to_have_value(re.compile(r"^number from:chidi in:kitchen after:[\d-]{10} $"))
    expect(options(ana)).to_have_count(25)
    search(ana).get_by_role("button", name="Contains", exact=True).click()
    search(ana).get_by_role("option", name="link").click()
    expect(search(ana).get_by_role("status")).to_contain_text("No results for")
    for name in ("Link", "Kitchen & plants", "chidi"):
        pressed = search(ana).get_by_role("button", name=name, exact=True)
        expect(pressed).to_have_attribute("aria-pressed", "true")
        pressed.click()

    expect(field).to_have_value(re.compile(r"^number after:[\d-]{10}$"))
    search(ana).get_by_role("button", name="Close").click()
    expect(search(ana)).to_be_hidden()
    expect(members).to_be_visible()
    expect(ana.composer).to_be_focused()
    expect(ana.page).to_have_url(re.compile(r"/$"))


def test_on_a_phone_what_was_found_covers_the_search_and_back_leads_to_it(
    server: Server, windows: Windows
) -> None:
    ana = enter(windows, server, "ana", viewport=PHONE, has_touch=True)
    ana.page.get_by_role("button", name="Rooms").click()
    ana.page.get_by_role("button", name="Search", exact=True).click()
    ana.page.keyboard.type("tea number 11")
    expect(options(ana)).to_have_count(11)

    options(ana).last.click()

    expect(search(ana)).to_be_hidden()
    expect(ana.heading).to_have_text("Kitchen & plants")
    expect(ana.sent.get_by_text("tea number 11", exact=True)).to_be_in_viewport()
    ana.page.go_back()
    expect(options(ana)).to_have_count(11)
    ana.page.go_back()
    expect(search(ana)).to_be_hidden()
    expect(ana.heading).to_have_text("General")


def test_a_search_without_a_connection_says_so_and_goes_on_by_itself(
    ana: Person, windows: Windows, server: Server
) -> None:
    windows.complaints.expect(RESTARTING)
    ana.page.keyboard.press("Control+f")
    expect(search(ana)).to_be_visible()
    server.kill9()
    ana.page.keyboard.type("café")
    panel = search(ana)
    expect(panel.get_by_role("status")).to_contain_text("connection")

    server.start()
    ana.page.evaluate("document.querySelector('connection-banner').connection.tryNow()")
    expect(ana.page.locator("message-log")).to_have_attribute("data-connection", "online")

    expect(options(ana)).to_have_count(1)


def test_a_few_sloppy_letters_lead_to_a_room(ana: Person) -> None:
    ana.page.keyboard.press("Control+k")
    panel = dialog(ana, "Go to")
    expect(panel.get_by_role("combobox")).to_be_focused()
    ana.page.keyboard.type("desgin")
    expect(options(ana)).to_have_text(re.compile("Design"))

    ana.page.keyboard.press("Enter")

    expect(panel).to_be_hidden()
    expect(ana.heading).to_have_text("Design")
    ana.page.keyboard.press("Control+k")
    expect(options(ana).first).to_contain_text("General")
    ana.page.keyboard.type("zzz")
    expect(panel).to_contain_text("No matches")
    ana.page.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    expect(ana.heading).to_have_text("Design")


def test_the_switcher_offers_nobody_who_does_not_exist(server: Server, windows: Windows) -> None:
    new_token(server, "Olga", "member")
    new_token(server, "Zoltan", "member")
    olga = sign_in(windows, server, "Olga")
    olga.page.keyboard.press("Control+k")

    olga.page.keyboard.type("zzz")
    expect(dialog(olga, "Go to")).to_contain_text("No matches")
    expect(options(olga)).to_have_count(0)
    olga.page.get_by_role("combobox").fill("zolt")

    expect(options(olga)).to_have_text(re.compile("Zoltan"))


def test_the_keyboard_is_explained_under_a_question_mark(ana: Person) -> None:
    ana.use_letters()
    ana.page.evaluate("document.activeElement.blur()")
    ana.page.keyboard.press("?")

    shortcuts = dialog(ana, "Keyboard shortcuts")
    expect(shortcuts).to_contain_text(re.compile(r"Search\s*Ctrl F · /"))
    expect(shortcuts.locator(".on-a-message")).to_have_text(
        re.compile(
            r"Reply\s*R\s*Reply in thread\s*T\s*Quote\s*Q\s*Forward…\s*F\s*Select messages\s*X\s*"
            r"Edit\s*E\s*React\s*\+.*\s*V\s*Delete\s*Delete"
        )
    )
    ana.page.keyboard.press("Escape")
    expect(dialog(ana, "Keyboard shortcuts")).to_be_hidden()
    ana.page.keyboard.press("c")
    expect(ana.composer).to_be_focused()
    ana.page.keyboard.type("c? /")
    expect(ana.composer).to_have_value("c? /")


def test_alt_and_the_arrow_keys_walk_through_the_rooms(ana: Person, connect: Connect) -> None:
    ana.page.keyboard.press("Alt+ArrowDown")
    expect(ana.heading).to_have_text("Design")
    ana.page.keyboard.press("Alt+ArrowDown")
    expect(ana.heading).to_have_text("Kitchen & plants")
    ana.is_online()
    bo = connect("bo")

    bo.call("message", {"text": "over here"})
    expect(ana.page).to_have_title(re.compile(r"^\(1\)"))
    ana.page.keyboard.press("Alt+Shift+ArrowDown")

    expect(ana.heading).to_have_text("General")
