"""Reading far back: links to messages, both ways, and the way to the newest again."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, expect
from socketio import SimpleClient

from tests.page.people import TO_THE_TOP, Person, enter
from tests.support import closing
from tests.support.browser import Windows
from tests.support.server import Server
from tests.support.waiting import wait_until

Connect = Callable[..., SimpleClient]

SAID = 900
ROWS_AT_MOST = 400

LOADED_PX = 900
"""The page loads more as one comes nearer than that to either end of what it has."""

IS_FAR_FROM_BOTH_ENDS = f"""({{ scrollHeight, clientHeight, scrollTop }}) =>
  scrollHeight - clientHeight + scrollTop >= {LOADED_PX} && -scrollTop >= {LOADED_PX}"""

IN_THE_MIDDLE = """() => {
  const scroller = document.querySelector(".scroller").getBoundingClientRect();
  const middle = scroller.top + scroller.height / 2;
  const rows = [...document.querySelectorAll(".messages > [data-seq]")];
  return rows.find((row) => row.getBoundingClientRect().bottom > middle).dataset.seq;
}"""


@pytest.fixture(scope="module")
def server(house: Server) -> Server:
    """One for all tests here, with a long room that nobody writes in but the last test."""
    script = closing.SimpleClient()
    script.connect(house.url, auth={"name": "script"})
    script.call("create", {"room": "long"})
    for number in range(1, SAID + 1):
        text = f"number {number}\n" + "more " * (number % 40)
        script.call("message", {"room": "long", "text": text})
    script.disconnect()
    return house


def row(person: Person, seq: int) -> Locator:
    return person.page.locator(f"[data-seq='{seq}']")


def top_of(locator: Locator) -> float:
    box = locator.bounding_box()
    assert box is not None
    return box["y"]


def shown(person: Person) -> list[int]:
    seqs = person.page.locator(".messages > [data-seq]").evaluate_all(
        "rows => rows.map((row) => Number(row.dataset.seq))"
    )
    return list(seqs)


def test_a_link_opens_the_room_around_its_message(server: Server, windows: Windows) -> None:
    ana = enter(windows, server, "ana", "/rooms/long?at=300")

    expect(row(ana, 300)).to_be_in_viewport()
    expect(row(ana, 300)).to_have_attribute("data-sought", "")
    expect(row(ana, SAID)).to_have_count(0)
    expect(ana.page.get_by_role("button", name="Newest messages")).to_be_visible()


def test_the_message_of_a_link_is_there_before_any_script(server: Server, windows: Windows) -> None:
    page = windows.open(server.url, java_script_enabled=False)
    page.get_by_label("name").fill("ana")
    page.keyboard.press("Enter")
    expect(page.locator("message-composer")).to_be_visible()

    page.goto(f"{server.url}/rooms/long?at=300")

    expect(Person(page, "ana").sent.filter(has_text="number 300")).to_have_count(1)


def test_an_address_that_points_nowhere_opens_the_room(server: Server, windows: Windows) -> None:
    ana = enter(windows, server, "ana", "/rooms/long?at=nonsense")

    expect(row(ana, SAID)).to_be_in_viewport()


def test_from_the_middle_one_scrolls_both_ways_without_a_jump(
    server: Server, windows: Windows
) -> None:
    ana = enter(windows, server, "ana", "/rooms/long?at=450")
    expect(row(ana, 450)).to_be_in_viewport()

    for pixels in (-1500, 1500, 1500, 1500, -3000):
        ana.scroll(f"scroller.scrollBy(0, {pixels})")
        here = int(ana.page.evaluate(IN_THE_MIDDLE))
        place = top_of(row(ana, here))
        wait_until(lambda: ana.scroller.evaluate(IS_FAR_FROM_BOTH_ENDS), what="more messages")
        assert top_of(row(ana, here)) == pytest.approx(place, abs=1), (pixels, here)

    seqs = shown(ana)
    assert seqs == list(range(seqs[0], seqs[-1] + 1))
    assert len(seqs) > 100


def test_the_page_never_holds_more_than_its_window(server: Server, windows: Windows) -> None:
    ana = enter(windows, server, "ana", "/rooms/long")
    expect(row(ana, SAID)).to_be_in_viewport()
    counts = []

    def is_reached_by(step: str, seq: int) -> bool:
        ana.scroll(step)
        seqs = shown(ana)
        counts.append(len(seqs))
        return seq in seqs

    wait_until(lambda: is_reached_by(TO_THE_TOP, 1), what="the first message")
    expect(row(ana, SAID)).to_have_count(0)
    wait_until(lambda: is_reached_by("scroller.scrollTo(0, 0)", SAID), what="the last message")

    assert max(counts) <= ROWS_AT_MOST
    seqs = shown(ana)
    assert seqs == list(range(seqs[0], SAID + 1))


def test_new_messages_are_counted_while_one_reads_far_back(
    server: Server, windows: Windows, connect: Connect
) -> None:
    script = connect("script")
    script.call("join", {"room": "long"})
    ana = enter(windows, server, "ana", "/rooms/long?at=100")
    expect(row(ana, 100)).to_be_in_viewport()

    for number in range(3):
        script.call("message", {"room": "long", "text": f"late {number}"})

    pill = ana.page.get_by_role("button", name="3 new messages")
    expect(pill).to_be_visible()
    expect(row(ana, 100)).to_be_in_viewport()
    pill.click()
    expect(row(ana, SAID + 3)).to_be_in_viewport()
    expect(ana.sent.last).to_have_text("late 2")
    expect(pill).to_be_hidden()


def test_what_one_says_far_back_leads_to_the_newest(server: Server, windows: Windows) -> None:
    ana = enter(windows, server, "ana", "/rooms/long?at=200")
    expect(row(ana, 200)).to_be_in_viewport()

    ana.say("here I am")

    expect(ana.sent.last).to_have_text("here I am")
    expect(ana.sent.last).to_be_in_viewport()
