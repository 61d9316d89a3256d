"""Reads a whole journal from its beginning, while a server may be writing to it."""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

from chatapp.log import format
from chatapp.log.disk import Disk, opened, size_of
from chatapp.log.errors import StorageError, damaged
from chatapp.log.format import ChainHead
from chatapp.log.manifest import (
    Manifest,
    check_segments,
    load_manifest,
    segment_files,
    segment_path,
)
from chatapp.log.progress import Progress, unwatched
from chatapp.log.recovery import BatchReader, RecoveredLine, missing

WORTH_PROCESSES_BYTES = 32 << 20
"""Smaller journals are read faster than two processes start."""
_LAST_LINE_BYTES = 1 << 20


def manifest_of(disk: Disk, folder: Path) -> Manifest:
    """The manifest of an existing journal."""
    manifest = load_manifest(disk, folder) if disk.exists(folder) else None
    if manifest is None:
        raise StorageError(f"There is no log in {folder}.")
    return manifest


def whole_batches(
    disk: Disk,
    folder: Path,
    manifest: Manifest,
    progress: Progress = unwatched,
    *,
    since: int = 0,
) -> Iterator[list[RecoveredLine]]:
    """The lines of every complete batch, checked, from the segment with the record `since` on.
    Raises StorageError at damage.

    Anything after the last complete batch is ignored: a server may be writing it.
    """
    firsts = segment_files(disk, folder)
    check_segments(folder, manifest, firsts)
    tip = manifest.anchor
    skipped = sum(first <= since for first in firsts[1:])
    if skipped:
        before = segment_path(folder, firsts[skipped - 1])
        tip = _head_at_end(disk, before, firsts[skipped] - 1)
    for first in firsts[skipped:]:
        path = segment_path(folder, first)
        if first != tip.n + 1:
            raise StorageError(missing(folder, tip, first))
        reader = BatchReader(disk, path, first, tip)
        for batch in reader.beside_a_writer() if first == firsts[-1] else reader:
            yield batch
            progress(sum(len(line.bytes) for line in batch))
        tip = reader.tip
        if reader.problem:
            advice = "Run `chatapp log repair` first."
            raise damaged(path, reader.line_number, reader.problem, advice)


def starts(disk: Disk, folder: Path, anchor: ChainHead, firsts: list[int]) -> Iterator[ChainHead]:
    """The line before each segment, so that several processes can read segments at the same time.

    It is read from the last line of the previous segment. The reader compares it with the actual
    end of that segment.
    """
    yield anchor
    for first, following in pairwise(firsts):
        yield _head_at_end(disk, segment_path(folder, first), following - 1)


def _head_at_end(disk: Disk, path: Path, n: int) -> ChainHead:
    """The chain's head according to a segment's last line. The check of that segment detects
    damage."""
    size = size_of(disk, path) or 0
    with opened(disk, path) as fd:
        end = disk.read(fd, _LAST_LINE_BYTES, max(0, size - _LAST_LINE_BYTES))
    line = end[end.rfind(b"\n", 0, len(end) - 1) + 1 :]
    try:
        format.check_crc(line)
        return format.head_at(line)
    except format.Damage:
        return ChainHead(n, 0, "")


def journal_bytes(disk: Disk, folder: Path, firsts: list[int] | None = None) -> int:
    """The size of a journal, or of some of its segments; 0 if there is no journal."""
    if firsts is None:
        firsts = segment_files(disk, folder) if folder.is_dir() else []
    return sum(size_of(disk, segment_path(folder, first)) or 0 for first in firsts)
