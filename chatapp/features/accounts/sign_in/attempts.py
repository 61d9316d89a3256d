"""Limits sign-in attempts: five in fifteen minutes, then less and less often.

They are counted by account and by address, before the password is checked, so that a hundred
attempts at the same moment count as a hundred. A successful sign-in resets the counts of that
account and address; other accounts keep theirs, so that a member cannot use their own sign-in to
continue guessing someone else's password.

Each further five attempts have to wait twice as long as the five before: 15 minutes, 30, 60, 120.
A stranger's wrong attempts can thus keep an account's owner from signing in; browsers that are
already signed in are not affected.

Other processes of the chat are told of each attempt, and count it as well.
"""

import hashlib
import math
import time

import msgspec

from chatapp.alone import LocalBroker
from chatapp.domain.addresses import network_of
from chatapp.domain.errors import RateLimited
from chatapp.domain.rates import Clock, MovingWindow
from chatapp.ports import Broker

TRIES = 5
MINUTE_SECONDS = 60
WINDOWS = (
    (TRIES, 15 * MINUTE_SECONDS),
    (TRIES * 2, (15 + 30) * MINUTE_SECONDS),
    (TRIES * 3, (15 + 30 + 60) * MINUTE_SECONDS),
    (TRIES * 4, (15 + 30 + 60 + 120) * MINUTE_SECONDS),
)
"""The maximum number of attempts in a number of seconds."""


TOPIC = "sign-in"


class Attempt(msgspec.Struct, frozen=True):
    """As other processes are told. With `succeeded`, the counts begin anew."""

    counters: tuple[str, ...]
    succeeded: bool


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Attempt).decode


class LoginAttempts:
    """Counts attempts in memory; a restart of all processes resets them."""

    def __init__(
        self,
        windows: tuple[tuple[int, float], ...] = WINDOWS,
        now: Clock = time.monotonic,
        broker: Broker | None = None,
    ) -> None:
        self._windows = [MovingWindow(tries, seconds, now) for tries, seconds in windows]
        self._broker = broker or LocalBroker()
        self._broker.subscribe(TOPIC, lambda told: self._note(_decode(told)))

    def count(self, account: str, address: str) -> None:
        """Count an attempt, or raise `RateLimited` with the seconds until the next one."""
        counters = _counters(account, address)
        wait = max(self._seconds_to_wait(counter) for counter in counters)
        if wait > 0:
            raise RateLimited(
                f"Too many sign-in attempts. Try again in {_minutes(wait)}.", retry_after=wait
            )
        self._note_everywhere(Attempt(counters, succeeded=False))

    def forget(self, account: str, address: str) -> None:
        """Reset the counts after a sign-in to this account from this address."""
        self._note_everywhere(Attempt(_counters(account, address), succeeded=True))

    def _note_everywhere(self, attempt: Attempt) -> None:
        self._note(attempt)
        self._broker.publish(TOPIC, _encode(attempt))

    def _note(self, attempt: Attempt) -> None:
        for counter in attempt.counters:
            for window in self._windows:
                if attempt.succeeded:
                    window.forget(counter)
                else:
                    window.count(counter)

    def _seconds_to_wait(self, counter: str) -> int:
        return math.ceil(max(window.wait(counter) for window in self._windows))


def _counters(account: str, address: str) -> tuple[str, str]:
    """The keys of an account and an address. Hashed, so that long input does not stay in memory."""
    digest = hashlib.sha256(account.encode(errors="surrogatepass")).hexdigest()
    return f"account {digest}", f"address {network_of(address)}"


def _minutes(seconds: int) -> str:
    minutes = math.ceil(seconds / 60)
    return "a minute" if minutes == 1 else f"{minutes} minutes"
