"""Opens a journal: reads from a known position to the end, and tidies the end after a crash.

A batch is written, then synced, then acked; only then is the next one written. So
after a crash only the last batch can be incomplete, and it can look like anything: cut off,
full of zeros, or with old contents in some pages. Everything before it is durable.

    complete lines, the last with "more":0               clean
    then bytes without any later batch                   the last batch is incomplete:
                                                         to quarantine/, and cut
    then bytes with a complete line of a later batch     damage to durable data: refuse,
                                                         report it, never drop the rest

Lines are searched for at every byte of such a damaged end, not only after newlines: a changed
newline must not hide the next line.
"""

import os
import re
import zlib
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path

import msgspec

from chatapp.log import format
from chatapp.log.chain import Block, followed
from chatapp.log.disk import Disk, make_folder, opened, read_chunks, sync_folder, unused, write_file
from chatapp.log.errors import StorageError, damaged
from chatapp.log.format import ChainHead
from chatapp.log.manifest import segment_files, segment_path

_CRC_END = re.compile(rb',"crc":"([0-9a-f]{8})"\}')


class Checkpoint(msgspec.Struct, frozen=True, kw_only=True):
    """A line up to which a reader has read: its number, its segment, and its bytes there."""

    tip: ChainHead
    first: int
    start: int
    end: int


class RecoveredLine(msgspec.Struct, frozen=True):
    """A line that was read and checked."""

    n: int
    first: int
    offset: int
    bytes: bytes


class Recovered(msgspec.Struct, frozen=True, kw_only=True):
    """The end of a journal, and whether something had to be cut off."""

    tip: ChainHead
    first: int
    size: int
    quarantined: Path | None = None

    @property
    def mark(self) -> Checkpoint:
        """The end, without the offset of its last line."""
        return Checkpoint(tip=self.tip, first=self.first, start=self.size, end=self.size)


def recover(
    disk: Disk,
    folder: Path,
    firsts: list[int],
    *,
    since: Checkpoint | None,
    anchor: ChainHead,
    quarantine: Path,
    found: Callable[[list[RecoveredLine]], None],
) -> Recovered:
    """Read from `since` (or the anchor), pass each complete batch to `found`, and tidy the end.

    Raises StorageError if durable data is damaged.
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
        if not is_last or reader.has_later_batch():
            advice = "Nothing was changed; `chatapp log repair` keeps every whole record."
            raise damaged(path, reader.line_number, reader.problem, advice)
        quarantined = cut(disk, path, size, quarantine)
        return Recovered(tip=tip, first=first, size=size, quarantined=quarantined)
    return Recovered(tip=tip, first=firsts[-1], size=size)


def missing(folder: Path, tip: ChainHead, first: int) -> str:
    """The error if a segment does not start after the tip."""
    return (
        f"{folder.name}/ has no records {tip.n + 1} to {first - 1}: a segment is missing before "
        f"{segment_path(folder, first).name}. Put it back, or run `chatapp log repair`."
    )


def batches_until(
    disk: Disk, folder: Path, since: Checkpoint, until: Checkpoint
) -> Iterator[list[RecoveredLine]]:
    """Complete batches after `since` up to `until`, while a server may be writing later ones.

    Raises StorageError if one of them is damaged.
    """
    tip, start = since.tip, since.end
    for first in segment_files(disk, folder):
        if not since.first <= first <= until.first:
            continue
        path = segment_path(folder, first)
        reader = BatchReader(disk, path, first, tip, start)
        for batch in reader:
            yield batch
            if reader.tip == until.tip:
                return
        if reader.problem:
            advice = "Stop the server and run `chatapp log verify`."
            raise damaged(path, reader.line_number, reader.problem, advice)
        tip, start = reader.tip, 0
    raise StorageError(
        f"{folder.name}/ ends before record {until.tip.n}, which was there. "
        "Stop the server and run `chatapp log verify`."
    )


class BatchReader:
    """Complete batches of one segment, checked line by line, until its end or the first problem.

    Afterwards `tip` and `end` are the end of the last complete batch, and `problem` describes the
    bytes after it, at `line_number`; None if there are none.
    """

    def __init__(self, disk: Disk, path: Path, first: int, tip: ChainHead, start: int = 0) -> None:
        self._disk = disk
        self._path = path
        self._first = first
        self.tip = tip
        self.end = start
        self.problem: str | None = None
        self.line_number = 0

    def __iter__(self) -> Iterator[list[RecoveredLine]]:
        batch: list[RecoveredLine] = []
        n, more = self.tip.n, 0
        blocks = read_blocks(self._disk, self._path, self.end)
        try:
            for offset, line, more in followed(blocks, self.tip):
                n += 1
                batch.append(RecoveredLine(n, self._first, offset, line))
                if more == 0:
                    self.end = offset + len(line)
                    self.tip = ChainHead(n, self.tip.batch + 1, format.line_hash(line).decode())
                    yield batch
                    batch = []
        except format.Damage as damage:
            self._stop(n + 1, str(damage))
            return
        if batch:
            self._stop(n, f"{more} more lines of its batch are missing")

    def beside_a_writer(self) -> Iterator[list[RecoveredLine]]:
        """The same for a segment that a server may be writing to. An incomplete end is not a
        problem; if later batches follow it, it has been completed meanwhile."""
        reads_on = True
        while reads_on:
            end, self.problem = self.end, None
            yield from self
            if self.problem and not self.has_later_batch():
                self.problem = None
            reads_on = self.problem is not None and self.end > end

    def has_later_batch(self) -> bool:
        """Whether the bytes after the last complete batch contain a line of the batch after the
        next."""
        with opened(self._disk, self._path) as fd:
            rest = b"".join(read_chunks(self._disk, fd, self.end))
        return any(format.place_of(line).batch > self.tip.batch + 1 for line in whole_lines(rest))

    def _stop(self, n: int, problem: str) -> None:
        self.problem = problem
        self.line_number = n - self._first + 1


def mark_at(line: RecoveredLine) -> Checkpoint:
    """The checkpoint after this line."""
    return Checkpoint(
        tip=format.head_at(line.bytes),
        first=line.first,
        start=line.offset,
        end=line.offset + len(line.bytes),
    )


def whole_lines(data: bytes) -> Iterator[bytes]:
    """All complete lines in damaged bytes, wherever they start, each with a newline."""
    for start in format.starts(data):
        end = _CRC_END.search(data, start)
        if end and zlib.crc32(data[start : end.start()]) == int(end[1], 16):
            yield data[start : end.end()] + b"\n"


def read_lines(disk: Disk, path: Path, offset: int = 0) -> Iterator[tuple[int, bytes]]:
    """Each line with its newline, and its offset."""
    for _, lines in read_blocks(disk, path, offset):
        for line in lines:
            yield offset, line
            offset += len(line)


def read_blocks(disk: Disk, path: Path, offset: int = 0) -> Iterator[Block]:
    r"""All lines, in blocks as they are read. The last one may have no newline.

    Split only at \n, because JSON text can contain other line separators.
    """
    rest = b""
    with opened(disk, path) as fd:
        for chunk in read_chunks(disk, fd, offset):
            lines = BytesIO(rest + chunk).readlines()
            rest = b"" if lines[-1].endswith(b"\n") else lines.pop()
            yield offset, lines
            offset += sum(map(len, lines))
        if rest:
            yield offset, [rest]


def cut(disk: Disk, path: Path, size: int, quarantine: Path) -> Path:
    """Move the bytes after `size` of a segment to a new file in quarantine/."""
    with opened(disk, path, os.O_RDWR) as fd:
        rest = b"".join(read_chunks(disk, fd, size))
        kept = save(disk, quarantine, f"{path.parent.name}-{path.stem}-{size}", rest)
        disk.truncate(fd, size)
        disk.fsync(fd)
    return kept


def save(disk: Disk, quarantine: Path, name: str, data: bytes) -> Path:
    """Save bytes in a new file."""
    make_folder(disk, quarantine)
    path = unused(disk, quarantine / name)
    write_file(disk, path, data)
    sync_folder(disk, quarantine)
    return path
