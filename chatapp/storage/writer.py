"""The one hand that writes: bytes of a batch to the active segment, and their way to the disk.

Called from one thread at a time, the writer thread's. It knows bytes and files, not records.

    write ── all taken ── fdatasync ── durable: the batch counts
      │                       └─ fails: what is on disk is unknown (the kernel may have dropped
      │                          the pages and forgot); nothing more is written, for good
      └─ fails: cut back to the last durable byte; the batch may be tried again
                  └─ fails too: nothing more is written, for good
"""

import contextlib
import os
from collections.abc import Callable
from pathlib import Path

import msgspec

from chatapp.config import Durability
from chatapp.storage.disk import Disk, sync_folder, write_all, write_file
from chatapp.storage.errors import DiskFailed, DiskFull
from chatapp.storage.manifest import segment_path
from chatapp.storage.unsure import Unsure, leave_note

SEGMENT_BYTES = 64 * 1024 * 1024
ROOM_BYTES = 64 * 1024
"""So much more than what did not fit must fit before the disk counts as having room again."""


class Spot(msgspec.Struct, frozen=True):
    """Where a batch begins: the segment, by its first number, and the offset in it."""

    first: int
    offset: int


class Writer:
    """Appends to the last segment of a folder, and begins the next one when it is full."""

    def __init__(
        self,
        disk: Disk,
        folder: Path,
        *,
        first: int,
        size: int,
        durability: Durability,
        rolled: Callable[[int], None],
        segment_bytes: int = SEGMENT_BYTES,
    ) -> None:
        self._disk = disk
        self._folder = folder
        self._durability = durability
        self._rolled = rolled
        self._segment_bytes = segment_bytes
        self._first = first
        self._size = self._durable = size
        self._fd = disk.open(segment_path(folder, first), os.O_WRONLY)
        self._failed: str | None = None
        self._did_not_fit = 0

    def write(self, batch: bytes, n: int) -> Spot:
        """Appends a batch whose first record is number `n`. It is durable on return.

        Raises DiskFull (taken back, try again later) or DiskFailed (never again).
        """
        if self._failed:
            raise DiskFailed(self._failed)
        if self._size >= self._segment_bytes:
            self._roll(n)
        try:
            write_all(self._disk, self._fd, batch, self._size)
        except OSError as error:
            self._did_not_fit = len(batch)
            self._take_back()
            raise DiskFull(error.strerror) from error
        spot = Spot(self._first, self._size)
        self._size += len(batch)
        if self._durability == "fsync":
            self.sync()
        return spot

    def sync(self) -> None:
        try:
            self._disk.fdatasync(self._fd)
        except OSError as error:
            failed = self._fail(f"{error}, when data was to be made durable")
            with contextlib.suppress(OSError):  # if even this fails, the disk is beyond notes
                leave_note(self._disk, self._folder, Unsure(self._first, self._durable))
            raise failed from error
        self._durable = self._size

    def has_room(self) -> bool:
        """Whether what did not fit would fit now. Tries it in a file that is removed again."""
        if self._failed:
            return False
        path = self._folder / "room"
        try:
            write_file(self._disk, path, bytes(self._did_not_fit + ROOM_BYTES))
            return True
        except OSError:
            return False
        finally:
            with contextlib.suppress(OSError):  # it was never made, or the next try writes over it
                self._disk.unlink(path)

    def sync_if_lazy(self) -> None:
        """With durability `os`: makes what was written durable after all, as well as it can."""
        if self._durability == "os" and not self._failed:
            with contextlib.suppress(DiskFailed):
                self.sync()

    def begin_segment(self, n: int) -> int:
        """Goes on in a new file now, whose first record is number `n`; an empty one is kept.

        Gives the number that the file is named by. Raises DiskFull or DiskFailed.
        """
        if self._failed:
            raise DiskFailed(self._failed)
        if self._size:
            self._roll(n)
        return self._first

    def close(self) -> None:
        self._disk.close(self._fd)

    def _roll(self, n: int) -> None:
        """Goes on in a new file. The old one is whole and durable, or this fails for good."""
        self.sync()
        path = segment_path(self._folder, n)
        try:
            fd = self._disk.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        except OSError as error:
            raise DiskFull(error.strerror) from error
        try:
            sync_folder(self._disk, self._folder)
        except OSError as error:
            with contextlib.suppress(OSError):  # the first error is the one to tell
                self._disk.close(fd)
            raise self._fail(f"{error}, when a new segment was to be made durable") from error
        self._disk.close(self._fd)
        self._first = n
        self._fd, self._size, self._durable = fd, 0, 0
        self._rolled(n)

    def _take_back(self) -> None:
        try:
            self._disk.truncate(self._fd, self._size)
        except OSError as error:
            raise self._fail(f"{error}, when a failed write was to be taken back") from error

    def _fail(self, why: str) -> DiskFailed:
        self._failed = why
        return DiskFailed(why)
