"""The first steps of a new owner: beside all else; and no link for the others leads to nowhere."""

from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

from tests.admin.test_in_browser import setup_link
from tests.page.people import Person, begin, enter
from tests.support.accounts import PASSWORD
from tests.support.browser import ELSEWHERE, RECORD_SHIFTS, Windows, nothing_has_moved
from tests.support.cast import chatapp
from tests.support.server import Server
from tests.support.waiting import wait_until

BESIDE = (".room-header", "message-log", "message-composer", "member-list")
WINDOWS = ((1280, 800), (820, 1100), (390, 844), (640, 400))
WITHOUT_CLIPBOARD = "delete Navigator.prototype.clipboard"
"""As on plain http from another machine."""


def new_owner(page: Page, server: Server, host: str = "127.0.0.1") -> Locator:
    page.goto(setup_link(server).replace("localhost", host).replace("127.0.0.1", host))
    page.get_by_label("Your name").fill("Ana")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Create account").click()
    Person(page, "Ana").is_online()
    return page.get_by_role("complementary", name="Get started")


def overlap(one: Locator, other: Locator) -> bool:
    a, b = one.bounding_box(), other.bounding_box()
    assert a, one
    if b is None:  # A drawer that is closed.
        return False
    apart = a["x"] + a["width"] <= b["x"] or b["x"] + b["width"] <= a["x"]
    return not apart and a["y"] + a["height"] > b["y"] and b["y"] + b["height"] > a["y"]


def stands_beside(one: Locator, other: Locator, which: str) -> None:
    """Waits for what is still on its way in a window that was just resized."""
    wait_until(lambda: not overlap(one, other), what=f"{which} to be uncovered")


def test_it_covers_nothing_in_any_window_and_moves_nothing_as_it_comes(
    server: Server, page: Page
) -> None:
    page.add_init_script(RECORD_SHIFTS)
    invite = new_owner(page, server)
    nothing_has_moved(page)

    for width, height in WINDOWS:
        page.set_viewport_size({"width": width, "height": height})
        expect(invite).to_be_in_viewport()
        expect(page.locator("message-composer")).to_be_in_viewport(ratio=1)
        for other in BESIDE:
            stands_beside(invite, page.locator(other), f"{other} at {width}")
    page.set_viewport_size({"width": 1280, "height": 800})
    expect(page.get_by_role("complementary", name="Members")).to_contain_text("Ana")


def test_where_only_this_computer_opens_the_chat_the_way_to_open_it_comes_first(
    server: Server, page: Page
) -> None:
    invite = new_owner(page, server)
    invite.get_by_role("button", name="Invite people").click()

    expect(invite).to_contain_text("Only this computer can open the chat for now.")
    expect(invite.locator("code").first).to_have_text(
        f"chatapp serve --host 0.0.0.0 --port {server.port} --data {server.data}"
    )
    expect(invite.get_by_role("button", name="Copy", exact=True).first).to_be_enabled()
    expect(invite).not_to_contain_text("/invite/")
    expect(invite.locator("svg.qr, .primary")).to_have_count(0)


def test_a_name_that_is_taken_is_chosen_anew_and_the_password_is_still_there(
    server: Server, windows: Windows
) -> None:
    windows.complaints.expect("status of 409")
    page = windows.open()
    new_owner(page, server)
    link = chatapp(server, "invite").split()[-1]
    friend = page.context.new_page()
    friend.goto(link)
    friend.get_by_label("Your name").fill("Ana")
    friend.get_by_label("Password").fill(PASSWORD)
    friend.get_by_role("button", name="Join").click()

    expect(friend.get_by_role("alert")).to_be_visible()
    expect(friend.get_by_label("Your name")).to_be_focused()
    expect(friend.get_by_label("Password")).to_have_value(PASSWORD)
    friend.keyboard.type("Ben")
    friend.keyboard.press("Enter")

    Person(friend, "Ben").is_online()


def test_inviting_people_stays_in_the_sidebar_for_those_who_may(
    server: Server, windows: Windows
) -> None:
    page = windows.open()
    invite = new_owner(page, server)
    invite.get_by_role("button", name="Done").click()
    expect(invite).to_have_count(0)

    begin(page, "Invite people")

    expect(page).to_have_url(f"{server.url}/admin/people")
    guest = enter(windows, server, "gus")
    expect(guest.page.locator("#add-menu", has_text="Invite people")).to_have_count(0)


def test_the_link_is_copied_without_a_clipboard_too_and_shown_to_a_camera(
    new_server: Callable[..., Server], windows: Windows
) -> None:
    server = new_server(CHATAPP_ORIGINS=f"http://{ELSEWHERE}").start()
    page = windows.open()
    page.add_init_script(WITHOUT_CLIPBOARD)
    invite = new_owner(page, server, host=ELSEWHERE)

    invite.get_by_role("button", name="Invite people").click()
    invite.get_by_role("button", name="Copy link").click()
    expect(invite.get_by_role("button", name="Copied")).to_be_visible()
    invite.get_by_text("Show QR code").click()
    expect(page.get_by_role("dialog", name="Invite people").locator("svg.qr")).to_be_visible()
    page.keyboard.press("Escape")
    page.locator("message-composer textarea").press("Control+v")

    link = invite.locator("code").first.text_content()
    assert link is not None
    assert link.startswith(f"http://{ELSEWHERE}:{server.port}/invite/")
    expect(page.locator("message-composer textarea")).to_have_value(link)


def test_a_step_that_is_done_is_ticked_and_all_of_them_are_gone(
    server: Server, windows: Windows
) -> None:
    page = windows.open()
    steps = new_owner(page, server)
    done = steps.locator(".is-done")
    expect(done).to_have_count(0)

    steps.get_by_role("button", name="Say hello").click()
    page.keyboard.type("hello")
    page.keyboard.press("Enter")
    expect(done).to_have_text(["Say hello"])
    steps.get_by_role("link", name="Name the chat").click()
    page.locator(".settings [name=name]").fill("Harbour")
    page.keyboard.press("Enter")
    expect(page.locator("#kept")).to_be_visible()
    page.goto(server.url)
    expect(done).to_have_text(["Name the chat", "Say hello"])
    Person(page, "Ana").is_online()
    friend = windows.open(chatapp(server, "invite").split()[-1])
    friend.get_by_label("Your name").fill("Ben")
    friend.get_by_label("Password").fill(PASSWORD)
    friend.keyboard.press("Enter")
    Person(friend, "Ben").is_online()
    page.goto(server.url)

    Person(page, "Ana").is_online()
    expect(steps).to_have_count(0)
