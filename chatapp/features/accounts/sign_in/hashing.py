"""Hashes passwords in a few threads of low priority, newest request first.

Hashing is slow on purpose. A person who signs in during a flood cannot wait for everybody else, and
the server cannot tell who is honest. So the newest request gets the next free thread, and if too
many wait, the oldest are refused. A person's sign-in then takes about as long as two hashes, while
a flood from many addresses mostly waits for itself.
"""

import os
import sys
import threading
from collections.abc import Callable
from typing import Any

import gevent
from gevent.event import AsyncResult
from gevent.threadpool import ThreadPool

from chatapp.domain.errors import Unavailable

MAX_WAITING = 32
WAITING_SECONDS = 10.0
THREADS = max(1, min(4, (os.cpu_count() or 1) // 2))
"""Half of the cores stay free for the chat."""
NICE = 10
"""Lower priority than the event loop, when cores are scarce (nice(1))."""
LOWEST_PRIORITY = 19

Run = Callable[[Callable[..., Any], tuple[Any, ...]], Any]


class Hashing:
    """A pool of hashing threads, for the greenlets of one thread."""

    def __init__(self, run: Run | None = None, *, threads: int = THREADS) -> None:
        self._run = run or _with_low_priority(ThreadPool(threads))
        self._free = threads
        self._waiting: list[AsyncResult[None]] = []

    def run(self, function: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
        """The function's result, computed in a thread; only the calling greenlet waits.

        Raises Unavailable if newer requests displaced this one, or if it waited too long.
        """
        self._take_thread()
        try:
            return self._run(function, arguments)
        finally:
            self._leave_thread()

    def _take_thread(self) -> None:
        if self._free:
            self._free -= 1
            return
        if len(self._waiting) >= MAX_WAITING:
            self._waiting.pop(0).set_exception(_too_many())
        turn: AsyncResult[None] = AsyncResult()
        self._waiting.append(turn)
        try:
            turn.get(timeout=WAITING_SECONDS)
        except BaseException as why:
            self._leave_queue(turn)
            if isinstance(why, gevent.Timeout):
                raise _too_many() from None
            raise

    def _leave_queue(self, turn: "AsyncResult[None]") -> None:
        """Leave the queue; a thread that was just assigned is passed on."""
        if turn in self._waiting:
            self._waiting.remove(turn)
        elif turn.successful():
            self._leave_thread()

    def _leave_thread(self) -> None:
        if self._waiting:
            self._waiting.pop().set(None)
        else:
            self._free += 1


def _too_many() -> Unavailable:
    return Unavailable("Too many people are signing in just now. Try again in a moment.")


def _with_low_priority(pool: ThreadPool) -> Run:
    lowered = threading.local()

    def call(function: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
        if sys.platform == "linux" and not hasattr(lowered, "yes"):  # only Linux has these
            lowered.yes = True
            thread = threading.get_native_id()
            usual = os.getpriority(os.PRIO_PROCESS, thread)
            os.setpriority(os.PRIO_PROCESS, thread, min(usual + NICE, LOWEST_PRIORITY))
        return function(*arguments)

    return lambda function, arguments: pool.apply(call, (function, arguments))
