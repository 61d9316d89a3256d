"""A machine that stands still now and then, for the processes that the tests have started.

    .venv/bin/pytest -p tests.support.stutter tests/page

One of the servers, commands and browsers after the other is stopped for a moment, and goes on.
Whatever a test only expects to be quick enough comes too late then, and the test fails. Tests that
stop a process themselves, or measure times, fail too, and need not be mended.
"""

import os
import signal
import threading
from pathlib import Path
from random import Random

STOPPED_SECONDS = (0.02, 0.4)
BETWEEN_SECONDS = (0.0, 0.25)
NOT_RUNNING = "TZ"
"""States of processes that somebody else has stopped, or that have ended."""

_over = threading.Event()


def pytest_sessionstart() -> None:
    threading.Thread(target=_stop_one_after_the_other, args=(Random(),), daemon=True).start()


def pytest_sessionfinish() -> None:
    _over.set()


def _stop_one_after_the_other(random: Random) -> None:
    while not _over.wait(random.uniform(*BETWEEN_SECONDS)):
        if started := _descendants(os.getpid()):
            _stop(random.choice(started), random.uniform(*STOPPED_SECONDS))


def _stop(pid: int, seconds: float) -> None:
    try:
        os.kill(pid, signal.SIGSTOP)
        _over.wait(seconds)
        os.kill(pid, signal.SIGCONT)
    except ProcessLookupError:
        pass  # It has ended meanwhile.


def _descendants(pid: int) -> list[int]:
    """All running processes that this one has started, and those that they have.

    https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
    """
    started: dict[int, list[tuple[int, str]]] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            state, parent = (folder / "stat").read_text().rpartition(") ")[2].split()[:2]
        except OSError:
            continue  # It has ended meanwhile.
        started.setdefault(int(parent), []).append((int(folder.name), state))
    found, look_at = [], [pid]
    while look_at:
        for child, state in started.get(look_at.pop(), []):
            look_at.append(child)
            if state not in NOT_RUNNING:
                found.append(child)
    return found
