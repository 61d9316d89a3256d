"""Every system call of the log, in one small object.

The log is trusted because of what it does when a call fails, and when the power goes
between two of them. So no other module of `storage/` touches a file by itself: tests hand
in a disk that counts, fails, forgets, and remembers what was synced.

`fsync` also makes a directory's entries durable; `fdatasync` is enough for bytes appended
to a file, its new length included (fdatasync(2), NOTES).
"""

import fcntl
import os
from collections.abc import Iterator
from pathlib import Path


class Disk:
    """The real one."""

    def open(self, path: Path, flags: int, mode: int = 0o600) -> int:
        return os.open(path, flags | os.O_CLOEXEC, mode)

    def close(self, fd: int) -> None:
        os.close(fd)

    def write(self, fd: int, data: memoryview, offset: int) -> int:
        """How many bytes were taken, which may be fewer than given."""
        return os.pwrite(fd, data, offset)

    def read(self, fd: int, size: int, offset: int) -> bytes:
        return os.pread(fd, size, offset)

    def size(self, fd: int) -> int:
        return os.fstat(fd).st_size

    def inode(self, fd: int) -> int:
        """What identifies a file under whatever name."""
        return os.fstat(fd).st_ino

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
        """What lies in a folder, sorted."""
        return sorted(os.listdir(folder))

    def exists(self, path: Path) -> bool:
        return os.path.lexists(path)

    def lock(self, fd: int) -> None:
        """For as long as `fd` is open; BlockingIOError where another process holds it."""
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)


def write_all(disk: Disk, fd: int, data: bytes, offset: int) -> None:
    """All of it: the kernel may take less than it was given, and does so on a disk almost full."""
    rest = memoryview(data)
    while rest:
        taken = disk.write(fd, rest, offset)
        rest = rest[taken:]
        offset += taken


def read_file(disk: Disk, path: Path) -> bytes:
    fd = disk.open(path, os.O_RDONLY)
    try:
        return b"".join(read_chunks(disk, fd))
    finally:
        disk.close(fd)


def read_chunks(disk: Disk, fd: int, offset: int = 0, size: int = 1 << 20) -> Iterator[bytes]:
    """A file's bytes from `offset` on."""
    while chunk := disk.read(fd, size, offset):
        yield chunk
        offset += len(chunk)


def sync_folder(disk: Disk, folder: Path) -> None:
    """Makes durable which names are in a folder: a new file can be lost without this."""
    fd = disk.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        disk.fsync(fd)
    finally:
        disk.close(fd)


def make_folder(disk: Disk, folder: Path) -> None:
    """The folder, for its owner only, durable in its parent."""
    if not disk.exists(folder):
        disk.mkdir(folder)
        sync_folder(disk, folder.parent)


def remove_folder(disk: Disk, folder: Path) -> None:
    """A folder with all that is in it, gone: also with a folder that somebody has put there."""
    if disk.exists(folder):
        for name in disk.names(folder):
            try:
                disk.unlink(folder / name)
            except IsADirectoryError:
                remove_folder(disk, folder / name)
        disk.rmdir(folder)
        sync_folder(disk, folder.parent)


def write_file(disk: Disk, path: Path, data: bytes) -> None:
    """A new file, its content durable; its name is once its folder is synced."""
    fd = disk.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    try:
        write_all(disk, fd, data, 0)
        disk.fsync(fd)
    finally:
        disk.close(fd)


def replace_file(disk: Disk, path: Path, data: bytes) -> None:
    """A small file with new content: after a crash it has the old or the new, never a part."""
    new = path.with_name(path.name + ".new")
    write_file(disk, new, data)
    disk.rename(new, path)
    sync_folder(disk, path.parent)
