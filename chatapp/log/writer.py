"""Writes batches to the active segment and makes them durable. Nothing else writes there.

Only one thread at a time calls it, the writer thread. It handles bytes and files, not records.

    write ── complete ── fdatasync ── durable: the batch is valid
      │                       └─ fails: the state on disk is unknown (the kernel may have dropped
      │                          the pages); nothing more is written
      └─ fails: cut back to the last durable byte; the batch can be tried again
                  └─ fails too: nothing more is written

If somebody else has touched its files (file_watch.py), nothing more is written either.
"""

import contextlib
import os
import zlib
from collections.abc import Callable, Collection
from pathlib import Path

import msgspec

from chatapp.config import Durability
from chatapp.log.disk import Disk, sync_folder, write_all, write_file
from chatapp.log.errors import DiskFailed, DiskFull, FilesChanged
from chatapp.log.file_watch import Segment, Watch, checksum
from chatapp.log.fsync_failed import UnsureSegment, leave_note
from chatapp.log.manifest import segment_path

SEGMENT_BYTES = 64 * 1024 * 1024
ROOM_BYTES = 64 * 1024
"""The disk counts as having space again when the rejected batch fits, plus this margin."""


class SegmentOffset(msgspec.Struct, frozen=True):
    """The position of a batch: its segment, by first number, and the offset in it."""

    first: int
    offset: int


class Writer:
    """Appends to the last segment of a folder, and starts the next one when it is full."""

    def __init__(
        self,
        disk: Disk,
        folder: Path,
        *,
        first: int,
        size: int,
        durability: Durability,
        rolled: Callable[[int], None],
        watch: Watch,
        segment_bytes: int = SEGMENT_BYTES,
    ) -> None:
        self._disk = disk
        self._folder = folder
        self._durability = durability
        self._rolled = rolled
        self._watch = watch
        self.segment_bytes = segment_bytes
        self._first = first
        self._size = self._durable = size
        self._path = segment_path(folder, first)
        self._fd = disk.open(self._path, os.O_RDWR)
        self._crc: int | None = None if size else 0
        self._failed: DiskFailed | None = None
        self._did_not_fit = 0

    def write(self, batch: bytes, n: int) -> SegmentOffset:
        """Append a batch whose first record has number `n`. It is durable on return.

        Raises DiskFull (undone, can be retried) or DiskFailed (permanent).
        """
        if self._failed:
            raise self._failed
        self._check_is_untouched()
        if self._size >= self.segment_bytes:
            self._roll(n)
        try:
            write_all(self._disk, self._fd, batch, self._size)
        except OSError as error:
            self._did_not_fit = len(batch)
            self._take_back()
            raise DiskFull(error.strerror) from error
        spot = SegmentOffset(self._first, self._size)
        self._size += len(batch)
        if self._crc is not None:
            self._crc = zlib.crc32(batch, self._crc)
        self._watch.left(self._path, self._fd)
        if self._durability == "fsync":
            self.sync()
        return spot

    @property
    def bytes_left(self) -> int:
        """When so many bytes are written, the next batch begins a segment."""
        left = self.segment_bytes - self._size
        return left if left > 0 else self.segment_bytes

    def sync(self) -> None:
        try:
            self._disk.fdatasync(self._fd)
        except OSError as error:
            failed = self._fail(f"{error}, when data was to be made durable")
            with contextlib.suppress(OSError):  # if even this fails, there is nothing more to do
                leave_note(self._disk, self._folder, UnsureSegment(self._first, self._durable))
            raise failed from error
        self._durable = self._size

    def look(self) -> None:
        """Raises FilesChanged if somebody else has changed a file of the folder: then its open copy
        is saved, and nothing more is written."""
        if self._failed:
            return
        if self._crc is None:
            self._crc = checksum(self._disk, self._fd)
        try:
            self._watch.look(Segment(self._first, self._size, self._crc, self._fd))
        except FilesChanged as changed:
            self._failed = changed
            raise

    def expect_changes(self, firsts: Collection[int]) -> None:
        """The server itself overwrites these finished segments until `changes_are_done`."""
        self._watch.changing = firsts

    def changes_are_done(self) -> None:
        self._watch.changing = ()
        self._watch.forget()

    def has_room(self) -> bool:
        """Whether the rejected batch would fit now. Tries it with a temporary file."""
        if self._failed:
            return False
        path = self._folder / "room"
        try:
            write_file(self._disk, path, bytes(self._did_not_fit + ROOM_BYTES))
            return True
        except OSError:
            return False
        finally:
            with contextlib.suppress(OSError):  # missing, or overwritten next time
                self._disk.unlink(path)

    def sync_if_lazy(self) -> None:
        """With durability `os`: sync what was written, as far as possible."""
        if self._durability == "os" and not self._failed:
            with contextlib.suppress(DiskFailed):
                self.sync()

    def begin_segment(self, n: int) -> int:
        """Start a new file now, whose first record has number `n`; an empty active file is kept.

        Returns the number in the file's name. Raises DiskFull or DiskFailed.
        """
        if self._failed:
            raise self._failed
        if self._size:
            self._roll(n)
        return self._first

    def end_segment_of(self, n: int, tip: int) -> None:
        """Start a new file behind the record `tip` now, if record `n` is in the active one. Raises
        as `begin_segment`."""
        if self._first <= n:
            self.begin_segment(tip + 1)

    def close(self) -> None:
        self._watch.forget()
        self._disk.close(self._fd)

    def _check_is_untouched(self) -> None:
        """Check with one call that the file still has a name, and its expected size."""
        found = self._disk.stat(self._fd)
        if found is None or not found.st_nlink or found.st_size != self._size:
            self.look()

    def _roll(self, n: int) -> None:
        """Start a new file. The old one is complete and durable, or this fails permanently."""
        self.sync()
        path = segment_path(self._folder, n)
        try:
            fd = self._disk.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC)
        except OSError as error:
            raise DiskFull(error.strerror) from error
        try:
            sync_folder(self._disk, self._folder)
        except OSError as error:
            with contextlib.suppress(OSError):  # report the first error
                self._disk.close(fd)
            raise self._fail(f"{error}, when a new segment was to be made durable") from error
        self._disk.close(self._fd)
        self._first, self._path = n, path
        self._fd, self._size, self._durable, self._crc = fd, 0, 0, 0
        self._rolled(n)

    def _take_back(self) -> None:
        try:
            self._disk.truncate(self._fd, self._size)
            self._watch.left(self._path, self._fd)
        except OSError as error:
            raise self._fail(f"{error}, when a failed write was to be taken back") from error

    def _fail(self, why: str) -> DiskFailed:
        self._failed = DiskFailed(why)
        return self._failed
