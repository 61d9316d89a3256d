"""Arrivals get little time beside short turns, and a share of long ones."""

import pytest

from chatapp.transport import fanout
from chatapp.transport.arrival_share import (
    ARRIVAL_SECONDS,
    ARRIVAL_SECONDS_AT_MOST,
    FLUSH_SHARE,
    RECENT_SECONDS,
    ArrivalShare,
)
from chatapp.transport.engine import Engine
from chatapp.transport.http.connection_limits import ConnectionLimits
from chatapp.transport.http.http_server import ACCEPT_SECONDS, ACCEPTED_A_TURN, HTTPServer
from chatapp.transport.http.listening import bind


class Monotonic:
    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Monotonic:
    return Monotonic()


@pytest.fixture
def share(clock: Monotonic) -> ArrivalShare:
    return ArrivalShare(clock)


def test_beside_short_flushes_arrivals_get_their_three_milliseconds(share: ArrivalShare) -> None:
    assert share.seconds == ARRIVAL_SECONDS

    share.flushed(0.001)

    assert share.seconds == ARRIVAL_SECONDS


def test_beside_long_flushes_they_get_a_share_of_the_longest(share: ArrivalShare) -> None:
    for seconds in (0.001, 0.02, 0.06, 0.02, 0.001):
        share.flushed(seconds)

    assert share.seconds == FLUSH_SHARE * 0.06


def test_a_machine_that_stood_still_is_no_reason_to_let_a_crowd_in(share: ArrivalShare) -> None:
    share.flushed(10.0)

    assert share.seconds == ARRIVAL_SECONDS_AT_MOST


def test_a_long_flush_counts_for_a_moment_only(share: ArrivalShare, clock: Monotonic) -> None:
    share.flushed(0.06)
    clock.now += RECENT_SECONDS

    assert share.seconds == ARRIVAL_SECONDS

    share.flushed(0.04)

    assert share.seconds == FLUSH_SHARE * 0.04


def test_a_server_tells_it_how_long_its_flushes_take(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = Engine()
    times = iter([100.0, 100.1])
    monkeypatch.setattr(fanout, "monotonic", lambda: next(times))

    engine.fan_out.flush()

    assert engine.scheduler.arrivals.seconds == pytest.approx(FLUSH_SHARE * 0.1)


def test_sockets_are_accepted_for_as_long_as_arrivals_may_take() -> None:
    seconds = ARRIVAL_SECONDS
    with bind("127.0.0.1", 0) as listening:
        server = HTTPServer(
            listening,
            None,
            environ={},
            most=100,
            handed_over=lambda: 0,
            request_limits=ConnectionLimits(0, 0),
            accept_seconds=lambda: seconds,
        )

        assert server.max_accept == ACCEPTED_A_TURN

        seconds = 100.5 * ACCEPT_SECONDS

        assert server.max_accept == 100
