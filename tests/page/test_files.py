"""Files on the page: given in every way, sent over a bad network and a reload, seen by everyone."""

import io
import os
import re
from base64 import b64encode
from pathlib import PurePath
from random import Random
from typing import Any, Literal

import pytest
from PIL import Image
from playwright.sync_api import CDPSession, Locator, Page, Request, Route, expect

from tests.page.people import CHAT, Person, enter
from tests.page.test_accessibility import violations
from tests.page.test_fingers import PHONE, on_the_phone
from tests.support.browser import OFFLINE, RECORD_SHIFTS, Windows, comes_true, nothing_has_moved
from tests.support.relay import Relay
from tests.support.server import Server
from tests.support.waiting import wait_until

File = tuple[str, str, bytes]
"""Name, type as the browser says it, content."""

GIVE = """({ files, how }) => {
  const given = new DataTransfer();
  for (const [name, type, data] of files) {
    const bytes = Uint8Array.from(atob(data), (sign) => sign.charCodeAt(0));
    given.items.add(new File([bytes], name, { type }));
  }
  const rest = { bubbles: true, cancelable: true };
  if (how === "paste") {
    const event = new ClipboardEvent("paste", { clipboardData: given, ...rest });
    return document.activeElement.dispatchEvent(event);
  }
  const event = new DragEvent(how, { dataTransfer: given, ...rest });
  document.querySelector(".scroller").dispatchEvent(event);
}"""
IS_LOADED = "(image) => image.complete && image.naturalWidth > 0"
SLOWLY = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 400_000}
FAST = {**SLOWLY, "uploadThroughput": -1}
SHOWN = "document.querySelector('.viewer-picture')"
LARGE_BYTES = 4_000_000


@pytest.fixture(scope="module")
def server(house: Server) -> Server:
    """One for all tests here; each has a room of its own."""
    return house


def picture(name: str, width: int = 640, height: int = 400, colour: str = "teal") -> File:
    content = io.BytesIO()
    kind = PurePath(name).suffix[1:]
    Image.new("RGB", (width, height), colour).save(content, kind)
    return name, f"image/{kind}", content.getvalue()


def moving(name: str) -> File:
    content = io.BytesIO()
    kind = PurePath(name).suffix[1:]
    frames = [Image.new("RGB", (160, 120), colour) for colour in ("teal", "navy", "olive")]
    frames[0].save(content, kind, save_all=True, append_images=frames[1:], duration=80, loop=0)
    return name, f"image/{kind}", content.getvalue()


def large(name: str) -> File:
    return name, "application/octet-stream", os.urandom(LARGE_BYTES)


def give(person: Person, how: Literal["paste", "dragover", "drop"], *files: File) -> None:
    encoded = [(name, kind, b64encode(data).decode()) for name, kind, data in files]
    person.page.evaluate(GIVE, {"files": encoded, "how": how})


def choose(person: Person, *files: File) -> None:
    """By the button, and what the system shows then."""
    with person.page.expect_file_chooser() as chooser:
        person.page.get_by_role("button", name="Attach files").click()
    payloads: Any = [{"name": name, "mimeType": kind, "buffer": data} for name, kind, data in files]
    chooser.value.set_files(payloads)


def cards(person: Person) -> Locator:
    return person.page.locator(".attachment")


def are_ready(person: Person, count: int) -> None:
    expect(person.page.locator(".attachment[data-state=done]")).to_have_count(count)


def pictures(person: Person) -> Locator:
    return person.page.locator(".messages > [data-seq] .picture img")


def are_loaded(images: Locator, count: int) -> None:
    expect(images).to_have_count(count)
    for image in images.all():
        wait_until(lambda image=image: image.evaluate(IS_LOADED), what="the picture")  # type: ignore[misc]


def test_files_given_in_every_way_are_seen_by_everyone_in_their_place(
    house: Server, windows: Windows, ana: Person, room: str
) -> None:
    eva = enter(windows, house, "eva", f"/rooms/{room}")
    held: list[Route] = []
    eva.page.route("**/files/*/preview*", lambda route: held.append(route))
    ana.composer.focus()

    give(ana, "paste", picture("harbour.png"))
    expect(cards(ana)).to_have_count(1)
    give(ana, "dragover", picture("boat.png"))
    expect(ana.page.get_by_text("Drop files to add them")).to_be_visible()
    give(ana, "drop", picture("boat.png", 300, 900, "navy"))
    expect(ana.page.get_by_text("Drop files to add them")).to_be_hidden()
    choose(
        ana,
        ("notes.py", "text/x-python", b"def sail():\n    return 42\n"),
        ("secret.zip", "application/zip", b"PK\x05\x06" + b"\0" * 18),
    )
    expect(cards(ana)).to_have_count(4)
    described = ana.page.get_by_label("Description of harbour.png")
    described.fill("Boats in the morning")
    described.press("Enter")
    expect(ana.composer).to_be_focused()
    ana.page.get_by_role("button", name="Remove secret.zip").click()
    ana.page.get_by_role("button", name="Move boat.png earlier").click()
    expect(cards(ana).locator(".attachment-name")).to_have_text(
        ["boat.png", "harbour.png", "notes.py"]
    )
    assert violations(ana.page) == []
    ana.say("Look at this")

    ana.sees("Look at this")
    eva.sees("Look at this")
    expect(cards(ana)).to_have_count(0)
    expect(pictures(eva)).to_have_count(2)
    expect(pictures(eva).nth(1)).to_have_attribute("alt", "Boats in the morning")
    wait_until(lambda: eva.page.title() and len(held) == 3, what="eva's page to ask for them")
    before = [image.bounding_box() for image in pictures(eva).all()]
    assert [box and (box["width"], box["height"]) for box in before] == [(88, 144), (230, 144)]
    for route in held:
        route.continue_()
    eva.page.unroute("**/files/*/preview*")
    are_loaded(pictures(eva), 2)
    assert [image.bounding_box() for image in pictures(eva).all()] == before
    expect(eva.page.locator(".file-lines")).to_contain_text("def sail():")
    are_loaded(pictures(ana), 2)

    the_first_page_has_their_place_as_well(eva)
    what_is_changed_keeps_its_files(ana, eva)
    what_is_deleted_has_none(ana, eva)


def the_first_page_has_their_place_as_well(eva: Person) -> None:
    rendered = eva.page.context.request.get(eva.page.url).text()
    places = re.findall(r'/preview" width="(\d+)" height="(\d+)"', rendered)
    assert places == [("88", "144"), ("230", "144")]
    eva.page.add_init_script(RECORD_SHIFTS)
    eva.page.reload()
    eva.is_online()
    are_loaded(pictures(eva), 2)
    expect(eva.page.locator(".file-lines")).to_contain_text("def sail():")
    nothing_has_moved(eva.page)
    assert violations(eva.page) == []


def what_is_changed_keeps_its_files(ana: Person, eva: Person) -> None:
    ana.composer.press("ArrowUp")
    ana.say("Look at that")
    eva.sees("Look at that")
    are_loaded(pictures(eva), 2)


def what_is_deleted_has_none(ana: Person, eva: Person) -> None:
    ana.page.locator(".messages > [data-seq]").last.focus()
    ana.page.keyboard.press("Delete")
    expect(ana.page.get_by_text("Its files are deleted, too.")).to_be_visible()
    ana.page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(pictures(eva)).to_have_count(0)
    expect(pictures(ana)).to_have_count(0)


def test_an_upload_survives_a_lost_network_and_a_reload_and_its_message_waits(
    server: Server, windows: Windows, bo: Any, room: str
) -> None:
    windows.complaints.expect(
        rf"{OFFLINE}|status of 409"
    )  # The server has not noticed the break yet.
    with Relay(server.port) as relay:
        page = windows.open()
        ana = enter(windows, server, "ana", f"/rooms/{room}", page=page)
        page.goto(f"{relay.url}/rooms/{room}")
        ana.is_online()
        asked: list[tuple[str, str | None]] = []
        page.on("request", lambda one: note_upload(asked, one))
        network = page.context.new_cdp_session(page)
        under(network, SLOWLY)
        choose(ana, large("film.bin"))
        is_under_way(page)

        relay.cut(1.0, Random(0))
        goes_on(page, asked, since=0)
        is_under_way(page)

        so_far = len(asked)
        ana.say("The film")
        ana.say("comes later")
        expect(ana.sent).to_have_text(["comes later"])
        expect(ana.unsent.locator(".reason")).to_have_text("Waiting for its files…")
        page.reload()
        ana.is_online()
        goes_on(page, asked, since=so_far)
        under(network, FAST)

        ana.sees("comes later", "The film")
        expect(page.locator(".file-name")).to_have_text("film.bin")
        messages = bo.call("history", {"room": room})["messages"]
        assert [file["bytes"] for file in messages[-1]["files"]] == [LARGE_BYTES]


def note_upload(asked: list[tuple[str, str | None]], request: Request) -> None:
    if "/files/tus" in request.url:
        asked.append((request.method, request.headers.get("upload-offset")))


def under(network: CDPSession, conditions: dict[str, Any]) -> None:
    network.send("Network.emulateNetworkConditions", conditions)


def is_under_way(page: Page) -> None:
    bar = page.locator("progress:visible").first
    wait_until(lambda: 0 < bar.evaluate("(bar) => bar.value") < 1, what="a part of it to be sent")


def goes_on(page: Page, asked: list[tuple[str, str | None]], since: int) -> None:
    """It is continued behind what the server has already, and is not begun again."""

    def is_continued() -> bool:
        page.title()  # Playwright tells of requests while it is asked for something.
        return any(method == "PATCH" and offset != "0" for method, offset in asked[since:])

    wait_until(is_continued, what="the upload to go on")
    assert [method for method, _ in asked].count("POST") == 1


def test_what_cannot_be_sent_is_said_on_its_card(ana: Person, bo: Any, room: str) -> None:
    ana.page.evaluate(f"{CHAT}.place.maxFileBytes = 1000")
    choose(ana, ("big.bin", "", b"x" * 1001), ("small.txt", "text/plain", b"x"))

    expect(cards(ana).first).to_contain_text("Too large. Files can have up to 1 kB.")
    are_ready(ana, 1)
    ana.composer.press("Enter")
    expect(ana.page.locator("#composer-problem")).to_contain_text("Try again or remove it.")
    ana.page.get_by_role("button", name="Remove big.bin").click()
    ana.composer.press("Enter")
    ana.sees("")
    expect(ana.page.locator(".file-name")).to_have_text("small.txt")

    choose(ana, *[(f"{number}.txt", "text/plain", b"x") for number in range(12)])
    expect(cards(ana)).to_have_count(10)
    expect(ana.page.locator("composer-note")).to_contain_text("up to 10 files")


def test_pictures_are_viewed_by_keyboard_and_found_again(ana: Person, bo: Any, room: str) -> None:
    for name in ("one.png", "two.png", "three.png"):
        choose(ana, picture(name, 1200, 800))
        are_ready(ana, 1)
        ana.say(f"the picture {PurePath(name).stem}")
    choose(ana, ("annual report.txt", "text/plain", b"Everything went well.\n"))
    are_ready(ana, 1)
    ana.composer.press("Enter")
    are_loaded(pictures(ana), 3)
    expect(ana.sent).to_have_count(4)  # The view has the files of messages that were sent.
    viewer = ana.page.get_by_role("dialog", name="File")

    ana.page.get_by_role("link", name="View two.png").focus()
    ana.page.keyboard.press("Enter")
    expect(viewer.get_by_role("heading")).to_have_text("two.png")
    comes_true(ana.page, f"{SHOWN}.getBoundingClientRect().bottom <= innerHeight")
    assert violations(ana.page) == []
    for key, name in {
        "ArrowRight": "three.png",
        "Home": "one.png",
        "End": "annual report.txt",
    }.items():
        ana.page.keyboard.press(key)
        expect(viewer.get_by_role("heading")).to_have_text(name)
    expect(viewer.locator("pre")).to_contain_text("Everything went well.")
    ana.page.keyboard.press("Escape")
    expect(viewer).to_be_hidden()
    expect(ana.page.get_by_role("link", name="View two.png")).to_be_focused()

    a_thread_has_files_of_its_own(ana, bo, room, viewer)
    they_are_in_the_details_of_the_room(ana, viewer)
    they_are_found_by_their_names(ana)


def a_thread_has_files_of_its_own(ana: Person, bo: Any, room: str, viewer: Locator) -> None:
    root = bo.call("message", {"room": room, "text": "Any others?"})["message"]["seq"]
    bo.call("message", {"room": room, "text": "like those", "thread": root})
    ana.page.locator(f"#message-{root} > .replies .replies-line").click()
    thread = ana.page.locator("thread-view")
    expect(thread.locator("message-composer")).to_be_visible()
    with ana.page.expect_file_chooser() as chooser:
        thread.get_by_role("button", name="Attach files").click()
    name, kind, data = picture("four.png", 1200, 800)
    chooser.value.set_files({"name": name, "mimeType": kind, "buffer": data})
    expect(thread.locator(".attachment[data-state=done]")).to_have_count(1)
    expect(ana.page.locator(".write .attachment")).to_have_count(0)
    thread.locator("textarea").press("Enter")
    are_loaded(thread.locator(".thread-messages > [data-seq] .picture img"), 1)
    thread.get_by_role("link", name="View four.png").click()
    expect(viewer.get_by_role("heading")).to_have_text("four.png")
    ana.page.keyboard.press("Escape")
    expect(viewer).to_be_hidden()


def they_are_in_the_details_of_the_room(ana: Person, viewer: Locator) -> None:
    ana.page.get_by_role("button", name="Details").click()
    ana.page.get_by_role("tab", name="Files").click()
    tiles = ana.page.locator(".files-tile")
    are_loaded(tiles.locator("img"), 4)
    assert violations(ana.page) == []
    ana.page.get_by_role("button", name="Documents").click()
    expect(ana.page.locator(".files-row .file-name")).to_have_text("annual report.txt")
    ana.page.get_by_role("button", name="Pictures").click()
    tiles.last.click()
    expect(viewer.get_by_role("heading")).to_have_text("one.png")
    viewer.get_by_role("button", name="Show in conversation").click()
    expect(ana.page.locator("[data-sought] .text")).to_have_text("the picture one")


def they_are_found_by_their_names(ana: Person) -> None:
    ana.page.keyboard.press("Control+f")
    search = ana.page.get_by_role("search")
    search.get_by_role("combobox").fill("file:report ")
    expect(search.locator(".hit-text")).to_have_text("📎 annual report.txt")
    search.get_by_role("combobox").fill("has:image two ")
    expect(search.locator(".hit-text")).to_have_text("the picture two 📎 two.png")


def test_what_moves_stands_still_for_who_prefers_that(
    server: Server, windows: Windows, room: str
) -> None:
    ana = enter(windows, server, "ana", f"/rooms/{room}", reduced_motion="reduce")
    choose(ana, moving("a.gif"), moving("b.webp"), picture("c.webp"))
    are_ready(ana, 3)
    ana.composer.press("Enter")
    are_loaded(pictures(ana), 3)

    expect(ana.page.get_by_role("button", name="Play animation")).to_have_count(2)
    for image in pictures(ana).all():
        expect(image).to_have_attribute("src", re.compile("/preview$"))
    ana.page.get_by_role("button", name="Play animation").first.click()
    expect(pictures(ana).first).to_have_attribute("src", re.compile("size=full$"))
    ana.page.get_by_role("button", name="Stop animation").click()
    expect(pictures(ana).first).to_have_attribute("src", re.compile("/preview$"))

    ana.page.emulate_media(reduced_motion="no-preference")
    ana.page.reload()
    ana.is_online()
    for index, end in enumerate(("size=full$", "size=full$", "/preview$")):
        expect(pictures(ana).nth(index)).to_have_attribute("src", re.compile(end))


def test_on_a_phone_pictures_go_by_with_a_swipe(house: Server, windows: Windows) -> None:
    ana, finger = on_the_phone(windows, house, "ana")
    for name in ("one.png", "two.png"):
        choose(ana, picture(name, 1200, 800))
        are_ready(ana, 1)
        ana.page.get_by_role("button", name="Send").tap()
    are_loaded(pictures(ana), 2)
    viewer = ana.page.get_by_role("dialog", name="File")
    middle = PHONE["height"] / 2

    pictures(ana).first.tap()
    expect(viewer.get_by_role("heading")).to_have_text("one.png")
    finger.swipe((300, middle), (80, middle))
    expect(viewer.get_by_role("heading")).to_have_text("two.png")
    finger.swipe((80, middle), (300, middle))
    expect(viewer.get_by_role("heading")).to_have_text("one.png")
    pinch(ana.page.context.new_cdp_session(ana.page), middle)
    comes_true(ana.page, f"{SHOWN}.getBoundingClientRect().width > 2 * innerWidth")
    ana.page.keyboard.press("0")
    comes_true(ana.page, f"{SHOWN}.getBoundingClientRect().width <= innerWidth")
    finger.swipe((195, 250), (195, 600))
    expect(viewer).to_be_hidden()


def pinch(session: CDPSession, y: float) -> None:
    """Two fingers, from beside each other to three times as far apart."""
    for kind, apart in [("touchStart", 50), ("touchMove", 100), ("touchMove", 150)]:
        points = [{"x": 195 - apart, "y": y, "id": 0}, {"x": 195 + apart, "y": y, "id": 1}]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
