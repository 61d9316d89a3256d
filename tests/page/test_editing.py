"""What happens to messages after they were sent: changed, deleted, answered, reacted to."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, expect
from socketio import SimpleClient

from tests.page.people import BACK_MS, Person, enter
from tests.support.browser import OFFLINE, RESTARTING, Windows
from tests.support.server import Server

Connect = Callable[..., SimpleClient]


@pytest.fixture(scope="module")
def server(house: Server) -> Server:
    """One for all tests here; each has a room of its own."""
    return house


def say(client: SimpleClient, room: str, text: str, **more: object) -> int:
    return int(client.call("message", {"room": room, "text": text, **more})["message"]["seq"])


def row(person: Person, text: str) -> Locator:
    return person.page.locator(".message", has=person.page.locator(".text", has_text=text))


def do(person: Person, text: str, action: str) -> None:
    """Points at a message and presses a button that comes up, or one of the menu behind them."""
    row(person, text).locator(".text").hover()
    bar = person.page.locator("message-actions")
    expect(bar).to_be_visible()
    button = bar.get_by_role("button", name=action, exact=True)
    if not button.count():
        bar.get_by_role("button", name="More actions").click()
        button = person.page.get_by_role("menuitem", name=action, exact=True)
    button.click()


def test_a_changed_text_is_seen_by_others_at_once_and_marked(
    ana: Person, bo: SimpleClient, room: str
) -> None:
    seq = say(bo, room, "Tomorow at nine.")
    ana.sees("Tomorow at nine.")

    bo.call("edit", {"room": room, "seq": seq, "text": "Tomorrow at nine."})

    ana.sees("Tomorrow at nine.")
    mark = row(ana, "Tomorrow").locator(".edited")
    expect(mark).to_have_text("edited")
    expect(mark.locator("time")).to_have_attribute("title", re.compile(r"20\d\d"))
    ana.page.reload()
    ana.sees("Tomorrow at nine.")
    expect(mark).to_have_text("edited")
    expect(mark.locator("time")).to_have_attribute("title", re.compile(r"20\d\d"))


def test_up_in_an_empty_composer_changes_ones_last_message(
    ana: Person, bo: SimpleClient, room: str
) -> None:
    ana.say("first")
    ana.say("secnd")
    ana.sees("first", "secnd")
    say(bo, room, "not mine")
    ana.sees("first", "secnd", "not mine")

    ana.composer.press("ArrowUp")
    expect(ana.composer).to_have_value("secnd")
    ana.say("second")

    ana.sees("first", "second", "not mine")
    expect(ana.composer).to_have_value("")
    assert bo.call("history", {"room": room})["messages"][1]["text"] == "second"


def test_who_thinks_better_of_a_change_gets_the_draft_back(ana: Person) -> None:
    ana.say("as it was")
    ana.sees("as it was")
    ana.write("a draft")

    do(ana, "as it was", "Edit")
    ana.write("as it is not")
    ana.composer.press("Escape")

    expect(ana.composer).to_have_value("a draft")
    ana.sees("as it was")


def test_a_change_that_gets_no_answer_is_not_lost(
    ana: Person, windows: Windows, server: Server
) -> None:
    windows.complaints.expect(RESTARTING)
    ana.say("as it was")
    ana.sees("as it was")
    ana.composer.press("ArrowUp")
    server.kill9()

    ana.say("as it shall be")

    expect(ana.page.locator("#composer-problem")).to_contain_text("offline")
    expect(ana.composer).to_have_value("as it shall be")
    expect(ana.banner).to_be_visible()
    server.start()
    expect(ana.banner).to_be_hidden(timeout=BACK_MS)
    ana.composer.press("Enter")
    ana.sees_in_time("as it shall be")


def test_a_deleted_message_leaves_its_place_and_says_who_did_it(
    ana: Person, bo: SimpleClient, room: str
) -> None:
    ana.say("regret")
    ana.say("no regret")
    ana.sees("regret", "no regret")

    do(ana, "no regret", "Delete…")
    dialog = ana.page.get_by_role("dialog")
    expect(dialog).to_contain_text("no regret")
    dialog.get_by_role("button", name="Cancel").click()
    ana.sees("regret", "no regret")
    do(ana, "no regret", "Delete…")
    dialog.get_by_role("button", name="Delete").click()

    ana.sees("regret", "Deleted by ana")
    assert bo.call("history", {"room": room})["messages"][1]["deleted_by"] == "ana"
    ana.page.reload()
    ana.sees("regret", "Deleted by ana")


def test_nobody_is_offered_to_change_what_others_wrote(
    ana: Person, bo: SimpleClient, room: str
) -> None:
    say(bo, room, "bo's own")

    row(ana, "bo's own").hover()
    ana.page.get_by_role("button", name="More actions").click()

    offered = ana.page.get_by_role("menuitem")
    expect(offered.filter(visible=True)).to_have_text(
        [
            *("Reply in thread", "Quote", "Forward…", "Copy text", "Copy link"),
            *("Save for later", "Remind me…", "Select messages", "Mark as unread"),
        ]
    )


def test_after_a_press_with_the_mouse_the_bar_goes_on_to_the_next_row(
    ana: Person, bo: SimpleClient, room: str
) -> None:
    say(bo, room, "cake?")
    say(bo, room, "or tea?")
    ana.sees("cake?", "or tea?")

    do(ana, "cake?", "React with 👍")
    expect(row(ana, "cake?").locator(".reaction")).to_have_text("👍 1")
    row(ana, "or tea?").locator(".text").hover()

    bar = ana.page.locator("message-actions")
    expect(row(ana, "or tea?").locator(bar)).to_be_visible()
    expect(row(ana, "cake?")).to_be_focused()


def test_reactions_count_names_and_are_taken_back_by_a_second_press(
    ana: Person, bo: SimpleClient, room: str
) -> None:
    seq = say(bo, room, "cake?")
    chip = row(ana, "cake?").locator(".reaction")

    do(ana, "cake?", "React with 👍")
    expect(chip).to_have_text("👍 1")
    expect(chip).to_have_attribute("aria-pressed", "true")
    while bo.receive()[0] != "react":
        pass  # It shows before the log has it, and the order of the names is the log's.
    bo.call("react", {"room": room, "seq": seq, "emoji": "👍", "on": True})

    expect(chip).to_have_text("👍 2")
    expect(chip).to_have_attribute("title", re.compile("^(ana, bo|bo, ana)$"))
    chip.click()
    expect(chip).to_have_text("👍 1")
    expect(chip).to_have_attribute("aria-pressed", "false")
    ana.page.reload()
    expect(chip).to_have_text("👍 1")
    expect(chip).to_have_attribute("title", "bo")


def test_any_emoji_can_be_given_from_the_picker(ana: Person, bo: SimpleClient, room: str) -> None:
    say(bo, room, "dinner?")

    do(ana, "dinner?", "React")
    picker = ana.page.get_by_role("dialog", name="Emoji")
    picker.get_by_role("searchbox").fill("pizza")
    picker.get_by_role("button", name="pizza").click()

    expect(row(ana, "dinner?").locator(".reaction")).to_have_text("🍕 1")
    expect(picker).to_be_hidden()


def test_an_answer_quotes_what_it_answers_and_leads_there(
    ana: Person, bo: SimpleClient, room: str
) -> None:
    asked = say(bo, room, "Who has the key?")
    ana.sees("Who has the key?")

    do(ana, "Who has the key?", "Reply")
    expect(ana.page.locator(".aim")).to_contain_text("bo")
    ana.say("I have it.")

    ana.sees("Who has the key?", "I have it.")
    quote = row(ana, "I have it.").locator(".quote")
    expect(quote).to_have_text("bo Who has the key?")
    quote.click()
    expect(row(ana, "Who has the key?").first).to_have_attribute("data-sought", "")
    bo.call("edit", {"room": room, "seq": asked, "text": "Who has the shed's key?"})
    expect(quote).to_have_text("bo Who has the shed's key?")
    ana.page.reload()
    expect(quote).to_have_text("bo Who has the shed's key?")


def test_an_answer_that_is_deleted_quotes_nothing_and_an_answer_to_one_says_so(
    ana: Person, bo: SimpleClient, room: str, server: Server
) -> None:
    asked = say(bo, room, "Who has the key?")
    answer = say(bo, room, "I have it.", reply_to=asked)
    say(bo, room, "Bring it.", reply_to=answer)
    quotes = ana.page.locator(".messages .quote:visible")
    expect(quotes).to_have_text(["bo Who has the key?", "bo I have it."])

    bo.call("delete", {"room": room, "seq": answer})

    expect(quotes).to_have_text(["bo Deleted by bo"])
    page = ana.page.request.get(f"{server.url}/rooms/{room}").text()
    assert re.findall(r'"quoted-text" dir="auto">(.*?)</span></a>', page)[2:3] == ["Deleted by bo"]
    assert page.count('class="quote" href="?at=1" hidden') == 1


def test_an_answer_to_something_old_fetches_and_finds_it(
    windows: Windows, server: Server, bo: SimpleClient, room: str
) -> None:
    old = say(bo, room, "the old question")
    for number in range(120):
        say(bo, room, f"number {number}")
    say(bo, room, "the late answer", reply_to=old)
    ana = enter(windows, server, "ana", f"/rooms/{room}")
    quote = row(ana, "the late answer").locator(".quote")
    expect(quote).to_have_text("bo the old question")

    quote.click()

    expect(row(ana, "the old question").first).to_be_in_viewport()
    ana.page.get_by_role("button", name="Newest messages").click()
    expect(row(ana, "the late answer")).to_be_in_viewport()


def test_what_was_changed_while_one_was_away_is_there_afterwards(
    ana: Person, bo: SimpleClient, room: str, windows: Windows
) -> None:
    windows.complaints.expect(OFFLINE)
    first, second, third = (say(bo, room, text) for text in ("one", "two", "three"))
    ana.sees("one", "two", "three")
    ana.page.context.set_offline(True)
    ana.page.evaluate("dispatchEvent(new Event('offline'))")

    bo.call("edit", {"room": room, "seq": first, "text": "uno"})
    bo.call("delete", {"room": room, "seq": second})
    bo.call("react", {"room": room, "seq": third, "emoji": "🎉", "on": True})
    ana.page.context.set_offline(False)

    ana.sees_in_time("uno", "Deleted by bo", "three")
    expect(row(ana, "three").locator(".reaction")).to_have_text("🎉 1")


def test_everything_is_done_by_keyboard_too(ana: Person, bo: SimpleClient, room: str) -> None:
    say(bo, room, "a question")
    ana.say("my answer")
    ana.sees("a question", "my answer")
    page = ana.page

    row(ana, "my answer").focus()
    page.keyboard.press("ArrowUp")
    expect(row(ana, "a question")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="React with 👍")).to_be_focused()
    page.keyboard.press("Enter")
    expect(row(ana, "a question").locator(".reaction")).to_have_text("👍 1")
    row(ana, "a question").focus()
    page.keyboard.press("r")
    expect(page.locator(".aim")).to_be_visible()
    page.keyboard.press("Escape")
    row(ana, "my answer").focus()
    page.keyboard.press("e")
    expect(ana.composer).to_have_value("my answer")
    page.keyboard.press("Escape")
    row(ana, "my answer").focus()
    page.keyboard.press("Delete")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    ana.sees("a question", "Deleted by ana")


def test_edited_stands_in_the_line_behind_the_text(
    ana: Person, bo: SimpleClient, room: str
) -> None:
    for before, text in (("a", "plain"), ("b", "**rich**"), ("/me c", "/me acts")):
        bo.call("edit", {"room": room, "seq": say(bo, room, before), "text": text})
    marks = ana.page.locator(".edited:visible")
    expect(marks).to_have_count(3)

    for mark in marks.all():
        box, line = mark.bounding_box(), mark.locator("xpath=..").bounding_box()
        assert box
        assert line
        assert line["height"] < 30, "one line"


def test_a_block_of_code_is_copied_by_its_button(ana: Person, bo: SimpleClient, room: str) -> None:
    ana.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    say(bo, room, "look:\n```python\nx = 1\n```")
    block = ana.page.locator(".code")
    expect(block).to_contain_text("python")

    block.get_by_role("button", name="Copy").focus()
    ana.page.keyboard.press("Enter")

    expect(ana.page.locator(".toast")).to_have_text("Copied")
    assert ana.page.evaluate("navigator.clipboard.readText()") == "x = 1\n"


def test_the_menu_of_a_message_is_walked_by_arrows_and_gives_the_focus_back(
    ana: Person, bo: SimpleClient, room: str
) -> None:
    ana.say("mine")
    ana.sees("mine")
    keys = ana.page.keyboard
    row(ana, "mine").focus()
    more = ana.page.get_by_role("button", name="More actions")
    more.focus()
    keys.press("Enter")
    menu = ana.page.get_by_role("menu", name="Message actions")
    expect(menu.get_by_role("menuitem", name="Reply in thread")).to_be_focused()

    keys.press("ArrowUp")
    expect(menu.get_by_role("menuitem", name="Delete…")).to_be_focused()
    keys.press("Escape")
    expect(menu).to_be_hidden()
    expect(more).to_be_focused()
    keys.press("Enter")
    expect(menu.get_by_role("menuitem", name="Reply in thread")).to_be_focused()
    keys.press("ArrowUp")
    keys.press("ArrowUp")
    keys.press("Enter")

    expect(ana.composer).to_have_value("mine")
    expect(ana.composer).to_be_focused()


def test_fingers_have_a_button_for_what_the_pointer_finds(
    windows: Windows, server: Server, bo: SimpleClient, room: str
) -> None:
    say(bo, room, "on the phone")
    phone = {"width": 390, "height": 700}
    ana = enter(
        windows, server, "ana", f"/rooms/{room}", viewport=phone, has_touch=True, is_mobile=True
    )

    row(ana, "on the phone").get_by_role("button", name="Message actions").press("Enter")
    ana.page.get_by_role("menuitem", name="React with ❤️").tap()

    expect(row(ana, "on the phone").locator(".reaction")).to_have_text("❤️ 1")


def test_what_the_browser_does_not_let_be_copied_is_not_said_to_be(
    ana: Person, bo: SimpleClient, room: str
) -> None:
    say(bo, room, "remember this")
    ana.page.evaluate("delete Navigator.prototype.clipboard; document.execCommand = () => false")

    do(ana, "remember this", "Copy link")

    expect(ana.page.locator(".toast")).to_have_text("The browser blocked copying.")


def test_a_link_to_a_message_is_copied_and_opens_it(
    ana: Person, bo: SimpleClient, room: str
) -> None:
    say(bo, room, "remember this")
    ana.page.context.grant_permissions(["clipboard-read", "clipboard-write"])

    do(ana, "remember this", "Copy link")

    expect(ana.page.locator(".toast")).to_have_text("Copied")
    link = ana.page.evaluate("navigator.clipboard.readText()")
    assert link.endswith(f"/rooms/{room}?at=1")
    ana.page.goto(link)
    expect(row(ana, "remember this")).to_have_attribute("data-sought", "")
