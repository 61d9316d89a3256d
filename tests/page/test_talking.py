"""Two people and more talk on the page."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Route, expect
from socketio import SimpleClient

from tests.page.people import Person, enter, give_name, own_item
from tests.support.browser import Windows
from tests.support.server import Server
from tests.support.waiting import wait_until

pytestmark = pytest.mark.service_worker

Connect = Callable[..., SimpleClient]


def test_who_gives_a_name_at_the_door_is_in(server: Server, windows: Windows) -> None:
    page = windows.open(server.url)

    page.get_by_label("name").fill("ana")
    page.keyboard.press("Enter")

    ana = Person(page, "ana")
    expect(ana.composer).to_be_visible()
    ana.is_online()


def test_what_one_says_the_other_reads(server: Server, windows: Windows) -> None:
    ana, bo = enter(windows, server, "ana"), enter(windows, server, "bo")

    ana.say("Hello, Bo.")
    bo.sees("Hello, Bo.")
    bo.say("Hello, Ana.")

    ana.sees("Hello, Bo.", "Hello, Ana.")
    bo.sees("Hello, Bo.", "Hello, Ana.")


def test_a_second_tab_of_the_same_person_reads_it_too(server: Server, windows: Windows) -> None:
    ana = enter(windows, server, "ana")
    tab = Person(ana.page.context.new_page(), "ana")
    tab.page.goto(server.url)
    tab.is_online()

    ana.say("From the first tab.")

    tab.sees("From the first tab.")


def test_a_message_is_there_before_the_server_has_it(server: Server, windows: Windows) -> None:
    ana = enter(windows, server, "ana")

    ana.page.evaluate(
        """() => {
          const field = document.querySelector("message-composer textarea");
          field.value = "At once.";
          field.dispatchEvent(new Event("input", { bubbles: true }));
          field.form.requestSubmit();
        }"""
    )
    shown = ana.page.evaluate("document.querySelector('.messages').textContent")

    assert "At once." in shown
    ana.sees("At once.")


def test_the_page_a_script_and_a_reload_tell_the_same_story(
    server: Server, windows: Windows, connect: Connect
) -> None:
    ana = enter(windows, server, "ana")
    script = connect("script")

    for number in range(5):
        ana.say(f"page {number}")
        script.call("message", {"text": f"script {number}"})
    expect(ana.sent).to_have_count(10)
    told = ana.sent.all_text_contents()
    ana.page.reload()

    ana.is_online()
    ana.sees(*told)


def test_text_from_people_is_text(server: Server, windows: Windows, connect: Connect) -> None:
    evil = "<img src=x onerror=alert(1)><script>alert(2)</script>&amp;"
    name = "<b>Mallory</b>"
    ana, mallory = enter(windows, server, "ana"), connect(name)

    mallory.call("create", {"room": "evil", "title": "<i>evil</i>"})
    mallory.call("message", {"text": evil})

    ana.sees(evil)
    expect(ana.page.locator(".messages .sender")).to_have_text(name)
    expect(ana.page.locator(".member-name", has_text=name)).to_be_visible()
    expect(ana.room("<i>evil</i>")).to_be_visible()
    ana.page.reload()
    ana.sees(evil)
    expect(ana.room("<i>evil</i>")).to_be_visible()
    assert ana.page.locator(".messages img, .messages script, .messages .sender b").count() == 0


def test_lines_stay_lines_and_links_are_links(server: Server, windows: Windows) -> None:
    ana = enter(windows, server, "ana")

    ana.composer.press_sequentially("one")
    ana.composer.press("Shift+Enter")
    ana.composer.press_sequentially("two https://example.org/a_(b).")
    ana.composer.press("Enter")

    ana.sees("one\ntwo https://example.org/a_(b).")
    assert ana.sent.inner_text().splitlines()[0] == "one"
    link = ana.sent.locator("a")
    expect(link).to_have_attribute("href", "https://example.org/a_(b)")
    expect(link).to_have_attribute("rel", "noopener noreferrer")


def test_me_is_shown_as_an_action(server: Server, windows: Windows) -> None:
    ana, bo = enter(windows, server, "ana"), enter(windows, server, "bo")

    ana.say("/me waves")

    deed = bo.page.locator(".message.action .text")
    expect(deed).to_be_visible()
    assert deed.inner_text() == "waves"
    bo.sees("/me waves")


def test_a_text_that_is_too_long_is_kept_and_says_by_how_much(
    server: Server, windows: Windows
) -> None:
    ana = enter(windows, server, "ana")
    text = "é" * 8192 + "abc"

    ana.say(text)

    expect(ana.page.locator("#composer-problem")).to_contain_text("by 3 bytes")
    expect(ana.composer).to_have_value(text)
    ana.sees()
    ana.composer.press("End")
    for _ in range(3):
        ana.composer.press("Backspace")
    ana.composer.press("Enter")
    ana.sees("é" * 8192)


def test_who_is_here_is_shown_and_who_left_is_not(server: Server, windows: Windows) -> None:
    ana, bo = enter(windows, server, "ana"), enter(windows, server, "bo")
    names = ana.page.locator("member-list .member-name")
    expect(names).to_have_text(["ana", "bo"])

    bo.page.goto("about:blank")

    expect(names).to_have_text(["ana"])
    expect(ana.page.locator("member-list .member-count")).to_have_text("1")


def test_who_is_typing_is_shown_until_the_message_is_there(
    server: Server, windows: Windows
) -> None:
    ana, bo = enter(windows, server, "ana"), enter(windows, server, "bo")
    line = bo.page.locator("typing-line")

    ana.composer.press_sequentially("Well")
    expect(line).to_contain_text("ana")
    expect(line).to_contain_text("is typing")

    ana.composer.press("Enter")
    bo.sees("Well")
    expect(line).to_be_empty()


def test_what_is_typed_before_the_script_has_come_is_kept(server: Server, windows: Windows) -> None:
    ana = enter(windows, server, "ana", service_workers="block")
    late: list[Route] = []

    def hold(route: Route) -> None:
        late.append(route)

    ana.page.route("**/js/joined/chat.js*", hold)
    ana.page.goto(server.url, wait_until="commit")

    ana.composer.fill("I type fast")
    wait_until(lambda: ana.page.title() and late, what="the script to be asked for")
    for route in late:
        route.continue_()

    ana.is_online()
    expect(ana.composer).to_have_value("I type fast")
    expect(ana.page.locator(".composer-send")).to_be_enabled()
    ana.composer.press("Enter")
    ana.sees("I type fast")


def test_a_menu_opened_before_the_script_has_come_is_seen_when_it_is_there(
    server: Server, windows: Windows
) -> None:
    page = windows.open(service_workers="block")
    give_name(page, server, "ana")
    held: list[Route] = []
    page.route("**/js/joined/chat.js*", lambda route: held.append(route))
    page.goto(server.url, wait_until="commit")
    page.locator(".whoami-button").click()
    expect(page.locator("#own-menu:popover-open")).to_have_count(1)
    wait_until(lambda: page.title() and held, what="the script to be asked for")

    held[0].continue_()

    expect(own_item(page, "Settings")).to_be_visible()


def test_a_text_is_sent_with_its_emoji_though_their_names_are_still_loading(
    server: Server, windows: Windows
) -> None:
    ana = enter(windows, server, "ana", service_workers="block")
    held: list[Route] = []
    ana.page.route("**/data.json", lambda route: held.append(route))
    ana.use()
    ana.say("so :fire:")
    wait_until(lambda: ana.is_online() or held, what="the names to be asked for")

    held[0].continue_()

    ana.sees("so 🔥")


def test_enter_again_sends_the_letters_while_the_names_of_emoji_do_not_come(
    server: Server, windows: Windows
) -> None:
    ana = enter(windows, server, "ana", service_workers="block")
    ana.page.route("**/data.json", lambda _route: None)
    ana.use()

    ana.say(":fire:")
    expect(ana.composer).to_have_value(":fire:")
    ana.composer.press("Enter")

    ana.sees(":fire:")
