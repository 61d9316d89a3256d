"""The rooms stand as one wants them, on all devices."""

from collections.abc import Callable

from playwright.sync_api import Locator, expect
from socketio import SimpleClient

from tests.page.people import Person, enter, sign_in
from tests.page.test_sidebar import agrees_with_the_server, titles
from tests.support.browser import Windows
from tests.support.cast import add_account
from tests.support.server import Server


def open_menu(person: Person, title: str) -> Locator:
    """By keyboard: from the room on to its button."""
    person.room(title).focus()
    person.page.keyboard.press("Tab")
    person.page.keyboard.press("Enter")
    menu = person.page.get_by_role("menu", name=title)
    expect(menu).to_be_visible()
    return menu


def test_rooms_are_moved_by_keyboard_and_by_dragging_and_stay_so(
    server: Server, windows: Windows, connect: Callable[..., SimpleClient]
) -> None:
    bo = connect("bo")
    for room in ("Apples", "Bread", "Cheese"):
        bo.call("create", {"room": room.lower(), "title": room})
    add_account(server, "ana")
    laptop = sign_in(windows, server, "ana")
    phone = Person(laptop.page.context.new_page(), "ana")
    phone.page.goto(server.url)
    expect(titles(phone, "rooms")).to_have_text(["General", "Apples", "Bread", "Cheese"])

    menu = open_menu(laptop, "Cheese")
    expect(menu.get_by_role("menuitem", name="Move down")).to_be_disabled()
    laptop.page.keyboard.press("ArrowDown")
    expect(menu.get_by_role("menuitem", name="Move up")).to_be_focused()
    laptop.page.keyboard.press("Enter")
    laptop.page.keyboard.press("Enter")

    for device in (laptop, phone):
        expect(titles(device, "rooms")).to_have_text(["General", "Cheese", "Apples", "Bread"])
    laptop.page.keyboard.press("Escape")
    expect(menu).to_be_hidden()
    menu = open_menu(laptop, "Bread")
    menu.get_by_role("menuitemcheckbox", name="Favourite").click()
    for device in (laptop, phone):
        expect(titles(device, "favourites")).to_have_text(["Bread"])
        expect(titles(device, "rooms")).to_have_text(["General", "Cheese", "Apples"])

    laptop.room("General").drag_to(laptop.room("Apples"))

    for device in (laptop, phone):
        expect(titles(device, "rooms")).to_have_text(["Cheese", "Apples", "General"])
    laptop.room("Apples").drag_to(laptop.room("Bread"))
    bo.call("create", {"room": "dates", "title": "Dates"})
    expect(titles(laptop, "rooms")).to_have_text(["Cheese", "Apples", "General", "Dates"])
    server.kill9()
    windows.complaints.expect("ERR_CONNECTION|WebSocket connection")
    server.start()
    laptop.page.reload()
    laptop.is_online()
    agrees_with_the_server(laptop)
    expect(titles(laptop, "favourites")).to_have_text(["Bread"])
    expect(titles(laptop, "rooms")).to_have_text(["Cheese", "Apples", "General", "Dates"])


def test_on_a_phone_the_menu_is_a_sheet_over_the_drawer(server: Server, windows: Windows) -> None:
    phone = {"width": 390, "height": 700}
    ana = enter(windows, server, "ana", viewport=phone, has_touch=True, is_mobile=True)
    ana.page.get_by_role("button", name="Rooms").tap()

    ana.page.get_by_role("button", name="Options for General").tap()

    menu = ana.page.get_by_role("menu", name="General")
    expect(menu.get_by_role("menuitemcheckbox", name="Favourite")).to_be_focused()
    expect(ana.room("General")).to_be_visible()
    menu.get_by_role("menuitem", name="Details").tap()
    expect(ana.page.get_by_role("heading", name="General", level=2)).to_be_visible()
    expect(ana.page.get_by_label("Favourite (at the top of your list)")).to_be_visible()
