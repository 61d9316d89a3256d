"""When things become due: one heap of times, and one timer that waits for the first of them.

The clock may be set and a machine may sleep, so the timer never sleeps long: it looks at the clock.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from heapq import heapify, heappop, heappush

from chatapp.domain.clock import Clock, timestamp

LOOK_SECONDS = 30.0
"""The longest sleep."""
SPARE = 64
"""Up to N entries of times that were changed stay in the heap, besides one for each key."""

Later = Callable[[float, Callable[[], None]], object]


class DueTimes:
    """`ring(key, at)` is called once when the time of a key has come, and the key is forgotten
    before. `later(seconds, step)` runs `step` on the event loop's thread. While `is_on()` is false,
    nothing rings; who turns it on again calls `look()`."""

    def __init__(
        self,
        ring: Callable[[str, str], object],
        *,
        clock: Clock,
        later: Later,
        is_on: Callable[[], bool],
    ) -> None:
        self._ring = ring
        self._clock = clock
        self._later = later
        self._is_on = is_on
        self._times: dict[str, str] = {}
        """The time of each key, as a timestamp."""
        self._heap: list[tuple[str, str]] = []
        """Times and keys. An entry that is not in `_times` any more counts for nothing."""
        self._wakes_at: datetime | None = None

    def set(self, key: str, at: str | None) -> None:
        """`at` is a timestamp; None forgets the key."""
        if at is None:
            self._times.pop(key, None)
        elif self._times.get(key) != at:
            self._times[key] = at
            heappush(self._heap, (at, key))
        if len(self._heap) > 2 * len(self._times) + SPARE:
            self._heap = [(at, key) for key, at in self._times.items()]
            heapify(self._heap)
        self._sleep()

    def look(self) -> None:
        """Ring for what is due, and sleep until the next one."""
        if not self._is_on():
            return
        now = timestamp(self._clock())
        while self._heap and self._heap[0][0] <= now:
            at, key = heappop(self._heap)
            if self._times.get(key) == at:
                del self._times[key]
                self._ring(key, at)
        self._sleep()

    def _sleep(self) -> None:
        """Until the first one is due, unless a timer wakes before."""
        if not self._heap or not self._is_on():
            return
        now = self._clock()
        first = datetime.fromisoformat(self._heap[0][0])
        seconds = min(max((first - now).total_seconds(), 0.0), LOOK_SECONDS)
        wakes_at = now + timedelta(seconds=seconds)
        if self._wakes_at is None or wakes_at < self._wakes_at:
            self._wakes_at = wakes_at
            self._later(seconds, lambda: self._wake(wakes_at))

    def _wake(self, asked_for: datetime) -> None:
        if self._wakes_at != asked_for:
            return  # A timer that was set for a nearer time has woken, and set the next one.
        self._wakes_at = None
        self.look()
