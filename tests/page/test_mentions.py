"""Whom a message calls and what rooms it names, to the eye."""

from collections.abc import Callable

from playwright.sync_api import expect
from socketio import SimpleClient

from tests.page.people import Person, enter
from tests.support.browser import Windows
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
