"""The lock that says that a supervisor runs workers on a data folder (app/workers.py).

While the first of them restarts, its control socket is away. Then a command must not take the
folder for one that nobody uses.
"""

import fcntl
import os
from pathlib import Path

LOCK_NAME = "supervisor"


def claim(folder: Path) -> int:
    """The lock, as an open file. Raises BlockingIOError if another supervisor has it."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    fd = os.open(folder / LOCK_NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(fd)
        raise
    return fd


def is_supervised(folder: Path) -> bool:
    """Whether a supervisor runs on the folder now."""
    try:
        fd = os.open(folder / LOCK_NAME, os.O_RDONLY | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError):
        return False
    try:
        fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(fd)
    return False
