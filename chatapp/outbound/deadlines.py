"""Cuts connections off when their time is over, whatever the other side does meanwhile.

One thread does it for all of them: a thread for each would cost more than a call.
"""

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from heapq import heappop, heappush
from itertools import count
from threading import Condition, Thread

LATE_SECONDS = 0.05
"""A connection may live so much longer, so that the thread does not wake up for each."""


class Deadlines:
    """For any thread."""

    def __init__(self) -> None:
        self._changed = Condition()
        self._serial = count()
        self._ends: list[tuple[float, int]] = []
        self._connections: dict[int, socket.socket] = {}
        self._is_running = False

    @contextmanager
    def until(self, end: float, connection: socket.socket) -> Iterator[None]:
        """Shut a connection down at `end`, of the monotonic clock, unless the block has ended."""
        with connection.dup() as other_end:
            serial = next(self._serial)
            self._watch(serial, end, other_end)
            try:
                yield
            finally:
                with self._changed:
                    self._connections.pop(serial, None)

    def _watch(self, serial: int, end: float, connection: socket.socket) -> None:
        with self._changed:
            self._connections[serial] = connection
            heappush(self._ends, (end, serial))
            if not self._is_running:
                self._is_running = True
                Thread(target=self._run, name="deadlines", daemon=True).start()
            elif self._ends[0][1] == serial:
                self._changed.notify()

    def _run(self) -> None:
        with self._changed:
            while True:
                now = time.monotonic()
                while self._ends and self._ends[0][0] <= now:
                    self._cut_off(heappop(self._ends)[1])
                left = self._ends[0][0] - now if self._ends else None
                self._changed.wait(None if left is None else max(left, LATE_SECONDS))

    def _cut_off(self, serial: int) -> None:
        if connection := self._connections.pop(serial, None):
            with suppress(OSError):  # it has ended by itself
                connection.shutdown(socket.SHUT_RDWR)
