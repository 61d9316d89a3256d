"""What one saves for later, and reminders, in the page."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Locator, expect
from socketio import SimpleClient

from tests.page.people import CHAT, Person, enter
from tests.page.test_accessibility import violations
from tests.support.browser import Windows, comes_true
from tests.support.server import Server
from tests.support.soon import ask_for_soon
from tests.test_way_of_a_message import call, hear

Connect = Callable[..., SimpleClient]


@pytest.fixture
def bo(connect: Connect) -> SimpleClient:
    return connect("bo")


@pytest.fixture
def ana(server: Server, windows: Windows, bo: SimpleClient) -> Person:
    for text in ("call the plumber", "buy *flour*", "not this"):
        call(bo, "message", {"room": "general", "text": text})
    ana = enter(windows, server, "ana")
    ana.use()
    return ana


def choose(person: Person, text: str, item: str) -> None:
    """From the menu of a message."""
    row = person.page.locator(".messages > [data-seq]", has_text=text)
    row.hover()
    row.locator("message-actions [data-do=more]").click()
    person.page.get_by_role("menuitem", name=item).click()


def entry(person: Person) -> Locator:
    return person.page.locator(".side-rows").get_by_role("button", name="Saved")


def items(person: Person) -> Locator:
    return person.page.locator(".saved-item")


def notice(person: Person) -> Locator:
    return person.page.locator("saved-notice .saved-notice-card")


def test_one_saves_is_reminded_on_all_devices_and_works_the_list_off_by_keyboard(
    ana: Person, server: Server, windows: Windows
) -> None:
    page, keys = ana.page, ana.page.keyboard
    expect(entry(ana)).to_have_count(0)

    choose(ana, "call the plumber", "Save for later")
    expect(page.get_by_text("Saved for later.")).to_be_visible()
    expect(entry(ana)).to_be_visible()
    choose(ana, "buy", "Remind me…")
    dialog = page.get_by_role("dialog", name="When should we remind you?")
    found = violations(page)
    dialog.get_by_role("button", name="Tomorrow at 9:00").click()
    expect(dialog).to_be_hidden()
    ana.say("/save")
    choose(ana, "not this", "Remove from saved")
    phone = Person(windows.open(server.url, storage_state=page.context.storage_state()), "ana")
    phone.is_online()

    remind_soon(ana, "plumber")
    for person in (ana, phone):
        expect(notice(person)).to_contain_text("Reminder · bo · General")
        expect(notice(person).locator("blockquote")).to_have_text("call the plumber")
    expect(entry(ana).locator(".badge [aria-hidden]")).to_have_text("1")
    found += violations(page)
    notice(ana).get_by_role("button", name="Close").click()
    expect(notice(ana)).to_be_hidden()

    entry(ana).click()
    expect(page).to_have_url(f"{server.url}/saved")
    expect(page).to_have_title("Saved · Chat")
    expect(items(ana).locator(".saved-text")).to_have_text(["call the plumber", "buy flour"])
    expect(items(ana).first).to_be_focused()
    expect(items(ana).first.locator("time")).to_contain_text("Due since")
    found += violations(page)
    keys.press("e")
    expect(items(ana)).to_have_count(1)
    expect(notice(phone)).to_be_hidden()
    page.get_by_role("button", name="Undo").click()
    expect(items(ana)).to_have_count(2)
    items(ana).filter(has_text="plumber").focus()
    keys.press("e")
    expect(items(ana).locator(".saved-text")).to_have_text(["buy flour"])
    expect(items(ana).first).to_be_focused()
    keys.press("r")
    page.get_by_role("button", name="In an hour").click()
    expect(dialog).to_be_hidden()
    comes_true(page, f"{CHAT}.saved.entries[0].remind_at < '{tomorrow()}'")
    keys.press("Enter")
    expect(ana.heading.filter(visible=True)).to_have_text("General")
    expect(page).to_have_url(f"{server.url}/")

    page.reload()
    expect(entry(ana)).to_be_visible()
    expect(entry(ana).locator(".badge")).to_be_hidden()
    page.goto(f"{server.url}/saved")
    expect(items(ana).locator(".saved-text")).to_have_text(["buy flour"])
    assert found == []


def test_a_reminder_that_came_while_one_was_away_is_shown_once_and_never_what_is_gone(
    ana: Person, server: Server, bo: SimpleClient, connect: Connect
) -> None:
    page = ana.page
    seq = seq_of(ana, "plumber")
    elsewhere = connect("ana", auth=None, headers={"Cookie": cookies(ana)})
    page.goto("about:blank")
    wanted = {"room": "general", "seq": seq, "on": True}
    ask_for_soon(lambda at: call(elsewhere, "save", {**wanted, "remind_at": at}))
    assert hear(elsewhere, "reminder")["seq"] == seq
    call(bo, "delete", {"room": "general", "seq": seq})

    page.goto(server.url)
    expect(notice(ana)).to_contain_text("This message was deleted.")
    expect(notice(ana)).not_to_contain_text("plumber")
    expect(notice(ana).get_by_role("button", name="Open")).to_be_hidden()
    page.reload()
    expect(entry(ana).locator(".badge [aria-hidden]")).to_have_text("1")
    comes_true(page, f"{CHAT}.saved?.due === 1")
    expect(notice(ana)).to_be_hidden()


def cookies(person: Person) -> str:
    return "; ".join(f"{each['name']}={each['value']}" for each in person.page.context.cookies())


def remind_soon(person: Person, text: str) -> None:
    message = f"{{ room: 'general', seq: {seq_of(person, text)} }}"
    outcome = "() => ({ ok: true }), () => ({ ok: false })"
    save = f"(at) => {CHAT}.saved.save({message}, at).then({outcome})"
    ask_for_soon(lambda at: person.page.evaluate(save, at))


def tomorrow() -> str:
    """After what is in an hour, and before any day of which one gave only the day."""
    return (datetime.now(UTC) + timedelta(hours=1, minutes=1)).isoformat()


def seq_of(person: Person, text: str) -> int:
    row = person.page.locator(".messages > [data-seq]", has_text=text)
    return int(row.get_attribute("data-seq") or 0)
