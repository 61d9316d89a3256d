"""Takes the pictures of the README: `make screenshots`.

A real server, three people on real connections who have a conversation, and a browser that
looks at it as the third of them would: on a desk by day and by night, and on a phone.
"""

import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import socketio

from tests.page.people import Person, enter
from tests.support.browser import Complaints, Windows, launched
from tests.support.server import Server
from tools.steps import ROOT, tell

DESK = {"width": 1200, "height": 880}
PHONE = {"width": 390, "height": 760}
PICTURES: dict[str, dict[str, Any]] = {
    "screenshot.png": {"viewport": DESK, "color_scheme": "light"},
    "screenshot-dark.png": {"viewport": DESK, "color_scheme": "dark"},
    "screenshot-phone.png": {"viewport": PHONE, "color_scheme": "light", "device_scale_factor": 2},
}

ROOMS = {"garden": "Community garden", "releases": "Releases", "kitchen": "Kitchen"}
CONVERSATION = (
    ("Ana", "Hello all! The tomatoes came through the night frost."),
    ("Ana", "All but one, and that one had it coming."),
    ("Björn", "That is the best news of the week."),
    ("Björn", "Who has the key to the tool shed? I would like to start on the beds."),
    ("Łucja", "I have it, and I will be there at ten. Shall I bring the long hose?"),
    ("Ana", "Yes please. The plan of the beds: https://example.org/garden/plan"),
    (
        "Björn",
        "One thing, so that nobody forgets:\n1. water first\n2. then the seedlings\n3. then cake",
    ),
    ("Łucja", "I read “cake” three times."),
    ("Ana", "Then we all agree."),
)
ELSEWHERE = (
    ("releases", "Björn", "2.4 is out. @Marit, the notes are yours."),
    ("kitchen", "Łucja", "The kettle is new."),
    ("kitchen", "Łucja", "It whistles."),
)
TYPIST = "Łucja"
VISITOR = "Marit"
PATIENCE = 30


def main() -> int:
    with (
        tempfile.TemporaryDirectory() as folder,
        serving(Path(folder)) as server,
        people(server) as connections,
        launched() as browser,
    ):
        for name, options in PICTURES.items():
            marit = come_in(Windows(browser, Complaints()), server, **options)
            for room, sender, text in ELSEWHERE:
                connections[sender].call("join", {"room": room})
                connections[sender].call("message", {"room": room, "text": text})
            marit.page.locator(".room-link .calls").first.wait_for(state="attached")
            take(marit, connections[TYPIST], ROOT / "docs" / name)
            tell(f"docs/{name}")
    return 0


@contextmanager
def serving(folder: Path) -> Iterator[Server]:
    server = Server(folder)
    try:
        yield server.start()
    finally:
        server.close()


@contextmanager
def people(server: Server) -> Iterator[dict[str, socketio.SimpleClient]]:
    """The three are here, have made their rooms and have talked."""
    with ExitStack() as leaving:
        connections = {}
        for name in dict.fromkeys(sender for sender, _ in CONVERSATION):
            connections[name] = leaving.enter_context(socketio.SimpleClient())
            connections[name].connect(server.url, auth={"name": name})
        for room, title in ROOMS.items():
            connections["Ana"].call("create", {"room": room, "title": title})
        for sender, text in CONVERSATION:
            connections[sender].call("message", {"text": text})
        yield connections


def come_in(windows: Windows, server: Server, **options: Any) -> Person:
    """Marit, who has read all rooms and is in the first one."""
    marit = enter(windows, server, VISITOR, "/rooms/releases", **options)
    for path in ("/rooms/kitchen", "/rooms/general"):
        enter(windows, server, VISITOR, path, page=marit.page)
    return marit


def take(marit: Person, typist: socketio.SimpleClient, picture: Path) -> None:
    marit.page.get_by_text(CONVERSATION[-1][1]).wait_for()
    marit.page.wait_for_load_state("networkidle")
    marit.write("Save me a piece, I am on my way")
    typing = marit.page.get_by_text("is typing")
    for _ in range(PATIENCE):
        typist.emit("typing", {"room": "general"})
        marit.page.wait_for_timeout(1000)
        if typing.is_visible():
            break
    marit.page.screenshot(path=picture, animations="disabled")
    marit.page.context.close()


if __name__ == "__main__":
    sys.exit(main())
