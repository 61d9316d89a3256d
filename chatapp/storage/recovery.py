"""What a journal finds when it is opened: reading on from a known place to the end.

A batch is written, then synced, then acked; the next batch is not written before that. So
after a crash only the last batch may be unfinished, and it may look like anything: cut off,
full of zeros, its pages in part the old ones. Everything before it was durable.

    whole lines, the last with "more":0                  clean
    then bytes in which no later batch can be seen       the last batch did not get finished:
                                                         to quarantine/, and cut
    then bytes with a whole line of a later batch        damage to what was durable: refuse,
                                                         say where, never drop what is behind it

A line is looked for at every byte of such a ruin, not only behind newlines: a flipped newline
must not hide the line that follows it.
"""

import os
import re
import zlib
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path

import msgspec

from chatapp.storage import format
from chatapp.storage.chain import Block, followed
from chatapp.storage.disk import (
    Disk,
    make_folder,
    read_chunks,
    sync_folder,
    write_all,
)
from chatapp.storage.errors import StorageError
from chatapp.storage.format import Tip
from chatapp.storage.manifest import segment_path

_CRC_END = re.compile(rb',"crc":"([0-9a-f]{8})"\}')


class Mark(msgspec.Struct, frozen=True, kw_only=True):
    """A line up to which a reader has read: its number, its segment, and its bytes there."""

    tip: Tip
    first: int
    start: int
    end: int


class Line(msgspec.Struct, frozen=True):
    """A line that was read and checked."""

    n: int
    first: int
    offset: int
    bytes: bytes


class Recovered(msgspec.Struct, frozen=True, kw_only=True):
    """Where a journal ends, and whether something had to be cut off."""

    tip: Tip
    first: int
    size: int
    quarantined: Path | None = None


def recover(
    disk: Disk,
    folder: Path,
    firsts: list[int],
    *,
    since: Mark | None,
    anchor: Tip,
    quarantine: Path,
    found: Callable[[list[Line]], None],
) -> Recovered:
    """Reads on from `since` (or the anchor), hands each whole batch to `found`, and tidies the end.

    Raises StorageError where something is damaged that was durable.
    """
    tip = since.tip if since else anchor
    firsts = [first for first in firsts if not since or first >= since.first]
    size = since.end if since else 0
    for place, first in enumerate(firsts):
        path = segment_path(folder, first)
        start = size if since and first == since.first else 0
        if first != tip.n + 1 and start == 0:
            raise StorageError(missing(folder, tip, first))
        reader = BatchReader(disk, path, first, tip, start)
        for batch in reader:
            found(batch)
        tip, size = reader.tip, reader.end
        if reader.problem is None:
            continue
        is_last = place == len(firsts) - 1
        if not is_last or reader.shows_a_later_batch():
            raise StorageError(
                f"{folder.name}/{path.name} line {reader.line_number} is damaged: "
                f"{reader.problem}. Nothing was changed; `chatapp log repair` keeps every "
                "whole record."
            )
        quarantined = cut(disk, path, size, quarantine)
        return Recovered(tip=tip, first=first, size=size, quarantined=quarantined)
    return Recovered(tip=tip, first=firsts[-1], size=size)


def missing(folder: Path, tip: Tip, first: int) -> str:
    """What to say where a segment does not begin behind the tip."""
    return (
        f"{folder.name}/ has no records {tip.n + 1} to {first - 1}: a segment is missing before "
        f"{segment_path(folder, first).name}. Put it back, or run `chatapp log repair`."
    )


class BatchReader:
    """Whole batches of one segment, checked line by line, until its end or the first problem.

    Afterwards `tip` and `end` tell where the last whole batch ended, and `problem` what is
    wrong with what follows it, at `line_number`; None where nothing follows.
    """

    def __init__(self, disk: Disk, path: Path, first: int, tip: Tip, start: int = 0) -> None:
        self._disk = disk
        self._path = path
        self._first = first
        self.tip = tip
        self.end = start
        self.problem: str | None = None
        self.line_number = 0

    def __iter__(self) -> Iterator[list[Line]]:
        batch: list[Line] = []
        n, more = self.tip.n, 0
        blocks = read_blocks(self._disk, self._path, self.end)
        try:
            for offset, line, more in followed(blocks, self.tip):
                n += 1
                batch.append(Line(n, self._first, offset, line))
                if more == 0:
                    self.end = offset + len(line)
                    self.tip = Tip(n, self.tip.batch + 1, format.line_hash(line).decode())
                    yield batch
                    batch = []
        except format.Damage as damage:
            self._stop(n + 1, str(damage))
            return
        if batch:
            self._stop(n, f"{more} more lines of its batch are missing")

    def beside_a_writer(self) -> Iterator[list[Line]]:
        """The same of a segment that a server may be writing to. What it is writing just now is no
        problem; and where later batches are seen behind that, it has been written by now.
        """
        reads_on = True
        while reads_on:
            end, self.problem = self.end, None
            yield from self
            if self.problem and not self.shows_a_later_batch():
                self.problem = None
            reads_on = self.problem is not None and self.end > end

    def shows_a_later_batch(self) -> bool:
        """Whether the ruin behind the last whole batch has a line of the batch after the next."""
        fd = self._disk.open(self._path, os.O_RDONLY)
        try:
            ruin = b"".join(read_chunks(self._disk, fd, self.end))
        finally:
            self._disk.close(fd)
        return any(format.place_of(line).batch > self.tip.batch + 1 for line in whole_lines(ruin))

    def _stop(self, n: int, problem: str) -> None:
        self.problem = problem
        self.line_number = n - self._first + 1


def mark_at(line: Line) -> Mark:
    """Where one has read to, having read this line."""
    place = format.place_of(line.bytes)
    return Mark(
        tip=Tip(place.n, place.batch, format.line_hash(line.bytes).decode()),
        first=line.first,
        start=line.offset,
        end=line.offset + len(line.bytes),
    )


def whole_lines(ruin: bytes) -> Iterator[bytes]:
    """All lines in a ruin that are whole, wherever they begin, each with a newline."""
    for start in format.starts(ruin):
        end = _CRC_END.search(ruin, start)
        if end and zlib.crc32(ruin[start : end.start()]) == int(end[1], 16):
            yield ruin[start : end.end()] + b"\n"


def read_lines(disk: Disk, path: Path, offset: int = 0) -> Iterator[tuple[int, bytes]]:
    """Each line with its newline, and where it begins."""
    for _, lines in read_blocks(disk, path, offset):
        for line in lines:
            yield offset, line
            offset += len(line)


def read_blocks(disk: Disk, path: Path, offset: int = 0) -> Iterator[Block]:
    r"""All lines, as many at once as are read at once. The last one may have no newline.

    Split at \n only: JSON text has others.
    """
    fd = disk.open(path, os.O_RDONLY)
    rest = b""
    try:
        for chunk in read_chunks(disk, fd, offset):
            lines = BytesIO(rest + chunk).readlines()
            rest = b"" if lines[-1].endswith(b"\n") else lines.pop()
            yield offset, lines
            offset += sum(map(len, lines))
        if rest:
            yield offset, [rest]
    finally:
        disk.close(fd)


def cut(disk: Disk, path: Path, size: int, quarantine: Path) -> Path:
    """Moves what a segment has beyond `size` bytes to a file of its own in quarantine/."""
    fd = disk.open(path, os.O_RDWR)
    try:
        ruin = b"".join(read_chunks(disk, fd, size))
        kept = keep(disk, quarantine, f"{path.parent.name}-{path.stem}-{size}", ruin)
        disk.truncate(fd, size)
        disk.fsync(fd)
    finally:
        disk.close(fd)
    return kept


def keep(disk: Disk, quarantine: Path, name: str, ruin: bytes) -> Path:
    """Puts bytes aside in a new file."""
    make_folder(disk, quarantine)
    path = quarantine / name
    attempt = 1
    while disk.exists(path):
        attempt += 1
        path = quarantine / f"{name}-{attempt}"
    fd = disk.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL)
    try:
        write_all(disk, fd, ruin, 0)
        disk.fsync(fd)
    finally:
        disk.close(fd)
    sync_folder(disk, quarantine)
    return path
