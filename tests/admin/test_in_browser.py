"""The first admin and the console in a real browser, over the real server."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta, timezone

import socketio
from playwright.sync_api import Page, expect

from tests.page.people import begin, own, own_item
from tests.support.accounts import PASSWORD
from tests.support.browser import Windows
from tests.support.server import Server
from tests.support.waiting import wait_until

Connect = Callable[..., socketio.SimpleClient]

WIDTHS = (320, 390, 820, 1280)


def test_the_printed_link_leads_to_every_message(
    server: Server, page: Page, connect: Connect
) -> None:
    connect("<i>Bruno</i>").call("message", {"text": "<script>alert(1)</script> hola"})

    page.goto(setup_link(server))
    page.get_by_label("Your name").fill("Ana")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Create account").click()
    own(page, "Admin console")
    expect(page.get_by_role("heading", name="Nothing needs attention")).to_be_visible()
    page.get_by_role("link", name="Messages").click()

    expect(page.get_by_role("heading", name="Messages")).to_be_visible()
    row = page.get_by_role("row").nth(1)
    expect(row).to_contain_text("<script>alert(1)</script> hola")
    expect(row).to_contain_text("<i>Bruno</i>")
    expect(row).to_contain_text(".jsonl:1")


def test_an_admin_filters_turns_pages_and_signs_out_by_keyboard(
    server: Server, page: Page, connect: Connect
) -> None:
    client = connect("bruno")
    for number in range(60):
        client.call("message", {"text": f"tea {number}"})
    become_admin(page, server)

    page.get_by_label("Text").focus()
    page.keyboard.type("tea")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("text=tea"))
    page.get_by_role("link", name="Older").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("row")).to_have_count(1 + 10)
    page.get_by_role("button", name="Sign out").focus()
    page.keyboard.press("Enter")

    expect(page).not_to_have_url(re.compile("admin"))
    page.goto(f"{server.url}/admin")
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()


def test_the_command_of_a_row_goes_to_the_clipboard(
    server: Server, page: Page, connect: Connect
) -> None:
    connect("bruno").call("message", {"text": "hola"})
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    become_admin(page, server)

    page.get_by_role("button", name=re.compile("Copy the command")).click()

    expect(page.get_by_text("Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()").startswith("sed -n 1p /")


def test_nothing_is_wider_than_the_window(
    server: Server, windows: Windows, connect: Connect
) -> None:
    windows.complaints.expect("404")
    client = connect("x" * 32)
    client.call("create", {"room": "r" * 48})
    client.call("message", {"text": "W" * 500, "room": "r" * 48})
    client.call("message", {"text": "many words " * 200})
    link = setup_link(server)
    page = windows.open()

    for path in (link, f"{server.url}/name", f"{server.url}/login", f"{server.url}/nothing"):
        page.goto(path)
        assert overflows(page) == [], path
    become_admin(page, server)
    page.get_by_text("characters").click()
    assert overflows(page) == []

    pages = (
        "admin/people",
        "admin/rooms",
        "admin/room?name=general",
        "admin/person?name=Ana",
        "admin/overview",
        "admin/audit",
        "admin/settings",
        "admin/bots",
        "admin/incoming-webhooks",
        "admin/outgoing-webhooks",
        "admin/help",
        "admin/erasures?name=" + "x" * 32,
        "account",
    )
    for path in pages:
        page.goto(f"{server.url}/{path}")
        assert overflows(page) == [], path


def test_a_new_owner_invites_somebody_in_another_browser(server: Server, windows: Windows) -> None:
    owner = windows.open(setup_link(server))
    owner.get_by_label("Your name").fill("Ana")
    owner.get_by_label("Password").fill(PASSWORD)
    owner.get_by_role("button", name="Create account").click()
    card = owner.get_by_role("complementary", name="Get started")
    card.get_by_role("button", name="Done").click()
    expect(owner.get_by_role("heading", name="Get started")).to_have_count(0)

    begin(owner, "Invite people")
    owner.get_by_role("button", name="Create link").click()
    friend = windows.open(owner.locator(".hand-over code").first.text_content())
    friend.get_by_label("Your name").fill("Ben")
    friend.get_by_label("Password").fill(PASSWORD)
    friend.get_by_role("button").first.click()

    expect(friend.get_by_role("button", name="Ben your menu")).to_be_visible()
    expect(own_item(friend, "Sign out")).to_have_count(1)
    expect(own_item(friend, "Admin console")).to_have_count(0)


def test_a_spammer_is_found_read_in_the_file_banned_and_erased(
    server: Server, page: Page, connect: Connect
) -> None:
    """Among other messages, with two sockets, from the listing to the end."""
    client = connect("bruno")
    for number in range(60):
        client.call("message", {"text": f"tea {number}"})
    key = "k" * 20
    spammers = [connect("Spam", auth={"name": "Spam", "key": key}) for _ in range(2)]
    spammers[0].call("message", {"text": "cheap watches"})
    become_admin(page, server)

    page.get_by_label("Text").fill("watches")
    row = page.get_by_role("row").nth(1)
    expect(row).to_contain_text("cheap watches")
    file, line = re.search(r"(\d+\.jsonl):(\d+)", row.inner_text()).groups()
    written = (server.data / "messages" / file).read_text().split("\n")[int(line) - 1]
    assert "cheap watches" in written
    row.get_by_role("link", name=re.compile("Delete")).click()
    page.get_by_text("Ban Spam").click()
    ban = page.get_by_role("group").filter(has_text="Ban Spam")
    ban.get_by_label("Reason").fill("watches")
    ban.get_by_role("button", name="Ban").click()

    expect(page.get_by_text("Banned by Ana: watches")).to_be_visible()
    wait_until(lambda: not any(one.connected for one in spammers), what="closed sockets")
    assert client.connected
    page.get_by_role("link", name="Erase all messages of Spam").click()
    page.get_by_label("Type the name again").fill("Spam")
    page.get_by_label("Reason").fill("watches")
    page.get_by_role("button", name="Erase for good").click()
    expect(page.get_by_text("1 text erased")).to_be_visible()
    assert "cheap watches" not in (server.data / "messages" / file).read_text()


def become_admin(page: Page, server: Server) -> None:
    page.goto(setup_link(server))
    page.get_by_label("Your name").fill("Ana")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Create account").click()
    expect(page.get_by_role("complementary", name="Get started")).to_be_visible()
    page.goto(f"{server.url}/admin/messages")
    expect(page.get_by_role("heading", name="Messages")).to_be_visible()


def setup_link(server: Server) -> str:
    """As it is printed, shortly after the server begins to answer."""
    (line,) = wait_until(
        lambda: [line for line in server.log if "/setup/" in line], what="the setup link"
    )
    found = re.search(r"/setup/\S+", line)
    assert found
    return server.url + found[0]


def overflows(page: Page) -> list[int]:
    """The widths of the window in which the page is wider."""
    found = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        root = "document.documentElement"
        if page.evaluate(f"{root}.scrollWidth > {root}.clientWidth"):
            found.append(width)
    return found


def test_results_come_while_one_types(server: Server, page: Page, connect: Connect) -> None:
    client = connect("bruno")
    client.call("message", {"text": "tea, please"})
    client.call("message", {"text": "hola"})
    become_admin(page, server)
    expect(page.get_by_role("row")).to_have_count(1 + 2)

    page.get_by_label("Text").press_sequentially("tea")

    expect(page.get_by_role("row")).to_have_count(1 + 1)
    expect(page.get_by_label("Text")).to_be_focused()
    expect(page).to_have_url(re.compile(r"\?text=tea$"))


def test_times_are_the_readers_own_with_utc_on_hover(
    server: Server, windows: Windows, connect: Connect
) -> None:
    said = connect("bruno").call("message", {"text": "hola"})
    at = datetime.fromisoformat(said["message"]["at"])
    there = at.astimezone(timezone(timedelta(hours=5, minutes=30)))
    page = windows.open(timezone_id="Asia/Kolkata", locale="en-GB")
    become_admin(page, server)

    time = page.locator(".record-at time")
    expect(time).to_have_text(f"{there:%b} {there.day}, {there:%H:%M}")
    expect(time).to_have_attribute("title", f"{at:%Y-%m-%d %H:%M:%S} UTC")

    plain = windows.open(f"{server.url}/login", java_script_enabled=False)
    plain.get_by_label("Name").fill("Ana")
    plain.get_by_label("Password").fill(PASSWORD)
    plain.get_by_role("button", name="Sign in").click()
    plain.goto(f"{server.url}/admin/messages")
    expect(plain.locator(".record-at time")).to_have_text(f"{at:%Y-%m-%d %H:%M} UTC")


def test_what_comes_in_is_followed(server: Server, page: Page, connect: Connect) -> None:
    client = connect("bruno")
    client.call("message", {"text": "hola"})
    become_admin(page, server)

    page.get_by_label("Live").check()
    client.call("message", {"text": "<b>just now</b>"})

    expect(page.get_by_text("<b>just now</b>")).to_be_visible()
    expect(page.get_by_label("Live")).to_be_checked()
    expect(page.get_by_role("button", name=re.compile("Copy the command")).first).to_be_visible()
