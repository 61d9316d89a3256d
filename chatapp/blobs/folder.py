"""Blobs as files: `9f/86/9f86d0…`, written beside and renamed, so that a name always has all bytes.

    data/files/9f/86/9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
    data/files/9f/86/9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08.preview

Files are never changed. A crash leaves a file that is not renamed yet where it came from.
"""

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock

from chatapp.blobs.names import PART_BYTES, BlobMissing, BlobsUnavailable, checked, original_of
from chatapp.log.disk import Disk, make_folder, opened, sync_folder, write_all

_NO_LINKS = frozenset([errno.EXDEV, errno.EPERM, errno.ENOTSUP, errno.EMLINK])


class FolderBlobs:
    """Those of a folder, which is made for the first one. Files that are put there should be on the
    same disk."""

    def __init__(self, folder: Path, disk: Disk | None = None) -> None:
        self._folder = folder
        self._disk = disk or Disk()
        self._making = Lock()
        """Held while folders are made: a thread must not find one that is not durable yet."""

    def put(self, name: str, file: Path) -> None:
        path = self._path(name)
        with _in_words():
            if not self._disk.exists(path):
                with opened(self._disk, file) as fd:
                    self._disk.fsync(fd)
                self._make_folders(path)
                self._move(file, path)
                sync_folder(self._disk, path.parent)
            file.unlink(missing_ok=True)

    def link(self, name: str, other: "FolderBlobs") -> bool:
        """Give another folder the same bytes, which take no more room. Returns False if it is on
        another disk, or this one has no links."""
        path = other._path(name)
        with _in_words():
            other._make_folders(path)
            try:
                self._disk.link(self._path(name), path)
            except FileExistsError:
                return True
            except OSError as error:
                if error.errno in _NO_LINKS:
                    return False
                raise
            sync_folder(other._disk, path.parent)
        return True

    def size(self, name: str) -> int | None:
        with _in_words():
            found = self._disk.stat(self._path(name))
        return found.st_size if found else None

    def read(self, name: str, offset: int = 0, size: int | None = None) -> Iterator[bytes]:
        with _in_words():
            try:
                fd = self._disk.open(self._path(name), os.O_RDONLY)
            except FileNotFoundError:
                raise BlobMissing(name) from None
        return self._parts(fd, offset, size)

    def delete(self, name: str) -> None:
        path = self._path(name)
        with _in_words():
            if not self._disk.exists(path.parent):
                return
            for each in self._disk.names(path.parent):
                if each == name or original_of(each) == name:
                    self._disk.unlink(path.parent / each)
            sync_folder(self._disk, path.parent)

    def names(self) -> Iterator[tuple[str, int]]:
        with _in_words():
            for path in sorted(self._folder.glob("[0-9a-f][0-9a-f]/[0-9a-f][0-9a-f]/*")):
                found = self._disk.stat(path)
                if found and not path.name.startswith("."):  # a copy that is not whole yet
                    yield path.name, found.st_size

    def free_bytes(self) -> int | None:
        with _in_words():
            is_there = self._disk.exists(self._folder)
            return shutil.disk_usage(self._folder if is_there else self._folder.parent).free

    def close(self) -> None:
        """Nothing is open."""

    def _path(self, name: str) -> Path:
        return self._folder / checked(name)[:2] / name[2:4] / name

    def _make_folders(self, path: Path) -> None:
        with self._making:
            for folder in (self._folder, path.parent.parent, path.parent):
                make_folder(self._disk, folder)

    def _move(self, file: Path, path: Path) -> None:
        try:
            self._disk.rename(file, path)
        except OSError as error:
            if error.errno != errno.EXDEV:
                raise
            beside = path.with_name(f".{path.name}.{os.getpid()}")
            with opened(self._disk, beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC) as fd:
                with file.open("rb") as source:
                    for at in range(0, file.stat().st_size, PART_BYTES):
                        write_all(self._disk, fd, source.read(PART_BYTES), at)
                self._disk.fsync(fd)
            self._disk.rename(beside, path)

    def _parts(self, fd: int, offset: int, size: int | None) -> Iterator[bytes]:
        left = size
        try:
            while left is None or left > 0:
                wanted = PART_BYTES if left is None else min(PART_BYTES, left)
                with _in_words():
                    part = self._disk.read(fd, wanted, offset)
                if not part:
                    return
                yield part
                offset += len(part)
                left = None if left is None else left - len(part)
        finally:
            self._disk.close(fd)


@contextmanager
def _in_words() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise BlobsUnavailable(f"The folder of files cannot be used: {error}") from error
