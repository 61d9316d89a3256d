"""When the news of a full disk is told, and when it is lifted."""

from collections.abc import Callable

import pytest

from chatapp.domain.errors import ChatError, ReadOnly, Unavailable
from chatapp.domain.future import Future
from chatapp.features.health.manager import FILE_CHECK_SECONDS, SPACE_CHECK_SECONDS, HealthManager
from chatapp.protocol.pushes import ReadOnlyMode

FULL = ReadOnlyMode(on=True, reason="The disk is full.")


class Journal:
    def __init__(self) -> None:
        self.refusal: ChatError | None = None
        self.refused: Callable[[], None]
        self.has_room = True
        self.is_over = False
        self.is_closed = False
        self.looks = 0

    def end(self, refusal: ChatError) -> None:
        self.is_over, self.refusal, self.has_room = True, refusal, False

    def look_at_files(self) -> None:
        self.looks += 1

    def refuse(self) -> None:
        self.refusal, self.has_room = ReadOnly("The disk is full."), False
        self.refused()

    def look_for_room(self) -> Future[bool]:
        pending: Future[bool] = Future()
        if self.is_closed:
            pending.fail(Unavailable("The server is stopping."))
            return pending
        if self.has_room:
            self.refusal = None
        pending.resolve(self.has_room)
        return pending


class House:
    def __init__(self) -> None:
        self.log, self.directory = Journal(), Journal()
        self.told: list[ReadOnlyMode] = []
        self.due: list[tuple[float, Callable[[], None]]] = []
        self.health = HealthManager(
            [self.log, self.directory],
            tell=self.told.append,
            later=lambda seconds, step: self.due.append((seconds, step)),
        )

    def wait(self) -> None:
        ((seconds, step),) = self.due
        assert seconds == SPACE_CHECK_SECONDS
        self.due.clear()
        step()


@pytest.fixture
def house() -> House:
    return House()


def test_it_is_told_once_and_lifted_when_there_is_room(house: House):
    house.log.refuse()
    house.log.refuse()
    house.wait()
    assert house.told == [FULL]

    house.log.has_room = True
    house.wait()

    assert house.told == [FULL, ReadOnlyMode(on=False)]
    assert house.due == []


def test_a_small_message_that_still_fits_does_not_lift_it(house: House):
    house.log.refuse()

    house.log.refusal = None
    house.wait()

    assert house.health.mode == FULL
    assert house.told == [FULL]


def test_the_files_of_each_journal_are_looked_at_again_and_again(house: House):
    house.health.start()

    for _ in range(2):
        ((seconds, step),) = house.due
        house.due.clear()
        assert seconds == FILE_CHECK_SECONDS
        step()

    assert (house.log.looks, house.directory.looks) == (2, 2)


def test_where_one_is_over_none_takes_anything_more(house: House):
    house.log.is_over = True
    house.log.refuse()

    house.wait()

    assert house.directory.is_over
    assert house.directory.refusal is house.log.refusal
    assert house.told == [FULL]


def test_every_journal_counts(house: House):
    house.log.refuse()
    house.directory.refuse()
    house.log.has_room = True

    house.wait()

    assert house.told == [FULL]
    house.directory.has_room = True
    house.wait()
    assert house.told[-1] == ReadOnlyMode(on=False)


def test_a_server_that_stops_looks_no_more(house: House):
    house.log.refuse()
    house.log.is_closed = house.directory.is_closed = True

    house.wait()

    assert house.due == []
    assert house.told == [FULL]
