"""How the page looks and feels: narrow and wide, light and dark, by keyboard, either direction."""

import re
from collections.abc import Callable
from secrets import token_hex

import pytest
from playwright.sync_api import Page, expect
from socketio import SimpleClient

from tests.page.people import BACK_MS, Person, begin, enter
from tests.support.browser import RECORD_SHIFTS, Windows, comes_true, nothing_has_moved
from tests.support.server import Server

Connect = Callable[..., SimpleClient]
SLOW_LINE = {
    "offline": False,
    "latency": 50,
    "downloadThroughput": 4_000,
    "uploadThroughput": 30_000,
}
"""Bytes a second: a page of 12 KB arrives in three seconds."""
PHONE = {"width": 320, "height": 640}
LONG = "Donaudampfschifffahrtsgesellschaft" * 8


def fits(page: Page) -> None:
    """Waits for what slides in from beside the window: nothing is wider than that then."""
    comes_true(
        page,
        "document.documentElement.scrollWidth <= document.documentElement.clientWidth",
    )


def background_of(page: Page) -> str:
    return str(page.evaluate("getComputedStyle(document.documentElement).backgroundColor"))


@pytest.fixture
def crowd(connect: Connect) -> SimpleClient:
    """Somebody with long words, a long name and a long room."""
    crowd = connect("Wolfeschlegelsteinhausenberger")
    crowd.call("create", {"room": "long", "title": LONG[:80]})
    crowd.call("message", {"text": f"{LONG} https://example.org/{LONG}"})
    crowd.call("message", {"text": f"/me {LONG}"})
    return crowd


def test_nothing_is_wider_than_a_small_phone(
    server: Server, windows: Windows, crowd: SimpleClient
) -> None:
    ana = enter(windows, server, "ana", viewport=PHONE)
    ana.say(LONG)
    expect(ana.sent.last).to_have_text(LONG)
    fits(ana.page)

    ana.page.get_by_role("button", name="Rooms").click()
    expect(ana.room(LONG[:80])).to_be_in_viewport()
    fits(ana.page)
    begin(ana.page, "New room")
    expect(ana.page.get_by_role("dialog")).to_be_visible()
    fits(ana.page)


def test_on_a_phone_rooms_and_people_are_drawers(
    server: Server, windows: Windows, crowd: SimpleClient
) -> None:
    ana = enter(windows, server, "ana", viewport=PHONE)
    sidebar, members = ana.page.locator("#sidebar"), ana.page.locator("#members")
    expect(sidebar).to_be_hidden()
    expect(members).to_be_hidden()

    ana.page.get_by_role("button", name="Members").click()
    expect(members).to_contain_text("ana")
    ana.page.keyboard.press("Escape")
    expect(members).to_be_hidden()
    ana.page.get_by_role("button", name="Rooms").click()
    ana.room(LONG[:80]).click()

    expect(sidebar).to_be_hidden()
    expect(ana.heading).to_have_text(LONG[:80])


def test_dark_follows_the_system_until_one_chooses(server: Server, windows: Windows) -> None:
    ana = enter(windows, server, "ana", color_scheme="dark")
    dark = background_of(ana.page)
    tab = ana.page.context.new_page()
    tab.goto(server.url)

    choose(ana, "Theme", "Light")
    light = background_of(ana.page)
    assert light != dark
    expect(tab.locator("html")).to_have_attribute("data-theme", "light")

    ana.page.reload()
    ana.is_online()
    assert background_of(ana.page) == light
    choose(ana, "Theme", "System")
    assert background_of(ana.page) == dark


def choose(person: Person, question: str, answer: str) -> None:
    """In the settings, by keyboard: they open with a key, arrows choose."""
    person.use_letters()
    person.page.evaluate("document.activeElement.blur()")
    person.page.keyboard.press(",")
    group = person.page.get_by_role("group", name=question)
    group.get_by_role("radio", checked=True).focus()
    for _ in range(3):
        if group.get_by_role("radio", name=answer).is_checked():
            break
        person.page.keyboard.press("ArrowRight")
    expect(group.get_by_role("radio", name=answer)).to_be_checked()
    person.page.keyboard.press("Escape")
    expect(person.page.get_by_role("dialog", name="Settings")).to_be_hidden()


def test_density_contrast_and_motion_are_chosen_and_are_there_before_the_first_paint(
    server: Server, windows: Windows, connect: Connect
) -> None:
    bo = connect("bo")
    for number in range(8):
        bo.call("message", {"text": f"line {number}"})
    ana = enter(windows, server, "ana")
    ana.sees(*(f"line {number}" for number in range(8)))

    def height() -> float:
        return float(ana.page.evaluate("document.querySelector('.messages').offsetHeight"))

    def of_text(what: str) -> str:
        return str(ana.page.evaluate(f"getComputedStyle(document.querySelector('.at'))['{what}']"))

    heights = [height()]
    for density in ("Cosy", "Compact"):
        choose(ana, "Density", density)
        heights.append(height())
    comfortable, cosy, compact = heights
    assert cosy > comfortable > compact
    quiet = of_text("color")
    choose(ana, "Contrast", "High")
    assert of_text("color") != quiet
    choose(ana, "Motion", "Reduced")

    ana.page.add_init_script(RECORD_SHIFTS)
    ana.page.reload()
    ana.is_online()

    assert height() == compact
    nothing_has_moved(ana.page)
    kept = ana.page.evaluate("({ ...document.documentElement.dataset })")
    assert (kept["density"], kept["contrast"], kept["motion"]) == ("compact", "more", "less")
    expect(ana.page.locator(".sidebar")).to_have_css("animation-duration", "1e-05s")


def test_contrast_follows_the_system_until_one_chooses(server: Server, windows: Windows) -> None:
    ana = enter(windows, server, "ana", contrast="more")
    line = "getComputedStyle(document.documentElement).getPropertyValue('--line-control')"
    high = ana.page.evaluate(line)

    choose(ana, "Contrast", "Normal")
    normal = ana.page.evaluate(line)
    choose(ana, "Contrast", "High")

    assert ana.page.evaluate(line) == high != normal


def test_everything_is_reached_by_keyboard(
    server: Server, windows: Windows, connect: Connect
) -> None:
    connect("bo").call("create", {"room": "design", "title": "Design"})
    ana = enter(windows, server, "ana")
    ana.room("Design").wait_for()
    ana.page.evaluate("document.activeElement.blur()")

    stops = []
    for _ in range(32):
        ana.page.keyboard.press("Tab")
        stops.append(
            ana.page.evaluate(
                """() => {
                  const at = document.activeElement;
                  return at.ariaLabel || at.textContent.trim().split("\\n")[0];
                }"""
            )
        )

    for stop in [
        "Skip to the content",
        "New",
        "Search",
        "Rooms",
        "General",
        "Design",
        "ana",
    ]:
        assert any(each.startswith(stop) for each in stops), (stop, stops)
    assert "Messages" in stops
    assert "Message General" in stops


def test_what_has_the_focus_is_seen(server: Server, windows: Windows) -> None:
    ana = enter(windows, server, "ana")

    ana.page.keyboard.press("Shift+Tab")

    outline = ana.page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"


def test_right_to_left_turns_the_page(
    server: Server, windows: Windows, crowd: SimpleClient
) -> None:
    ana = enter(windows, server, "ana")

    ana.page.evaluate("document.documentElement.dir = 'rtl'")

    sidebar, members = (ana.page.locator(each).bounding_box() for each in ("#sidebar", "#members"))
    assert sidebar is not None
    assert members is not None
    assert sidebar["x"] > members["x"]
    fits(ana.page)


def test_times_are_the_readers_own(server: Server, windows: Windows) -> None:
    ana = enter(windows, server, "ana", timezone_id="Asia/Tokyo", locale="en-GB")
    ana.say("What time is it?")
    ana.sees("What time is it?")

    time = ana.page.locator(".messages .at")
    shown = ana.page.evaluate(
        "at => new Date(at).toLocaleTimeString('en-GB', {timeStyle: 'short'})",
        time.get_attribute("datetime"),
    )
    expect(time).to_have_text(shown)
    assert "message 1" in (time.get_attribute("title") or "")
    ana.page.reload()
    expect(time).to_have_text(shown)


def test_flags_are_the_same_from_the_server_and_from_the_script(
    server: Server, windows: Windows, connect: Connect
) -> None:
    names = ["Ana", "Björn", "李雷", "ليلى", "🦊 fox", "z"]
    people = [connect(name) for name in names]
    for person in people:
        person.call("message", {"text": "here"})
    ana = enter(windows, server, "onlooker")
    flags = ana.page.locator(".messages .flag")
    expect(flags).to_have_count(len(names))

    def look_of(name: str) -> str:
        look = ana.page.locator(".member", has_text=name).locator(".flag").evaluate(LOOK)
        return str(look)

    source = ana.page.request.get(server.url).text()
    from_server = [
        (f"{letter} {hue} {pattern}")
        for hue, pattern, letter in re.findall(
            r'data-hue="(\d)" data-pattern="(\d)">([^<]*)</span>\s*<p class="byline"', source
        )
    ]
    assert from_server == [look_of(name) for name in names]


LOOK = "({textContent, dataset}) => `${textContent} ${dataset.hue} ${dataset.pattern}`"


def test_the_first_paint_is_the_last_one(
    server: Server, windows: Windows, crowd: SimpleClient
) -> None:
    """Nothing moves when the script takes over: the layout shift of the whole load is zero."""
    for number in range(60):
        crowd.call("message", {"text": f"number {number}"})
    ana = enter(windows, server, "ana")
    ana.page.add_init_script(RECORD_SHIFTS)

    ana.page.reload()
    ana.is_online()

    nothing_has_moved(ana.page)


def test_nothing_moves_while_the_page_arrives_over_a_slow_line(
    server: Server, windows: Windows, crowd: SimpleClient
) -> None:
    """A list that is painted with a part of its messages would move up as others come."""
    for number in range(8):
        crowd.call("message", {"text": f"number {number} {token_hex(100)}"})
    ana = enter(windows, server, "ana", service_workers="block")
    ana.page.add_init_script(RECORD_SHIFTS)
    line = ana.page.context.new_cdp_session(ana.page)
    line.send("Network.enable")
    line.send("Network.emulateNetworkConditions", SLOW_LINE)

    ana.page.reload(timeout=BACK_MS)

    expect(ana.composer).to_be_visible()
    nothing_has_moved(ana.page)


def test_the_page_reads_without_scripts(server: Server, windows: Windows, connect: Connect) -> None:
    connect("bo").call("message", {"text": "Plain as paper."})
    page = windows.open(server.url, java_script_enabled=False)
    page.get_by_label("name").fill("ana")
    page.keyboard.press("Enter")

    expect(Person(page, "ana").sent).to_have_text("Plain as paper.")
