"""How fast one person may go, on a clock that the test turns."""

import pytest

from chatapp.domain.errors import RateLimited
from chatapp.domain.model import Person
from chatapp.domain.rates import MovingWindow, PersonPace, Rate, RateLimiter


class Clock:
    def __init__(self, now: float = 0.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


@pytest.fixture(params=[0.0, 0.5, 1_000_000.0], ids=["zero", "just started", "long up"])
def clock(request: pytest.FixtureRequest) -> Clock:
    """A monotonic clock: of a machine that has just started, and of one that is long up."""
    return Clock(request.param)


def test_a_burst_goes_through_and_the_next_one_waits_for_the_first_to_grow_old(clock: Clock):
    pace = RateLimiter(Rate(burst=3, per_second=0.5), "messages", clock)
    for _ in range(3):
        pace.check("ana")
        clock.now += 1

    with pytest.raises(RateLimited, match=r"Too many messages at once; try again in 3 s\.") as slow:
        pace.check("ana")
    pace.check("ben")

    assert slow.value.retry_after == 3
    clock.now += 3
    pace.check("ana")
    with pytest.raises(RateLimited):
        pace.check("ana")


def test_who_waits_as_long_as_told_is_let_through(clock: Clock):
    pace = RateLimiter(Rate(burst=1, per_second=3), "messages", clock)
    pace.check("ana")
    clock.now += 0.06

    with pytest.raises(RateLimited) as slow:
        pace.check("ana")

    assert slow.value.retry_after is not None
    clock.now += slow.value.retry_after
    pace.check("ana")


def test_a_refused_one_is_not_counted(clock: Clock):
    pace = RateLimiter(Rate(burst=1, per_second=1), "messages", clock)
    pace.check("ana")
    clock.now += 0.5
    with pytest.raises(RateLimited):
        pace.check("ana")

    clock.now += 0.5

    pace.check("ana")


def test_another_rate_counts_at_once(clock: Clock):
    pace = RateLimiter(Rate(burst=1, per_second=0.001), "messages", clock)
    pace.check("ana")

    pace.change(None)
    for _ in range(100):
        pace.check("ana")

    pace.change(Rate(burst=1, per_second=0.001))
    pace.check("ana")
    with pytest.raises(RateLimited):
        pace.check("ana")


def test_nobody_waits_longer_when_the_wall_clock_is_put_back(monkeypatch: pytest.MonkeyPatch):
    wall = 1_800_000_000.0
    monkeypatch.setattr("time.time", lambda: wall)
    pace = RateLimiter(Rate(burst=1, per_second=0.5), "messages")
    pace.check("ana")

    wall -= 24 * 60 * 60

    with pytest.raises(RateLimited) as slow:
        pace.check("ana")
    assert slow.value.retry_after is not None
    assert slow.value.retry_after <= 2


def test_keys_that_were_not_counted_for_as_long_as_the_window_are_forgotten(clock: Clock):
    window = MovingWindow(2, 10, clock)
    for number in range(1000):
        window.count(f"somebody else {number}")
    clock.now += 5
    window.count("ana")

    clock.now += 5
    window.count("ben")

    assert len(window) == 2


def test_an_address_writes_no_faster_than_some_people_together(clock: Clock):
    pace = PersonPace(Rate(burst=3, per_second=0.5), "messages", people=2, now=clock)

    def writes(number: int, place: str) -> int:
        guest = Person(name="Gus", id=f"guest:{number}", place=place)
        for count in range(10):
            try:
                pace.check(guest)
            except RateLimited:
                return count
        return 10

    assert [writes(number, "192.0.2.1") for number in range(4)] == [3, 3, 0, 0]
    assert writes(5, "192.0.2.2") == 3
    assert writes(6, "") == 3


def test_several_events_at_once_are_allowed_by_one_and_counted_each(clock: Clock):
    pace = PersonPace(Rate(burst=4, per_second=1), "messages", now=clock)
    ana = Person(name="Ana", id="a1")

    pace.check(ana)
    pace.check(ana, 6)

    with pytest.raises(RateLimited):
        pace.check(ana)
    clock.now += 4
    pace.check(ana, 3)
    pace.check(ana)
