"""A timeout for clients that counts only time in which the server could read.

When a process was stopped or starved, or its machine was paused, timers are due and bytes have
arrived at the moment it continues, and the event loop runs timers first. A plain timeout would then
drop clients whose requests have already arrived, and clients that were paused with the server. So
the time is counted in ticks, and a tick that comes late is not counted.
"""

from __future__ import annotations

from time import monotonic

import gevent
from gevent.hub import get_hub

TICKS = 10
LATE_SECONDS = 0.5
"""A tick later than this is not counted: for part of it, the server did not read."""


class ClientTimeout:
    """`with ClientTimeout(seconds): …` raises `gevent.Timeout`, or `error`, if the block takes
    longer. `seconds` must be positive."""

    def __init__(self, seconds: float, error: BaseException | None = None) -> None:
        self._tick_seconds = seconds / TICKS
        self._error = error or gevent.Timeout()
        self._left = TICKS
        self._spent = 0.0
        self._began = monotonic()
        self._timer = get_hub().loop.timer(self._tick_seconds, self._tick_seconds)

    def __enter__(self) -> ClientTimeout:
        self._greenlet = gevent.getcurrent()
        self._await_tick()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.stop()
        self._timer.close()

    @property
    def spent_seconds(self) -> float:
        return self._spent + self._heard_in_this_tick()

    def _await_tick(self) -> None:
        self._began = monotonic()
        self._timer.again(self._tick, update=True)

    def _tick(self) -> None:
        if heard := self._heard_in_this_tick():
            self._spent += heard
            self._left -= 1
        if self._left:
            self._await_tick()
        else:
            self._timer.stop()
            self._greenlet.throw(self._error)

    def _heard_in_this_tick(self) -> float:
        seconds = monotonic() - self._began
        return seconds if seconds <= self._tick_seconds + LATE_SECONDS else 0.0
