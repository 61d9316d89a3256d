"""The fan-out alone, with transports that only write down what they are given."""

from collections.abc import Callable

import pytest

from chatapp.transport import fanout
from chatapp.transport.connection import Connection
from chatapp.transport.counters import Counters
from chatapp.transport.fanout import FanOut
from tests.support.waiting import wait_until
from tests.transport.serving import Serving, living_greenlets


class Paper:
    def __init__(self) -> None:
        self.writes: list[bytes] = []

    def write(self, frames: list[bytes], data: bytes) -> None:
        assert b"".join(frames) == data
        self.writes.append(data)


@pytest.fixture
def fan_out() -> FanOut:
    return FanOut(Counters())


@pytest.fixture
def member(fan_out: FanOut) -> Callable[..., Connection]:
    """A connection that is in `rooms`."""

    def member(*rooms: str) -> Connection:
        connection = Connection("id", "sid", "127.0.0.1", {})
        connection.transport = Paper()
        for room in rooms:
            fan_out.enter(connection, room)
        return connection

    return member


def test_everything_of_a_turn_is_written_at_once_in_the_order_of_the_calls(
    fan_out: FanOut, member: Callable[..., Connection]
) -> None:
    ana, bert = member("hall", "cellar"), member("hall")

    fan_out.broadcast(b"1", "hall")
    fan_out.send(ana, b"2")
    fan_out.broadcast(b"3", "cellar")
    fan_out.broadcast(b"4", "hall")
    fan_out.flush()
    fan_out.flush()

    assert ana.transport.writes == [b"1234"]
    assert bert.transport.writes == [b"14"]


def test_whoever_is_skipped_misses_nothing_else(
    fan_out: FanOut, member: Callable[..., Connection]
) -> None:
    ana, bert, outsider = member("hall"), member("hall"), member("cellar")

    fan_out.broadcast(b"1", "hall")
    fan_out.broadcast(b"2", "hall", skip=ana)
    fan_out.broadcast(b"3", "hall", skip=outsider)
    fan_out.broadcast(b"4", "nowhere")
    fan_out.flush()

    assert ana.transport.writes == [b"13"]
    assert bert.transport.writes == [b"123"]
    assert outsider.transport.writes == []


def test_who_leaves_still_gets_what_was_said_before(
    fan_out: FanOut, member: Callable[..., Connection]
) -> None:
    ana, bert = member("hall"), member("hall")

    fan_out.broadcast(b"1", "hall")
    fan_out.leave(ana, "hall")
    fan_out.broadcast(b"2", "hall")
    fan_out.flush()

    assert ana.transport.writes == [b"1"]
    assert bert.transport.writes == [b"12"]


def test_who_comes_in_between_gets_what_is_said_after(
    fan_out: FanOut, member: Callable[..., Connection]
) -> None:
    member("hall")
    fan_out.broadcast(b"1", "hall")

    late = member("hall")
    fan_out.broadcast(b"2", "hall")
    fan_out.flush()

    assert late.transport.writes == [b"2"]


def test_those_with_the_same_frames_share_the_bytes(
    fan_out: FanOut, member: Callable[..., Connection]
) -> None:
    members = [member("hall") for _ in range(3)]

    fan_out.broadcast(b"one frame, ", "hall")
    fan_out.broadcast(b"another frame", "hall")
    fan_out.flush()

    assert len({id(each.transport.writes[0]) for each in members}) == 1


def test_a_room_ends_with_its_last_member(
    fan_out: FanOut, member: Callable[..., Connection]
) -> None:
    ana = member("hall", "cellar")

    fan_out.leave(ana, "hall")
    fan_out.leave_all(ana)

    assert list(fan_out.rooms()) == []
    assert ana.rooms == {"cellar"}


def test_an_idle_connection_has_no_greenlet(serving: Serving) -> None:
    serving.raw().join().ask("echo", 1)
    before = serving.inside(living_greenlets)

    for number in range(30):
        serving.raw().join().ask("echo", number)

    assert serving.connections == 31
    wait_until(lambda: serving.inside(living_greenlets) <= before)


def test_each_flush_tells_how_long_it_took(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[float] = []
    times = iter([100.0, 100.25])
    monkeypatch.setattr(fanout, "monotonic", lambda: next(times))
    fan_out = FanOut(Counters(), told.append)
    connection = Connection("id", "sid", "127.0.0.1", {})
    connection.transport = Paper()

    fan_out.send(connection, b"hello")
    fan_out.flush()

    assert told == [0.25]
