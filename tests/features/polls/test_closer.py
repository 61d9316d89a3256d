"""When polls close by themselves, with a clock and a lease of the test's own, on a real log."""

from datetime import timedelta
from typing import Any

import pytest

from chatapp.domain.errors import ReadOnly
from chatapp.domain.future import Future
from chatapp.features.polls.closer import PollCloser
from tests.features.polls.test_polls import BEN, NOON, Table


class Closing:
    """A closer that hears the log of a table. `go(seconds)` lets time pass."""

    def __init__(self, log: Any) -> None:
        self.table = Table(log)
        self.is_held = True
        self.refusals: list[Exception] = []
        self.asked: list[tuple[str, int]] = []
        self._taken: list[Any] = []
        self._waiting: list[tuple[Any, Any]] = []
        self.closer = PollCloser(
            log, self, lease=self, clock=lambda: self.table.now, later=self._later
        )
        log.feed.subscribe(self.closer.hear)

    def close_due(self, room: str, seq: int) -> Future[Any]:
        self.asked.append((room, seq))
        if self.refusals:
            raise self.refusals.pop()
        return self.table.polls.close_due(room, seq)

    def on_taken(self, begin: Any) -> None:
        self._taken.append(begin)

    def take(self) -> None:
        self.is_held = True
        for begin in self._taken:
            begin()

    def ask(self, **after: float) -> int:
        closes_at = self.table.now + timedelta(**after)
        return self.table.ask("a", "b", closes_at=closes_at).seq

    def go(self, **span: float) -> None:
        until = self.table.now + timedelta(**span)
        while due := sorted((at, n) for n, (at, _) in enumerate(self._waiting) if at <= until):
            at, number = due[0]
            _, step = self._waiting.pop(number)
            self.table.now = max(self.table.now, at)
            step()
        self.table.now = until

    def closed(self) -> dict[int, str | None]:
        page = self.table.log.history("tea").messages
        return {one.seq: one.poll.closed_at for one in page if one.poll and one.poll.closed_at}

    def _later(self, seconds: float, step: Any) -> None:
        self._waiting.append((self.table.now + timedelta(seconds=seconds), step))


@pytest.fixture
def closing(log: Any) -> Closing:
    closing = Closing(log)
    closing.closer.start()
    return closing


def test_a_poll_closes_when_its_time_has_come_and_not_before(closing: Closing):
    later, soon = closing.ask(hours=2), closing.ask(minutes=1)
    closing.table.vote(BEN, 1, seq=soon)

    closing.go(seconds=59)
    assert closing.closed() == {}
    closing.go(seconds=1)
    assert closing.closed() == {soon: "2026-12-01T12:01:00.000Z"}
    closing.go(days=1)

    assert list(closing.closed()) == [later, soon]
    assert closing.table.seen(seq=soon).votes.counts == [0, 1]


def test_what_was_due_while_no_process_ran_is_closed_at_the_start(log: Any):
    first = Closing(log)
    poll = first.ask(minutes=1)
    log.search("so that the index has it").result()
    newer = first.ask(minutes=1)

    again = Closing(log)
    again.table.now = NOON + timedelta(days=1)
    again.closer.start()

    assert set(again.closed()) == {poll, newer}


def test_who_has_no_lease_leaves_it_to_others_and_goes_on_when_it_gets_one(closing: Closing):
    closing.is_held = False
    poll = closing.ask(minutes=1)

    closing.go(hours=1)
    assert closing.closed() == {}
    closing.take()

    assert set(closing.closed()) == {poll}


def test_a_poll_that_is_closed_or_deleted_is_left_alone(closing: Closing):
    by_hand, deleted = closing.ask(minutes=1), closing.ask(minutes=1)
    closing.table.close(seq=by_hand)
    closing.table.delete(deleted)

    closing.go(hours=1)

    assert closing.asked == []


def test_a_disk_that_is_full_for_a_while_only_delays_it(closing: Closing):
    poll = closing.ask(minutes=1)
    closing.refusals = [ReadOnly("full"), ReadOnly("full")]

    closing.go(minutes=1)
    assert closing.closed() == {}
    closing.go(minutes=1)

    assert (set(closing.closed()), len(closing.asked)) == ({poll}, 3)
