"""One heartbeat for all connections, instead of a greenlet each.

    pinged          any input since?               pinged
       |------ timeout ------|                        |
       |------------------ interval ------------------|

Each connection is pinged every `interval`, and closed if nothing arrives within `timeout` after the
ping; so it may be silent for `interval` plus `timeout`. Connections wait for their next check in a
timer wheel, which advances by one slot per tick. The heartbeat also drops connections that never
finish connecting, and measures how late the event loop runs. A tick that comes too late is not
counted: for part of it, the server itself did not read (`client_timeout.py`).
"""

import math
from collections.abc import Callable
from time import monotonic

from gevent.hub import get_hub

from chatapp.transport.client_timeout import LATE_SECONDS
from chatapp.transport.connection import Connection

TICK_SECONDS = 1.0
TICKS_A_TIMEOUT = 10
"""Minimum number of ticks per timeout, if the timeout is short."""
CHECK_SECONDS = 1.0


class Heartbeat:
    def __init__(
        self,
        *,
        interval: float,
        timeout: float,
        handshake: float,
        ping: Callable[[Connection], None],
        lose: Callable[[Connection, str], None],
        check: Callable[[float, float], None],
    ) -> None:
        self._ping = ping
        self._lose = lose
        self._check = check
        self._tick_seconds = min(TICK_SECONDS, min(interval, timeout) / TICKS_A_TIMEOUT)
        self._until_ping = max(1, round(interval / self._tick_seconds))
        self._until_lost = max(1, round(timeout / self._tick_seconds))
        self._until_unfinished = 1 + math.ceil(handshake / self._tick_seconds)
        self._wheel: list[set[Connection]] = [
            set() for _ in range(max(self._until_ping, self._until_lost) + 1)
        ]
        self._now = 0
        self._ticks = 0
        self._unaccepted: dict[
            Connection, int
        ] = {}  # connections with their last tick, ordered by it
        self._count = 0
        self._due = math.inf
        self._checked_at = math.inf
        self._timer = get_hub().loop.timer(self._tick_seconds, self._tick_seconds)

    def watch(self, connection: Connection) -> None:
        connection.pinged = False
        self._take_turn(connection, self._until_ping)
        self._count += 1
        if self._count == 1:
            self._checked_at = monotonic()
            self._due = self._checked_at + self._tick_seconds
            self._timer.start(self._tick)
        self.expect_handshake(connection)

    def expect_handshake(self, connection: Connection) -> None:
        """Close the connection unless it is accepted in time."""
        self._unaccepted.pop(connection, None)
        self._unaccepted[connection] = self._ticks + self._until_unfinished

    def accepted(self, connection: Connection) -> None:
        self._unaccepted.pop(connection, None)

    def forget(self, connection: Connection) -> None:
        self._unaccepted.pop(connection, None)
        turn = self._wheel[connection.beat]
        if connection in turn:
            turn.remove(connection)
            self._count -= 1
            if not self._count:
                self._timer.stop()

    def _take_turn(self, connection: Connection, ticks: int) -> None:
        connection.beat = (self._now + ticks) % len(self._wheel)
        self._wheel[connection.beat].add(connection)

    def _tick(self) -> None:
        now = monotonic()
        late = max(0.0, now - self._due)
        if now - self._checked_at >= CHECK_SECONDS - self._tick_seconds / 2:
            self._checked_at = now
            self._check(now, late)
        self._due = now + self._tick_seconds
        if late > LATE_SECONDS:
            return
        self._ticks += 1
        self._drop_unfinished()
        self._now = (self._now + 1) % len(self._wheel)
        for connection in list(self._wheel[self._now]):
            if not connection.pinged:
                self._beat(connection)
            elif connection.heard or not connection.receiver.is_clear:
                self._still_here(connection)
            else:
                self._lose(connection, "ping timeout")

    def _beat(self, connection: Connection) -> None:
        connection.pinged, connection.heard = True, False
        self._move(connection, self._until_lost)
        self._ping(connection)

    def _still_here(self, connection: Connection) -> None:
        if self._until_ping > self._until_lost:
            connection.pinged = False
            self._move(connection, self._until_ping - self._until_lost)
        else:
            self._beat(connection)

    def _move(self, connection: Connection, ticks: int) -> None:
        self._wheel[self._now].remove(connection)
        self._take_turn(connection, ticks)

    def _drop_unfinished(self) -> None:
        while self._unaccepted:
            connection, last = next(iter(self._unaccepted.items()))
            if last > self._ticks:
                return
            del self._unaccepted[connection]
            self._lose(connection, "handshake timeout")
