"""Photos of people on the page: chosen on the page of one's account, seen by others at once."""

from pathlib import Path

from playwright.sync_api import Locator, expect

from tests.page.people import enter, sign_in
from tests.page.test_accessibility import violations
from tests.page.test_forwarding import look
from tests.support.browser import Windows, comes_true
from tests.support.cast import add_account
from tests.support.files import picture
from tests.support.server import Server


def shows_photo(flag: Locator) -> None:
    """The letter is beneath, for where the photo does not come."""
    expect(flag.locator("img")).to_have_js_property("complete", value=True)
    assert flag.locator("img").evaluate("(img) => img.naturalWidth") > 0
    expect(flag).to_have_text("Z")


def test_a_photo_is_chosen_and_stands_beside_ones_messages_everywhere_at_once(
    server: Server, windows: Windows, tmp_path: Path
) -> None:
    add_account(server, "Zoe")
    ana = enter(windows, server, "ana")
    zoe = sign_in(windows, server, "Zoe")
    zoe.say("Good morning")
    ana.sees("Good morning")
    file, text = tmp_path / "zoe.png", tmp_path / "text.png"
    file.write_bytes(picture("PNG", (400, 300)))
    text.write_text("no picture")

    page = zoe.page.context.new_page()
    page.goto(f"{server.url}/account")
    look(page, "none")
    assert violations(page) == []
    chosen = page.locator("photo-field input[type=file]")
    windows.complaints.expect("status of 415")
    chosen.set_input_files(text)
    expect(page.get_by_role("alert")).to_have_text("A photo is a PNG, JPEG, GIF or WebP.")
    chosen.set_input_files(file)
    remove = page.get_by_role("button", name="Remove photo")
    expect(remove).to_be_enabled()
    shows_photo(page.locator("photo-field .flag"))
    look(page, "chosen")
    assert violations(page) == []

    row = ana.page.locator(".message", has_text="Good morning").locator(".flag").first
    shows_photo(row)
    shows_photo(ana.page.locator("member-list .member", has_text="Zoe").locator(".flag"))
    look(ana.page, "room")
    ana.page.reload()
    ana.is_online()
    shows_photo(row)

    remove.click()
    expect(remove).to_be_hidden()
    expect(row).to_have_text("Z")
    expect(row.locator("img")).to_have_count(0)
    comes_true(ana.page, "document.querySelectorAll('img[src^=\"/photos/\"]').length === 0")
