"""Limits how many accounts an address can create, at all processes of the chat together."""

import time

from chatapp.cluster.broker import Broker
from chatapp.domain.rates import Clock, Rate, RateLimiter

TOPIC = "sign-ups"
SIGN_UPS = Rate(burst=20, per_second=20 / 3600)
"""Number of accounts that an address can create. Guests store nothing."""


class SignUpLimit(RateLimiter):
    def __init__(self, broker: Broker, rate: Rate = SIGN_UPS, now: Clock = time.monotonic) -> None:
        super().__init__(rate, "sign-ups", now)
        self._broker = broker
        broker.subscribe(TOPIC, lambda address: self.count(address.decode()))

    def check(self, key: str) -> None:
        super().check(key)
        self._broker.publish(TOPIC, key.encode())
