"""When people were last here: written in groups, and still known after a restart."""

from datetime import timedelta

import pytest

from chatapp.domain.model import Person
from chatapp.features.presence.last_seen import LastSeen
from tests.features.presence.test_manager import Later
from tests.support.accounts import Clock, MemoryDirectory

ANA = Person(name="Ana", id="ana", role="member")
BEN = Person(name="ben", id="ben", role="member")


@pytest.fixture
def store() -> MemoryDirectory:
    return MemoryDirectory()


def seen_by(store, later, clock) -> LastSeen:
    return LastSeen(store, clock=clock, later=later)


def test_it_is_known_at_once_and_written_in_groups(store) -> None:
    later, clock = Later(), Clock()
    seen = seen_by(store, later, clock)

    for _ in range(5):
        clock.pass_by(timedelta(seconds=1))
        seen.note(ANA)
        seen.note(BEN)

    assert seen.of("ana") == "2026-11-22T09:30:05.000Z"
    assert store.commits == 0
    assert len(later.steps) == 1
    later.pass_time()
    assert store.commits == 1
    later.pass_time()
    assert (store.commits, later.steps) == (1, [])


def test_it_outlives_a_restart(store) -> None:
    clock = Clock()
    before = seen_by(store, Later(), clock)
    before.note(BEN)
    clock.pass_by(timedelta(seconds=1))
    before.note(ANA)
    before.flush()

    after = seen_by(store, Later(), clock)

    assert after.of("ana") == "2026-11-22T09:30:01.000Z"
    assert list(after.latest_first()) == ["ana", "ben"]


def test_guests_are_not_remembered(store) -> None:
    later = Later()
    seen = seen_by(store, later, Clock())

    seen.note(Person(name="gus", id="a key"))

    assert (seen.of("gus"), later.steps) == (None, [])


def test_the_end_of_a_visit_elsewhere_is_known_and_written_by_the_other_process(store) -> None:
    later, clock = Later(), Clock()
    seen = seen_by(store, later, clock)
    seen.note(BEN)

    clock.pass_by(timedelta(seconds=1))
    seen.note_elsewhere(ANA)

    assert seen.of("ana") == "2026-11-22T09:30:01.000Z"
    assert list(seen.latest_first()) == ["ana", "ben"]
    later.pass_time()
    assert store.table("seen", str).get("ana") is None


def test_a_later_time_of_another_process_is_not_overwritten(store) -> None:
    later = Later()
    seen = seen_by(store, later, Clock())
    seen.note(ANA)
    seen.note(BEN)

    store.follow("seen", "ana", "2026-11-22T09:31:00.000Z")
    store.follow("seen", "ben", "2026-11-22T09:29:00.000Z")
    later.pass_time()

    assert seen.of("ana") == "2026-11-22T09:31:00.000Z"
    assert seen.of("ben") == "2026-11-22T09:30:00.000Z"
    assert store.table("seen", str).get("ana") == "2026-11-22T09:31:00.000Z"
    assert list(seen.latest_first()) == ["ana", "ben"]
