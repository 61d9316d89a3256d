"""A file that is being received: bytes go to a disk as they come, and are counted and hashed.

All of it runs on real threads. The event loop never holds a body.
"""

import errno
import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from chatapp.domain.errors import ChatError, NoSpace

FULL = frozenset([errno.ENOSPC, errno.EDQUOT, errno.EFBIG])


class ReceivedFile:
    """`path` has the bytes that came. `refuse(size)` raises an error if they are too many."""

    def __init__(self, path: Path, refuse: Callable[[int], None]) -> None:
        self.path = path
        self.size = 0
        self._refuse = refuse
        self._hash = hashlib.sha256()
        self._fd: int | None = None

    @property
    def sha256(self) -> str:
        return self._hash.hexdigest()

    def write(self, data: bytes | memoryview) -> None:
        """Raises a `ChatError` if these are too many bytes, or if the disk is full."""
        self._refuse(self.size + len(data))
        with in_words():
            fd = self._opened()
            rest = memoryview(data)
            while rest:
                rest = rest[os.write(fd, rest) :]
            self._hash.update(data)
            self.size += len(data)

    def close(self) -> None:
        """No more bytes come."""
        with in_words():
            self._opened()
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None

    def discard(self) -> None:
        """Remove what came, unless it was moved to where it is kept."""
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None
        self.path.unlink(missing_ok=True)

    def forget(self) -> None:
        """What came does not count."""
        self.discard()
        self.size, self._hash = 0, hashlib.sha256()

    def rehash(self) -> None:
        """The bytes were changed in place."""
        with in_words(), self.path.open("rb") as file:
            self._hash = hashlib.file_digest(file, "sha256")

    def _opened(self) -> int:
        if self._fd is None:
            flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC
            self._fd = os.open(self.path, flags, 0o600)
        return self._fd


@contextmanager
def in_words() -> Iterator[None]:
    """Raise `NoSpace` for a full disk."""
    try:
        yield
    except OSError as error:
        if error.errno in FULL:
            raise NoSpace("The server's disk has no room for this file.") from error
        raise


def refusing(most: int, error: Callable[[], ChatError]) -> Callable[[int], None]:
    """Raises `error()` for more than `most` bytes."""

    def refuse(size: int) -> None:
        if size > most:
            raise error()

    return refuse
