"""A room as of a date in the console, over a real log and the clock of the test."""

import re
from datetime import timedelta

import pytest
from msgspec.structs import replace

from chatapp.domain.model import Draft, Poll
from chatapp.domain.polls import BALLOT
from chatapp.store.message_log import MessageLog
from tests.support.accounts import Clock
from tests.support.pages import Browser
from tests.support.records import say


def change(log: MessageLog, type: str, target: int, **more: object) -> None:
    log.append(Draft("general", "bo", by="bo", type=type, target=target, **more))  # type: ignore[arg-type]
    log.flush()


@pytest.fixture
def days(log: MessageLog, clock: Clock) -> None:
    """22 November: three messages. 23: they are changed. 24: another one."""
    say(log, "green tea")
    say(log, "milk <b>")
    say(log, "sugar")
    clock.pass_by(timedelta(days=1))
    change(log, "edit", 1, text="black tea")
    change(log, "delete", 2)
    change(log, "react", 3, emoji="👍", on=True)
    clock.pass_by(timedelta(days=1))
    say(log, "coffee")


def texts(admin: Browser, at: str, **more: object) -> list[str]:
    page = admin.get("/admin/room/as-of", query_string={"name": "general", "at": at, **more}).text
    return re.findall(r'<p class="whole-text" dir="auto">(.*?)</p>', page, re.DOTALL)


@pytest.mark.usefixtures("days")
def test_later_changes_are_left_out(admin: Browser) -> None:
    assert texts(admin, "2026-11-22") == ["green tea", "milk &lt;b&gt;", "sugar"]
    assert texts(admin, "2026-11-22T09:30:00") == ["green tea", "milk &lt;b&gt;", "sugar"]
    assert texts(admin, "2026-11-22T09:29:59") == []
    assert texts(admin, "2026-11-23") == ["black tea", "sugar"]
    assert texts(admin, "2026-11-25T00:00") == ["black tea", "sugar", "coffee"]


@pytest.mark.usefixtures("days")
def test_reactions_and_deletions_of_then_are_shown(admin: Browser) -> None:
    page = admin.get("/admin/room/as-of?name=general&at=2026-11-23").text

    assert "👍 bo" in page
    assert "Deleted by bo." in page
    assert "👍" not in admin.get("/admin/room/as-of?name=general&at=2026-11-22").text


def test_votes_of_then_are_counted(admin: Browser, log: MessageLog, clock: Clock) -> None:
    """One in the index, one in memory; the second person changes theirs on the next day."""
    poll = Poll(question="Tea?", options=["Green", "Black"])
    log.append(Draft("general", "ana", by="ana", text="Tea?", poll=poll))
    ballot = Draft("general", "bo", by="bo", type="react", target=1, emoji=BALLOT, on=True)
    log.append(replace(ballot, vote=[0]))
    log.append(replace(ballot, sender="cy", by="cy", vote=[0]))
    log.flush()
    log.check_index()
    clock.pass_by(timedelta(days=1))
    log.append(replace(ballot, sender="cy", by="cy", vote=[1]))
    log.flush()

    assert "1. Green — 2 votes\n2. Black — 0 votes" in texts(admin, "2026-11-22")[0]
    assert "1. Green — 1 vote\n2. Black — 1 vote" in texts(admin, "2026-11-23")[0]


def test_what_was_imported_later_is_at_its_time(
    admin: Browser, log: MessageLog, clock: Clock
) -> None:
    say(log, "new")
    old = Draft(room="general", sender="ana", text="old")
    log.append(old, at="2026-01-01T00:00:00.000Z")
    log.flush()

    assert texts(admin, "2026-02-01") == ["old"]


def test_many_messages_have_pages(admin: Browser, log: MessageLog) -> None:
    for number in range(70):
        say(log, f"message {number}")
        change(log, "react", 1, emoji="👍", on=bool(number % 2))

    newest = admin.get("/admin/room/as-of?name=general&at=2026-11-22")
    (before,) = re.findall(r"before=(\d+)", newest.text)

    assert texts(admin, "2026-11-22")[0] == "message 20"
    assert texts(admin, "2026-11-22", before=before) == [f"message {n}" for n in range(20)]


@pytest.mark.parametrize("at", ["soon", "2026-13-01", "9999-12-31", "x" * 5000, "2026-11-22T25:00"])
def test_what_is_no_time_is_refused(admin: Browser, at: str) -> None:
    answer = admin.get("/admin/room/as-of", query_string={"name": "general", "at": at})

    assert answer.status_code == 400
    assert 'id="problem"' in answer.text


def test_a_wrong_page_and_an_unknown_room_are_refused(admin: Browser) -> None:
    wrong = admin.get("/admin/room/as-of?name=general&at=2026-11-22&before=x")

    assert wrong.status_code == 400
    assert admin.get("/admin/room/as-of?name=nowhere&at=2026-11-22").status_code == 404
    assert admin.get("/admin/room/as-of?name=general").status_code == 200
