"""The durations of commits on the disk: for the last hour, by minute."""

import time
from collections import deque
from collections.abc import Callable, Iterable

import msgspec

MINUTES = 60
NOW_MINUTES = 5
"""The period that counts as now."""
KEPT_A_MINUTE = 500
"""The first N commits of a minute represent all of it."""


class Percentiles(msgspec.Struct, frozen=True):
    """In seconds: half of all commits took up to `p50`, 99 of 100 up to `p99`."""

    p50: float
    p99: float
    count: int


class Latency:
    def __init__(self, now: Callable[[], float] = time.time) -> None:
        self._now = now
        self._minutes: deque[tuple[int, list[float]]] = deque(maxlen=MINUTES)

    def add(self, seconds: float) -> None:
        minute = int(self._now() // 60)
        if not self._minutes or self._minutes[-1][0] != minute:
            self._minutes.append((minute, []))
        kept = self._minutes[-1][1]
        if len(kept) < KEPT_A_MINUTE:
            kept.append(seconds)

    def recent(self) -> Percentiles | None:
        """For the last five minutes; None if nothing was written."""
        this_minute = int(self._now() // 60)
        return percentiles(
            seconds
            for minute, kept in self._minutes
            if minute > this_minute - NOW_MINUTES
            for seconds in kept
        )

    def by_minute(self) -> list[tuple[int, Percentiles | None]]:
        """The last hour's minutes (as minutes of the epoch), oldest first."""
        this_minute = int(self._now() // 60)
        known = dict(self._minutes)
        return [
            (minute, percentiles(known.get(minute, ())))
            for minute in range(this_minute - MINUTES + 1, this_minute + 1)
        ]


def percentiles(seconds: Iterable[float]) -> Percentiles | None:
    ordered = sorted(seconds)
    if not ordered:
        return None
    last = len(ordered) - 1
    return Percentiles(p50=ordered[last // 2], p99=ordered[round(last * 0.99)], count=len(ordered))
