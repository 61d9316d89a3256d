"""What the heartbeat counts, by a clock that the test moves."""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any, cast

import pytest

from chatapp.transport.client_timeout import LATE_SECONDS
from chatapp.transport.connection import Connection
from chatapp.transport.heartbeat import TICK_SECONDS, Heartbeat

HANDSHAKE_SECONDS = 3.0


class Beating:
    """A heartbeat with a connection that has not been accepted."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 1000.0
        self.lost: list[str] = []
        monkeypatch.setattr("chatapp.transport.heartbeat.monotonic", lambda: self.now)
        self.heart = Heartbeat(
            interval=25,
            timeout=20,
            handshake=HANDSHAKE_SECONDS,
            ping=lambda _connection: None,
            lose=lambda _connection, why: self.lost.append(why),
            check=lambda _now, _late: None,
        )
        self.connection = cast(Connection, Silent(receiver=SimpleNamespace(is_clear=True)))
        self.heart.watch(self.connection)

    def tick(self, times: int, late: float = 0.0) -> None:
        for _ in range(times):
            self.now += TICK_SECONDS + late
            self.heart._tick()


class Silent(SimpleNamespace):
    def __hash__(self) -> int:
        return id(self)

    def __eq__(self, other: Any) -> bool:
        return self is other


@pytest.fixture
def beating(monkeypatch: pytest.MonkeyPatch) -> Iterator[Beating]:
    beating = Beating(monkeypatch)
    yield beating
    beating.heart.forget(beating.connection)


def test_ticks_that_come_too_late_do_not_count_for_a_handshake(beating: Beating) -> None:
    """The server itself did not read then, one time after the other."""
    beating.tick(20, late=LATE_SECONDS + 0.1)
    assert beating.lost == []

    beating.tick(1 + int(HANDSHAKE_SECONDS))
    assert beating.lost == ["handshake timeout"]


def test_a_handshake_has_its_time_and_no_more(beating: Beating) -> None:
    beating.tick(int(HANDSHAKE_SECONDS))
    assert beating.lost == []

    beating.tick(1)
    assert beating.lost == ["handshake timeout"]
