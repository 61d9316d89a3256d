"""Rebuilds the index of a large log in several processes.

    process    reads some segments, checks them, and builds an index of only these
    process    …the same with the next segments
    here       adopts these pieces, one after the other

A segment with the SHA-256 of its seal is exactly as written; in other segments, every line is
checked. If the log is damaged, the pieces end before the damage, and the code that opens the log
continues from there line by line, and reports it.
"""

import gc
from collections.abc import Iterator
from pathlib import Path

import msgspec

from chatapp.index.index import Index
from chatapp.index.indexing import Indexing
from chatapp.index.parts import PART_RECORDS
from chatapp.index.record_files import Files
from chatapp.index.schema import piece_path
from chatapp.index.workers.worker_pool import workers
from chatapp.log.batches import WORTH_PROCESSES_BYTES, journal_bytes, starts
from chatapp.log.disk import Disk
from chatapp.log.format import ChainHead, head_at
from chatapp.log.manifest import Manifest, Sealed, seal, segment_files, segment_path
from chatapp.log.progress import Progress, unwatched
from chatapp.log.recovery import BatchReader, RecoveredLine, read_blocks

PIECE_RECORDS = 50_000
"""Number of records added together: larger numbers give fewer pieces of full text, but use 100
MB."""


class RebuildTask(msgspec.Struct, frozen=True):
    """Consecutive segments, the line before them, and the path of their index."""

    folder: Path
    firsts: list[int]
    sealed: dict[int, Sealed]
    start: ChainHead
    piece: Path


class RebuiltPiece(msgspec.Struct, frozen=True):
    """The last record in a piece of the index, and whether it reaches the end of its segments."""

    tip: ChainHead
    whole: bool


def rebuild(
    index: Index,
    folder: Path,
    manifest: Manifest,
    progress: Progress = unwatched,
    *,
    firsts: list[int] | None = None,
) -> None:
    """Fill an empty index, as far as the log is intact. A small log is left to its reader.

    `firsts` are the segments to read, ascending from the first one, if not all.
    """
    disk = Disk()
    firsts = segment_files(disk, folder) if firsts is None else firsts
    is_small = journal_bytes(disk, folder, firsts) < WORTH_PROCESSES_BYTES
    if is_small or firsts[:1] != [manifest.anchor.n + 1]:
        return
    tasks = list(_tasks(disk, folder, manifest, firsts, index.path))
    end = manifest.anchor
    try:
        with workers(progress=progress) as pool:
            for task, made in zip(tasks, pool.map(make_piece, tasks), strict=True):
                if task.start != end:
                    break
                index.adopt(task.piece)
                task.piece.unlink()
                end = made.tip
                if not made.whole:
                    break
        index.reopen()
    except BaseException:
        index.close()
        raise
    finally:
        for task in tasks:
            task.piece.unlink(missing_ok=True)


def make_piece(task: RebuildTask, progress: Progress) -> RebuiltPiece:
    """Runs in a separate process, which creates no reference cycles."""
    gc.disable()
    disk = Disk()
    index = Index.make(task.piece, "")
    indexing = Indexing(index, Files(disk, task.folder), at_once=PIECE_RECORDS)
    tip, whole = task.start, True
    for first in task.firsts:
        whole = whole and first == tip.n + 1
        if whole:
            path = segment_path(task.folder, first)
            reader: BatchReader | SealedReader = BatchReader(disk, path, first, tip)
            sealed = task.sealed.get(first)
            if sealed and seal(disk, path, first, sealed.last) == sealed:
                reader = SealedReader(disk, path, first)
            for batch in reader:
                indexing.follow(batch)
                progress(sum(len(line.bytes) for line in batch))
            tip, whole = reader.tip, reader.problem is None
    if rest := indexing.gathered():
        indexing.take_in(rest)
    indexing.close()
    return RebuiltPiece(tip, whole)


class SealedReader:
    """All lines of a segment that matches its seal; otherwise like a BatchReader."""

    def __init__(self, disk: Disk, path: Path, first: int) -> None:
        self._disk = disk
        self._path = path
        self._first = first
        self.tip = ChainHead()
        self.end = 0
        self.problem = None

    def __iter__(self) -> Iterator[list[RecoveredLine]]:
        n = self._first
        for offset, lines in read_blocks(self._disk, self._path):
            self.end = offset
            found = []
            for line in lines:
                found.append(RecoveredLine(n, self._first, self.end, line))
                n += 1
                self.end += len(line)
            yield found
            self.tip = head_at(found[-1].bytes)


def _tasks(
    disk: Disk, folder: Path, manifest: Manifest, firsts: list[int], index: Path
) -> Iterator[RebuildTask]:
    """Groups of segments, one for each part of the full text: each part is built by one process."""
    sealed = {segment.first: segment for segment in manifest.segments}
    gathered: list[int] = []
    start = manifest.anchor
    for first, its_start in zip(firsts, starts(disk, folder, manifest.anchor, firsts), strict=True):
        if gathered and first >= gathered[0] + PART_RECORDS:
            yield RebuildTask(folder, gathered, sealed, start, piece_path(index, gathered[0]))
            gathered, start = [], its_start
        gathered.append(first)
    yield RebuildTask(folder, gathered, sealed, start, piece_path(index, gathered[0]))
