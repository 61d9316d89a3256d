"""Checks that nobody else changes the server's files while it runs.

Somebody may delete, cut or overwrite them. The server has them open, and would continue to write
to a file that has no name any more. So the writer checks its own file before each batch
(one `fstat`), and all files from time to time; always on its own thread, so that the server's own
changes are not mistaken for somebody else's.

    no file of this name, or another one    it was deleted: its open copy is saved
    another size                            it was cut, or extended
    another modification time               its checksum is compared: some filesystems change
                                            times on their own
"""

import os
import time
import zlib
from collections.abc import Callable, Collection
from hashlib import sha256
from pathlib import Path

import msgspec

from chatapp.log.disk import Disk, make_folder, opened, read_chunks, sync_folder, unused, write_all
from chatapp.log.errors import FilesChanged, StorageError
from chatapp.log.manifest import MANIFEST, Manifest, load_manifest, save_manifest, segment_path

OPEN_SEGMENTS = 16
"""Number of the newest finished segments (1 GB) that are kept open, so that they can be saved."""
NAMED_AT_MOST = 4
COMPARED_AGAIN_SECONDS = 60.0
"""Minimum time between two comparisons of unchanged files; reading a segment takes about 50 ms."""


class Segment(msgspec.Struct, frozen=True):
    """The last known state of a segment. The checksum is a CRC-32, or a SHA-256 in hex."""

    first: int
    size: int
    checksum: int | str
    fd: int | None


class Watch:
    """For one thread at a time, the writer's."""

    def __init__(self, disk: Disk, folder: Path, manifest: Callable[[], Manifest]) -> None:
        """`manifest()` is the expected manifest of the folder."""
        self._disk = disk
        self._folder = folder
        self._manifest = manifest
        self._open: dict[int, int] = {}
        self._times: dict[Path, int] = {}
        self._compared_at: float | None = None
        self.changing: Collection[int] = ()
        """Finished segments that the server itself overwrites, without changing their sizes."""

    def left(self, path: Path, fd: int) -> None:
        """The server has just changed this file."""
        if found := self._disk.stat(fd):
            self._times[path] = found.st_mtime_ns

    def look(self, active: Segment) -> None:
        """Raises FilesChanged if somebody else has changed a file; saves what is still open.

        `active` is the segment that is being written.
        """
        manifest = self._manifest()
        segments = [*self._finished(manifest), active]
        problems = {
            segment_path(self._folder, segment.first): (problem, segment.fd)
            for segment in segments
            if (problem := self._problem_of(segment))
        }
        if problem := self._problem_of_manifest(manifest):
            problems[self._folder / MANIFEST] = (problem, None)
        if problems:
            told = [f"{path.parent.name}/{path.name} {why}" for path, (why, _) in problems.items()]
            if len(told) > NAMED_AT_MOST:
                told[NAMED_AT_MOST:] = [f"{len(told) - NAMED_AT_MOST} more like these"]
            lost = {
                path: fd
                for path, (why, fd) in problems.items()
                if fd is not None and why in (_DELETED, _REPLACED)
            }
            raise FilesChanged(f"{', '.join(told)}, and not by this server. {self._saved(lost)}")

    def forget(self) -> None:
        """The server itself has replaced the files."""
        for fd in self._open.values():
            self._disk.close(fd)
        self._open.clear()
        self._times.clear()

    def _finished(self, manifest: Manifest) -> list[Segment]:
        """The sealed segments; the newest ones are open."""
        newest = manifest.segments[-OPEN_SEGMENTS:]
        for first in self._open.keys() - {sealed.first for sealed in newest}:
            self._disk.close(self._open.pop(first))
        for sealed in newest:
            path = segment_path(self._folder, sealed.first)
            if sealed.first not in self._open and self._disk.stat(path):
                self._open[sealed.first] = self._disk.open(path, os.O_RDONLY)
        return [
            Segment(sealed.first, sealed.bytes, sealed.sha256, self._open.get(sealed.first))
            for sealed in manifest.segments
        ]

    # Checks

    def _problem_of(self, segment: Segment) -> str | None:
        path = segment_path(self._folder, segment.first)
        found = self._disk.stat(path)
        if found is None:
            return _DELETED
        if segment.fd is not None and not _is_same(found, self._disk.stat(segment.fd)):
            return _REPLACED
        if found.st_size != segment.size:
            return f"has {found.st_size:,} bytes instead of {segment.size:,}"
        if segment.first in self.changing:
            return None
        if self._is_suspect(path, found) and not self._has_bytes_of(path, segment):
            return "has other bytes than were written"
        return None

    def _problem_of_manifest(self, manifest: Manifest) -> str | None:
        path = self._folder / MANIFEST
        found = self._disk.stat(path)
        if found is None:
            return _DELETED
        if self._times.get(path) == found.st_mtime_ns:
            return None
        self._times[path] = found.st_mtime_ns
        try:
            is_ours = load_manifest(self._disk, self._folder) == manifest
        except (StorageError, OSError):
            is_ours = False
        return None if is_ours else "says something else than was written"

    def _is_suspect(self, path: Path, found: os.stat_result) -> bool:
        """Whether the file has changed since its last known state, if there is one."""
        if self._times.setdefault(path, found.st_mtime_ns) == found.st_mtime_ns:
            return False
        now = time.monotonic()
        if self._compared_at is not None and now < self._compared_at + COMPARED_AGAIN_SECONDS:
            return False
        self._compared_at = now
        self._times[path] = found.st_mtime_ns
        return True

    def _has_bytes_of(self, path: Path, segment: Segment) -> bool:
        with opened(self._disk, path) as fd:
            if isinstance(segment.checksum, int):
                return checksum(self._disk, fd) == segment.checksum
            digest = sha256()
            for chunk in read_chunks(self._disk, fd):
                digest.update(chunk)
            return digest.hexdigest() == segment.checksum

    # Saving open copies

    def _saved(self, lost: dict[Path, int]) -> str:
        """Copy the open contents of lost files, and say what to do now."""
        if not lost:
            return _TO_REPAIR
        held = ", ".join(f"/proc/{os.getpid()}/fd/{fd}" for fd in lost.values())
        try:
            rescued = self._new_folder()
            for path, fd in lost.items():
                self._copy(fd, rescued / path.name)
            save_manifest(self._disk, rescued, self._manifest())
        except OSError as error:
            return (
                f"They could not be saved ({error}), but are in {held} for as long as the server "
                "runs: copy them from there before you stop it."
            )
        return (
            f"What was open of them is saved in {rescued}: stop the server, copy that back to "
            f"{self._folder}, and run `chatapp log verify`."
        )

    def _new_folder(self) -> Path:
        """data/rescued/messages, or with a number if that exists."""
        all_of_them = self._folder.parent / "rescued"
        if not self._disk.exists(all_of_them.parent):
            self._disk.mkdir(all_of_them.parent)
        make_folder(self._disk, all_of_them)
        path = unused(self._disk, all_of_them / self._folder.name)
        make_folder(self._disk, path)
        return path

    def _copy(self, fd: int, path: Path) -> None:
        with opened(self._disk, path, os.O_WRONLY | os.O_CREAT | os.O_EXCL) as copy:
            offset = 0
            for chunk in read_chunks(self._disk, fd):
                write_all(self._disk, copy, chunk, offset)
                offset += len(chunk)
            self._disk.fsync(copy)
        sync_folder(self._disk, path.parent)


_DELETED = "was deleted"
_REPLACED = "is another file now"
_TO_REPAIR = (
    "Stop the server and restore a backup, or keep every whole record with `chatapp log repair`."
)


def checksum(disk: Disk, fd: int) -> int:
    """The CRC-32 of a whole file."""
    crc = 0
    for chunk in read_chunks(disk, fd):
        crc = zlib.crc32(chunk, crc)
    return crc


def _is_same(one: os.stat_result, other: os.stat_result | None) -> bool:
    return other is not None and (one.st_dev, one.st_ino) == (other.st_dev, other.st_ino)
