"""Messages that are sent later: written, listed, changed, sent now, refused, and not by guests."""

from playwright.sync_api import Locator, expect

from tests.page.people import Person, enter, sign_in
from tests.page.test_accessibility import violations
from tests.page.test_fingers import Finger
from tests.support.browser import Windows
from tests.support.cast import new_token, with_token
from tests.support.server import Server
from tests.test_way_of_a_message import call

PHONE = {"width": 390, "height": 700}


def line(person: Person) -> Locator:
    return person.page.locator(".scheduled-line")


def rows(person: Person) -> Locator:
    return person.page.locator(".scheduled-item")


def act(person: Person, what: str) -> None:
    rows(person).first.get_by_role("button", name=what).click()


def test_a_message_is_written_now_and_sent_later(server: Server, windows: Windows) -> None:
    token = new_token(server, "Olga", "member")
    admin = with_token(server, new_token(server, "Adam", "admin"))
    olga = sign_in(windows, server, "Olga")
    menu = olga.page.get_by_role("menu", name="Send later")
    button = olga.page.get_by_role("button", name="Send later")

    button.click()  # The first press of all: what it opens has to come.
    expect(menu.get_by_role("menuitem", name="Tomorrow")).to_be_disabled()
    expect(menu).to_contain_text("Write a message first.")
    olga.page.keyboard.press("Escape")
    expect(line(olga)).to_be_hidden()

    olga.write("Good morning")
    button.focus()
    olga.page.keyboard.press("Enter")
    expect(menu.get_by_role("menuitem", name="Pick a time")).to_be_visible()
    assert violations(olga.page) == []
    menu.get_by_role("menuitem", name="Tomorrow at").click()
    expect(olga.composer).to_have_value("")
    expect(olga.page.locator("composer-note")).to_contain_text("It will be sent")
    expect(line(olga)).to_have_text("1 scheduled message")
    (kept,) = call(with_token(server, token), "scheduled")["scheduled"]
    assert olga.page.evaluate("(at) => new Date(at).getHours()", kept["at"]) == 9
    phone = Person(
        windows.open(
            server.url,
            storage_state=olga.page.context.storage_state(),
            viewport=PHONE,
            has_touch=True,
            is_mobile=True,
        ),
        "Olga",
    )
    phone.use()
    expect(line(phone)).to_have_text("1 scheduled message")

    olga.write('/later "2026-01-01T09:00" in the past')
    olga.composer.press("Enter")
    expect(olga.page.locator("composer-note")).to_contain_text("That time has passed.")
    expect(olga.composer).to_have_value('/later "2026-01-01T09:00" in the past')
    olga.write("/later +2h The second")
    olga.composer.press("Enter")
    expect(line(olga)).to_have_text("2 scheduled messages")
    expect(line(phone)).to_have_text("2 scheduled messages")

    line(olga).click()
    expect(rows(olga).locator(".scheduled-text")).to_have_text(["The second", "Good morning"])
    assert violations(olga.page) == []
    act(olga, "Change")
    form = olga.page.get_by_role("dialog", name="Change the message")
    form.get_by_label("Message").fill("The third")
    form.get_by_label("Date and time").fill("2099-01-01T09:00")
    form.get_by_role("button", name="Schedule").click()
    expect(olga.page.get_by_role("dialog")).to_contain_text("for the next year, not for later")
    act(olga, "Change")
    form.get_by_label("Message").fill("The third")
    assert violations(olga.page) == []
    form.get_by_role("button", name="Schedule").click()
    expect(rows(olga).locator(".scheduled-text").first).to_have_text("The third")
    act(olga, "Send now")
    expect(rows(olga)).to_have_count(1)
    call(admin, "mute", {"name": "Olga", "seconds": 600, "reason": "noise"})
    act(olga, "Send now")
    expect(rows(olga).locator(".problem")).to_contain_text("Not sent: You are muted")
    act(olga, "Delete")
    expect(rows(olga)).to_have_count(0)
    expect(olga.page.get_by_text("No messages wait for their time.")).to_be_visible()
    olga.page.keyboard.press("Escape")

    expect(line(olga)).to_be_hidden()
    expect(line(phone)).to_be_hidden()
    olga.sees("The third")
    phone.sees("The third")

    phone.write("By a long press")
    finger = Finger(phone.page)
    finger.press(phone.page.locator(".composer-send"))
    expect(phone.page.locator("send-later")).to_have_attribute("data-held", "")
    finger.lift()
    expect(phone.page.get_by_role("menu", name="Send later")).to_be_visible()
    expect(phone.composer).to_have_value("By a long press")


def test_guests_send_now(house: Server, windows: Windows) -> None:
    ana = enter(windows, house, "ana")

    ana.use()

    expect(ana.page.get_by_role("button", name="Send", exact=True)).to_be_visible()
    expect(ana.page.get_by_role("button", name="Send later")).to_have_count(0)
