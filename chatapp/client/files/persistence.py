"""Tries again what the network broke, for as long as it gets anywhere.

A transfer of a file may take hours, so there is no limit to its time. It ends with the error when
nothing has moved on for some seconds.
"""

import threading
import time
from collections.abc import Callable, Iterator

from chatapp.client.errors import ClientClosed
from chatapp.domain.errors import ChatError


class Persistence:
    """`timeout` are the seconds without progress; `delays()` gives the pauses between attempts.
    `closing` is set when the client is closed."""

    def __init__(
        self,
        timeout: float,
        closing: threading.Event,
        delays: Callable[[], Iterator[float]],
    ) -> None:
        self._timeout = timeout
        self._closing = closing
        self._new_delays = delays
        self._delays = delays()
        self._stuck_since: float | None = None

    def check(self) -> None:
        """Raises `ClientClosed` if the client was closed meanwhile."""
        if self._closing.is_set():
            raise ClientClosed("The client is closed.")

    def progressed(self) -> None:
        """There are more bytes at the other end than ever before."""
        self._stuck_since = None
        self._delays = self._new_delays()

    def pause(self, error: ChatError) -> None:
        """Wait before the next attempt; raises the error if that is of no use any more."""
        now = time.monotonic()
        if self._stuck_since is None:
            self._stuck_since = now
        pause = error.retry_after or next(self._delays)
        if now + pause > self._stuck_since + self._timeout:
            raise error
        self._closing.wait(pause)
        self.check()
