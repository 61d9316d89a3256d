"""Greenlets that process input for connections, so that an idle connection needs none.

The event loop's own greenlet, the hub, must never block. Handlers may. So input is processed in a
worker: a greenlet that is reused. While no handler blocks, one worker serves all connections; each
blocked handler occupies one more.
"""

import logging
from collections.abc import Callable

from gevent.hub import get_hub
from greenlet import getcurrent, greenlet

MAX_IDLE_WORKERS = 8

log = logging.getLogger(__name__)


class GreenletPool:
    """Runs each task immediately, until it first blocks."""

    def __init__(self) -> None:
        self._hub = get_hub()
        self._idle: list[greenlet] = []

    def run(self, task: Callable[[], None]) -> None:
        """Run `task` now. Call this only from the hub, in a callback of the event loop."""
        worker = self._idle.pop() if self._idle else greenlet(self._work, self._hub)
        worker.switch(task)

    def run_soon(self, task: Callable[[], None]) -> None:
        """Run `task` in the next turn of the loop."""
        self._hub.loop.run_callback(self.run, task)

    def _work(self, task: Callable[[], None]) -> None:
        while True:
            try:
                task()
            except Exception:
                log.exception("A task of the transport failed.")
            if len(self._idle) >= MAX_IDLE_WORKERS:
                return
            self._idle.append(getcurrent())
            task = self._hub.switch()
