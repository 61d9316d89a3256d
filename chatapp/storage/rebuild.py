"""Making the index of a large log anew, in several processes.

    process    reads some segments, checks them, and makes an index of them alone
    process    …the same with the segments that follow
    here       adopts these pieces, one behind the other

A segment that still has the SHA-256 with which it was sealed is, to the bit, what was written;
in any other one, every line is checked. Where something is wrong with the log, the pieces end
before it, and whoever opens the log reads on from there, one line after the other, and says what
it is.
"""

import gc
from collections.abc import Iterator
from pathlib import Path

import msgspec

from chatapp.storage.catching_up import CatchingUp
from chatapp.storage.disk import Disk
from chatapp.storage.files import Files
from chatapp.storage.format import Tip
from chatapp.storage.index import Index
from chatapp.storage.indexing import Indexing
from chatapp.storage.manifest import Manifest, Sealed, seal, segment_files, segment_path
from chatapp.storage.parts import PART_RECORDS
from chatapp.storage.progress import Progress, unwatched
from chatapp.storage.recovery import BatchReader, Line, mark_at, read_blocks
from chatapp.storage.schema import piece_path
from chatapp.storage.seams import starts
from chatapp.storage.workers import workers

WORTH_PROCESSES_BYTES = 32 << 20
"""Below, the log is read and indexed before two processes have started."""
PIECE_RECORDS = 50_000
"""Taken in at once: the more, the fewer pieces of full text; a process has 100 MB for these."""


class Task(msgspec.Struct, frozen=True):
    """Segments that follow each other, the line before them, and where their index is made."""

    folder: Path
    firsts: list[int]
    sealed: dict[int, Sealed]
    start: Tip
    piece: Path


class Made(msgspec.Struct, frozen=True):
    """How far a piece of the index goes, and whether that is to the end of its segments."""

    tip: Tip
    whole: bool


def rebuild(index: Index, folder: Path, manifest: Manifest, progress: Progress = unwatched) -> None:
    """Fills an empty index, as far as the log is in order. A small log is left to its reader."""
    disk = Disk()
    firsts = segment_files(disk, folder)
    if _size(folder, firsts) < WORTH_PROCESSES_BYTES or firsts[0] != manifest.anchor.n + 1:
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
    except BaseException:
        index.close()
        raise
    finally:
        for task in tasks:
            task.piece.unlink(missing_ok=True)


def make_piece(task: Task, progress: Progress) -> Made:
    """In a process of its own, which leaves no garbage in circles."""
    gc.disable()
    disk = Disk()
    indexing = Indexing(Index.make(task.piece, ""), Files(disk, task.folder))
    catching_up = CatchingUp(indexing, PIECE_RECORDS)
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
                catching_up.found(batch)
                progress(sum(len(line.bytes) for line in batch))
            tip, whole = reader.tip, reader.problem is None
    if rest := catching_up.rest():
        indexing.take_in(rest)
    indexing.close()
    return Made(tip, whole)


class SealedReader:
    """All lines of a segment that is as it was sealed; otherwise like a BatchReader."""

    def __init__(self, disk: Disk, path: Path, first: int) -> None:
        self._disk = disk
        self._path = path
        self._first = first
        self.tip = Tip()
        self.end = 0
        self.problem = None

    def __iter__(self) -> Iterator[list[Line]]:
        n = self._first
        for offset, lines in read_blocks(self._disk, self._path):
            self.end = offset
            found = []
            for line in lines:
                found.append(Line(n, self._first, self.end, line))
                n += 1
                self.end += len(line)
            yield found
            self.tip = mark_at(found[-1]).tip


def _tasks(
    disk: Disk, folder: Path, manifest: Manifest, firsts: list[int], index: Path
) -> Iterator[Task]:
    """Segments by parts of full text: so a part is made in one process."""
    sealed = {segment.first: segment for segment in manifest.segments}
    gathered: list[int] = []
    start = manifest.anchor
    for first, its_start in zip(firsts, starts(disk, folder, manifest.anchor, firsts), strict=True):
        if gathered and first >= gathered[0] + PART_RECORDS:
            yield Task(folder, gathered, sealed, start, piece_path(index, gathered[0]))
            gathered, start = [], its_start
        gathered.append(first)
    yield Task(folder, gathered, sealed, start, piece_path(index, gathered[0]))


def _size(folder: Path, firsts: list[int]) -> int:
    return sum(segment_path(folder, first).stat().st_size for first in firsts)
