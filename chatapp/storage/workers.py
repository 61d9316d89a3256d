"""Processes that share the work of one long command, and end with it.

By itself, a pool of `concurrent.futures` lets what is under way run to its end when the one that
waits for it is interrupted, and waits for more for ever when that one was killed.
"""

import os
import signal
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import active_children, connection, get_context, parent_process
from threading import Thread


@contextmanager
def workers(processes: int | None = None) -> Iterator[ProcessPoolExecutor]:
    """A pool of so many processes, or one more than there are cores: when the pieces of work do
    not come out even, the cores share the last ones. What breaks off, ends them.
    """
    with ProcessPoolExecutor(
        processes or (os.cpu_count() or 1) + 1, get_context("spawn"), initializer=_end_with_parent
    ) as pool:
        try:
            yield pool
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            for process in active_children():
                process.terminate()
            raise


def _end_with_parent() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches all; one of them answers it
    Thread(target=_wait_for_its_end, daemon=True).start()


def _wait_for_its_end() -> None:
    if parent := parent_process():
        connection.wait([parent.sentinel])
        os._exit(1)
