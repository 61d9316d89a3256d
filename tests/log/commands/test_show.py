"""`chatapp log show`: a room as it was at some moment."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from chatapp.cli.log import log
from chatapp.domain.model import Draft, Poll
from chatapp.store.message_log import MessageLog
from tests.log.conftest import Clock, draft

from .conftest import Run


@pytest.fixture(autouse=True)
def in_lima(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Five hours behind UTC, always."""
    monkeypatch.setenv("TZ", "<-05>5")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def as_of(run: Run, at: str | None, room: str = "general") -> dict[int, dict[str, object]]:
    """The messages by seq."""
    given = ["--at", at] if at else []
    lines = run(log, "show", room, *given, "--format", "json").stdout.splitlines()
    return {message["seq"]: message for message in map(json.loads, lines)}


def text_of(run: Run, at: str | None) -> dict[int, object]:
    return {seq: message["text"] for seq, message in as_of(run, at).items()}


def test_edits_and_reactions_of_later_are_left_out(run: Run):
    before, after = as_of(run, "2020-01-01"), as_of(run, "2020-01-02")

    assert (before[1]["text"], after[1]["text"]) == ("green tea", "black tea")
    assert "reactions" not in before[1]
    assert after[1]["reactions"] == {"👍": ["bo"]}
    assert before.keys() == after.keys() == {1, 2}
    assert as_of(run, None) == after


@pytest.mark.parametrize(
    ("at", "seqs"),
    [
        ("2020-01-01T04:29:59.999", []),
        ("2020-01-01T04:30", [1, 2]),
        ("2020-01-01 04:30", [1, 2]),
        ("2020-01-01T09:30Z", [1, 2]),
        ("2020-01-01T09:29:59Z", []),
        ("2020-01-01T10:30+01:00", [1, 2]),
        ("2019-12-31", []),
        ("0001-01-02", []),
        ("9998-01-01", [1, 2]),
    ],
)
def test_times_are_of_the_machine_unless_they_say_otherwise(run: Run, at: str, seqs: list[int]):
    assert list(as_of(run, at)) == seqs


def test_a_day_ends_at_midnight_where_the_machine_is(run: Run, data: Path, clock: Clock):
    clock.now = clock.now.replace(day=2, hour=23, tzinfo=ZoneInfo("America/Lima"))
    messages = MessageLog.open(data / "messages", clock=clock)
    messages.append(draft("late"))
    messages.close()

    assert 5 not in as_of(run, "2020-01-01")
    assert as_of(run, "2020-01-02")[5]["at"] == "2020-01-03T04:30:00.000Z"


@pytest.mark.parametrize("at", ["soon", "2020-13-01", "", "2020-01-01T25:00", "10000-01-01"])
def test_what_is_no_time_is_a_wrong_option(run: Run, at: str):
    assert "is no time" in run(log, "show", "general", "--at", at, code=2).stderr


def test_a_message_that_was_deleted_later_is_there_again(run: Run, data: Path, clock: Clock):
    clock.advance(days=1)
    messages = MessageLog.open(data / "messages", clock=clock)
    messages.append(Draft(room="general", sender="bo", type="delete", target=1))
    messages.close()

    assert as_of(run, None)[1]["deleted_by"] == "bo"
    assert text_of(run, "2020-01-02")[1] == "black tea"
    assert text_of(run, "2020-01-01")[1] == "green tea"


def test_what_was_erased_stays_erased(run: Run):
    run(log, "erase", "--sender", "ana", "--yes")

    assert text_of(run, "2020-01-01")[1] == ""
    assert as_of(run, "2020-01-01")[1]["erased_at"]
    assert "(erased)" in run(log, "show", "general", "--at", "2020-01-01").stdout


def test_a_poll_has_the_votes_of_then(run: Run, data: Path, clock: Clock):
    messages = MessageLog.open(data / "messages", clock=clock)
    messages.append(draft("?", poll=Poll(question="?", options=["a", "b"])))
    clock.advance(days=1)
    messages.append(Draft("general", "bo", by="bo", type="react", target=5, emoji="🗳️", vote=[0]))
    messages.close()

    then, now = as_of(run, "2020-01-02")[5], as_of(run, None)[5]

    assert then["poll"]["votes"]["voters"] == 0
    assert now["poll"]["votes"]["counts"] == [1, 0]


def test_people_read_it_as_text(run: Run):
    assert run(log, "show", "#General").stdout.splitlines() == [
        "── 2020-01-01 ──",
        "04:30 [#1] ana          black tea (edited)",
        "      👍 bo",
        "04:30 [#2] bo           ↪ 1 =SUM(A1)",
    ]


def test_control_characters_move_no_terminal(run: Run, data: Path):
    messages = MessageLog.open(data / "messages")
    messages.append(draft("\x1b[31mred", sender="an\x1ba"))
    messages.close()

    assert "\x1b" not in run(log, "show", "general").stdout


def test_a_room_without_messages_then_is_empty_and_one_that_never_was_is_not_there(run: Run):
    assert run(log, "show", "tea", "--at", "2020-01-01").stdout == ""
    run(log, "show", "coffee", code=4)
