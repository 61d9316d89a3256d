"""Limits HTTP requests to half of the event loop's time, so that messages are not delayed.

A page takes a few milliseconds, and twenty pages that become ready at the same moment would be
rendered one after the other before the next message. So each request waits for a turn, and after
a request that took four milliseconds, the next one starts four milliseconds later. Addresses take
turns, so that someone who requests a hundred pages delays only their own address. A whole class
behind one address gets its pages within seconds; requests beyond the limit get 503.
"""

import math
from collections import OrderedDict, deque
from time import perf_counter
from typing import Any

from flask import Flask, Response, request
from gevent import get_hub
from gevent.hub import Waiter

from chatapp.domain.addresses import network_of

MAX_WAITING = 400
"""Maximum of waiting requests per address: a class of fifty, each requesting eight files at
once."""
MAX_PAUSE_SECONDS = 1.0
"""The longest pause between two pages, also after one that took longer."""
RETRY_SECONDS = 5
AT_ONCE = frozenset(["health.healthz", "health.readyz", "health.metrics"])
"""Monitoring must not wait behind a flood."""


class RenderQueue:
    """The queue of waiting requests, for the greenlets of one thread."""

    def __init__(self, *, max_waiting: int = MAX_WAITING) -> None:
        self._waiting: OrderedDict[str, deque[Waiter[None]]] = OrderedDict()
        self._max_waiting = max_waiting
        self._free_at = -math.inf
        self._timer: Any = None

    def take(self, network: str) -> bool:
        """Wait for a turn, which lasts until the calling greenlet waits or ends.

        Returns False at once if too many requests from this network are waiting.
        """
        queue = self._waiting.setdefault(network, deque())
        if len(queue) >= self._max_waiting:
            return False
        turn: Waiter[None] = Waiter()
        queue.append(turn)
        self._schedule()
        turn.get()
        return True

    def _schedule(self) -> None:
        if self._timer is None and self._waiting:
            self._timer = get_hub().loop.timer(max(0.0, self._free_at - perf_counter()))
            self._timer.start(self._run_next, update=True)  # counted from now

    def _run_next(self) -> None:
        """Runs in the hub: `switch` runs the greenlet until it waits. A machine that stood still
        meanwhile is no reason to make the others wait as long again."""
        began = perf_counter()
        self._next().switch(None)
        ended = perf_counter()
        self._free_at = ended + min(ended - began, MAX_PAUSE_SECONDS)
        self._timer = None
        self._schedule()

    def _next(self) -> "Waiter[None]":
        network, queue = self._waiting.popitem(last=False)
        turn = queue.popleft()
        if queue:
            self._waiting[network] = queue
        return turn


def queue_rendering(app: Flask) -> None:
    turns = RenderQueue()

    @app.before_request
    def wait_for_turn() -> Response | None:
        if request.endpoint in AT_ONCE or turns.take(network_of(request.remote_addr or "")):
            return None
        later = {"Retry-After": str(RETRY_SECONDS)}
        return Response("Too many pages at once.", 503, later, mimetype="text/plain")
