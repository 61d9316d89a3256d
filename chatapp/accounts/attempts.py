"""How often one may try to sign in: five times in fifteen minutes, then ever less often.

Counted for the account and for the address. A try is counted before the password is
looked at, so that a hundred at the same moment are a hundred. Whoever signs in starts
anew, account and address; each account still has its own count, so that a member cannot
use his own sign-in to guess on at other people's.

The windows make each further five tries wait twice as long as the five before: 15
minutes, 30, 60, 120. A stranger's wrong tries can thereby keep an account's owner from
signing in; browsers that are signed in stay so.
"""

import hashlib
import math
import time

from limits import RateLimitItem, RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from chatapp.addresses import place_of
from chatapp.errors import RateLimited

TRIES = 5
WINDOWS: tuple[RateLimitItem, ...] = (
    RateLimitItemPerMinute(TRIES, 15),
    RateLimitItemPerMinute(TRIES * 2, 15 + 30),
    RateLimitItemPerMinute(TRIES * 3, 15 + 30 + 60),
    RateLimitItemPerMinute(TRIES * 4, 15 + 30 + 60 + 120),
)


class LoginAttempts:
    """Counts tries in memory: a restart forgets them. `limits` reads the clock by itself."""

    def __init__(self, windows: tuple[RateLimitItem, ...] = WINDOWS) -> None:
        self._windows = windows
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    def count(self, account: str, address: str) -> None:
        """Count one more try, or raise `RateLimited` with the seconds until the next one."""
        counters = _counters(account, address)
        wait = max(self._seconds_to_wait(counter) for counter in counters)
        if wait > 0:
            raise RateLimited(
                f"Too many tries to sign in. Try again in {_minutes(wait)}.", retry_after=wait
            )
        for counter in counters:
            for window in self._windows:
                self._limiter.hit(window, *counter)

    def forget(self, account: str, address: str) -> None:
        """Start anew: somebody signed in to this account from this address."""
        for counter in _counters(account, address):
            for window in self._windows:
                self._limiter.clear(window, *counter)

    def _seconds_to_wait(self, counter: tuple[str, str]) -> int:
        full = [
            self._limiter.get_window_stats(window, *counter).reset_time
            for window in self._windows
            if not self._limiter.test(window, *counter)
        ]
        return max(1, math.ceil(max(full) - time.time())) if full else 0


def _counters(account: str, address: str) -> tuple[tuple[str, str], tuple[str, str]]:
    """Hashed, because whatever was typed as a name, at any length, would stay in memory."""
    digest = hashlib.sha256(account.encode(errors="surrogatepass")).hexdigest()
    return ("account", digest), ("address", place_of(address))


def _minutes(seconds: int) -> str:
    minutes = math.ceil(seconds / 60)
    return "a minute" if minutes == 1 else f"{minutes} minutes"
