"""Whom a message calls and what rooms it names, to the eye."""

from collections.abc import Callable

from playwright.sync_api import expect
from socketio import SimpleClient

from tests.page.people import Person, begin, enter, own, sign_in
from tests.page.test_bell import LISTEN
from tests.support.browser import Windows, comes_true
from tests.support.cast import new_token
from tests.support.server import Server

TEXT = "@Ada Lovelace, @ana: @Ada and @room meet in #kitchen, not #nowhere or `#kitchen`; a#kitchen"


def test_names_of_several_words_everyone_and_rooms_are_marked(
    server: Server, windows: Windows, connect: Callable[..., SimpleClient]
) -> None:
    ada = connect("Ada Lovelace")
    ada.call("create", {"room": "kitchen", "title": "Kitchen"})
    ana = enter(windows, server, "ana")
    ada.call("message", {"text": "hello"})
    ana.sees("hello")

    ana.say(TEXT)

    marks = ana.sent.last.locator(".mention")
    texts = ["@Ada Lovelace", "@ana", "@Ada", "@room", "#kitchen"]
    expect(marks).to_have_text(texts)
    expect(ana.sent.last.locator(".mention.own")).to_have_text(["@ana", "@room"])
    ana.page.reload()
    ana.is_online()
    expect(marks.last).to_have_text("#kitchen")
    marks.last.click()
    expect(ana.heading).to_have_text("Kitchen")


def test_a_name_of_several_words_is_completed_and_calls_its_owner(
    server: Server, windows: Windows
) -> None:
    ada = enter(windows, server, "Ada Lovelace")
    ana = enter(windows, server, "ana")
    complete(ana, "come, @ada lo")
    ana.composer.press("Enter")

    ada.sees("come, @Ada Lovelace")
    expect(ada.sent.locator(".mention.own")).to_have_text("@Ada Lovelace")


def complete(person: Person, typed: str) -> None:
    person.composer.press_sequentially(typed)
    expect(person.page.get_by_role("option").first).to_be_visible()
    person.composer.press("Enter")


# People who are not in the room


def test_a_mention_in_a_room_that_one_is_not_in_is_counted_heard_and_led_to(
    server: Server, windows: Windows, connect: Callable[..., SimpleClient]
) -> None:
    page = windows.open()
    page.context.add_init_script(LISTEN)
    ana = enter(windows, server, "ana", page=page)
    bo = connect("bo")
    bo.call("create", {"room": "escalations", "title": "Escalations"})
    calls = ana.room("Escalations").locator(".calls [aria-hidden]")
    own(page, "Notifications")
    bo.call("message", {"room": "escalations", "text": "nothing for ana"})

    bo.call("message", {"room": "escalations", "text": "@ana can you take this?"})

    expect(calls).to_have_text("1")
    expect(page).to_have_title("(1) General · Chat")
    comes_true(page, "() => window.notices.length === 1")
    assert page.evaluate("window.notices") == ["@ bo · Escalations: @ana can you take this?"]
    ana.room("Escalations").click()
    ana.sees("nothing for ana", "@ana can you take this?")
    expect(calls).to_be_hidden()


def test_in_a_private_room_the_sender_hears_who_was_not_reached_and_invites_them(
    server: Server, windows: Windows
) -> None:
    for name in ("Olga", "Ben"):
        new_token(server, name, "member")
    olga = sign_in(windows, server, "Olga")
    begin(olga.page, "New room")
    olga.page.get_by_label("Room name").fill("Plans")
    olga.page.get_by_role(
        "radio", name="Only its members (and admins, in the admin console)"
    ).check()
    olga.page.keyboard.press("Enter")
    expect(olga.page.locator("room-details dialog")).to_be_visible()
    olga.page.keyboard.press("Escape")
    note = olga.page.locator("composer-note")

    olga.say("@ben what do you think?")

    expect(note).to_contain_text("Ben is not in this room and won't see your message.")
    note.get_by_role("button", name="Add").click()
    expect(note).to_be_hidden()
    ben = sign_in(windows, server, "Ben")
    expect(ben.room("Plans").locator(".calls [aria-hidden]")).to_have_text("1")


def test_a_name_stands_beside_other_scripts_and_not_in_code(
    server: Server, windows: Windows, connect: Callable[..., SimpleClient]
) -> None:
    bo = connect("bo")
    ana = enter(windows, server, "ana")

    for text in ("交给@ana处理", "交给@ana处理 **b**", "`@ana` https://x.example/@ana"):
        bo.call("message", {"text": text})

    expect(ana.sent).to_have_count(3)
    expect(ana.sent.locator(".mention.own")).to_have_text(["@ana", "@ana"])


def test_a_room_is_linked_in_whatever_case_it_is_typed(
    server: Server, windows: Windows, connect: Callable[..., SimpleClient]
) -> None:
    connect("bo").call("create", {"room": "kitchen", "title": "Kitchen"})
    ana = enter(windows, server, "ana")

    ana.say("see #Kitchen- and #KITCHEN.")

    rooms = ana.sent.last.locator("a.mention")
    expect(rooms).to_have_text(["#Kitchen", "#KITCHEN"])
    rooms.last.click()
    expect(ana.heading).to_have_text("Kitchen")


def test_a_link_to_a_message_of_this_chat_goes_there(
    server: Server, windows: Windows, connect: Callable[..., SimpleClient]
) -> None:
    bo = connect("bo")
    bo.call("create", {"room": "kitchen", "title": "Kitchen"})
    bo.call("message", {"room": "kitchen", "text": "soup"})
    ana = enter(windows, server, "ana")
    ana.say(f"look: {server.url}/rooms/kitchen?at=1")
    link = ana.sent.last.locator("a")
    assert link.get_attribute("target") is None

    link.click()

    expect(ana.heading).to_have_text("Kitchen")
    ana.sees("soup")
    assert len(ana.page.context.pages) == 1
