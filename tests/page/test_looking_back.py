"""What a message said before, and what was said on a day."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import expect
from socketio import SimpleClient

from chatapp.domain.model import Draft
from chatapp.store.message_log import MessageLog
from tests.page.people import Person, enter
from tests.support.browser import Windows
from tests.support.server import Server

Connect = Callable[..., SimpleClient]

NOW = datetime.now(UTC).replace(hour=12, minute=0)
DAYS_AGO = [400, 30, 3, 1]
SAID_A_DAY = 60


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A chat where something was said on some days."""
    server = Server(tmp_path_factory.mktemp("house"))
    said_on_days(server.data / "messages")
    yield server.start()
    server.close()


def said_on_days(folder: Path) -> None:
    folder.parent.mkdir(parents=True)
    log = MessageLog.open(folder)
    for ago in DAYS_AGO:
        for number in range(SAID_A_DAY):
            at = NOW - timedelta(days=ago, minutes=-number)
            draft = Draft(room="general", sender="bo", text=f"{number} of {ago} days ago")
            log.append(draft, at=at.strftime("%Y-%m-%dT%H:%M:%S.000Z"))
    log.close()


def day(ago: int) -> str:
    return (NOW - timedelta(days=ago)).strftime("%Y-%m-%d")


def go_to(ana: Person, ago: int) -> None:
    dialog = ana.page.get_by_role("dialog", name="Go to a day")
    expect(dialog).to_be_visible()
    dialog.get_by_label("Day").fill(day(ago))
    dialog.get_by_label("Day").press("Enter")
    expect(dialog).to_be_hidden()


def test_a_day_is_gone_to_by_keyboard_and_shown_in_context(house: Server, windows: Windows) -> None:
    ana = enter(windows, house, "ana", timezone_id="UTC")
    ana.use_letters()
    ana.page.locator(".scroller").focus()

    ana.page.keyboard.press("g")
    go_to(ana, 30)

    first = ana.page.locator("[data-sought]")
    expect(first.locator(".text")).to_have_text("0 of 30 days ago")
    expect(first).to_be_focused()
    expect(first).to_be_in_viewport()
    expect(first.locator("xpath=preceding-sibling::li[1]//*[@class='text']")).to_have_text(
        "59 of 400 days ago"
    )
    expect(ana.page.get_by_role("button", name="Newest messages")).to_be_visible()


def test_a_day_is_gone_to_from_the_line_that_begins_one_also_where_nothing_was_said(
    house: Server, windows: Windows
) -> None:
    ana = enter(windows, house, "ada", timezone_id="UTC")

    ana.scroller.evaluate("(scroller) => (scroller.scrollTop = -1_000_000)")
    ana.page.locator(f"#message-{3 * SAID_A_DAY + 1} .day button").click()
    expect(ana.page.get_by_label("Day", exact=True)).to_have_value(day(1))
    go_to(ana, 20)

    sought = ana.page.locator("[data-sought] .text")
    expect(ana.page.locator(".toast")).to_have_text(re.compile("No messages on that day"))
    expect(sought).to_have_text("0 of 3 days ago")
    ana.page.get_by_role("button", name="Go to a day").first.click()
    go_to(ana, 0)
    expect(ana.page.locator(".toast")).to_have_text("No messages since then.")
    expect(ana.sent.last).to_be_in_viewport()
    ana.page.get_by_role("button", name="Go to a day").first.click()
    ana.page.get_by_role("button", name="A month ago").click()
    expect(sought).to_have_text("0 of 30 days ago")


def test_edited_opens_what_was_said_before_for_who_may_see_the_message(
    house: Server, windows: Windows, connect: Connect
) -> None:
    bo = connect("bo", url=house.url)
    ana = enter(windows, house, "ava")
    seq = bo.call("message", {"text": "at nine"})["message"]["seq"]
    for text in ("at ten", "at **eleven**"):
        bo.call("edit", {"room": "general", "seq": seq, "text": text})
    edited = ana.page.locator(f"#message-{seq}").get_by_role("button", name="edited")

    edited.click()

    dialog = ana.page.get_by_role("dialog", name="Earlier versions")
    texts = dialog.locator(".version-text")
    expect(texts).to_have_text(["at nine", "at ten", "at **eleven**"])
    expect(dialog.locator("time")).to_have_text([re.compile(r"\d:\d\d")] * 3)
    expect(dialog.locator(".version-now:visible")).to_have_count(1)
    bo.call("edit", {"room": "general", "seq": seq, "text": "at noon"})
    expect(texts).to_have_count(4)
    ana.page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    ana.page.locator(f"#message-{seq}").focus()
    ana.page.keyboard.press("v")
    expect(texts).to_have_count(4)
    bo.call("delete", {"room": "general", "seq": seq})
    expect(dialog).to_be_hidden()
    expect(edited).to_be_hidden()
    refused = bo.call("versions", {"room": "general", "seq": seq})
    assert refused["error"]["code"] == "not_found"


def test_what_is_said_of_a_day_goes_away_by_itself(house: Server, windows: Windows) -> None:
    page = windows.open(timezone_id="UTC")
    page.clock.install()
    ana = enter(windows, house, "ida", page=page)
    toast = page.locator(".toast")
    page.get_by_role("button", name="Go to a day").first.click()
    go_to(ana, 20)
    expect(toast).to_have_text(re.compile("No messages on that day"))

    page.clock.fast_forward("00:10")

    expect(toast).to_be_empty()
