"""Keywords and quiet hours: set in the settings, the same in all tabs, and obeyed by the bell."""

from playwright.sync_api import expect

from tests.page.people import CHAT, Person, own, sign_in
from tests.page.test_accessibility import violations
from tests.support.browser import Windows, comes_true
from tests.support.cast import new_token, with_token
from tests.support.server import Server
from tests.test_way_of_a_message import call

PHONE = {"width": 390, "height": 700}
ALL_DAY = {"start": "00:00", "end": "23:59", "days": [1, 2, 3, 4, 5, 6, 7], "zone": "UTC"}
RINGS = """
  window.rung = [];
  window.Notification = class { constructor(title, { body }) { rung.push(body); } };
  Notification.permission = "granted";
  Object.defineProperty(document, "hasFocus", { value: () => false });
"""


def test_keywords_and_quiet_hours_decide_what_rings(server: Server, windows: Windows) -> None:
    token = new_token(server, "Olga", "member")
    olga_there = with_token(server, token)
    ben = with_token(server, new_token(server, "ben", "member"))
    call(olga_there, "prefs", {"room": "general", "level": "mentions"})
    olga = sign_in(windows, server, "Olga")
    page = olga.page
    page.add_init_script(RINGS)
    page.evaluate("localStorage.setItem('chatapp.notices.Olga', 'true')")
    page.reload()
    olga.use()

    own(page, "Settings")
    settings = page.locator("notify-settings")
    expect(settings.locator(".notify-summary")).to_contain_text("by a notice of all messages")
    settings.get_by_label("Keywords").fill("deploy, 上海")
    settings.get_by_label("Keywords").press("Tab")
    expect(settings.locator(".notify-summary")).to_contain_text("with deploy and 上海 notify you")
    settings.get_by_role("checkbox", name="Quiet hours").check()
    expect(settings.get_by_label("From")).to_have_value("22:00")
    settings.get_by_role("checkbox", name="Sunday").press("Space")
    settings.get_by_label("To", exact=True).fill("22:00")
    expect(settings.get_by_role("alert")).to_contain_text("end at another time")
    settings.get_by_label("To", exact=True).fill("06:30")
    settings.get_by_role("checkbox", name="mentions my name").check()
    expect(settings.locator(".notify-summary")).to_contain_text("of mentions of your name only.")
    assert violations(page) == []
    rules = call(olga_there, "notifications", {})["notifications"]
    assert rules["keywords"] == ["deploy", "上海"]
    quiet = {key: rules["quiet"][key] for key in ("start", "end", "days", "mentions")}
    assert quiet == {"start": "22:00", "end": "06:30", "days": [1, 2, 3, 4, 5, 6], "mentions": True}
    page.keyboard.press("Escape")

    call(olga_there, "notifications", {"quiet": None})
    comes_true(page, f"{CHAT}.rules.rules.quiet === null")
    for text in ("redeployed", "the Deploy failed", "我在上海很好"):
        call(ben, "message", {"text": text})
        expect(page.locator(".messages .text").last).to_have_text(text)
    comes_true(page, "rung.at(-1) === '我在上海很好'")
    assert "redeployed" not in page.evaluate("rung")
    call(olga_there, "notifications", {"quiet": {**ALL_DAY, "mentions": True}})
    comes_true(page, f"{CHAT}.rules.rules.quiet !== null")
    call(ben, "message", {"text": "deploy in the quiet"})
    call(ben, "message", {"text": "@Olga wake up"})
    comes_true(page, "rung.at(-1) === '@Olga wake up'")
    assert "deploy in the quiet" not in page.evaluate("rung")

    phone = Person(
        windows.open(server.url, storage_state=page.context.storage_state(), viewport=PHONE), "Olga"
    )
    comes_true(phone.page, f"{CHAT}.rules?.rules.keywords.length === 2")  # Nothing was pressed.
    phone.use()
    phone.page.keyboard.press("Control+,")
    phone.page.evaluate("document.dispatchEvent(new CustomEvent('do-settings'))")
    expect(phone.page.get_by_label("Keywords")).to_have_value("deploy, 上海")
    assert violations(phone.page) == []
