"""Every system call of the log, in one small object.

The log must survive calls that fail, and a power cut between two of them. So its other modules
reach files only through a `Disk`: tests pass one that counts, fails, forgets, and remembers what
was synced.

`fsync` also makes a directory's entries durable; `fdatasync` is enough for bytes appended
to a file, its new length included (fdatasync(2), NOTES).
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain, count
from pathlib import Path


class Disk:
    """The real disk."""

    def open(self, path: Path, flags: int, mode: int = 0o600) -> int:
        return os.open(path, flags | os.O_CLOEXEC, mode)

    def close(self, fd: int) -> None:
        os.close(fd)

    def write(self, fd: int, data: memoryview, offset: int) -> int:
        """Returns the number of bytes written, which may be less than given."""
        return os.pwrite(fd, data, offset)

    def read(self, fd: int, size: int, offset: int) -> bytes:
        return os.pread(fd, size, offset)

    def stat(self, file: Path | int) -> os.stat_result | None:
        """Of a name or an open file; None if there is no such name."""
        try:
            return os.stat(file)
        except (FileNotFoundError, NotADirectoryError):
            return None

    def truncate(self, fd: int, size: int) -> None:
        os.ftruncate(fd, size)

    def fdatasync(self, fd: int) -> None:
        os.fdatasync(fd)

    def fsync(self, fd: int) -> None:
        os.fsync(fd)

    def rename(self, old: Path, new: Path) -> None:
        os.rename(old, new)

    def link(self, old: Path, new: Path) -> None:
        os.link(old, new)

    def unlink(self, path: Path) -> None:
        os.unlink(path)

    def rmdir(self, path: Path) -> None:
        os.rmdir(path)

    def mkdir(self, path: Path) -> None:
        os.mkdir(path, 0o700)

    def names(self, folder: Path) -> list[str]:
        """The names in a folder, sorted."""
        return sorted(os.listdir(folder))

    def exists(self, path: Path) -> bool:
        return os.path.lexists(path)

    def lock(self, fd: int) -> None:
        """Lock until `fd` is closed; raises BlockingIOError if another process holds the lock."""
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)


@contextmanager
def opened(disk: Disk, path: Path, flags: int = os.O_RDONLY) -> Iterator[int]:
    """A file's descriptor, closed at the end."""
    fd = disk.open(path, flags)
    try:
        yield fd
    finally:
        disk.close(fd)


def write_all(disk: Disk, fd: int, data: bytes, offset: int) -> None:
    """Write everything: the kernel may write less than given, for example on a nearly full disk."""
    rest = memoryview(data)
    while rest:
        taken = disk.write(fd, rest, offset)
        rest = rest[taken:]
        offset += taken


def read_file(disk: Disk, path: Path) -> bytes:
    with opened(disk, path) as fd:
        return b"".join(read_chunks(disk, fd))


def size_of(disk: Disk, path: Path) -> int | None:
    """A file's size in bytes; None if there is no such file."""
    found = disk.stat(path)
    return None if found is None else found.st_size


def unused(disk: Disk, path: Path) -> Path:
    """The path; if it exists already, the path with a number appended."""
    numbered = (path.with_name(f"{path.name}-{number}") for number in count(2))
    return next(each for each in chain([path], numbered) if not disk.exists(each))


def read_chunks(disk: Disk, fd: int, offset: int = 0, size: int = 1 << 20) -> Iterator[bytes]:
    """A file's bytes from `offset` on, in chunks."""
    while chunk := disk.read(fd, size, offset):
        yield chunk
        offset += len(chunk)


def sync_folder(disk: Disk, folder: Path) -> None:
    """Make the names in a folder durable: without this, a new file can be lost."""
    with opened(disk, folder, os.O_RDONLY | os.O_DIRECTORY) as fd:
        disk.fsync(fd)


def make_folder(disk: Disk, folder: Path) -> None:
    """Create a folder for its owner only, durable in its parent."""
    if not disk.exists(folder):
        disk.mkdir(folder)
        sync_folder(disk, folder.parent)


def remove_folder(disk: Disk, folder: Path) -> None:
    """Remove a folder and everything in it, including subfolders made by others."""
    if disk.exists(folder):
        for name in disk.names(folder):
            try:
                disk.unlink(folder / name)
            except IsADirectoryError:
                remove_folder(disk, folder / name)
        disk.rmdir(folder)
        sync_folder(disk, folder.parent)


def write_file(disk: Disk, path: Path, data: bytes) -> None:
    """Write a new file with durable content; its name is durable once its folder is synced."""
    with opened(disk, path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC) as fd:
        write_all(disk, fd, data, 0)
        disk.fsync(fd)


def replace_file(disk: Disk, path: Path, data: bytes) -> None:
    """Replace a small file: after a crash it has the old or the new content, never a mixture."""
    new = path.with_name(path.name + ".new")
    write_file(disk, new, data)
    disk.rename(new, path)
    sync_folder(disk, path.parent)
