"""Every page, and whatever opens on it, against axe-core: by day and by night, no violations."""

import re
import subprocess
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect
from socketio import SimpleClient

from tests.admin.test_in_browser import setup_link
from tests.page.people import Person, begin, enter
from tests.support.accounts import PASSWORD
from tests.support.browser import Windows
from tests.support.server import Server

Connect = Callable[..., SimpleClient]
RunChatapp = Callable[..., subprocess.CompletedProcess[str]]

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
AT_REST = "Promise.allSettled(document.getAnimations().map((animation) => animation.finished))"
VIOLATIONS = """async () => {
  const { violations, passes } = await axe.run(document, { resultTypes: ["violations"] });
  if (!passes.length) throw new Error("axe has looked at nothing");
  const told = ({ html, any }) => `${html} ${any[0]?.message ?? ""}`;
  return violations.map(({ id, nodes }) => `${id}: ${nodes.slice(0, 3).map(told).join(" | ")}`);
}"""

CONSOLE = [
    "/account",
    "/admin/messages",
    "/admin/message?room=general&seq=1",
    "/admin/rooms",
    "/admin/room?name=general",
    "/admin/room/as-of?name=general&at=2100-01-01",
    "/admin/people",
    "/admin/person?name=Ana",
    "/admin/overview",
    "/admin/bots",
    "/admin/incoming-webhooks",
    "/admin/outgoing-webhooks",
    "/admin/help",
    "/admin/audit",
    "/admin/settings",
    "/admin/erasures",
]
DIALOGS = {",": "settings", "?": "shortcuts", "b": "all rooms", "d": "about the room"} | {
    "g": "days",
    "n": "new room",
    "Control+k": "switcher",
    "Control+f": "search",
}


def violations(page: Page) -> list[str]:
    """What axe finds, in both themes."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text("utf-8"))
    found = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        page.evaluate(AT_REST)
        found += [f"{scheme} {each}" for each in page.evaluate(VIOLATIONS)]
    return found


def test_axe_can_find_something(page: Page) -> None:
    page.set_content("<img src='data:,'>")

    assert any("image-alt" in each for each in violations(page))


def test_the_doors(server: Server, windows: Windows) -> None:
    page = windows.open()
    windows.complaints.expect("404|401")

    found = {}
    for path in ("/name", "/login", "/nowhere"):
        page.goto(server.url + path)
        found[path] = violations(page)
    page.goto(server.url + "/login")
    page.get_by_label("Name").fill("nobody")
    page.get_by_label("Password").fill("wrong password")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_be_visible()
    found["refused"] = violations(page)

    assert [*filter(None, found.values())] == [], found


def test_the_chat_with_all_that_opens(server: Server, windows: Windows, connect: Connect) -> None:
    bo = connect("bo")
    bo.call("message", {"text": "**Hello** `code` https://example.org :tea:\n\n```py\nx = 1\n```"})
    bo.call("message", {"text": "first words"})
    bo.call("edit", {"room": "general", "seq": 2, "text": "other words"})
    bo.call("react", {"room": "general", "seq": 1, "emoji": "👍", "on": True})
    bo.call("create", {"room": "design", "title": "Design"})
    bo.call("message", {"text": "long " * 500, "reply_to": 1})
    for number in range(25):
        bo.call("create", {"room": f"room-{number}"})
    ana = enter(windows, server, "ana")
    ana.say("mine")
    expect(ana.sent.last).to_have_text("mine")

    found = {"chat": violations(ana.page)}
    ana.use_letters()
    for key, name in DIALOGS.items():
        found[name] = violations(opened(ana, key))
        ana.page.keyboard.press("Escape")
    ana.page.get_by_role("button", name="edited").click()
    expect(ana.page.get_by_role("dialog")).to_be_visible()
    found["versions"] = violations(ana.page)
    ana.page.keyboard.press("Escape")
    ana.page.locator(".messages .sender").first.click()
    expect(ana.page.locator("person-card")).to_be_visible()
    found["person"] = violations(ana.page)
    ana.page.keyboard.press("Escape")
    ana.sent.last.hover()
    found["actions"] = violations(ana.page)
    ana.page.get_by_role("button", name="More actions").click()
    expect(ana.page.get_by_role("menu")).to_be_visible()
    found["menu"] = violations(ana.page)
    ana.page.get_by_role("menuitem", name="Delete…").click()
    expect(ana.page.get_by_role("dialog")).to_be_visible()
    found["deletion"] = violations(ana.page)
    ana.page.keyboard.press("Escape")
    ana.room("General").hover()
    ana.page.get_by_role("button", name="Options for General").click()
    expect(ana.page.locator("room-menu")).to_be_visible()
    found["room's menu"] = violations(ana.page)
    ana.page.keyboard.press("Escape")
    ana.page.evaluate("document.documentElement.dir = 'rtl'")
    found["right to left"] = violations(ana.page)
    ana.page.evaluate("document.documentElement.dir = 'ltr'")
    ana.page.get_by_role("button", name="Emoji").click()
    expect(ana.page.locator("message-emoji input")).to_be_focused()
    found["emoji"] = violations(ana.page)
    ana.page.keyboard.press("Escape")
    ana.page.set_viewport_size({"width": 390, "height": 844})
    ana.page.get_by_role("button", name="Rooms").click()
    expect(ana.room("General")).to_be_in_viewport()
    found["drawer"] = violations(ana.page)

    assert [*filter(None, found.values())] == [], found


def opened(ana: Person, key: str) -> Page:
    ana.page.evaluate("document.activeElement.blur()")
    ana.page.keyboard.press(key)
    expect(ana.page.locator("dialog[open], search-panel:not([hidden])")).to_be_visible()
    return ana.page


def test_the_account_and_the_console(
    server: Server, page: Page, windows: Windows, connect: Connect, run_chatapp: RunChatapp
) -> None:
    connect("bo").call("message", {"text": "something to see"})
    page.goto(setup_link(server))
    found = {"setup": violations(page)}
    page.get_by_label("Your name").fill("Ana")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Create account").click()
    expect(page.get_by_role("complementary", name="Get started")).to_be_visible()
    found["first invite"] = violations(page)
    beside = {"CHATAPP_DATA": str(server.data)}
    for name, command in {"invite": ["invite"], "reset": ["user", "reset", "Ana"]}.items():
        answer = run_chatapp(*command, env=beside)
        link = re.search(r"http://\S+", answer.stdout)
        assert link, answer
        stranger = windows.open(link[0])
        expect(stranger.get_by_label("Password").first).to_be_visible()
        found[name] = violations(stranger)
    page.goto(server.url)
    begin(page, "New message")
    page.keyboard.type("someb")
    expect(page.get_by_role("dialog").get_by_text("No matches")).to_be_visible()
    found["new message"] = violations(page)
    for path in CONSOLE:
        came = page.goto(server.url + path)
        assert came, path
        found[path] = violations(page) if came.ok else [f"{came.status}"]

    assert [*filter(None, found.values())] == [], found
