"""How fast one person may go."""

from math import ceil

from limits import RateLimitItem, RateLimitItemPerSecond
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from chatapp.config import Rate
from chatapp.errors import RateLimited

LONG_SECONDS = 120
"""From here on, one counts in minutes."""


class Pace:
    """At most `burst` in any `burst / per_second` seconds, for each key apart.

    A moving window rather than a token bucket, because it is what the `limits` library
    counts, in memory today and in Redis tomorrow; whoever was silent may burst, and nobody
    is faster than `per_second` for long.
    """

    def __init__(self, rate: Rate | None, what: str) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._what = what
        self.change(rate)

    def change(self, rate: Rate | None) -> None:
        """Another rate from now on; None is as fast as one likes."""
        self._item = None if rate is None else _item(rate)

    def check(self, key: str, now: float) -> None:
        """Count one for `key` at `now` (seconds of the epoch); raises `RateLimited`."""
        if self._item is None:
            return
        if not self._limiter.hit(self._item, self._what, key):
            frees_at = self._limiter.get_window_stats(self._item, self._what, key).reset_time
            seconds = max(0.1, round(frees_at - now, 1))
            raise RateLimited(
                f"Too many {self._what} at once; try again in {_as_said(seconds)}.",
                retry_after=seconds,
            )


def _item(rate: Rate) -> RateLimitItem:
    return RateLimitItemPerSecond(rate.burst, ceil(rate.burst / rate.per_second))


def _as_said(seconds: float) -> str:
    return f"{seconds:g} s" if seconds < LONG_SECONDS else f"{ceil(seconds / 60)} minutes"
