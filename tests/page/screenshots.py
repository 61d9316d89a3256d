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
from tests.page.test_files import are_loaded, are_ready, choose, picture
from tests.support.browser import Complaints, Windows, launched
from tests.support.cast import with_account
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
    "console-emoji": "/admin/emoji",
    "console-room": "/admin/room?name=general",
    "console-room-as-of": "/admin/room/as-of?name=general&at=2100-01-01",
    "console-retention": "/admin/retention",
    "console-people": "/admin/people",
    "console-overview": "/admin/overview",
    "console-bots": "/admin/bots",
    "console-incoming-webhooks": "/admin/incoming-webhooks",
    "console-outgoing-webhooks": "/admin/outgoing-webhooks",
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
                studio.take("status", pose=set_a_status)
                studio.take("phone-status", viewport=PHONE, pose=set_a_status)
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
                pin_messages(server, "releases")
                studio.take("pins", path="/rooms/releases", pose=open_pins)
                studio.take("phone-pins", path="/rooms/releases", viewport=PHONE, pose=open_pins)
                ask_in(people, "kitchen")
                studio.take("poll", path="/rooms/kitchen")
                studio.take("phone-poll", path="/rooms/kitchen", viewport=PHONE)
                studio.take("new-poll", path="/rooms/kitchen", pose=begin_a_poll)
                studio.take("unread", pose=lambda marit: miss_something(marit, people))
                studio.take("own-menu", pose=open_own_menu)
                studio.take("phone-own-menu", viewport=PHONE, pose=open_own_menu)
                studio.take("inbox", pose=lambda marit: miss_and_look(marit, people))
                root = begin_a_thread(people)
                studio.take("thread", pose=lambda marit: unfold(marit, root))
                studio.take("thread-beside", viewport=WIDE, pose=lambda marit: beside(marit, root))
                studio.take("phone-thread", viewport=PHONE, pose=lambda marit: beside(marit, root))
                studio.take("threads", pose=lambda marit: look_at_threads(marit, people))
                studio.take("files", path="/rooms/kitchen", pose=send_files)
                studio.take("attached", path="/rooms/kitchen", pose=attach_files)
                studio.take("full-view", path="/rooms/kitchen", pose=view_a_picture)
                studio.take("files-of-a-room", path="/rooms/kitchen", pose=see_all_files)
                studio.take("phone-files", path="/rooms/kitchen", viewport=PHONE, pose=attach_files)
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


def pin_messages(server: Server, room: str) -> None:
    with with_account(server, "Pia") as pia:
        pia.call("join", {"room": room})
        for _, text in TALK[:3]:
            seq = pia.call("message", {"room": room, "text": text})["message"]["seq"]
            pia.call("pin", {"room": room, "seq": seq, "on": True})


def open_pins(marit: Person) -> None:
    marit.page.get_by_role("button", name="Pinned messages").click()
    expect(marit.page.locator(".pin").first).to_be_visible()


def ask_in(people: dict[str, socketio.SimpleClient], room: str) -> None:
    poll = {"question": "Who waters the plants?", "options": ["Ana", "Björn", "The robot"]}
    seq = people["Ana"].call("message", {"room": room, "poll": poll})["message"]["seq"]
    for place, person in enumerate(people.values()):
        person.call("join", {"room": room})
        person.call("vote", {"room": room, "seq": seq, "options": [(2, 0, 2, 1)[place % 4]]})


def begin_a_poll(marit: Person) -> None:
    marit.say('/poll "Lunch?" Pizza Ramen')
    expect(marit.page.get_by_role("dialog", name="New poll")).to_be_visible()


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


def set_a_status(marit: Person) -> None:
    marit.use()
    marit.write("/status")
    marit.composer.press("Enter")
    marit.page.get_by_role("button", name="Vacationing").click()


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


def begin_a_thread(people: dict[str, socketio.SimpleClient]) -> int:
    answer = people["Ana"].call("message", {"text": "Shall we move the release to Thursday?"})
    root: int = answer["message"]["seq"]
    for name, text in [("Björn", "Yes."), ("Dana", "Two bugs are open."), ("Ana", "Then yes.")]:
        people[name].call("message", {"text": text, "thread": root})
    people["Dana"].call("message", {"text": "And lunch?"})
    return root


def unfold(marit: Person, root: int) -> None:
    marit.page.locator(f"#message-{root} .replies-line").click()
    expect(marit.page.locator(f"#message-{root} .thread-messages > .message")).to_have_count(3)


def beside(marit: Person, root: int) -> None:
    marit.page.locator(f"#message-{root} .replies-other").click()
    expect(marit.page.locator("thread-pane .thread-messages > .message")).to_have_count(3)


def look_at_threads(marit: Person, people: dict[str, socketio.SimpleClient]) -> None:
    marit.say("Who waters the plants?")
    expect(marit.unsent).to_have_count(0)
    root = marit.page.locator(".messages > [data-seq]").last.get_attribute("data-seq")
    people["Björn"].call("message", {"text": "@Marit I do.", "thread": int(root or 0)})
    marit.page.get_by_role("link", name="Threads").click()
    expect(marit.page.locator(".threads-item")).to_have_count(1)


def attach_files(marit: Person) -> None:
    notes = ("notes.py", "text/x-python", b"def water(plants):\n    return len(plants)\n")
    choose(marit, picture("window.png", 1600, 1000), picture("door.png", 500, 900, "olive"), notes)
    are_ready(marit, 3)


def send_files(marit: Person) -> None:
    attach_files(marit)
    marit.say("The plants behind the door")
    expect(marit.unsent).to_have_count(0)
    are_loaded(marit.page.locator(".message").last.locator(".picture img"), 2)


def view_a_picture(marit: Person) -> None:
    marit.page.locator(".picture").last.click()
    are_loaded(marit.page.locator(".viewer-picture"), 1)


def see_all_files(marit: Person) -> None:
    press(marit, "d")
    marit.page.get_by_role("tab", name="Files").click()
    expect(marit.page.locator(".files-tile")).to_have_count(4)


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
