"""What a person reads while the connection is away: once that it is lost, once that it is back."""

import time
from collections.abc import Callable

from chatapp.client.news import Connected, Disconnected


class Outages:
    """However many attempts fail, it is one loss. `retry_at` is the time of the next one."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self.retry_at: float | None = None
        self._say = say

    def hear(self, news: Connected | Disconnected) -> None:
        was_lost = self.retry_at is not None
        if isinstance(news, Disconnected):
            self.retry_at = time.monotonic() + news.retry_in
            if not was_lost:
                self._say("The connection is lost; it will be back.")
        else:
            self.retry_at = None
            if was_lost:
                self._say("Connected again.")
