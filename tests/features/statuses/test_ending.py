"""When statuses end, with a clock, a lease and tables of the test's own."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chatapp.domain.clock import timestamp
from chatapp.domain.errors import ReadOnly
from chatapp.domain.future import Future
from chatapp.domain.model import Person
from chatapp.features.statuses.ending import StatusEnds
from chatapp.features.statuses.rows import StatusRows
from chatapp.protocol.values import PersonStatus
from tests.support.accounts import MemoryDirectory

NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)
ANA = Person(name="ana", id="a1", role="member")
GUS = Person(name="gus", id="guest:" + "0" * 32)


class Chat:
    """What ends statuses needs, in the test's hands. `go(seconds)` lets time pass."""

    def __init__(self, directory: MemoryDirectory) -> None:
        self.now = NOON
        self.is_held = True
        self.told: list[str] = []
        self._taken: list[Any] = []
        self._waiting: list[tuple[datetime, Any]] = []
        self.rows = StatusRows(directory, clock=lambda: self.now)
        self.ends = StatusEnds(
            self.rows,
            lease=self,
            clock=lambda: self.now,
            later=self._later,
            tell=lambda _id, name: self.told.append(name),
        )

    def on_taken(self, begin: Any) -> None:
        self._taken.append(begin)

    def take(self) -> None:
        self.is_held = True
        for begin in self._taken:
            begin()

    def say(self, person: Person, seconds: float | None) -> None:
        until = None if seconds is None else timestamp(self.now + timedelta(seconds=seconds))
        self.rows.put(person, PersonStatus(text="busy", until=until))

    def go(self, seconds: float) -> None:
        until = self.now + timedelta(seconds=seconds)
        while due := sorted((at, n) for n, (at, _) in enumerate(self._waiting) if at <= until):
            at, number = due[0]
            _, step = self._waiting.pop(number)
            self.now = max(self.now, at)
            step()
        self.now = until

    def _later(self, seconds: float, step: Any) -> None:
        self._waiting.append((self.now + timedelta(seconds=seconds), step))


@pytest.fixture
def directory() -> MemoryDirectory:
    return MemoryDirectory()


@pytest.fixture
def chat(directory: MemoryDirectory) -> Chat:
    chat = Chat(directory)
    chat.ends.start()
    return chat


def test_everyone_is_told_when_a_status_ends_and_its_row_goes(chat):
    chat.say(ANA, 60)
    chat.say(GUS, 90)

    chat.go(59)
    assert chat.told == []
    assert chat.rows.of(ANA.id)
    chat.go(1)
    assert chat.told == ["ana"]
    assert chat.rows.of(ANA.id) is None
    chat.go(30)

    assert chat.told == ["ana", "gus"]
    assert list(chat.rows.all.items()) == []


def test_a_newer_status_has_its_own_end_or_none(chat):
    chat.say(ANA, 60)
    chat.say(ANA, 600)
    chat.say(GUS, 60)
    chat.say(GUS, None)

    chat.go(500)
    assert chat.told == []
    chat.go(100_000)

    assert chat.told == ["ana"]
    assert [id for id, _ in chat.rows.all.items()] == [GUS.id]


def test_a_process_without_the_lease_tells_its_clients_and_leaves_the_row(chat):
    chat.is_held = False
    chat.say(ANA, 60)

    chat.go(60)

    assert chat.told == ["ana"]
    assert chat.rows.of(ANA.id) is None
    assert chat.rows.all.get(ANA.id)
    chat.take()
    assert chat.rows.all.get(ANA.id) is None


def test_what_ended_while_nothing_ran_is_over_at_once_and_its_row_goes(chat, directory):
    chat.say(ANA, 60)
    chat.is_held = False
    chat.go(0)
    later = Chat(directory)
    later.now = NOON + timedelta(days=1)

    assert later.rows.of(ANA.id) is None
    later.ends.start()
    later.go(1)

    assert later.rows.all.get(ANA.id) is None


def test_a_full_disk_leaves_a_row_that_counts_for_nothing(chat, monkeypatch, caplog):
    def refuse(_id: str, _row: object) -> Future[None]:
        raise ReadOnly("The disk is full.")

    chat.say(ANA, 60)
    monkeypatch.setattr(chat.rows.all, "drop", refuse)

    chat.go(60)

    assert chat.told == ["ana"]
    assert chat.rows.of(ANA.id) is None
    assert "The disk is full." in caplog.text
