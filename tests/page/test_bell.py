"""Who is told of a message: once, however many tabs are open, and not where one looks at it."""

from collections.abc import Callable

from playwright.sync_api import Page, expect
from socketio import SimpleClient

from tests.page.people import Person, enter, own, own_item
from tests.support.browser import Windows, comes_true
from tests.support.server import Server

LISTEN = """
window.rung = 0;
const start = OscillatorNode.prototype.start;
OscillatorNode.prototype.start = function (...when) {
  window.rung += 1;
  return start.apply(this, when);
};
window.notices = [];
window.Notification = class {
  static permission = "granted";
  constructor(title, { body }) {
    window.notices.push(`${title}: ${body}`);
  }
};
let focus = true;
document.hasFocus = () => focus;
window.look = (looks) => (focus = looks);
"""


def tab_of(ana: Person, url: str) -> Person:
    tab = Person(ana.page.context.new_page(), ana.name)
    tab.page.goto(url)
    tab.is_online()
    return tab


def notices(pages: list[Page]) -> list[str]:
    return [notice for page in pages for notice in page.evaluate("window.notices")]


def test_one_of_many_tabs_rings_and_none_where_one_looks(
    server: Server, windows: Windows, connect: Callable[..., SimpleClient]
) -> None:
    bo = connect("bo")
    page = windows.open()
    page.context.add_init_script(LISTEN)
    ana = enter(windows, server, "ana", page=page)
    own(page, "Notifications")
    comes_true(page, "window.rung > 0")
    tabs = [ana, tab_of(ana, server.url), tab_of(ana, server.url)]
    pages = [tab.page for tab in tabs]
    for tab in tabs:
        tab.page.evaluate("look(false)")

    bo.call("message", {"text": "one"})

    comes_true(page, "() => window.notices.length === 1")
    tabs[1].page.evaluate("look(true)")
    bo.call("message", {"text": "seen"})
    for tab in tabs:
        tab.sees("one", "seen")
    tabs[1].page.evaluate("look(false)")
    page.close()
    left = tabs[1:]
    for number, text in enumerate(("two", "three"), start=1):
        bo.call("message", {"text": text})
        comes_true(left[0].page, f"() => window.notices.length === {number}")
    left[1].sees("one", "seen", "two", "three")

    assert notices(pages[1:]) == ["bo · General: two", "bo · General: three"]
    comes_true(left[0].page, "window.rung > 0")
    assert left[1].page.evaluate("window.rung") == 0
    own(left[0].page, "Settings")
    left[0].page.get_by_label("with a sound").uncheck()
    expect(left[0].page.get_by_label("with a browser notification")).to_be_checked()


def test_notices_that_the_browser_refuses_are_shown_as_off(
    server: Server, windows: Windows
) -> None:
    page = windows.open()
    page.context.add_init_script("window.Notification = class { static permission = 'denied'; };")
    enter(windows, server, "ana", page=page)
    bell = own_item(page, "Notifications")
    own(page, "Settings")
    settings = page.get_by_role("dialog", name="Settings")

    settings.get_by_label("with a browser notification").click()

    expect(settings.get_by_label("with a browser notification")).not_to_be_checked()
    expect(settings).to_contain_text("This browser blocks notifications.")
    page.keyboard.press("Escape")
    expect(bell).to_have_attribute("aria-checked", "false")


def test_who_missed_a_mention_is_offered_notifications_once(
    server: Server, windows: Windows, connect: Callable[..., SimpleClient]
) -> None:
    bo = connect("bo")
    page = windows.open()
    page.context.add_init_script(LISTEN)
    page.context.add_init_script("""
        Notification.permission = "default";
        Notification.requestPermission = async () => (Notification.permission = "granted");
    """)
    ana = enter(windows, server, "ana", page=page)
    offer = page.get_by_role("status").filter(has_text="You were mentioned while you were away")
    ana.is_online()
    page.evaluate("look(false)")
    bo.call("message", {"text": "nothing special"})
    ana.sees("nothing special")
    page.evaluate("look(true); dispatchEvent(new Event('focus'))")
    expect(offer).to_be_hidden()
    page.evaluate("look(false)")
    bo.call("message", {"text": "@ana, are you there?"})
    ana.sees("nothing special", "@ana, are you there?")

    page.evaluate("look(true); dispatchEvent(new Event('focus'))")

    offer.get_by_role("button", name="Turn on notifications").click()
    expect(offer).to_be_hidden()
    page.evaluate("look(false)")
    bo.call("message", {"text": "@ana?"})
    comes_true(page, "() => window.notices.length === 1")
    page.reload()
    ana.is_online()
    page.evaluate("localStorage.removeItem('chatapp.sound.ana'); look(true)")
    page.evaluate(
        "localStorage.removeItem('chatapp.notices.ana'); dispatchEvent(new Event('focus'))"
    )
    expect(offer).to_be_hidden()
