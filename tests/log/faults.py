"""Disks that fail, crash, and forget what was not synced."""

import errno
import os
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from chatapp.log.disk import Disk

PAGES = (512, 4096)
"""In bytes: a file is torn at sectors on one disk, at pages on another."""
CALLS = ("open", "write", "fdatasync", "fsync", "rename", "truncate", "unlink", "mkdir", "rmdir")


class Crash(BaseException):
    """The process is gone, in the middle of everything."""


class CountingDisk(Disk):
    """Does something of its own before each call that changes the disk."""

    def __init__(self, before: Callable[[str, int], None]) -> None:
        self.calls = 0
        self._before = before

    def _count(self, call: str) -> None:
        self.calls += 1
        self._before(call, self.calls)

    def open(self, path: Path, flags: int, mode: int = 0o600) -> int:
        if flags & (os.O_WRONLY | os.O_RDWR):
            self._count("open")
        return super().open(path, flags, mode)

    def write(self, fd: int, data: memoryview, offset: int) -> int:
        self._count("write")
        return super().write(fd, data, offset)

    def fdatasync(self, fd: int) -> None:
        self._count("fdatasync")

    def fsync(self, fd: int) -> None:
        self._count("fsync")

    def truncate(self, fd: int, size: int) -> None:
        self._count("truncate")
        super().truncate(fd, size)

    def rename(self, old: Path, new: Path) -> None:
        self._count("rename")
        super().rename(old, new)

    def unlink(self, path: Path) -> None:
        self._count("unlink")
        super().unlink(path)

    def mkdir(self, path: Path) -> None:
        self._count("mkdir")
        super().mkdir(path)

    def rmdir(self, path: Path) -> None:
        self._count("rmdir")
        super().rmdir(path)


def crashing_disk(at: int) -> CountingDisk:
    """The process dies before the call number `at`, and does nothing more."""

    def before(_call: str, number: int) -> None:
        if number >= at:
            raise Crash

    return CountingDisk(before)


def failing_disk(at: int) -> CountingDisk:
    """The call number `at` fails, of whatever kind; all others work."""

    def before(_call: str, number: int) -> None:
        if number == at:
            raise OSError(errno.EIO, os.strerror(errno.EIO))

    return CountingDisk(before)


class FailingDisk(CountingDisk):
    """The Nth call of one kind fails, once or from then on."""

    def __init__(self, call: str, nth: int, code: int, *, forever: bool) -> None:
        super().__init__(self._maybe_fail)
        self.failed = False
        self._call = call
        self.nth = nth
        self._code = code
        self._forever = forever
        self._seen = 0

    def _maybe_fail(self, call: str, _number: int) -> None:
        if call == self._call:
            self._seen += 1
            if self._seen == self.nth or (self._forever and self._seen > self.nth):
                self.failed = True
                raise OSError(self._code, os.strerror(self._code))


class ShortDisk(CountingDisk):
    """Takes only half of what it is given, from the Nth write on; then nothing at all."""

    def __init__(self, nth: int, *, then_full: bool) -> None:
        super().__init__(lambda _call, _number: None)
        self.failed = False
        self._nth = nth
        self._then_full = then_full
        self._writes = 0

    def write(self, fd: int, data: memoryview, offset: int) -> int:
        self._writes += 1
        if self._writes < self._nth:
            return super().write(fd, data, offset)
        self.failed = True
        if self._then_full and self._writes > self._nth:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return super().write(fd, data[: max(1, len(data) // 2)], offset)


# Losing power


@dataclass
class File:
    """A file as the disk has it: what is durable, and what was written since."""

    durable: bytes = b""
    writes: list[tuple[int, bytes]] = field(default_factory=list)


@dataclass
class Op:
    """One call that changed something: on a file, by identity, or on a folder's names."""

    kind: str
    file: int = 0
    offset: int = 0
    data: bytes = b""
    path: Path = Path()
    other: Path = Path()


class RecordingDisk(Disk):
    """A real disk that remembers every write, sync and change of names, in order."""

    def __init__(self, *, forgets_fdatasync: bool = False) -> None:
        self.ops: list[Op] = []
        self._forgets_fdatasync = forgets_fdatasync
        self._fds: dict[int, tuple[int, Path]] = {}
        self._inodes: dict[int, int] = {}

    def mark(self, acked: int) -> None:
        """From here on, so many records are acked."""
        self.ops.append(Op("ack", offset=acked))

    def open(self, path: Path, flags: int, mode: int = 0o600) -> int:
        is_new = bool(flags & os.O_CREAT) and not path.exists()
        fd = super().open(path, flags, mode)
        file = self._file(fd)
        self._fds[fd] = file, path
        if is_new:
            self._inodes[os.fstat(fd).st_ino] = file = len(self._inodes) + 1_000_000
            self._fds[fd] = file, path
            self.ops.append(Op("create", file, path=path))
        elif flags & os.O_TRUNC:
            self.ops.append(Op("truncate", file))
        return fd

    def write(self, fd: int, data: memoryview, offset: int) -> int:
        taken = super().write(fd, data, offset)
        self.ops.append(Op("write", self._fds[fd][0], offset, bytes(data[:taken])))
        return taken

    def truncate(self, fd: int, size: int) -> None:
        super().truncate(fd, size)
        self.ops.append(Op("truncate", self._fds[fd][0], size))

    def fdatasync(self, fd: int) -> None:
        if not self._forgets_fdatasync:
            self.ops.append(Op("sync", self._fds[fd][0]))

    def fsync(self, fd: int) -> None:
        file, path = self._fds[fd]
        if path.is_dir():
            self.ops.append(Op("sync folder", path=path))
        else:
            self.ops.append(Op("sync", file))

    def rename(self, old: Path, new: Path) -> None:
        super().rename(old, new)
        self.ops.append(Op("rename", path=old, other=new))

    def unlink(self, path: Path) -> None:
        super().unlink(path)
        self.ops.append(Op("unlink", path=path))

    def mkdir(self, path: Path) -> None:
        super().mkdir(path)
        self.ops.append(Op("mkdir", path=path))

    def _file(self, fd: int) -> int:
        inode = os.fstat(fd).st_ino
        return self._inodes.setdefault(inode, len(self._inodes) + 1_000_000)


def crash_state(
    ops: list[Op], target: Path, root: Path, chance: random.Random, since: int = 0
) -> int:
    """Writes into `target` what a disk may have after the power went somewhere in `ops`,
    after so many of them at least.

    Returns how many records were acked until then. What a disk may do with what was not
    synced: names appear in the order in which they were changed, up to some point; of a
    file's pages, some are new, some old, some zero, and the file may be shorter.
    """
    point = chance.randrange(since, len(ops) + 1)
    files: dict[int, File] = {}
    names: list[tuple[str, Op]] = []
    durable_names = acked = 0
    for op in ops[:point]:
        if op.kind == "ack":
            acked = op.offset
        elif op.kind == "write":
            files[op.file].writes.append((op.offset, op.data))
        elif op.kind == "truncate":
            files[op.file].writes.append((op.offset, b""))
        elif op.kind == "sync":
            file = files[op.file]
            file.durable = _applied(file)
            file.writes = []
        elif op.kind == "sync folder":
            durable_names = _durable_names(names, op.path, durable_names)
        else:
            if op.kind == "create":
                files[op.file] = File()
            names.append((op.kind, op))
    kept = chance.randint(durable_names, len(names))
    tree = _names(names[:kept])
    for path, file in tree.items():
        to = target / path.relative_to(root)
        if file is None:
            to.mkdir(parents=True, exist_ok=True)
        else:
            to.parent.mkdir(parents=True, exist_ok=True)
            to.write_bytes(_torn(files[file], chance))
    return acked


def _durable_names(names: list[tuple[str, Op]], folder: Path, durable: int) -> int:
    """All changes of names up to the last one in this folder."""
    for number, (_, op) in enumerate(names, 1):
        if folder in (op.path.parent, op.other.parent):
            durable = max(durable, number)
    return durable


def _names(names: list[tuple[str, Op]]) -> dict[Path, int | None]:
    tree: dict[Path, int | None] = {}
    for kind, op in names:
        if kind == "create":
            tree[op.path] = op.file
        elif kind == "mkdir":
            tree[op.path] = None
        elif kind == "unlink":
            del tree[op.path]
        elif kind == "rename":
            for path in [p for p in tree if p == op.path or op.path in p.parents]:
                tree[op.other / path.relative_to(op.path)] = tree.pop(path)
    return tree


def _applied(file: File) -> bytes:
    content = bytearray(file.durable)
    for offset, data in file.writes:
        if not data:
            del content[offset:]
        else:
            content[len(content) :] = bytes(max(0, offset - len(content)))
            content[offset : offset + len(data)] = data
    return bytes(content)


def _torn(file: File, chance: random.Random) -> bytes:
    """Some of the pages that were written since the last sync, or their zeros, or neither."""
    new = _applied(file)
    if not file.writes or chance.random() < 0.2:
        return chance.choice((new, file.durable))
    size = chance.choice((len(new), len(file.durable), chance.randint(0, len(new))))
    cuts = [offset for offset, data in file.writes if not data]
    size = max(size, min(len(file.durable), *cuts) if cuts else len(file.durable))
    pages = []
    page_bytes = chance.choice(PAGES)
    for start in range(0, size, page_bytes):
        whole, old = new[start : start + page_bytes], file.durable[start : start + page_bytes]
        zeros = old + bytes(page_bytes)[len(old) :]
        touched = any(offset < start + page_bytes for offset, _ in file.writes) and whole != old
        page = chance.choice((whole, zeros, whole)) if touched else whole
        pages.append(page.ljust(page_bytes, b"\0"))
    return b"".join(pages)[:size]


def steps(run: Callable[[CountingDisk], object]) -> Iterator[int]:
    """Every number of a call at which `run` can be made to crash."""
    disk = CountingDisk(lambda _call, _number: None)
    run(disk)
    yield from range(1, disk.calls + 1)
