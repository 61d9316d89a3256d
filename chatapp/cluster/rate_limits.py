"""Limits whose counts all processes of a chat share: who is refused by one, is refused by all.

Each process counts what it hears of, and decides by that alone. What others count arrives a
moment later, or never if the broker fails: then a limit is at most that of each process.
"""

import time

import msgspec

from chatapp.domain.rates import Clock, Rate, RateLimiter
from chatapp.ports import Broker

TOPIC = "rates"


class Counted(msgspec.Struct, frozen=True):
    """As other processes are told."""

    limit: str
    key: str


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Counted).decode


class SharedRateLimits:
    """Makes limiters. Those with the same `name` at all processes are one."""

    def __init__(self, broker: Broker, now: Clock = time.monotonic) -> None:
        self._broker = broker
        self._now = now
        self._limiters: dict[str, RateLimiter] = {}
        broker.subscribe(TOPIC, self._hear)

    def limiter(self, rate: Rate | None, what: str, name: str | None = None) -> RateLimiter:
        """`what` is limited, as a person is told. Its name is that, if there is no other."""
        limiter = SharedRateLimiter(rate, what, self._now, name or what, self._broker)
        self._limiters[limiter.name] = limiter
        return limiter

    def _hear(self, told: bytes) -> None:
        counted = _decode(told)
        if limiter := self._limiters.get(counted.limit):  # A newer version may have more of them.
            limiter.count(counted.key)


class SharedRateLimiter(RateLimiter):
    def __init__(self, rate: Rate | None, what: str, now: Clock, name: str, broker: Broker) -> None:
        super().__init__(rate, what, now)
        self.name = name
        self._broker = broker

    def check(self, key: str) -> None:
        super().check(key)
        self._broker.publish(TOPIC, _encode(Counted(self.name, key)))
