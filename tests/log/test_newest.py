"""While messages come in, the index follows a good many behind, and takes many at once."""

import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from queue import SimpleQueue
from types import SimpleNamespace

import pytest

from chatapp.index.indexing import Indexing
from chatapp.log.errors import StorageError
from chatapp.store.message_log import MessageLog
from tests.support.waiting import DEADLINE_SECONDS

from .conftest import draft

Turns = SimpleQueue[Callable[[], None]]


@pytest.fixture(autouse=True)
def machine_has_just_started(monkeypatch: pytest.MonkeyPatch) -> None:
    """The monotonic clock begins anywhere: here at zero, as on a machine that has just started."""
    started = time.monotonic()
    clock = SimpleNamespace(monotonic=lambda: time.monotonic() - started)
    monkeypatch.setattr("chatapp.store.index_feed.time", clock)


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Up to which record the index went, each time that it took some in."""
    monkeypatch.setattr("chatapp.store.index_feed.INDEX_RECORDS", 10)
    monkeypatch.setattr("chatapp.store.index_feed.INDEX_SECONDS", 3600.0)
    monkeypatch.setattr("chatapp.store.index_feed.INDEX_AT_MOST_RECORDS", 50)
    taken: list[int] = []
    take_in = Indexing.take_in

    def noted(self: Indexing, chunk: object) -> int:
        taken.append(take_in(self, chunk))  # type: ignore[arg-type]
        return taken[-1]

    monkeypatch.setattr(Indexing, "take_in", noted)
    return taken


@pytest.fixture
def turns() -> Turns:
    """An event loop that the test turns by hand."""
    return SimpleQueue()


@pytest.fixture
def log(memory: Path, turns: Turns, taken: list[int]) -> Iterator[MessageLog]:
    log = MessageLog.open(memory / "messages", deliver=turns.put)
    yield log
    log.close()


def say(log: MessageLog, turns: Turns, count: int) -> None:
    """One message after the other is durable, and so is the index what it wants to be."""
    for i in range(count):
        pending = log.append(draft(f"message {i}"))
        while not pending.done:
            turns.get(timeout=DEADLINE_SECONDS)()


def settled(turns: Turns, taken: list[int], times: int) -> list[int]:
    while len(taken) < times:
        turns.get(timeout=DEADLINE_SECONDS)()
    return taken


def test_what_comes_in_slowly_is_taken_in_as_soon_as_it_is_worth_it(
    log: MessageLog, turns: Turns, taken: list[int]
):
    say(log, turns, 9)
    assert taken == []

    say(log, turns, 1)

    assert settled(turns, taken, 1) == [10]


def test_who_asks_it_has_it_brought_up_to_date(log: MessageLog, turns: Turns, taken: list[int]):
    say(log, turns, 9)

    found = log.find(limit=3)
    while not found.done:
        turns.get(timeout=DEADLINE_SECONDS)()

    assert taken == [9]
    assert [logged.n for logged in found.result()] == [9, 8, 7]


def test_what_cannot_be_taken_in_is_told_to_who_asks(
    log: MessageLog, turns: Turns, monkeypatch: pytest.MonkeyPatch
):
    def damaged(*_: object) -> int:
        raise StorageError("messages/ line 3 is damaged")

    say(log, turns, 9)
    with monkeypatch.context() as patched:
        patched.setattr(Indexing, "take_in", damaged)
        found = log.find()
        while not found.done:
            turns.get(timeout=DEADLINE_SECONDS)()

        with pytest.raises(StorageError, match="line 3"):
            found.result()


def test_what_cannot_be_taken_in_is_not_tried_with_every_record(
    log: MessageLog, turns: Turns, monkeypatch: pytest.MonkeyPatch
):
    tries: list[int] = []

    def full(*_: object) -> int:
        tries.append(1)
        raise sqlite3.OperationalError("database or disk is full")

    with monkeypatch.context() as patched:
        patched.setattr(Indexing, "take_in", full)
        say(log, turns, 10)
        settled(turns, tries, 1)
        say(log, turns, 190)

        assert len(tries) == 1
    page = log.history("general", limit=300)
    assert [message.seq for message in page.messages] == list(range(1, 201))


def test_what_comes_in_fast_gathers_until_it_is_much(
    log: MessageLog, turns: Turns, taken: list[int]
):
    say(log, turns, 10)
    settled(turns, taken, 1)

    say(log, turns, 49)
    assert taken == [10]
    found = log.history("general", limit=100)
    assert [message.seq for message in found.messages] == list(range(1, 60))

    say(log, turns, 30)

    first, second = settled(turns, taken, 2)
    assert first == 10
    assert second >= 60
