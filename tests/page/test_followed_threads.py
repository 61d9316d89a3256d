"""Threads that one follows: what is new in them, and the list of them."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, expect
from socketio import SimpleClient

from tests.page.people import CHAT, Person, enter
from tests.page.test_accessibility import violations
from tests.page.test_threads import line, pane, row, say
from tests.support.browser import Windows, comes_true
from tests.support.server import Server
from tests.test_way_of_a_message import call

Connect = Callable[..., SimpleClient]


@pytest.fixture
def bo(connect: Connect) -> SimpleClient:
    bo = connect("bo")
    for room in ("Apples", "Bread"):
        call(bo, "create", {"room": room.lower(), "title": room})
    return bo


@pytest.fixture
def ana(server: Server, windows: Windows, bo: SimpleClient) -> Person:
    ana = enter(windows, server, "ana")
    for room in ("Apples", "Bread", "General"):
        ana.visit(room)
    return ana


def ask(person: Person, room: str, text: str) -> int:
    """Begins a thread in a room, and gives its root."""
    posted: int = person.page.evaluate(
        f"{CHAT}.connection.request('message', {{room: '{room}', text: '{text}'}})"
        ".then(({message}) => message.seq)"
    )
    return posted


def count(person: Person) -> Locator:
    return person.page.locator("threads-link .badge [aria-hidden]")


def items(person: Person) -> Locator:
    return person.page.locator(".threads-item")


def titles(person: Person) -> Locator:
    return items(person).locator("h2")


def test_what_is_new_in_a_thread_stays_new_until_the_thread_is_read(
    ana: Person, bo: SimpleClient, server: Server, windows: Windows
) -> None:
    root = ask(ana, "general", "Shall we?")
    others = say(bo, "Not for ana")
    say(bo, "indeed", thread=others)
    say(bo, "yes", thread=root)
    say(bo, "@ana, " + "yes\n\n" * 30, thread=root)

    expect(line(ana, root)).to_contain_text("2 replies")
    expect(line(ana, root)).to_contain_text("2 new")
    expect(line(ana, others)).not_to_contain_text("new")
    expect(count(ana)).to_have_text("1")
    expect(ana.room("General").locator(".badge")).to_be_hidden()
    state = ana.page.context.storage_state()
    phone = Person(windows.open(server.url, storage_state=state), "ana")
    expect(count(phone)).to_have_text("1")
    expect(line(phone, root)).to_contain_text("2 new")
    ana.page.set_viewport_size({"width": 1280, "height": 420})
    line(ana, root).click()
    expect(row(ana, root).locator("[data-new-from]")).to_contain_text("yes")
    say(bo, "while she has not seen the end of it")
    expect(ana.sent.last).to_have_text("while she has not seen the end of it")
    expect(line(ana, root)).to_contain_text("2 new")
    row(ana, root).locator(".thread-foot").scroll_into_view_if_needed()
    expect(line(ana, root)).not_to_contain_text("new")
    expect(ana.page.locator("threads-link .badge")).to_be_hidden()
    expect(line(phone, root)).not_to_contain_text("new")
    expect(phone.page.locator("threads-link .badge")).to_be_hidden()
    line(ana, root).click()

    row(ana, root).locator(".replies-other").click()
    pane(ana).get_by_role("button", name="Following").click()
    expect(pane(ana).get_by_role("button", name="Follow", exact=True)).to_be_visible()
    ana.page.keyboard.press("Escape")
    say(bo, "and on", thread=root)

    expect(line(ana, root)).to_contain_text("3 replies")
    expect(line(ana, root)).not_to_contain_text("new")
    expect(ana.page.locator("threads-link .badge")).to_be_hidden()
    say(bo, "@ana too", thread=others)
    expect(line(ana, others)).to_contain_text("1 new")
    expect(count(ana)).to_have_text("1")


def test_by_keyboard_one_goes_through_the_threads_reads_leaves_and_opens_them(
    ana: Person, bo: SimpleClient, server: Server
) -> None:
    roots = {room: ask(ana, room, f"in {room}?") for room in ("apples", "bread", "general")}
    for room, root in roots.items():
        say(bo, f"yes, {room}", room=room, thread=root)
    expect(count(ana)).to_have_text("3")
    expect(ana.page).to_have_title("(2) General · Chat")  # What is said there has been read.
    keys = ana.page.keyboard

    ana.page.get_by_role("link", name="Threads").click()

    expect(ana.page).to_have_url(f"{server.url}/threads")
    expect(ana.page).to_have_title("(2) Threads · Chat")
    expect(titles(ana)).to_have_text(["in general?", "in bread?", "in apples?"])
    expect(items(ana).first).to_be_focused()
    found = violations(ana.page)
    keys.press("j")
    keys.press("e")
    expect(items(ana).nth(1).get_by_role("button", name="Mark as read")).to_be_hidden()
    expect(items(ana).nth(1)).to_be_focused()
    expect(count(ana)).to_have_text("2")
    ana.page.get_by_role("button", name="Undo").click()
    expect(count(ana)).to_have_text("3")
    items(ana).nth(2).get_by_role("button", name="Unfollow").click()
    expect(titles(ana)).to_have_text(["in general?", "in bread?"])
    expect(count(ana)).to_have_text("2")
    say(bo, "more", room="bread", thread=roots["bread"])
    expect(items(ana).nth(1)).to_contain_text("2 replies")
    items(ana).nth(1).focus()
    keys.press("Enter")

    expect(ana.heading).to_have_text("Bread")
    expect(row(ana, roots["bread"]).locator(".thread-messages .text")).to_have_count(2)
    expect(count(ana)).to_have_text("1")
    ana.page.go_back()
    ana.page.go_back()
    expect(titles(ana)).to_have_text(["in general?", "in bread?"])
    comes_true(ana.page, f"{CHAT}.view === 'threads'")
    assert found == []
