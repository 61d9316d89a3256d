"""What one writes goes where one means it, and nothing of it is lost or sent by mistake."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect
from socketio import SimpleClient

from chatapp.client.terminal.commands import HELP
from tests.page.people import CHAT, Person, enter, own
from tests.support.browser import Windows
from tests.support.server import Server

Connect = Callable[..., SimpleClient]

PASTE = """({ files, text }) => {
  const clipboardData = new DataTransfer();
  for (const name of files) clipboardData.items.add(new File(["x"], name, { type: "image/png" }));
  if (text) clipboardData.setData("text/plain", text);
  const event = new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true });
  document.activeElement.dispatchEvent(event);
  return event.defaultPrevented;
}"""
DROP = """() => {
  const dataTransfer = new DataTransfer();
  dataTransfer.items.add(new File(["x"], "report.pdf", { type: "application/pdf" }));
  return ["dragover", "drop"].map((type) => {
    const event = new DragEvent(type, { dataTransfer, bubbles: true, cancelable: true });
    document.querySelector(".sidebar").dispatchEvent(event);
    return event.defaultPrevented;
  });
}"""

PRESS = """(field, key) => {
  const held = { keyCode: 229, ctrlKey: key === "k", bubbles: true, cancelable: true };
  return field.dispatchEvent(new KeyboardEvent("keydown", { key, ...held }));
}"""


@pytest.fixture(scope="module")
def server(house: Server) -> Server:
    """One for all tests here; each has a room of its own."""
    return house


def note(person: Person) -> Locator:
    return person.page.locator("composer-note")


def click_beside(person: Person) -> None:
    """Where nothing is: the focus is nowhere then."""
    person.page.locator(".beginning").click()


# Keys


def test_what_is_typed_beside_the_composer_goes_into_it(ana: Person) -> None:
    click_beside(ana)
    expect(ana.composer).not_to_be_focused()

    ana.page.keyboard.type("good morning, now?")

    expect(ana.composer).to_have_value("good morning, now?")
    expect(ana.page.locator("dialog[open]")).to_have_count(0)


def test_a_text_typed_after_a_click_on_a_message_does_nothing_to_it(ana: Person) -> None:
    ana.say("mine")
    ana.sees("mine")
    ana.sent.click()

    ana.page.keyboard.type("everything is v+ fine")

    expect(ana.composer).to_have_value("everything is v+ fine")
    expect(ana.page.locator(".aim")).to_be_hidden()


def test_letters_are_shortcuts_for_who_asks_for_that_in_the_settings(ana: Person) -> None:
    page = ana.page
    own(page, "Settings")
    page.get_by_role("dialog", name="Settings").get_by_label("Single-letter shortcuts").check()
    page.keyboard.press("Escape")
    page.evaluate("document.activeElement.blur()")

    page.keyboard.press("n")
    expect(page.get_by_role("dialog", name="New room")).to_be_visible()
    page.keyboard.press("Escape")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.type("xyz")

    expect(ana.composer).to_have_value("")


def test_the_list_of_shortcuts_says_how_to_get_those_of_one_letter(ana: Person) -> None:
    page = ana.page
    shortcuts = page.get_by_role("dialog", name="Keyboard shortcuts")

    page.keyboard.press("Control+/")
    hint = shortcuts.get_by_text("turn them on in Settings")
    expect(hint).to_be_visible()
    expect(shortcuts).not_to_contain_text("New room")
    page.keyboard.press("Escape")
    ana.use_letters()
    page.keyboard.press("Control+/")

    expect(shortcuts).to_contain_text("New room")
    expect(hint).to_be_hidden()


def test_the_list_of_shortcuts_reads_down_its_columns(ana: Person) -> None:
    ana.page.keyboard.press("Control+/")
    rows = ana.page.locator("shortcut-sheet .anywhere > div")
    expect(rows.first).to_be_visible()

    places = [box for each in rows.all() if (box := each.bounding_box())]

    assert places == sorted(places, key=lambda box: (box["x"], box["y"]))
    assert len({box["x"] for box in places}) == 2


@pytest.mark.parametrize("key", ["Enter", "k"])
def test_keys_of_an_input_method_are_left_to_it(ana: Person, key: str) -> None:
    """Safari says so by the old key code alone, of the Enter that ends a composition."""
    ana.write("日本")

    was_left = ana.composer.evaluate(PRESS, key)

    assert was_left
    expect(ana.composer).to_have_value("日本")
    expect(ana.page.locator("dialog[open]")).to_have_count(0)


def test_page_up_in_the_composer_scrolls_the_messages(
    ana: Person, bo: SimpleClient, room: str
) -> None:
    for number in range(60):
        bo.call("message", {"room": room, "text": f"number {number}"})
    expect(ana.sent.last).to_have_text("number 59")
    ana.write("a draft")

    ana.composer.press("PageUp")
    expect(ana.sent.last).not_to_be_in_viewport()
    expect(ana.composer).to_be_focused()
    ana.composer.press("PageDown")

    expect(ana.sent.last).to_be_in_viewport()


# Undo


def test_a_completion_and_an_emoji_can_be_undone_and_what_was_typed_before(ana: Person) -> None:
    keys = ana.page.keyboard
    ana.composer.focus()
    keys.type("hi @bo")
    expect(ana.page.get_by_role("option", name="@bo")).to_be_visible()
    keys.press("Tab")
    expect(ana.composer).to_have_value("hi @bo ")
    ana.page.locator(".composer").get_by_role("button", name="Emoji").click()
    ana.page.locator(".emoji-grid .emoji").first.click()
    expect(ana.composer).not_to_have_value("hi @bo ")

    keys.press("Control+z")
    expect(ana.composer).to_have_value("hi @bo ")
    for _ in "hi @bo ":  # The browser takes back a word at a time, or a letter of a slow one.
        keys.press("Control+z")

    expect(ana.composer).to_have_value("")


def test_what_is_selected_is_made_bold_and_plain_again_and_it_can_be_undone(ana: Person) -> None:
    keys = ana.page.keyboard
    ana.composer.focus()
    keys.type("so good")
    keys.press("Shift+Control+ArrowLeft")

    keys.press("Control+b")
    expect(ana.composer).to_have_value("so **good**")
    keys.press("Control+i")
    expect(ana.composer).to_have_value("so ***good***")
    keys.press("Control+b")
    expect(ana.composer).to_have_value("so *good*")
    keys.press("Control+z")
    expect(ana.composer).to_have_value("so ***good***")
    keys.press("Control+z")
    keys.press("Control+z")

    expect(ana.composer).to_have_value("so good")


def test_an_address_that_is_pasted_over_words_makes_a_link_of_them(ana: Person) -> None:
    ana.composer.focus()
    ana.page.keyboard.type("the notes")
    ana.use()
    ana.page.keyboard.press("Control+a")

    assert ana.page.evaluate(PASTE, {"files": [], "text": "https://example.org/notes"})
    expect(ana.composer).to_have_value("[the notes](https://example.org/notes)")
    ana.page.keyboard.press("Control+z")

    expect(ana.composer).to_have_value("the notes")


def test_shift_enter_goes_on_with_a_list_until_an_item_says_nothing(ana: Person) -> None:
    keys = ana.page.keyboard
    ana.composer.press_sequentially("1")
    ana.use()
    for line in (". tea", "bread", ""):
        keys.type(line)
        keys.press("Shift+Enter")
    expect(ana.composer).to_have_value("1. tea\n2. bread\n")

    keys.press("Enter")

    expect(ana.sent.locator("li")).to_have_text(["tea", "bread"])


def test_names_of_emoji_that_are_pasted_become_emoji(ana: Person) -> None:
    ana.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    text = "well :tada: and `:tada:` at 10:30: :fire:"
    ana.page.evaluate("(text) => navigator.clipboard.writeText(text)", text)
    ana.composer.focus()

    ana.page.keyboard.press("Control+v")

    expect(ana.composer).to_have_value("well 🎉 and `:tada:` at 10:30: 🔥")


def test_the_formatting_bar_is_hidden_and_stays_so(ana: Person) -> None:
    bar = ana.page.get_by_role("toolbar", name="Formatting")
    ana.composer.focus()
    ana.page.keyboard.type("a b")
    bar.get_by_role("button", name="Numbered list").click()
    expect(ana.composer).to_have_value("1. a b")
    expect(ana.composer).to_be_focused()

    ana.page.get_by_role("button", name="Show or hide formatting").click()
    expect(bar).to_be_hidden()
    reload(ana.page)

    expect(bar).to_be_hidden()
    ana.page.get_by_role("button", name="Show or hide formatting").click()
    expect(bar).to_be_visible()


# Blocks of code


def test_enter_breaks_the_line_in_a_block_of_code_and_sends_behind_it(ana: Person) -> None:
    keys = ana.page.keyboard
    ana.composer.focus()
    for line in ("```js", "let a = 1;", "```"):
        keys.type(line)
        keys.press("Enter")

    expect(ana.page.locator(".messages pre")).to_have_text("let a = 1;")
    expect(ana.composer).to_have_value("")


def test_control_enter_sends_from_within_a_block_of_code(ana: Person) -> None:
    ana.write("```\nopen")
    ana.composer.press("Control+Enter")

    expect(ana.page.locator(".messages pre")).to_have_text("open")


# Commands


def test_an_unknown_command_is_not_posted_but_asked_about(ana: Person) -> None:
    ana.say("/giphy Björn")
    expect(note(ana)).to_contain_text("Unknown command /giphy.")
    expect(ana.composer).to_have_value("/giphy Björn")
    expect(ana.sent).to_have_count(0)

    note(ana).get_by_role("button", name="Send as text").click()

    ana.sees("/giphy Björn")
    expect(note(ana)).to_be_hidden()


def test_the_commands_are_those_of_the_terminal_and_are_completed(ana: Person) -> None:
    ana.composer.press_sequentially("/")
    options = ana.page.get_by_role("option")
    expect(options).to_have_count(len(HELP))
    names = {text.split()[0] for text in options.locator("bdi").all_text_contents()}
    assert names == {f"/{name}" for name in HELP}

    ana.composer.press_sequentially("cre")
    expect(options).to_have_count(1)
    ana.composer.press("Tab")
    expect(ana.composer).to_have_value("/create ")
    ana.composer.press_sequentially("tides Ships and tides")
    ana.composer.press("Enter")

    expect(ana.heading).to_have_text("Ships and tides")
    expect(ana.composer).to_have_value("")
    expect(ana.sent).to_have_count(0)


def test_commands_do_what_they_say_by_the_pages_own_means(
    ana: Person, bo: SimpleClient, room: str
) -> None:
    for text in ("one", "two"):
        bo.call("message", {"room": room, "text": text})
    ana.sees("one", "two")

    ana.say("/reply #1 an answer")
    ana.sees("one", "two", "an answer")
    expect(ana.page.locator(".message").last.locator(".quote")).to_contain_text("one")
    ana.say("/react 👍")
    expect(ana.page.locator(".message").last.locator(".reaction")).to_have_text("👍 1")
    ana.say("/edit the answer")
    ana.sees("one", "two", "the answer")
    ana.say("/mute bo")
    expect(note(ana)).to_contain_text("Write it like this: /mute name seconds [reason]")
    expect(ana.composer).to_have_value("/mute bo")
    ana.say("/join nowhere at all")
    expect(note(ana)).to_contain_text("There is no room called “nowhere at all”.")
    ana.say("/mute bo 60 rude")
    expect(note(ana)).to_be_visible()
    expect(ana.composer).to_have_value("/mute bo 60 rude")
    ana.say("/join General")
    expect(ana.heading).to_have_text("General")
    ana.sees()


def test_commands_of_threads_and_files(ana: Person, bo: SimpleClient, room: str) -> None:
    ana.say("where to?")
    ana.sees("where to?")
    bo.call("message", {"room": room, "text": "the sea", "thread": 1})

    ana.say("/get #1")
    expect(note(ana)).to_contain_text("That message has no file.")
    ana.composer.fill("/file")
    with ana.page.expect_file_chooser():
        ana.composer.press("Enter")
    ana.say("/title #1 A plan")
    ana.say("/thread #1")

    expect(ana.page.get_by_role("textbox", name="Reply in the thread")).to_be_focused()
    expect(ana.page.get_by_text("A plan").first).to_be_visible()


def test_commands_of_polls_and_of_what_is_quoted_and_forwarded(
    ana: Person, bo: SimpleClient, room: str
) -> None:
    bo.call("message", {"room": room, "text": "the sea"})
    ana.sees("the sea")

    ana.say("/quote #1 is calm")
    expect(ana.sent.last.locator("blockquote")).to_contain_text("the sea")
    expect(ana.sent.last).to_contain_text("is calm")
    ana.say("/forward #1")
    forwarding = ana.page.get_by_role("dialog", name="Forward")
    expect(forwarding.locator(".excerpt")).to_have_text("the sea")
    ana.page.keyboard.press("Escape")
    ana.say("/vote #1 2")
    expect(note(ana)).to_contain_text("That message is no poll.")
    ana.say('/poll "When?" Now Later')
    ana.page.get_by_role("dialog", name="New poll").get_by_role("button", name="Ask").click()
    poll = ana.page.locator(".messages > [data-seq] message-poll")
    expect(poll).to_be_visible()
    expect(ana.page.get_by_role("dialog", name="New poll")).to_be_hidden()
    ana.say("/vote 3")
    expect(note(ana)).to_contain_text("Write it like this: /vote [#number] 1 [2…] | none")
    ana.say("/vote 2")
    expect(poll.get_by_role("radio", name="Later 1 vote")).to_be_checked()
    ana.say("/votes")
    voters = ana.page.get_by_role("dialog", name="When?")
    expect(voters.get_by_role("listitem")).to_contain_text([ana.name])
    ana.page.keyboard.press("Escape")
    ana.say("/vote none")
    expect(poll.get_by_role("radio", checked=True)).to_have_count(0)
    ana.say("/close-poll")
    expect(poll.locator(".poll-foot")).to_contain_text("Closed")
    ana.say("/notify")
    expect(ana.page.get_by_role("dialog", name="Settings")).to_be_visible()


def test_the_question_about_a_command_goes_when_one_writes_on(ana: Person) -> None:
    ana.say("/remind me tomorrow")
    expect(note(ana)).to_be_visible()

    ana.composer.press_sequentially("!")

    expect(note(ana)).to_be_hidden()


def test_paths_and_two_slashes_are_texts(ana: Person) -> None:
    ana.say("/etc/hosts is broken")
    ana.say("//invite Björn")

    ana.sees("/etc/hosts is broken", "/invite Björn")


# Files


NO_FILES = f"{CHAT}.place.maxFileBytes = 0"
"""What an admin's setting becomes on the page."""


def test_where_files_are_off_a_pasted_picture_is_not_taken(ana: Person) -> None:
    ana.page.evaluate(NO_FILES)
    ana.composer.focus()

    assert ana.page.evaluate(PASTE, {"files": ["picture.png"], "text": ""})

    expect(note(ana)).to_contain_text("Files can't be sent in this chat.")
    note(ana).get_by_role("button", name="Close").click()
    expect(note(ana)).to_be_hidden()


def test_a_pasted_text_with_a_picture_of_itself_is_a_text(ana: Person) -> None:
    ana.composer.focus()

    assert not ana.page.evaluate(PASTE, {"files": ["table.png"], "text": "a table"})

    expect(note(ana)).to_be_hidden()


def test_a_dropped_file_does_not_take_the_page_away(ana: Person) -> None:
    ana.page.evaluate(NO_FILES)

    assert ana.page.evaluate(DROP) == [True, True]

    expect(note(ana)).to_contain_text("Files can't be sent in this chat.")


# Over a reload


def reload(page: Page) -> None:
    page.reload()
    expect(page.locator("message-composer textarea")).to_be_visible()


def test_a_reply_under_way_is_still_one_after_a_reload(
    ana: Person, bo: SimpleClient, room: str
) -> None:
    bo.call("message", {"room": room, "text": "a question"})
    ana.sees("a question")
    ana.use()
    ana.page.locator(".message").focus()
    ana.page.keyboard.press("r")
    ana.page.keyboard.type("an answer")

    reload(ana.page)
    expect(ana.composer).to_have_value("an answer")
    expect(ana.page.locator(".aim")).to_contain_text("Replying to ⁨bo⁩ a question")
    ana.composer.press("Enter")

    expect(ana.sent.last).to_have_text("an answer")
    expect(ana.page.locator(".message").last.locator(".quote")).to_contain_text("a question")


def test_a_change_under_way_is_still_one_after_a_reload(ana: Person) -> None:
    ana.say("frist")
    ana.sees("frist")
    ana.write("a draft")
    ana.use()
    ana.page.locator(".message").focus()
    ana.page.keyboard.press("e")
    ana.write("first")

    reload(ana.page)
    expect(ana.composer).to_have_value("first")
    expect(ana.page.locator(".aim")).to_contain_text("Editing your message")
    ana.is_online()
    ana.composer.press("Enter")

    ana.sees("first")
    expect(ana.composer).to_have_value("a draft")


def test_another_tab_does_not_take_over_what_one_answers(
    ana: Person, bo: SimpleClient, room: str, server: Server, windows: Windows
) -> None:
    bo.call("message", {"room": room, "text": "a question"})
    ana.sees("a question")
    ana.page.locator(".message").focus()
    ana.page.keyboard.press("r")
    expect(ana.page.locator(".aim")).to_be_visible()

    other = enter(windows, server, "ana", f"/rooms/{room}", page=ana.page.context.new_page())

    expect(other.page.locator(".aim")).to_be_hidden()
