"""The rooms stand as one wants them, on all devices."""

from collections.abc import Callable

from playwright.sync_api import Locator, expect
from socketio import SimpleClient

from tests.page.people import Person, enter, sign_in
from tests.support.browser import Windows
from tests.support.cast import add_account
from tests.support.server import Server


def titles(person: Person) -> Locator:
    return person.page.locator(".rooms .room-title")


def open_menu(person: Person, title: str) -> Locator:
    """By keyboard: from the room on to its button."""
    person.room(title).focus()
    person.page.keyboard.press("Tab")
    person.page.keyboard.press("Enter")
    menu = person.page.get_by_role("dialog", name=title)
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
    expect(titles(phone)).to_have_text(["General", "Apples", "Bread", "Cheese"])

    menu = open_menu(laptop, "Cheese")
    expect(menu.get_by_role("button", name="Move down")).to_be_disabled()
    laptop.page.keyboard.press("ArrowDown")
    expect(menu.get_by_role("button", name="Move up")).to_be_focused()
    laptop.page.keyboard.press("Enter")
    laptop.page.keyboard.press("Enter")

    for device in (laptop, phone):
        expect(titles(device)).to_have_text(["General", "Cheese", "Apples", "Bread"])
    laptop.page.keyboard.press("Escape")
    expect(menu).to_be_hidden()
    menu = open_menu(laptop, "Bread")
    menu.get_by_role("button", name="Favourite").click()
    for device in (laptop, phone):
        expect(titles(device)).to_have_text(["Bread", "General", "Cheese", "Apples"])
    expect(menu.get_by_role("button", name="Move up")).to_be_disabled()
    laptop.page.keyboard.press("Escape")
    expect(menu).to_be_hidden()

    laptop.room("General").drag_to(laptop.room("Apples"))

    for device in (laptop, phone):
        expect(titles(device)).to_have_text(["Bread", "Cheese", "Apples", "General"])
    laptop.room("Apples").drag_to(laptop.room("Bread"))
    bo.call("create", {"room": "dates", "title": "Dates"})
    expect(titles(laptop)).to_have_text(["Bread", "Cheese", "Apples", "General", "Dates"])
    server.kill9()
    windows.complaints.expect("ERR_CONNECTION|WebSocket connection")
    server.start()
    laptop.page.reload()
    server_order = laptop.page.evaluate(
        "() => fetch('/').then((answer) => answer.text()).then((html) => "
        "[...new DOMParser().parseFromString(html, 'text/html')"
        ".querySelectorAll('.rooms .room-title')].map((title) => title.textContent))"
    )
    assert server_order == ["Bread", "Cheese", "Apples", "General", "Dates"]
    expect(titles(laptop)).to_have_text(server_order)


def test_on_a_phone_the_menu_stands_in_the_drawer(server: Server, windows: Windows) -> None:
    phone = {"width": 390, "height": 700}
    ana = enter(windows, server, "ana", viewport=phone, has_touch=True, is_mobile=True)
    ana.page.get_by_role("button", name="Rooms").tap()

    ana.page.get_by_role("button", name="More for General").tap()

    menu = ana.page.get_by_role("dialog", name="General")
    expect(menu.get_by_role("button", name="Favourite")).to_be_focused()
    expect(ana.room("General")).to_be_visible()
    menu.get_by_role("button", name="About this room").tap()
    expect(ana.page.get_by_role("heading", name="General", level=2)).to_be_visible()
    expect(ana.page.get_by_label("Favourite: at the top of the list")).to_be_visible()
