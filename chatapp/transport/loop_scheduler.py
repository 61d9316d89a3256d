"""Divides each turn of the event loop fairly among connections.

    a turn:   callbacks ─ wait for sockets ─ readable sockets ─ scheduled tasks ─ flush

A connection works for one slice of a turn. Its remaining work is queued here, behind that of other
connections, and new input of all connections is read first. Connections that are not accepted yet
have a separate queue: even a large crowd of them does not delay accepted connections.
"""

from collections import deque
from collections.abc import Callable
from time import monotonic, time
from typing import Any

from gevent.hub import get_hub

from chatapp.transport.arrival_share import ArrivalShare
from chatapp.transport.greenlet_pool import GreenletPool

SLICE_SECONDS = 0.005
"""Maximum for one connection in one turn. An event that has started is finished."""
SLICE_BYTES = 64 * 1024
"""Maximum of answers for one connection in one turn."""
TURN_SECONDS = 0.008
"""Maximum for all queued tasks in one turn; after this long, a turn reads from no further
sockets."""

Task = Callable[[], None]


class LoopScheduler:
    def __init__(self, workers: GreenletPool) -> None:
        self.arrivals = ArrivalShare()
        self._workers = workers
        self._loop = get_hub().loop
        self._timer = self._loop.timer(0)
        self._is_due = False
        self._waiting: deque[Task] = deque()
        self._arriving: deque[Task] = deque()

    @property
    def has_time(self) -> bool:
        """Whether this turn may start work for another connection.

        `loop.now()` is the time at which the turn started to process sockets.
        """
        return time() - self._loop.now() < TURN_SECONDS

    def wait(self, task: Task) -> None:
        """Run `task` in a later turn, after those already queued."""
        self._waiting.append(task)
        self._be_due()

    def arrive(self, task: Task) -> None:
        """As `wait`, for a connection that is not accepted yet."""
        self._arriving.append(task)
        self._be_due()

    def after(self, seconds: float, task: Task) -> Any:
        """Queue `task` in `seconds`. Returns a timer that can be closed."""
        timer = self._loop.timer(seconds)
        timer.start(self.wait, task)
        return timer

    def _be_due(self) -> None:
        if not self._is_due:
            self._is_due = True
            self._timer.start(self._take_turn)

    def _take_turn(self) -> None:
        self._is_due = False
        self._work(self._waiting, TURN_SECONDS)
        self._work(self._arriving, self.arrivals.seconds)
        if self._waiting or self._arriving:
            self._be_due()

    def _work(self, tasks: deque[Task], seconds: float) -> None:
        """Run the tasks queued now; those added meanwhile have already had a slice."""
        end = monotonic() + seconds
        for _ in range(len(tasks)):
            self._workers.run(tasks.popleft())
            if monotonic() >= end:
                return
