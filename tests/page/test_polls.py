"""Polls on the page: asked, voted in by keyboard and finger, read, and closed."""

from playwright.sync_api import Locator, expect

from tests.page.people import Person, enter, sign_in
from tests.page.test_accessibility import violations
from tests.support.browser import Windows
from tests.support.cast import new_token, with_token
from tests.support.server import Server
from tests.support.waiting import wait_until
from tests.test_way_of_a_message import call

PHONE = {"width": 390, "height": 700}


def polls(person: Person) -> Locator:
    return person.page.locator(".messages message-poll")


def counts(poll: Locator) -> Locator:
    return poll.locator(".poll-count")


def test_a_poll_is_asked_voted_in_and_closed(server: Server, windows: Windows) -> None:
    new_token(server, "Olga", "member")
    ben = with_token(server, new_token(server, "Ben", "member"))
    olga = sign_in(windows, server, "Olga")
    dialog = olga.page.get_by_role("dialog", name="New poll")

    olga.page.get_by_role("button", name="Send later").click()
    olga.page.get_by_role("menuitem", name="New poll").click()
    dialog.get_by_label("Question").fill("Lunch?")
    olga.page.keyboard.press("Enter")
    olga.page.keyboard.type("Pizza")
    olga.page.keyboard.press("Enter")
    olga.page.keyboard.type("Salad")
    expect(dialog.get_by_label("Option 3")).to_be_visible()
    assert violations(olga.page) == []
    dialog.get_by_role("button", name="Ask").click()

    poll = polls(olga).first
    expect(poll.get_by_role("radio")).to_have_count(2)
    expect(olga.composer).to_be_focused()
    call(ben, "vote", {"room": "general", "seq": 1, "options": [1]})
    expect(counts(poll)).to_have_text(["0", "1"])
    poll.get_by_role("radio", name="Pizza").focus()
    olga.page.keyboard.press("ArrowDown")  # To the other one, and by that to vote for it.
    olga.page.keyboard.press("ArrowUp")
    expect(counts(poll)).to_have_text(["1", "1"])
    expect(poll.get_by_role("radio", name="Pizza 1 vote")).to_be_focused()
    expect(poll.locator(".poll-foot")).to_contain_text("2 people voted")
    assert violations(olga.page) == []

    poll.get_by_role("button", name="Who voted").click()
    voters = olga.page.get_by_role("dialog", name="Lunch?")
    expect(voters.get_by_role("listitem")).to_have_text(["OOlga", "BBen"])
    voters.get_by_role("button", name="Close").click()

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
    expect(polls(phone).get_by_role("radio", name="Pizza")).to_be_checked()
    polls(phone).get_by_text("Salad").tap()
    expect(counts(polls(phone))).to_have_text(["0", "2"])
    expect(poll.get_by_role("radio", name="Salad")).to_be_checked()
    poll.get_by_role("button", name="Withdraw my vote").click()
    expect(counts(polls(phone))).to_have_text(["0", "1"])
    expect(polls(phone).get_by_role("radio", checked=True)).to_have_count(0)
    poll.get_by_role("button", name="Close the poll").click()
    olga.page.get_by_role("dialog", name="Close this poll?").get_by_role(
        "button", name="Close the poll"
    ).click()
    for person in (olga, phone):
        expect(polls(person).locator(".poll-foot")).to_contain_text("Closed")
        expect(polls(person).get_by_role("radio")).to_have_count(0)
    olga.page.reload()
    expect(counts(polls(olga))).to_have_text(["0", "1"])
    assert violations(phone.page) == []


def test_a_guest_asks_what_is_anonymous_and_hidden_by_a_command(
    server: Server, windows: Windows
) -> None:
    ana = enter(windows, server, "ana")
    ana.say('/poll "Who?" Ben "Cy the Great" --several --anonymous --hidden')
    dialog = ana.page.get_by_role("dialog", name="New poll")
    expect(dialog.get_by_label("Option 2")).to_have_value("Cy the Great")
    dialog.get_by_role("button", name="Ask").click()

    poll = polls(ana)
    boxes = poll.get_by_role("checkbox")
    expect(boxes).to_have_count(2)
    for box in boxes.all():
        box.check()
    foot = poll.locator(".poll-foot")
    expect(foot).to_contain_text("1 person voted")
    expect(foot).to_contain_text("Anonymous")
    expect(counts(poll)).to_have_text(["", ""])
    ana.page.reload()
    expect(boxes.first).to_be_checked()

    ben = with_token(server, new_token(server, "Ben", "admin"))
    call(ben, "close_poll", {"room": "general", "seq": 1})

    expect(counts(poll)).to_have_text(["1", "1"])
    expect(foot).to_contain_text("Closed by Ben")
    expect(foot.get_by_role("button")).to_have_count(0)
    wait_until(lambda: "2. Cy the Great — 1 vote" in str(call(ben, "history", {"room": "general"})))
