"""What becomes due when, with a clock of the test's own."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chatapp.domain.clock import timestamp
from chatapp.domain.due_times import LOOK_SECONDS, DueTimes

NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)


class Clock:
    """`go(seconds)` lets time pass; `rung` is what became due, `woken` counts the timers."""

    def __init__(self) -> None:
        self.now = NOON
        self.is_on = True
        self.woken = 0
        self.rung: list[str] = []
        self._waiting: list[tuple[datetime, Any]] = []
        self.due = DueTimes(
            lambda key, _at: self.rung.append(key),
            clock=lambda: self.now,
            later=self._later,
            is_on=lambda: self.is_on,
        )

    def set(self, key: str, seconds: float) -> None:
        self.due.set(key, timestamp(self.now + timedelta(seconds=seconds)))

    def go(self, seconds: float) -> None:
        until = self.now + timedelta(seconds=seconds)
        while due := sorted((at, n) for n, (at, _) in enumerate(self._waiting) if at <= until):
            at, number = due[0]
            _, step = self._waiting.pop(number)
            self.now = max(self.now, at)
            self.woken += 1
            step()
        self.now = until

    def _later(self, seconds: float, step: Any) -> None:
        self._waiting.append((self.now + timedelta(seconds=seconds), step))


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_each_rings_at_its_time_and_once(clock):
    clock.set("second", 200)
    clock.set("first", 10)

    clock.go(9)
    assert clock.rung == []
    clock.go(1)
    assert clock.rung == ["first"]
    clock.go(1000)

    assert clock.rung == ["first", "second"]


def test_a_time_that_was_changed_or_forgotten_does_not_ring(clock):
    clock.set("later", 10)
    clock.set("never", 10)
    clock.set("later", 100)
    clock.due.set("never", None)

    clock.go(99)
    assert clock.rung == []
    clock.go(1)

    assert clock.rung == ["later"]


def test_what_is_due_while_it_is_off_rings_when_it_is_on_again(clock):
    clock.is_on = False
    clock.set("late", 10)
    clock.go(100)
    assert clock.rung == []

    clock.is_on = True
    clock.due.look()

    assert clock.rung == ["late"]


def test_nearer_times_leave_no_timers_that_wake_for_ever(clock):
    for seconds in range(50, 0, -1):
        clock.set("same", seconds * 1000)

    clock.go(20 * LOOK_SECONDS)

    assert clock.woken <= 22


def test_many_changes_of_one_time_take_no_memory(clock):
    for number in range(10_000):
        clock.set("same", 100_000 + number)

    assert len(clock.due._heap) < 100
