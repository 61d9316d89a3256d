"""Processes that share the work of one long command, tell how far they are, and end with it.

By itself, a pool of `concurrent.futures` lets what is under way run to its end when the one that
waits for it is interrupted, and waits for more for ever when that one was killed.
"""

import os
import signal
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from contextvars import ContextVar
from multiprocessing import active_children, connection, get_context, parent_process
from multiprocessing.sharedctypes import Synchronized
from threading import Thread
from typing import TypeVar

from chatapp.storage.progress import Progress, unwatched

TELL_SECONDS = 0.1
TELL_BYTES = 1 << 20
"""Less than that is not worth a word between processes."""

T = TypeVar("T")
R = TypeVar("R")
Step = Callable[[T, Progress], R]
"""A piece of the work: a task, and whom to tell how far it is."""

_DONE: ContextVar["Synchronized[int]"] = ContextVar("done")
"""In a worker: the bytes that are done, counted with the others."""


class Workers:
    """The processes, and what they have done."""

    def __init__(
        self, pool: ProcessPoolExecutor, done: "Synchronized[int]", progress: Progress
    ) -> None:
        self._pool = pool
        self._done = done
        self._progress = progress
        self._told = 0

    def map(self, step: Step[T, R], tasks: Iterable[T]) -> Iterator[R]:
        """What comes of each task, in their order. Raises ChildProcessError where the system has
        ended a process.
        """
        futures = [self._pool.submit(_do, step, task) for task in tasks]
        for future in futures:
            yield self._result(future)

    def _result(self, future: "Future[R]") -> R:
        while wait([future], TELL_SECONDS).not_done:
            self._tell()
        self._tell()
        try:
            return future.result()
        except BrokenProcessPool:
            raise ChildProcessError(
                "a process that shared the work was ended from outside; is there enough memory?"
            ) from None

    def _tell(self) -> None:
        done = self._done.get_obj().value  # without the lock: who held it may have been killed
        self._progress(done - self._told)
        self._told = done


@contextmanager
def workers(processes: int | None = None, progress: Progress = unwatched) -> Iterator[Workers]:
    """So many processes, or one more than there are cores: when the pieces of work do not come
    out even, the cores share the last ones. What breaks off, ends them.
    """
    context = get_context("spawn")
    done = context.Value("Q")
    processes = processes or (os.cpu_count() or 1) + 1
    with ProcessPoolExecutor(processes, context, initializer=_begin, initargs=(done,)) as pool:
        try:
            yield Workers(pool, done, progress)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            for process in active_children():
                process.terminate()
            raise


def _begin(done: "Synchronized[int]") -> None:
    _DONE.set(done)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches all; one of them answers it
    Thread(target=_wait_for_its_end, daemon=True).start()


def _do(step: Step[T, R], task: T) -> R:
    waiting = 0

    def tell(more: int, at_least: int = TELL_BYTES) -> None:
        nonlocal waiting
        waiting += more
        if waiting >= at_least:
            done = _DONE.get()
            with done.get_lock():
                done.value += waiting
            waiting = 0

    result = step(task, tell)
    tell(0, at_least=0)
    return result


def _wait_for_its_end() -> None:
    if parent := parent_process():
        connection.wait([parent.sentinel])
        os._exit(1)
