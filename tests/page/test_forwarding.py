"""Messages are selected, quoted, copied and forwarded: with a mouse, with keys, and on a phone."""

import os
import re

from playwright.sync_api import Locator, Page, expect

from tests.page.people import Person, enter, sign_in
from tests.page.test_accessibility import violations
from tests.page.test_fingers import AT_REST, Finger
from tests.page.test_threads import row, say
from tests.support.browser import Windows
from tests.support.cast import new_token, with_token
from tests.support.server import Server
from tests.test_way_of_a_message import call

PHONE = {"width": 390, "height": 700}
PICTURES = os.environ.get("PICTURES")


def look(page: Page, name: str) -> None:
    if PICTURES:
        page.evaluate(AT_REST)
        page.screenshot(path=f"{PICTURES}/{name}.png")


def choose(person: Person, seq: int, what: str) -> None:
    row(person, seq).hover()
    person.page.get_by_role("button", name="More actions").click()
    person.page.get_by_role("menuitem", name=what, exact=True).click()


def head(person: Person, seq: int) -> Locator:
    return row(person, seq).locator("forwarded-from")


def test_messages_are_forwarded_quoted_and_copied(server: Server, windows: Windows) -> None:
    token = new_token(server, "Olga", "member")
    client, bo = with_token(server, token), with_token(server, new_token(server, "Bo", "member"))
    for room, kind in (("design", "public"), ("kitchen", "public"), ("cellar", "private")):
        call(client, "create", {"room": room, "title": room.title(), "kind": kind})
    for room in ("design", "kitchen"):
        call(bo, "join", {"room": room})
    secret = say(client, "The tunnel is **dry**", room="cellar")
    seqs = [say(bo, text, room="design") for text in ("cups?\nor *mugs*?", "/me waits", "three")]
    own = say(client, "mine", room="design")
    ana = enter(windows, server, "ana", "/rooms/kitchen")
    olga = sign_in(windows, server, "Olga")
    olga.visit("Design")
    page = olga.page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    dialog = page.get_by_role("dialog", name=re.compile("^Forward"))

    choose(olga, seqs[0], "Quote")
    link = f"{server.url}/rooms/design?at={seqs[0]}"
    quote = re.compile(r"> \*\*Bo\*\* \[[^\]]+\]\(" + re.escape(link))
    expect(olga.composer).to_have_value(quote)
    expect(olga.composer).to_have_value(re.compile(r"\n> cups\?\n> or \*mugs\*\?\n\n$"))
    olga.composer.fill("")

    choose(olga, seqs[0], "Forward…")
    expect(dialog.get_by_role("combobox")).to_be_focused()
    look(page, "dialog")
    assert violations(page) == []
    page.keyboard.type("kitc")
    expect(dialog.locator(".place-title")).to_have_text(["Kitchen"])
    page.keyboard.press("Enter")
    expect(dialog.get_by_label("Comment")).to_be_focused()
    page.keyboard.type("Look at this")
    look(page, "chosen")
    assert violations(page) == []
    dialog.get_by_role("button", name="Forward").click()
    expect(page.locator("toast-note")).to_have_text("Forwarded to Kitchen.")
    expect(dialog).to_be_hidden()

    first = ana.page.locator(".message.forwarded")
    expect(first).to_contain_text("or mugs?")
    expect(first.locator("forwarded-from")).to_have_text(re.compile("^Forwarded from Bo · .*20"))
    expect(ana.page.locator(".messages")).to_contain_text("Look at this")
    look(ana.page, "forwarded")
    assert violations(ana.page) == []
    first.locator("forwarded-from a").click()
    expect(ana.page).to_have_url(re.compile(f"/rooms/design\\?at={seqs[0]}$"))

    olga.visit("Cellar")
    choose(olga, secret, "Forward…")
    expect(dialog.get_by_role("combobox")).to_be_focused()
    page.keyboard.type("design")
    expect(dialog.locator(".place-title").first).to_have_text("Design")
    page.keyboard.press("Enter")
    dialog.get_by_role("button", name="Forward").click()
    copy = ana.page.locator(".message.forwarded")
    expect(copy).to_contain_text("The tunnel is dry")
    private = copy.get_by_role("button", name="from a private conversation")
    private.click()
    expect(ana.page.locator("toast-note")).to_contain_text("you cannot see it")
    olga.visit("Design")
    page.reload()
    olga.is_online()
    expect(page.locator(".message.forwarded forwarded-from")).to_contain_text("Forwarded from Olga")
    page.get_by_role("button", name="from a private conversation").click()
    expect(olga.heading).to_have_text("Cellar")
    olga.visit("Design")

    bar = page.get_by_role("group", name="Selected messages")
    choose(olga, seqs[0], "Select messages")
    expect(bar).to_contain_text("1 message selected")
    row(olga, own).click(modifiers=["Shift"])
    expect(bar).to_contain_text("4 messages selected")
    expect(bar.get_by_role("button", name="Delete")).to_have_count(0)
    look(page, "selection")
    assert violations(page) == []
    bar.get_by_role("button", name="Copy as Markdown").click()
    expect(bar).to_contain_text("Copied 4 messages.")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert re.search(r"^\*\*Bo\*\*, .*\n\ncups\?\nor \*mugs\*\?\n\n\*\*Bo\*\*", copied)
    page.keyboard.press("Escape")
    expect(bar).to_be_hidden()
    choose(olga, own, "Select messages")
    bar.get_by_role("button", name="Delete").click()
    expect(bar).to_contain_text("Delete 1 message?")
    bar.get_by_role("button", name="Delete").click()
    expect(row(olga, own)).to_contain_text("Deleted by Olga")

    row(olga, seqs[1]).focus()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("x")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Shift+Space")
    expect(bar).to_contain_text("3 messages selected")
    bar.get_by_role("button", name="Forward").click()
    expect(page.get_by_role("heading", name="Forward 3 messages")).to_be_visible()
    page.keyboard.type("Bo")
    page.keyboard.press("Enter")
    dialog.get_by_role("button", name="Forward").click()
    expect(page.locator("toast-note")).to_have_text("Forwarded 3 messages to Bo.")
    expect(bar).to_be_hidden()

    phone = Person(
        windows.open(
            f"{server.url}/rooms/kitchen",
            storage_state=page.context.storage_state(),
            viewport=PHONE,
            has_touch=True,
            is_mobile=True,
        ),
        "Olga",
    )
    phone.use()
    finger = Finger(phone.page)
    target = phone.page.locator(".message.forwarded .said")
    expect(phone.page.locator("forwarded-from a")).to_be_visible()
    look(phone.page, "phone")
    finger.press(target)
    menu = phone.page.get_by_role("menu", name="Message actions")
    expect(menu).to_be_visible()
    finger.lift()
    look(phone.page, "phone-menu")
    expect(menu.get_by_role("menuitem", name="Edit")).to_be_hidden()
    menu.get_by_role("menuitem", name="Forward…").tap()
    sheet = phone.page.get_by_role("dialog", name="Forward message")
    sheet.get_by_role("option", name="Design").tap()
    look(phone.page, "phone-dialog")
    sheet.get_by_role("button", name="Forward").tap()
    expect(phone.page.locator("toast-note")).to_have_text("Forwarded to Design.")
    expect(page.locator(".message.forwarded").last).to_contain_text("or mugs?")
    expect(page.locator(".message.forwarded forwarded-from").last).to_contain_text("from Bo")
