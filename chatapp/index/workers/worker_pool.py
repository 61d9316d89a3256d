"""A pool of processes for one long command, which report their progress and end with it.

The pool of `concurrent.futures` continues current tasks when its caller is interrupted, and its
processes wait forever when the caller was killed.
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

from chatapp.log.progress import Progress, unwatched

TELL_SECONDS = 0.1
TELL_BYTES = 1 << 20
"""Progress is reported between processes in steps of this size."""

T = TypeVar("T")
R = TypeVar("R")
Step = Callable[[T, Progress], R]
"""Works on a task, and reports its progress."""

_DONE: ContextVar["Synchronized[int]"] = ContextVar("done")
"""In a worker: the shared counter of processed bytes."""


class ProcessPool:
    """The processes, and their progress."""

    def __init__(
        self, pool: ProcessPoolExecutor, done: "Synchronized[int]", progress: Progress
    ) -> None:
        self._pool = pool
        self._done = done
        self._progress = progress
        self._told = 0

    def map(self, step: Step[T, R], tasks: Iterable[T]) -> Iterator[R]:
        """The results of the tasks, in order. Raises ChildProcessError if the system has ended a
        process."""
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
        done = self._done.get_obj().value  # without the lock: its holder may have been killed
        self._progress(done - self._told)
        self._told = done


@contextmanager
def workers(processes: int | None = None, progress: Progress = unwatched) -> Iterator[ProcessPool]:
    """This many processes, or one more than there are cores: if tasks take different times, the
    cores share the last ones. An error ends all processes."""
    context = get_context("spawn")
    done = context.Value("Q")
    processes = processes or (os.cpu_count() or 1) + 1
    with ProcessPoolExecutor(processes, context, initializer=_begin, initargs=(done,)) as pool:
        try:
            yield ProcessPool(pool, done, progress)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            for process in active_children():
                process.terminate()
            raise


def _begin(done: "Synchronized[int]") -> None:
    _DONE.set(done)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the caller handles Ctrl-C
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
