"""The rates of bots that have one of their own. All processes of a chat count together."""

from collections.abc import Callable

from chatapp.domain.bots import BotLimits
from chatapp.domain.rates import Rate, RateLimiter
from chatapp.ports import RateLimits

WHAT = "messages"


class BotPace:
    """`limits_of(id)` are those of a bot. Bots with the same rate share a limiter, which counts
    each of them by itself."""

    def __init__(self, limits_of: Callable[[str], BotLimits | None], shared: RateLimits) -> None:
        self._limits_of = limits_of
        self._shared = shared
        self._limiters: dict[int, RateLimiter] = {}

    def of(self, id: str) -> RateLimiter | None:
        """The limiter of the bot with this id; None if it is no bot, or has no rate of its own."""
        limits = self._limits_of(id)
        if limits is None or limits.per_minute is None:
            return None
        most = limits.per_minute
        if most not in self._limiters:
            rate = Rate(burst=most, per_second=most / 60)
            self._limiters[most] = self._shared.limiter(rate, WHAT, f"{most} messages of a bot")
        return self._limiters[most]
