"""Reports a lost connection once, and its return once."""

import time
from collections.abc import Callable

from chatapp.client.news import Connected, Disconnected


class Outages:
    """Failed attempts belong to the same outage. `retry_at` is the time of the next attempt."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self.retry_at: float | None = None
        self._say = say

    def hear(self, news: Connected | Disconnected) -> None:
        was_lost = self.retry_at is not None
        if isinstance(news, Disconnected):
            self.retry_at = time.monotonic() + news.retry_in
            if not was_lost:
                self._say("Connection lost; reconnecting.")
        else:
            self.retry_at = None
            if was_lost:
                self._say("Connected again.")
