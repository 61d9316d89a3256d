"""Pictures of the pages' main states, to be looked at: `make screenshots`, in build/screenshots/.

A real server and real people. A person looks at the pictures after each change of the looks;
compare_screenshots.py says which have changed. tools/screenshots.py takes those of the README.
"""

import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import socketio
from playwright.sync_api import Page, ViewportSize, expect

from tests.admin.test_in_browser import become_admin
from tests.page.people import Person, begin, enter
from tests.support.browser import Complaints, Windows, launched
from tests.support.server import Server

DESK: ViewportSize = {"width": 1280, "height": 800}
WIDE: ViewportSize = {"width": 1920, "height": 900}
PHONE: ViewportSize = {"width": 320, "height": 640}

SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
AT_REST = (
    "Promise.allSettled(document.getAnimations().map((animation) => animation.finished))"
    ".then(() => undefined)"
)

ROOMS = {
    "design": "Design",
    "releases": "Releases",
    "kitchen": "Kitchen & plants",
    "empty": "Quiet",
}
CODE = """Like this:

```python
for room in rooms:
    if room.head > seen[room]:
        catch_up(room)
```

| room | behind |
|---|---|
| `design` | 3 |
| `releases` | **12** |

> It never asks twice."""
LONG = "Water the plants, all of them, also those behind the door. " * 80
DOORS = {"welcome": "/name", "sign-in": "/login", "error": "/nowhere"}
CONSOLE = {
    "account": "/account",
    "console-messages": "/admin/messages",
    "console-rooms": "/admin/rooms",
    "console-room": "/admin/room?name=general",
    "console-people": "/admin/people",
    "console-overview": "/admin/overview",
    "console-bots": "/admin/bots",
    "console-help": "/admin/help",
    "console-audit": "/admin/audit",
    "console-settings": "/admin/settings",
}
TALK = (
    ("Ana", "Good morning. The new build is on the staging machine."),
    ("Ana", "What changed: https://example.org/notes/2.4 (the long version is linked there)."),
    ("Björn", "Thanks! I ran the import on last night's copy: 1,204,331 records, no complaints."),
    ("Chidi", "/me makes coffee for everyone"),
    ("Björn", "Who is on call this week?"),
    (
        "Dana",
        "I am. What I look at first:\n\n1. the heads of all rooms\n2. the disk\n3. the kettle",
    ),
    ("Dana", "Anything else?"),
    ("李雷", "你好！第三项最重要。"),
    ("ليلى", "صباح الخير جميعا، هل كل شيء يعمل؟"),
    ("Chidi", "<script>alert('x')</script> stays what it is: text."),
    ("Ana", "And Donaudampfschifffahrtsgesellschaftskapitänsmütze" + "nfabrik" * 12 + " fits."),
    ("Björn", "for room in rooms:\n    if room.head > seen[room]:\n        catch_up(room)"),
    ("Dana", "Then let us ship it 🚢"),
)


WITHOUT_TIMES = "time, .figures, figure { visibility: hidden }"


class Studio:
    """Takes each picture by day and by night."""

    def __init__(self, folder: Path, windows: Windows, server: Server, *, is_still: bool) -> None:
        """`is_still`: without what differs at each run."""
        self._folder = folder
        self._style = WITHOUT_TIMES if is_still else None
        self._windows = windows
        self._server = server

    def take(
        self,
        name: str,
        *,
        path: str = "/",
        viewport: ViewportSize = DESK,
        pose: Callable[[Person], Any] = lambda person: None,
        has_touch: bool = False,
    ) -> None:
        for scheme in SCHEMES:
            options = {"viewport": viewport, "color_scheme": scheme}
            if has_touch:
                options |= {"has_touch": True, "is_mobile": True}
            marit = enter(self._windows, self._server, "Marit", path, **options)
            pose(marit)
            marit.page.evaluate(AT_REST)
            self._shoot(marit.page, f"{name}-{scheme}.png")
            marit.page.context.close()
            if not self._server.running:
                self._server.start()

    def take_pages(self, pages: dict[str, str], *, is_admin: bool = False) -> None:
        """Pages that have a path of their own, as a stranger or as the owner sees them."""
        page = self._windows.open(viewport=DESK)
        if is_admin:
            become_admin(page, self._server)
        for name, path in pages.items():
            page.goto(self._server.url + path)
            for scheme in SCHEMES:
                page.emulate_media(color_scheme=scheme)
                page.evaluate(AT_REST)
                self._shoot(page, f"{name}-{scheme}.png")
        page.context.close()

    def _shoot(self, page: Page, name: str) -> None:
        page.screenshot(path=self._folder / name, style=self._style)
        print(name)


def main(folder: Path, *, is_still: bool) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as data, launched() as browser:
        server = Server(Path(data))
        server.start()
        windows = Windows(browser, Complaints())
        try:
            with talking(server) as people:
                studio = Studio(folder, windows, server, is_still=is_still)
                studio.take("busy")
                studio.take("wide", viewport=WIDE)
                studio.take("empty", path="/rooms/empty")
                people["Ana"].call("message", {"room": "design", "text": CODE})
                people["Ana"].call("message", {"room": "kitchen", "text": LONG})
                studio.take("long-message", path="/rooms/kitchen")
                studio.take("code", path="/rooms/design", pose=see_colours)
                studio.take("spanish", pose=lambda marit: speak(marit.page, "es"))
                studio.take("settings", pose=lambda marit: press(marit, ","))
                studio.take_pages(DOORS)
                studio.take_pages(CONSOLE, is_admin=True)
                studio.take("phone", viewport=PHONE)
                studio.take("phone-rooms", viewport=PHONE, pose=open_drawer)
                studio.take("phone-people", viewport=PHONE, pose=open_people)
                studio.take("new-room", pose=begin_a_room)
                studio.take("search", pose=search)
                studio.take("phone-search", viewport=PHONE, pose=search)
                studio.take("switcher", pose=switch)
                studio.take("shortcuts", pose=lambda marit: press(marit, "?"))
                studio.take("all-rooms", pose=lambda marit: press(marit, "b"))
                studio.take("about-a-room", pose=lambda marit: press(marit, "d"))
                studio.take("unread", pose=lambda marit: miss_something(marit, people))
                studio.take("own-menu", pose=open_own_menu)
                studio.take("phone-own-menu", viewport=PHONE, pose=open_own_menu)
                studio.take("inbox", pose=lambda marit: miss_and_look(marit, people))
                studio.take("too-long", pose=write_too_much)
                studio.take("not-sent", pose=send_what_is_refused)
                studio.take("message-menu", pose=open_menu)
                studio.take("phone-menu", viewport=PHONE, pose=press_long, has_touch=True)
                studio.take("commands", pose=type_a_slash)
                studio.take(
                    "typing", pose=lambda _: people["Ana"].emit("typing", {"room": "general"})
                )
                studio.take("reading-back", pose=lambda marit: read_back(marit, people))
                studio.take("right-to-left", pose=lambda marit: turn(marit.page))
                studio.take("keyboard", pose=walk_by_keyboard)
            studio.take("offline", pose=lambda marit: go_offline(marit, server))
        finally:
            windows.close()
            server.close()


@contextmanager
def talking(server: Server) -> Iterator[dict[str, socketio.SimpleClient]]:
    people = {name: socketio.SimpleClient() for name, _ in TALK}
    for name, client in people.items():
        client.connect(server.url, auth={"name": name})
    for room, title in ROOMS.items():
        people["Ana"].call("create", {"room": room, "title": title})
    for name, text in TALK:
        people[name].call("message", {"text": text})
    yield people
    for client in people.values():
        client.disconnect()


def open_drawer(marit: Person) -> None:
    marit.page.get_by_role("button", name="Rooms").click()


def open_people(marit: Person) -> None:
    marit.page.get_by_role("button", name="Members").click()


def begin_a_room(marit: Person) -> None:
    begin(marit.page, "New room")
    marit.page.get_by_label("Room name").fill("Café & Kuchen")


def search(marit: Person) -> None:
    marit.page.keyboard.press("Control+f")
    marit.page.keyboard.type("the")
    expect(marit.page.get_by_role("option").first).to_be_visible()


def switch(marit: Person) -> None:
    marit.page.keyboard.press("Control+k")
    marit.page.keyboard.type("des")


def press(marit: Person, key: str) -> None:
    marit.use_letters()
    marit.page.evaluate("document.activeElement.blur()")
    marit.page.keyboard.press(key)
    expect(marit.page.get_by_role("dialog")).to_be_visible()


def miss_something(marit: Person, people: dict[str, socketio.SimpleClient]) -> None:
    marit.room("Design").click()
    expect(marit.page.get_by_role("heading", level=1)).to_have_text("Design")
    marit.is_online()
    people["Ana"].call("message", {"text": "Where is Marit?"})
    people["Ana"].call("message", {"text": "@Marit, have a look."})
    expect(marit.page).to_have_title("(2) Design · Chat")


def open_menu(marit: Person) -> None:
    marit.page.locator(".messages > [data-seq]").last.hover()
    marit.page.get_by_role("button", name="More actions").click()
    expect(marit.page.get_by_role("menu")).to_be_visible()


def press_long(marit: Person) -> None:
    marit.page.locator(".messages > [data-seq] .text").last.dispatch_event("longpress")
    expect(marit.page.get_by_role("menu")).to_be_visible()


def type_a_slash(marit: Person) -> None:
    marit.composer.press_sequentially("/")
    expect(marit.page.get_by_role("option").first).to_be_visible()


def open_own_menu(marit: Person) -> None:
    if marit.page.locator(".drawer-open").first.is_visible():
        open_drawer(marit)
    marit.page.locator(".whoami-button").click()
    expect(marit.page.get_by_role("menuitemradio", name="Online")).to_be_focused()


def miss_and_look(marit: Person, people: dict[str, socketio.SimpleClient]) -> None:
    miss_something(marit, people)
    marit.page.get_by_role("link", name="Inbox").click()
    expect(marit.page.locator(".inbox-room")).to_have_count(1)


def write_too_much(marit: Person) -> None:
    marit.write("Everything I know about tides. " * 560)


def send_what_is_refused(marit: Person) -> None:
    marit.say("\u200d\u200d")
    expect(marit.unsent).to_contain_text("Not sent")


def read_back(marit: Person, people: dict[str, socketio.SimpleClient]) -> None:
    marit.scroller.evaluate("scroller => scroller.scrollTo(0, -400)")
    people["Ana"].call("message", {"text": "One more thing."})
    people["Ana"].call("message", {"text": "No, two."})
    expect(marit.page.locator(".to-newest")).to_contain_text("2 new")


def turn(page: Page) -> None:
    page.evaluate("document.documentElement.dir = 'rtl'")


def see_colours(marit: Person) -> None:
    expect(marit.page.locator(".hljs-keyword").first).to_be_visible()


def speak(page: Page, language: str) -> None:
    page.context.add_cookies([{"name": "language", "value": language, "url": page.url}])
    page.reload()
    expect(page.locator("html")).to_have_attribute("lang", language)


def walk_by_keyboard(marit: Person) -> None:
    marit.page.locator(".room-link").nth(1).focus()
    marit.page.keyboard.press("Tab")


def go_offline(marit: Person, server: Server) -> None:
    server.kill9()
    marit.say("Written while the server was away.")
    marit.say("It goes out by itself.")
    expect(marit.banner).to_be_visible()


if __name__ == "__main__":
    main(Path(sys.argv[-1]), is_still="--still" in sys.argv)
