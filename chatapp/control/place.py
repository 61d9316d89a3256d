"""The socket's path, and a shorter way to it when the path is too long for the system."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SOCKET_NAME = "control"
MAX_ADDRESS_BYTES = 100
"""The address of a Unix socket has at most 108 bytes on Linux and 104 on macOS."""


@contextmanager
def reachable(folder: Path) -> Iterator[str]:
    """The address of the folder's socket; through /proc if the path is too long."""
    path = str(folder / SOCKET_NAME)
    if len(os.fsencode(path)) <= MAX_ADDRESS_BYTES or not sys.platform.startswith("linux"):
        yield path
        return
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{fd}/{SOCKET_NAME}"
    finally:
        os.close(fd)
