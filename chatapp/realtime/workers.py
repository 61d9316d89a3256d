"""Greenlets that do the work of connections, so that an idle connection needs none.

The event loop's own greenlet, the hub, must never wait. Handlers may. So what arrives is
handled in a worker: a greenlet that is kept and used again. As long as handlers do not
wait, one worker serves everybody; each that waits costs one more while it does.
"""

import logging
from collections.abc import Callable

from gevent.hub import get_hub
from greenlet import getcurrent, greenlet

MAX_IDLE_WORKERS = 8

log = logging.getLogger(__name__)


class Workers:
    """Runs tasks, each from its begin to its first wait at once."""

    def __init__(self) -> None:
        self._hub = get_hub()
        self._idle: list[greenlet] = []

    def run(self, task: Callable[[], None]) -> None:
        """Do it now. Only the hub may ask for that, in a callback of the event loop."""
        worker = self._idle.pop() if self._idle else greenlet(self._work, self._hub)
        worker.switch(task)

    def run_soon(self, task: Callable[[], None]) -> None:
        """Do it in the next turn of the loop."""
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
