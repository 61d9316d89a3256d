"""How long arrivals may take in a turn of the event loop: connections that are not accepted yet.

Usually three milliseconds, so that a crowd does not delay those who are in. But a turn that sends a
message to 5,000 people takes 30 ms, and beside such turns three milliseconds are next to nothing: a
crowd that comes back would wait outside for as long as somebody speaks. So arrivals get a share
of the longest flush of the last moments.
"""

import math
from collections.abc import Callable
from time import monotonic

ARRIVAL_SECONDS = 0.003
"""At least this long in each turn."""
ARRIVAL_SECONDS_AT_MOST = 0.02
"""A flush is also long when the machine was busy with something else."""
FLUSH_SHARE = 0.15
"""Of the longest flush; accepting sockets and connecting clients may each take as long."""
RECENT_SECONDS = 0.25
"""How long a flush counts, if no longer one follows."""


class ArrivalShare:
    def __init__(self, now: Callable[[], float] = monotonic) -> None:
        self._now = now
        self._longest = 0.0
        self._until = -math.inf

    def flushed(self, seconds: float) -> None:
        """A turn's frames were sent, which took that long."""
        now = self._now()
        if seconds >= self._longest or now >= self._until:
            self._longest = seconds
            self._until = now + RECENT_SECONDS

    @property
    def seconds(self) -> float:
        recent = self._longest if self._now() < self._until else 0.0
        return min(max(ARRIVAL_SECONDS, FLUSH_SHARE * recent), ARRIVAL_SECONDS_AT_MOST)
