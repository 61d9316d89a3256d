"""What a process does with erasures that it cannot complete: tests/cluster/test_erasing.py has the
rest, with a database."""

from collections import deque
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, cast

import pytest

from chatapp.admin.shared_erasures import RETRY_SECONDS, SharedErasures
from chatapp.domain.errors import Unavailable
from chatapp.log.errors import StorageError
from chatapp.log.manifest import DecidedErasure
from chatapp.upkeep.erase import Erased
from chatapp.upkeep.processes import ProcessFailed

Step = Callable[[], None]


class Process:
    """Its journal lacks what `decide()` adds; `fails` is what erasing raises."""

    def __init__(self) -> None:
        self.journal: Any = SimpleNamespace(lacking=deque(), lacks=None)
        self.steps: list[tuple[float, Step]] = []
        self.erased: list[int] = []
        self.overwritten: list[int] = []
        self.fails: Exception | None = None
        self.is_database_away = False
        self.erasures = SharedErasures(
            self.journal,
            cast("Any", self),
            overwrite_database=self._overwrite,
            later=lambda seconds, step: self.steps.append((seconds, step)),
        )

    def decide(self, number: int) -> None:
        erasure = DecidedErasure(number=number, n=9, at="now", wanted={"sender": "eva"})
        self.journal.lacking.append(erasure)
        self.journal.lacks()

    def go_on(self) -> float:
        """Does the next step; after how many seconds."""
        seconds, step = self.steps.pop(0)
        step()
        return seconds

    def erase_decided(self, decided: DecidedErasure, _told: object) -> Erased:
        if self.fails:
            raise self.fails
        self.erased.append(decided.number)
        return Erased(erased=1)

    def _overwrite(self) -> None:
        if self.is_database_away:
            raise ProcessFailed("PostgreSQL cannot be used.")
        self.overwritten = self.erased.copy()


@pytest.fixture
def process() -> Process:
    return Process()


def test_what_others_have_decided_is_erased_in_order(process: Process) -> None:
    process.decide(1)
    process.decide(2)

    process.go_on()

    assert process.erased == process.overwritten == [1, 2]
    process.go_on()
    assert (process.erased, process.steps) == ([1, 2], [])


def test_what_fails_is_tried_again_until_it_is_gone(
    process: Process, caplog: pytest.LogCaptureFixture
) -> None:
    process.fails = Unavailable("The disk is full.")
    process.decide(1)
    process.decide(2)
    process.go_on()
    process.go_on()
    process.fails, process.is_database_away = None, True
    assert process.go_on() == RETRY_SECONDS
    process.is_database_away = False

    assert process.go_on() == RETRY_SECONDS

    assert process.erased == process.overwritten == [1, 2]
    assert process.steps == []
    assert "The disk is full." in caplog.text
    assert "PostgreSQL cannot be used." in caplog.text


def test_a_process_that_cannot_erase_what_it_missed_does_not_start(process: Process) -> None:
    process.decide(1)
    process.fails = Unavailable("The disk is full.")

    with pytest.raises(StorageError, match="others have erased cannot be erased here: The disk"):
        process.erasures.catch_up()
