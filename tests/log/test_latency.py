"""How long commits took: now, and minute by minute."""

import pytest

from chatapp.log.latency import KEPT_A_MINUTE, Latency, percentiles


class Now:
    def __init__(self) -> None:
        self.seconds = 6_000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def now() -> Now:
    return Now()


def test_half_and_ninety_nine_of_a_hundred():
    found = percentiles(float(number) for number in range(1, 101))

    assert found is not None
    assert (found.p50, found.p99, found.count) == (50.0, 99.0, 100)
    assert percentiles([]) is None


def test_now_is_the_last_five_minutes(now: Now):
    latency = Latency(now)
    latency.add(9.0)
    now.seconds += 4 * 60
    latency.add(1.0)
    recent = latency.recent()
    assert recent is not None
    assert recent.p99 == 9.0

    now.seconds += 60
    recent = latency.recent()
    assert recent is not None
    assert recent.p99 == 1.0
    now.seconds += 5 * 60
    assert latency.recent() is None


def test_an_hour_minute_by_minute_with_its_gaps(now: Now):
    latency = Latency(now)
    latency.add(1.0)
    now.seconds += 120
    latency.add(2.0)

    minutes = latency.by_minute()

    assert [minute for minute, _ in minutes] == list(range(43, 103))
    assert [found and found.p50 for _, found in minutes[-4:]] == [None, 1.0, None, 2.0]
    now.seconds += 3_600
    assert [found for _, found in latency.by_minute() if found] == []


def test_a_busy_minute_takes_no_more_memory_than_that(now: Now):
    latency = Latency(now)
    for _ in range(KEPT_A_MINUTE + 100):
        latency.add(0.001)

    recent = latency.recent()
    assert recent is not None
    assert recent.count == KEPT_A_MINUTE
