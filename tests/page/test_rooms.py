"""Rooms on the page: making, switching, leaving, finding by address."""

from collections.abc import Callable

from playwright.sync_api import expect
from socketio import SimpleClient

from tests.page.people import Person, begin, enter
from tests.support.browser import RESTARTING, Windows
from tests.support.server import Server

Connect = Callable[..., SimpleClient]


def make_room(person: Person, title: str) -> None:
    begin(person.page, "New room")
    person.page.get_by_label("Room name").fill(title)
    person.page.keyboard.press("Enter")


def test_a_new_room_is_open_for_its_maker_and_there_for_others(
    server: Server, windows: Windows
) -> None:
    ana, bo = enter(windows, server, "ana"), enter(windows, server, "bo")

    make_room(ana, "Café & Kuchen")

    expect(ana.heading).to_have_text("Café & Kuchen")
    expect(ana.page).to_have_url(f"{server.url}/rooms/caf%C3%A9-kuchen")
    expect(ana.composer).to_be_focused()
    bo.room("Café & Kuchen").click()
    ana.say("Cake?")
    bo.sees("Cake?")


def test_a_room_that_there_is_already_is_refused_beside_the_field(
    server: Server, windows: Windows, connect: Connect
) -> None:
    ana = enter(windows, server, "ana")
    connect("bo").call("create", {"room": "design"})

    make_room(ana, "Design")

    expect(ana.page.get_by_role("alert")).to_contain_text("There is already a room called 'design'")
    ana.page.get_by_role("button", name="Cancel").click()
    expect(ana.page.get_by_role("dialog")).to_be_hidden()


def test_of_many_rooms_one_sees_ones_own_and_the_way_to_the_others(
    server: Server, windows: Windows, connect: Connect
) -> None:
    bo = connect("bo")
    for number in range(30):
        bo.call("create", {"room": f"room-{number}", "title": f"Room {number}"})
    ana = enter(windows, server, "ana")
    rooms = ana.page.locator("room-list .room-title")
    expect(rooms).to_have_text(["General"])

    ana.page.get_by_role("button", name="30 more rooms").click()
    ana.page.get_by_label("Filter rooms").fill("room 17")
    ana.page.get_by_role("link", name="Room 17").click()
    expect(rooms).to_have_text(["General", "Room 17"])
    ana.visit("Room 17")
    ana.room("General").click()
    bo.call("message", {"room": "room-17", "text": "news"})
    expect(ana.room("Room 17").locator(".news [aria-hidden]")).to_have_text("1")
    ana.page.reload()

    expect(rooms).to_have_text(["Room 17", "General"])
    expect(ana.page.get_by_role("button", name="29 more rooms")).to_be_visible()


def test_switching_keeps_messages_and_drafts_apart(
    server: Server, windows: Windows, connect: Connect
) -> None:
    connect("bo").call("create", {"room": "design", "title": "Design"})
    ana = enter(windows, server, "ana")
    ana.say("in general")
    ana.sees("in general")
    ana.write("half a thought")

    ana.room("Design").click()
    ana.sees()
    expect(ana.composer).to_have_value("")
    ana.say("in design")
    ana.sees("in design")
    ana.room("General").click()

    ana.sees("in general")
    expect(ana.composer).to_have_value("half a thought")


def test_back_goes_to_the_room_before(server: Server, windows: Windows, connect: Connect) -> None:
    connect("bo").call("create", {"room": "design", "title": "Design"})
    ana = enter(windows, server, "ana")
    heading = ana.heading
    ana.room("Design").click()
    expect(heading).to_have_text("Design")

    ana.page.go_back()
    expect(heading).to_have_text("General")

    ana.page.go_forward()
    expect(heading).to_have_text("Design")


def test_a_room_has_an_address(server: Server, windows: Windows, connect: Connect) -> None:
    bo = connect("bo")
    bo.call("create", {"room": "design", "title": "Design"})
    bo.call("message", {"room": "design", "text": "over here"})

    ana = enter(windows, server, "ana", path="/rooms/design")

    expect(ana.heading).to_have_text("Design")
    ana.sees("over here")
    bo.call("message", {"room": "design", "text": "welcome"})
    ana.sees("over here", "welcome")


def test_news_in_another_room_are_marked_until_one_looks(
    server: Server, windows: Windows, connect: Connect
) -> None:
    bo = connect("bo")
    bo.call("create", {"room": "design", "title": "Design"})
    ana = enter(windows, server, "ana")
    mark = ana.room("Design").locator(".news")
    ana.visit("Design")
    ana.room("General").click()
    expect(mark).to_be_hidden()

    bo.call("message", {"room": "design", "text": "news"})
    expect(mark).to_be_visible()

    ana.room("Design").click()
    ana.sees("news")
    expect(mark).to_be_hidden()


def test_who_leaves_a_room_is_in_general_and_hears_no_more(
    server: Server, windows: Windows, connect: Connect
) -> None:
    bo = connect("bo")
    bo.call("create", {"room": "design", "title": "Design"})
    ana = enter(windows, server, "ana", path="/rooms/design")

    ana.page.get_by_role("button", name="Options for Design").click()
    ana.page.get_by_role("menuitem", name="Leave room").click()
    question = ana.page.get_by_role("dialog", name="Leave Design?")
    question.get_by_role("button", name="Leave room").click()

    expect(ana.heading).to_have_text("General")
    bo.call("message", {"room": "design", "text": "unheard"})
    bo.call("message", {"text": "heard"})
    ana.sees("heard")
    expect(ana.room("Design").locator(".news")).to_be_hidden()


def test_on_a_phone_a_room_is_left_where_it_is_described_and_its_name_has_the_space(
    server: Server, windows: Windows, connect: Connect
) -> None:
    connect("bo").call("create", {"room": "water-cycle", "title": "Water cycle"})
    phone = {"width": 390, "height": 800}
    ana = enter(windows, server, "ana", path="/rooms/water-cycle", viewport=phone)
    expect(ana.heading).to_have_text("Water cycle")
    expect(ana.page.get_by_role("button", name="Leave room")).to_have_count(0)

    ana.page.get_by_role("button", name="Details").click()
    ana.page.get_by_role("tab", name="Settings").click()
    ana.page.get_by_role("dialog").get_by_role("button", name="Leave room").click()
    question = ana.page.get_by_role("dialog", name="Leave Water cycle?")
    question.get_by_role("button", name="Leave room").click()

    expect(ana.heading).to_have_text("General")


def test_unsent_messages_wait_in_their_own_room(
    server: Server, windows: Windows, connect: Connect
) -> None:
    windows.complaints.expect(RESTARTING)
    connect("bo").call("create", {"room": "design", "title": "Design"})
    ana = enter(windows, server, "ana")
    server.kill9()
    ana.say("for general")
    expect(ana.unsent).to_have_count(1)

    ana.room("Design").click()
    expect(ana.unsent).to_have_count(0)
    ana.room("General").click()
    expect(ana.unsent).to_have_count(1)
    server.start()

    ana.sees_in_time("for general")


def test_names_in_the_list_of_people_have_the_whole_line(
    server: Server, windows: Windows, connect: Connect
) -> None:
    connect("Maximiliane Auer")
    ana = enter(windows, server, "ana")
    name = ana.page.locator(".member-name", has_text="Maximiliane Auer")
    expect(name).to_be_visible()

    assert name.evaluate("name => name.scrollWidth <= name.clientWidth")
