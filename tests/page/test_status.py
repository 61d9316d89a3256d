"""What people say of themselves: set in a dialog and by a command, shown beside their names, told
to who writes to them, and over by itself."""

from playwright.sync_api import expect

from tests.page.people import Person, own, sign_in
from tests.page.test_accessibility import violations
from tests.support.browser import Windows
from tests.support.cast import new_token, with_token
from tests.support.server import Server
from tests.support.soon import ask_for_soon, in_seconds
from tests.test_way_of_a_message import call

PHONE = {"width": 390, "height": 700}


def test_a_status_is_set_shown_told_and_over(server: Server, windows: Windows) -> None:
    token = new_token(server, "Olga", "member")
    ben = with_token(server, new_token(server, "ben", "member"))
    call(ben, "message", {"text": "Good morning"})
    direct = call(ben, "create", {"kind": "direct", "members": ["Olga"]})["room"]["name"]
    call(ben, "message", {"room": direct, "text": "Hello"})
    holiday = {"emoji": "🌴", "text": "Vacation", "out_of_office": True}
    call(ben, "status", {**holiday, "until": in_seconds(30 * 86400)})

    olga = sign_in(
        windows, server, "Olga"
    )  # Nothing is pressed: what others say is there all the same.
    page = olga.page
    of_ben = page.get_by_role("img", name="Vacation · out of office until")
    expect(page.locator(".byline").get_by_role("img", name="Vacation")).to_have_text("🌴")
    expect(page.locator(".room-link", has=of_ben)).to_contain_text("ben")
    expect(page.locator(".member", has=of_ben)).to_contain_text("ben")

    olga.write("@be")
    expect(page.get_by_role("option", name="@ben")).to_contain_text("🌴 Vacation")
    olga.write("@ben look")
    olga.composer.press("Enter")
    note = page.locator(".write composer-note")
    expect(note).to_contain_text("🌴 ben is out of office until")
    page.locator(".room-link", has=of_ben).click()
    expect(page.locator("status-line")).to_contain_text("🌴 Out of office until")
    expect(page.locator("status-line")).to_contain_text("· Vacation")
    expect(note).to_be_hidden()
    page.locator(".message .sender", has_text="ben").first.hover()
    expect(page.get_by_role("dialog", name="ben")).to_contain_text("🌴 Vacation · out of office")
    assert violations(page) == []
    page.mouse.move(0, 0)

    own(page, "Set a status")
    dialog = page.get_by_role("dialog", name="Set a status")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog.get_by_role("alert")).to_have_text("Choose an emoji or write a few words.")
    dialog.get_by_role("button", name="In a meeting").click()
    expect(dialog.get_by_label("Clear after")).to_have_value("60")
    assert violations(page) == []
    dialog.get_by_role("button", name="Emoji").click()
    page.locator("message-emoji input").fill("hot beverage")
    page.get_by_role("button", name="hot beverage").click()
    expect(dialog.get_by_role("button", name="Emoji")).to_contain_text("☕")
    dialog.get_by_label("What's your status?").fill("Tea with the team")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_be_hidden()
    expect(page.locator("own-status").get_by_role("img", name="Tea with the team")).to_contain_text(
        "☕"
    )
    told = call(ben, "people", {"names": ["Olga"]})["people"][0]["status"]
    assert (told["emoji"], told["text"]) == ("☕", "Tea with the team")

    phone = Person(
        windows.open(
            server.url,
            storage_state=page.context.storage_state(),
            viewport=PHONE,
            has_touch=True,
            is_mobile=True,
        ),
        "Olga",
    )
    phone.use()
    phone.write("/status ☕ Tea for 2h")
    phone.composer.press("Enter")
    expect(phone.page.locator(".write composer-note")).to_contain_text("Your status: ☕ Tea")
    mark = page.locator("own-status").get_by_role("img", name="Tea · until")
    expect(mark).to_be_visible()
    phone.write("/status")
    phone.composer.press("Enter")
    sheet = phone.page.get_by_role("dialog", name="Set a status")
    expect(sheet.get_by_label("Clear after")).to_have_value("at")
    assert violations(phone.page) == []
    sheet.get_by_role("button", name="Clear status").click()
    expect(page.locator("own-status status-mark")).to_be_hidden()

    call(ben, "status", {"text": "Brb", "until": in_seconds(3600)})
    expect(page.locator("status-line")).to_contain_text("Brb · until")
    ask_for_soon(lambda until: call(ben, "status", {"text": "Brb", "until": until}))
    expect(page.locator("status-line")).to_be_hidden()
    expect(page.locator(".room-link status-mark:visible")).to_have_count(0)
    assert (
        "status" not in call(with_token(server, token), "people", {"names": ["ben"]})["people"][0]
    )
