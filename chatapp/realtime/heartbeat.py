"""One heartbeat for all connections, instead of a greenlet each.

A tick a second. Each connection has its turn in one tick of `interval`; then it is pinged,
and if nothing was heard since its last turn, though we listened, it is gone. (Engine.IO
allows a client `interval + timeout`.) The tick also drops those who never finished
connecting, and since it knows when it was due, it measures how late the event loop is.
"""

from collections.abc import Callable
from time import monotonic

from gevent.hub import get_hub

from chatapp.realtime.connection import Connection

TICK_SECONDS = 1.0


class Heartbeat:
    def __init__(
        self,
        *,
        interval: float,
        handshake: float,
        ping: Callable[[Connection], None],
        lose: Callable[[Connection, str], None],
        look: Callable[[float, float], None],
    ) -> None:
        self._handshake = handshake
        self._ping = ping
        self._lose = lose
        self._look = look
        self._turns: list[set[Connection]] = [
            set() for _ in range(max(1, round(interval / TICK_SECONDS)))
        ]
        self._now = 0
        self._young: dict[Connection, float] = {}  # with their deadlines, the first one first
        self._count = 0
        self._due = 0.0
        self._timer = get_hub().loop.timer(TICK_SECONDS, TICK_SECONDS)

    def watch(self, connection: Connection) -> None:
        """From the first request on."""
        connection.beat = self._now
        self._turns[self._now].add(connection)
        self._count += 1
        if self._count == 1:
            self._due = monotonic() + TICK_SECONDS
            self._timer.start(self._tick)
        self.expect_handshake(connection)

    def expect_handshake(self, connection: Connection) -> None:
        """It has to be accepted soon, or it goes."""
        self._young.pop(connection, None)
        self._young[connection] = monotonic() + self._handshake

    def accepted(self, connection: Connection) -> None:
        self._young.pop(connection, None)

    def forget(self, connection: Connection) -> None:
        self._young.pop(connection, None)
        turn = self._turns[connection.beat]
        if connection in turn:
            turn.remove(connection)
            self._count -= 1
            if not self._count:
                self._timer.stop()

    def _tick(self) -> None:
        now = monotonic()
        self._look(now, max(0.0, now - self._due))
        self._due = now + TICK_SECONDS
        self._drop_unfinished(now)
        self._now = (self._now + 1) % len(self._turns)
        for connection in list(self._turns[self._now]):
            if connection.heard or not connection.receiver.is_clear:
                connection.heard = False
                self._ping(connection)
            else:
                self._lose(connection, "ping timeout")

    def _drop_unfinished(self, now: float) -> None:
        while self._young:
            connection, deadline = next(iter(self._young.items()))
            if deadline > now:
                return
            del self._young[connection]
            self._lose(connection, "handshake timeout")
