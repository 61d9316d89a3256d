"""What people do before the module that it is for has come is done when it is there."""

from playwright.sync_api import Page, Route, expect

from tests.page.people import sign_in
from tests.page.test_fingers import Finger
from tests.page.test_polls import counts, polls
from tests.page.test_threads import row, say
from tests.support.browser import Windows
from tests.support.cast import new_token, with_token
from tests.support.server import Server
from tests.support.waiting import wait_until
from tests.test_way_of_a_message import call

PHONE = {"width": 390, "height": 700}


class Held:
    """A module that does not come to a page before it is let go."""

    def __init__(self, page: Page, file: str) -> None:
        self._page = page
        self._routes: list[Route] = []
        page.route(f"**/{file}*", lambda route: self._routes.append(route))

    def is_asked_for(self) -> None:
        def asked() -> bool:
            self._page.evaluate("1")  # Meanwhile the browser is heard.
            return bool(self._routes)

        wait_until(asked, what="the module to be asked for")

    def come(self) -> None:
        self.is_asked_for()
        while self._routes:
            self._routes.pop().continue_()


def test_polls_originals_and_fingers_are_served_late(server: Server, windows: Windows) -> None:
    olga = with_token(server, new_token(server, "Olga", "member"))
    ben = with_token(server, new_token(server, "Ben", "member"))
    call(ben, "create", {"room": "cellar", "kind": "private"})
    secret = say(ben, "dry", room="cellar")
    poll = {"question": "Lunch?", "options": ["Pizza", "Salad"]}
    call(olga, "message", {"room": "general", "poll": poll})
    call(ben, "vote", {"room": "general", "seq": 1, "options": [0]})
    call(ben, "forward", {"room": "cellar", "seqs": [secret], "to_room": "general"})
    last = say(ben, "press here")
    person = sign_in(windows, server, "Olga", viewport=PHONE, has_touch=True, is_mobile=True)
    page = person.page
    expect(polls(person).get_by_role("radio")).to_have_count(2)

    files, later = Held(page, "files.js"), Held(page, "later.js")
    page.reload()
    person.is_online()
    files.is_asked_for()
    polls(person).locator(".poll-option", has_text="Salad").tap()
    page.get_by_role("button", name="from a private conversation").click()
    later.is_asked_for()
    files.come()
    expect(counts(polls(person))).to_have_text(["1", "1"])
    later.come()
    expect(page.locator("toast-note")).to_contain_text("you cannot see it")

    page.unroute_all()
    touch = Held(page, "touch-gestures.js")
    page.reload()
    touch.is_asked_for()
    finger = Finger(page, waits=False)
    finger.press(row(person, last).locator(".said"))
    touch.come()
    expect(page.get_by_role("menu", name="Message actions")).to_be_visible()
    finger.lift()

    page.unroute_all()
    files = Held(page, "files.js")
    page.reload()
    files.is_asked_for()
    polls(person).get_by_role("button", name="Withdraw my vote").tap()
    files.come()
    expect(counts(polls(person))).to_have_text(["1", "0"])
