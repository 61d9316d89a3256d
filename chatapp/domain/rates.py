"""Rate limits for people and addresses.

They use the monotonic clock, so that a jump of the wall clock delays nobody.
"""

import time
from collections import deque
from collections.abc import Callable
from math import ceil

import msgspec

from chatapp.domain.errors import RateLimited
from chatapp.domain.model import Person

LONG_SECONDS = 120
"""Longer waits are given in minutes."""

Clock = Callable[[], float]


class Rate(msgspec.Struct, frozen=True):
    """A burst of up to `burst`, then up to `per_second` a second."""

    burst: int
    per_second: float


class MovingWindow:
    """Allows up to `most` events in any `seconds`, separately for each key.

    A moving window rather than a token bucket: a burst is possible after a pause, and the rate
    never exceeds `most / seconds` for long.
    """

    def __init__(self, most: int, seconds: float, now: Clock = time.monotonic) -> None:
        self._most = most
        self._seconds = seconds
        self._now = now
        self._counted: dict[str, deque[float]] = {}
        """The times of the last `most` events of each key; the most recently counted key is
        last."""

    def wait(self, key: str) -> float:
        """Seconds until another event is allowed; 0 if it is allowed now."""
        times = self._counted.get(key)
        if times is None or len(times) < self._most:
            return 0
        return max(0, times[0] + self._seconds - self._now())

    def count(self, key: str) -> None:
        now = self._now()
        times = self._counted.pop(key, None) or deque(maxlen=self._most)
        times.append(now)
        self._counted[key] = times
        self._forget_before(now - self._seconds)

    def forget(self, key: str) -> None:
        self._counted.pop(key, None)

    def __len__(self) -> int:
        """The number of keys in memory."""
        return len(self._counted)

    def _forget_before(self, moment: float) -> None:
        while True:
            key, times = next(iter(self._counted.items()))
            if times[-1] > moment:
                return
            del self._counted[key]


class RateLimiter:
    """Allows up to `burst` in any `burst / per_second` seconds, separately for each key."""

    def __init__(self, rate: Rate | None, what: str, now: Clock = time.monotonic) -> None:
        self._what = what
        self._now = now
        self.change(rate)

    def change(self, rate: Rate | None) -> None:
        """Change the limit for later events; None means no limit."""
        self._window = (
            None
            if rate is None
            else MovingWindow(rate.burst, rate.burst / rate.per_second, self._now)
        )

    def check(self, key: str) -> None:
        """Count an event for `key`; raises `RateLimited`."""
        self.require_free(key)
        self.count(key)

    def count(self, key: str) -> None:
        """Count an event that has happened, over the limit or not."""
        if self._window is not None:
            self._window.count(key)

    def require_free(self, key: str) -> None:
        """As `check`, but without counting."""
        if self._window is None:
            return
        wait = self._window.wait(key)
        if wait > 0:
            seconds = ceil(wait * 10) / 10
            raise RateLimited(
                f"Too many {self._what} at once; try again in {_as_said(seconds)}.",
                retry_after=seconds,
            )


class PersonPace:
    """Limits each person to the rate, and each address to that of `people` people.

    Guests choose their names and keys, so a limit per person alone would not stop anybody. With 0
    people, addresses are not limited. `limiter(rate, what, name)` makes a limiter. `own(id)` is the
    limiter of somebody who has a rate of their own, which counts alone.
    """

    def __init__(
        self,
        rate: Rate | None,
        what: str,
        *,
        people: float = 0,
        now: Clock = time.monotonic,
        limiter: Callable[[Rate | None, str, str], RateLimiter] | None = None,
        own: Callable[[str], RateLimiter | None] = lambda _id: None,
    ) -> None:
        limiter = limiter or (lambda rate, what, _name: RateLimiter(rate, what, now))
        self._own = own
        self._people = limiter(rate, what, f"{what} of a person")
        self._addresses = limiter(None, what, f"{what} of an address")
        self.change(rate, people)

    def change(self, rate: Rate | None, people: float) -> None:
        """Change the limits for later events."""
        self._is_limited = rate is not None
        self._people.change(rate)
        self._addresses.change(times(rate, people))

    def check(self, person: Person, events: int = 1) -> None:
        """Count an event for a person and their address, or several that come at once; raises
        `RateLimited` if one is too many."""
        if own := self._own(person.id):
            own.check(person.id)
            for _ in range(events - 1):
                own.count(person.id)
            return
        if not self._is_limited:
            return
        self._people.require_free(person.id)
        if person.place:
            self._addresses.check(person.place)
        self._people.check(person.id)
        for _ in range(events - 1):
            self._people.count(person.id)
            if person.place:
                self._addresses.count(person.place)


def times(rate: Rate | None, people: float) -> Rate | None:
    """The rate of this number of people together; None means no limit."""
    if rate is None or not people:
        return None
    return Rate(burst=max(1, round(rate.burst * people)), per_second=rate.per_second * people)


def _as_said(seconds: float) -> str:
    return f"{seconds:g} s" if seconds < LONG_SECONDS else f"{ceil(seconds / 60)} minutes"
