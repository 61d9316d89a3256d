"""Messages are moved into a thread, out of it and to another room; threads get titles."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import expect
from socketio import SimpleClient

from tests.page.people import Person, enter, sign_in
from tests.page.test_accessibility import violations
from tests.page.test_threads import line, pane, replies, row, say, shown
from tests.support.browser import Windows
from tests.support.cast import with_account
from tests.support.server import Server
from tests.test_way_of_a_message import call

Connect = Callable[..., SimpleClient]


@pytest.fixture
def bo(connect: Connect) -> SimpleClient:
    return connect("bo")


@pytest.fixture
def olga(server: Server, windows: Windows, bo: SimpleClient) -> Iterator[Person]:
    """Who looks after the rooms Design and Kitchen, in which bo is, and has Design open."""
    client = with_account(server, "Olga")
    for room in ("design", "kitchen"):
        call(client, "create", {"room": room, "title": room.title()})
        call(bo, "join", {"room": room})
    olga = sign_in(windows, server, "Olga")
    olga.visit("Design")
    yield olga
    client.disconnect()


def begin_to_move(person: Person, seq: int) -> None:
    row(person, seq).hover()
    person.page.get_by_role("button", name="More actions").click()
    person.page.get_by_role("menuitem", name="Move messages…").click()


def test_messages_are_moved_into_a_thread_out_of_it_and_back(
    server: Server, windows: Windows, olga: Person, bo: SimpleClient
) -> None:
    seqs = [say(bo, f"number {number}", room="design") for number in range(6)]
    ana = enter(windows, server, "ana", "/rooms/design")
    bar = olga.page.get_by_role("group", name="Selected messages")

    begin_to_move(olga, seqs[2])
    expect(bar).to_contain_text("1 message selected")
    row(olga, seqs[3]).click()
    olga.page.keyboard.press("ArrowDown")
    olga.page.keyboard.press("Space")
    row(olga, seqs[1]).click()
    row(olga, seqs[1]).click()
    expect(bar).to_contain_text("3 messages selected")
    found = violations(olga.page)
    bar.get_by_role("button", name="To a thread").click()
    row(olga, seqs[0]).click()

    expect(bar).to_contain_text("Moved 3 messages.")
    for person in (olga, ana):
        expect(shown(person)).to_have_text(["number 0", "number 1", "number 5"])
        expect(line(person, seqs[0])).to_contain_text("3 replies")
        expect(person.page.locator(".messages > .system").last).to_contain_text(
            "Olga moved 3 messages to a thread"
        )
    line(ana, seqs[0]).click()
    expect(replies(row(ana, seqs[0]))).to_have_text(["number 2", "number 3", "number 4"])
    bar.get_by_role("button", name="Undo").click()
    expect(shown(ana)).to_have_text([f"number {number}" for number in range(6)])
    expect(shown(olga)).to_have_text([f"number {number}" for number in range(6)])
    expect(line(olga, seqs[0])).to_have_count(0)
    reply = say(bo, "a reply", room="design", thread=seqs[5])
    line(olga, seqs[5]).click()
    olga.page.locator(f"#thread-{seqs[5]}-{reply}").hover()
    olga.page.get_by_role("button", name="More actions").click()
    olga.page.get_by_role("menuitem", name="Move messages…").click()
    bar.get_by_role("button", name="Out of the thread").click()
    expect(shown(olga).last).to_have_text("a reply")
    expect(shown(ana).last).to_have_text("a reply")
    row(ana, seqs[0]).hover()
    ana.page.get_by_role("button", name="More actions").click()
    expect(ana.page.get_by_role("menuitem", name="Copy link")).to_be_visible()
    expect(ana.page.get_by_role("menuitem", name="Move messages…")).to_be_hidden()
    assert found == []


def test_messages_are_moved_to_another_room_and_leave_a_way_there(
    olga: Person, bo: SimpleClient
) -> None:
    seqs = [say(bo, f"number {number}", room="design") for number in range(3)]
    bar = olga.page.get_by_role("group", name="Selected messages")
    begin_to_move(olga, seqs[1])
    bar.get_by_role("button", name="To another room").click()
    bar.get_by_role("combobox").select_option("Kitchen")

    bar.get_by_role("button", name="Move", exact=True).click()

    expect(row(olga, seqs[1]).locator(".text")).to_have_text("Moved to #kitchen")
    expect(olga.page.locator(".messages > .system").last).to_contain_text("between rooms")
    olga.page.reload()
    expect(row(olga, seqs[1])).to_have_attribute("data-deleted-by", "Olga")
    row(olga, seqs[1]).focus()
    expect(olga.page.locator("message-actions")).to_be_hidden()
    row(olga, seqs[1]).get_by_role("link", name="Moved to #kitchen").click()
    expect(olga.heading).to_have_text("Kitchen")
    expect(shown(olga)).to_have_text(["number 1"])
    expect(olga.page.locator("[data-sought] .sender")).to_have_text("bo")


def test_a_thread_gets_a_title_that_everyone_sees(
    server: Server, windows: Windows, olga: Person, bo: SimpleClient
) -> None:
    root = say(bo, "Shall we?", room="design")
    say(bo, "yes", room="design", thread=root)
    ana = enter(windows, server, "ana", "/rooms/design")
    row(ana, root).locator(".replies-other").click()
    expect(pane(ana).get_by_role("button", name="Rename thread")).to_be_hidden()
    row(olga, root).locator(".replies-other").click()
    pane(olga).get_by_role("button", name="Rename thread").click()

    olga.page.keyboard.type("Lunch")
    olga.page.keyboard.press("Enter")

    for person in (olga, ana):
        expect(line(person, root)).to_contain_text("Lunch 1 reply")
        expect(pane(person).get_by_role("heading", level=2)).to_have_text("Lunch")
        expect(pane(person).locator(".system .text")).to_have_text("Olga named the thread “Lunch”")
    expect(shown(ana)).to_have_text(["Shall we?"])
    ana.page.reload()
    expect(pane(ana).get_by_role("heading", level=2)).to_have_text("Lunch")
    pane(olga).get_by_role("button", name="Rename thread").click()
    olga.page.keyboard.press("Escape")
    expect(pane(olga).get_by_role("heading", level=2)).to_be_visible()
