"""What people and addresses may ask, by a clock that is set by hand."""

from collections.abc import Iterator

import pytest

from chatapp.domain.rates import Rate
from chatapp.transport.allowance import (
    CLEANUP_SIZE,
    CONNECTIONS_A_PERSON,
    MAX_DEBT_SECONDS,
    RESERVED_FRACTION,
    Allowances,
    EventLimits,
)
from chatapp.transport.connection import Connection

RATE = Rate(burst=100, per_second=10.0)
MOST_CONNECTIONS = 2 * CONNECTIONS_A_PERSON
"""Of one address, which may ask as much as two people then."""


class Clock:
    def __init__(self) -> None:
        self.now = 5.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def limits(clock: Clock) -> EventLimits:
    limits = EventLimits(clock)
    limits.limit(RATE, MOST_CONNECTIONS)
    return limits


def connection(payer: str, address: str = "192.0.2.1") -> Connection:
    one = Connection("id", "sid", address, {})
    one.payer = payer
    return one


def paid(limits: EventLimits, one: Connection, times: int = 1000) -> int:
    """How often they could pay 1 before they were refused."""
    return next(n for n in range(times) if limits.charge(one, 1))


def test_whoever_asks_too_much_is_told_when_to_come_again(
    limits: EventLimits, clock: Clock
) -> None:
    ana = connection("ana")

    assert paid(limits, ana) == RATE.burst
    seconds = limits.charge(ana, 1)
    clock.now += seconds

    assert 0 < seconds < 1
    assert limits.charge(ana, 1) == 0


def test_all_connections_of_a_person_share_one_allowance(limits: EventLimits) -> None:
    paid(limits, connection("ana", "192.0.2.1"))

    assert limits.charge(connection("ana", "192.0.2.2"), 1) > 0
    assert limits.charge(connection("ben", "192.0.2.2"), 1) == 0


@pytest.mark.parametrize("others", ["192.0.2.1", "2001:db8:0:1::"])
def test_new_names_from_one_address_share_what_an_address_may_ask(
    limits: EventLimits, others: str
) -> None:
    ends: Iterator[str] = (f"{others}{n:x}" if ":" in others else others for n in range(1, 100))

    asked = sum(paid(limits, connection(f"key {n}", end)) for n, end in enumerate(ends))

    of_the_address = 2 * RATE.burst
    of_each = RATE.burst * RESERVED_FRACTION + 1
    assert of_the_address <= asked <= of_the_address + 100 * of_each
    assert paid(limits, connection("somebody", "198.51.100.1")) == RATE.burst


def test_a_person_may_ask_a_little_where_others_have_used_up_the_address(
    limits: EventLimits,
) -> None:
    for flooder in range(3):
        paid(limits, connection(f"flooder {flooder}"))

    honest = connection("honest")

    assert limits.charge(honest, 1) == 0
    assert limits.debt(honest) == 0


def test_whoever_goes_on_owes_but_not_for_ever(limits: EventLimits, clock: Clock) -> None:
    ana = connection("ana")
    paid(limits, ana)
    assert limits.debt(ana) == 0

    for _ in range(10_000):
        limits.charge(ana, 1)

    assert limits.debt(ana) == MAX_DEBT_SECONDS
    clock.now += MAX_DEBT_SECONDS + 0.2
    assert limits.debt(ana) == 0
    assert limits.charge(ana, 1) == 0


def test_a_heavy_event_is_let_through_and_paid_for_afterwards(limits: EventLimits) -> None:
    ana = connection("ana")

    assert limits.charge(ana, 5 * RATE.burst) == 0

    assert limits.charge(ana, 1) == pytest.approx(4 * RATE.burst / RATE.per_second, abs=0.3)


def test_connections_of_an_address_come_at_a_pace_and_refused_ones_cost_nothing(
    limits: EventLimits, clock: Clock
) -> None:
    came = [limits.arrive("192.0.2.1") for _ in range(10 * MOST_CONNECTIONS)]
    clock.now += 1.0

    assert came == [True] * MOST_CONNECTIONS + [False] * 9 * MOST_CONNECTIONS
    assert limits.arrive("192.0.2.1")
    assert limits.arrive("192.0.2.2")


def test_without_a_rate_nothing_is_counted() -> None:
    limits = EventLimits()
    limits.limit(None, 0)

    assert all(limits.charge(connection("ana"), 1_000_000) == 0 for _ in range(10))
    assert all(limits.arrive("192.0.2.1") for _ in range(1000))


def test_what_is_full_again_is_forgotten(clock: Clock) -> None:
    allowances = Allowances(RATE, now=clock)
    allowances.take("busy", 10_000)

    for number in range(5 * CLEANUP_SIZE):
        allowances.take(f"passer-by {number}", 1)
        clock.now += 0.01

    assert len(allowances) <= 2 * CLEANUP_SIZE
    assert allowances.take("busy", 1) > 0
