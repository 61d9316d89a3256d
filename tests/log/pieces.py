"""Pieces of work for `index/workers/worker_pool.py`, where other processes can import them."""

import os
import signal
import time

from chatapp.log.progress import Progress


def halve(number: int, tell: Progress) -> float:
    tell(number)
    tell(number)
    return number / 2


def sleep(seconds: float, _tell: Progress) -> None:
    print("a worker works", flush=True)
    time.sleep(seconds)


def be_killed(_task: int, _tell: Progress) -> None:
    os.kill(os.getpid(), signal.SIGKILL)
