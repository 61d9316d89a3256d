"""`chatapp log repair`: builds a valid log from the intact records of a damaged one.

Lines with a valid checksum are kept with their room and seq, because replies, edits and links
refer to those. A record of type `lost` replaces every missing seq; readers skip it. The numbers,
the chain and the epoch are new, so clients reload everything. The old folder is kept for
inspection. Lines of tables are kept in the same way; a key whose last value was lost gets the
value before it.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from chatapp.log import format
from chatapp.log.disk import Disk
from chatapp.log.errors import OtherVersion, StorageError
from chatapp.log.format import ChainHead, Position, Record, TableLine
from chatapp.log.manifest import (
    Manifest,
    load_manifest,
    missing_segments,
    segment_files,
    segment_path,
)
from chatapp.log.progress import Progress, unwatched
from chatapp.log.recovery import read_lines, whole_lines
from chatapp.log.rewrite import Rewriting
from chatapp.log.staging import removed_on_failure, stage, swap
from chatapp.store.interrupted import finish

Line = Record | TableLine


class Repaired(msgspec.Struct, frozen=True, kw_only=True):
    """The number of records in the new log, and the old numbers of lost records.

    Records lost at the very end are only known if they were sealed. `altered` are records that were
    kept although their hash does not follow from the record before: somebody may have changed one
    of the two. `missing` are files that should exist; the content of the last one is unknown.
    """

    records: int
    lost: list[tuple[int, int]]
    altered: list[tuple[int, int]]
    missing: list[str]
    kept_old: str


def repair(disk: Disk, folder: Path, backup: Path, progress: Progress = unwatched) -> Repaired:
    """Writes a new log from the intact records; the old folder is kept as `backup`."""
    finish(disk, folder)
    before = _manifest(disk, folder)
    anchor, heads, sealed = _beginning(before)
    missing = missing_segments(before, segment_files(disk, folder)) if before else []
    suspects: set[int] = set()
    altered = _Ranges()
    gaps = _Gaps(anchor.n)
    with removed_on_failure(disk, folder):
        rewriting = Rewriting(disk, stage(disk, folder), anchor)
        tip = anchor
        survivors = _survivors(disk, folder, anchor, suspects, progress)
        for record in _without_holes(gaps.watch(survivors), heads, gaps):
            place = Position(tip.n + 1, tip.batch + 1, 0)
            line, digits = _encoded(record, place, tip.hash.encode())
            tip = ChainHead(place.n, place.batch, digits.decode())
            rewriting.add([line])
            if record.n in suspects:
                altered.add(record.n)
        if tip == anchor and _has_bytes(disk, folder):
            raise StorageError(f"{folder.name}/ has no whole record; restore a backup.")
        gaps.end(sealed)
        manifest = msgspec.structs.replace(
            Manifest.new(), anchor=anchor, heads=heads, segments=rewriting.sealed
        )
        rewriting.finish(manifest)
    swap(disk, folder, backup)
    return Repaired(
        records=tip.n - anchor.n,
        lost=gaps.lost.found,
        altered=altered.found,
        missing=[segment_path(folder, first).name for first in missing],
        kept_old=str(backup),
    )


def _manifest(disk: Disk, folder: Path) -> Manifest | None:
    """The manifest; None if it is missing or damaged."""
    try:
        return load_manifest(disk, folder)
    except OtherVersion:
        raise
    except StorageError:
        return None


def _beginning(manifest: Manifest | None) -> tuple[ChainHead, dict[str, int], int]:
    """The beginning of the chain and the last sealed record, as far as the manifest still has
    them.
    """
    if manifest is None:
        return ChainHead(), {}, 0
    sealed = manifest.segments[-1].last if manifest.segments else 0
    return manifest.anchor, manifest.heads, sealed


def _has_bytes(disk: Disk, folder: Path) -> bool:
    paths = (segment_path(folder, first) for first in segment_files(disk, folder))
    return any(path.stat().st_size for path in paths)


def _survivors(
    disk: Disk, folder: Path, anchor: ChainHead, suspects: set[int], progress: Progress
) -> Iterator[Line]:
    """Every intact record, in order. A record behind a later one is a forgery or a duplicate.

    Records whose hash does not follow from the record before are added to `suspects`.
    """
    n, digits = anchor.n, anchor.hash.encode()
    for first in segment_files(disk, folder):
        for _, line in read_lines(disk, segment_path(folder, first)):
            for whole in whole_lines(line):
                record = _decoded(whole)
                if record.n > n:
                    if record.n == n + 1 and format.expected_hash(
                        whole, digits
                    ) != format.line_hash(whole):
                        suspects.add(record.n)
                    n, digits = record.n, format.line_hash(whole)
                    yield record
            progress(len(line))


def _decoded(line: bytes) -> Line:
    try:
        return format.decode_record(line)
    except format.Damage:
        return format.decode_entry(line)


def _encoded(line: Line, place: Position, previous: bytes) -> tuple[bytes, bytes]:
    if isinstance(line, Record):
        return format.encode_record(line, place, previous)
    value = line.value or None
    return format.encode_entry(
        line.table, line.key, value, at=line.at, place=place, previous=previous
    )


def _without_holes(lines: Iterable[Line], heads: dict[str, int], gaps: "_Gaps") -> Iterator[Line]:
    """The lines, with a line of type `lost` for every missing seq before them.

    A record with an impossible seq counts as lost too: one that occurred before, or one that skips
    more events than records are missing.
    """
    last = dict(heads)
    for record in lines:
        if not isinstance(record, Record):
            yield record
            continue
        following = last.get(record.room, 0) + 1
        if not following <= record.seq <= following + gaps.missing:
            gaps.add(record.n)
            continue
        for seq in range(following, record.seq):
            yield _lost(record, seq)
        last[record.room] = record.seq
        yield record


def _lost(following: Record, seq: int) -> Record:
    """Its number and hash are set when it is encoded."""
    room, at = following.room, following.at
    return Record(following.v, 0, 0, 0, room, seq, "lost", "", at=at, hash="", crc="")


class _Ranges:
    """Ascending numbers as ranges."""

    def __init__(self) -> None:
        self.found: list[tuple[int, int]] = []

    def add(self, first: int, last: int | None = None) -> None:
        if self.found and self.found[-1][1] == first - 1:
            first = self.found.pop()[0]
        self.found.append((first, last or first))


class _Gaps:
    """Collects the numbers that are missing in a sequence of records, or left out of it."""

    def __init__(self, n: int) -> None:
        self.lost = _Ranges()
        self.missing = 0
        self._n = n

    def watch(self, records: Iterable[Line]) -> Iterator[Line]:
        for record in records:
            if record.n > self._n + 1:
                self.lost.add(self._n + 1, record.n - 1)
                self.missing += record.n - self._n - 1
            self._n = record.n
            yield record

    def add(self, n: int) -> None:
        self.lost.add(n)
        self.missing += 1

    def end(self, n: int) -> None:
        """Note that the log had records up to this number."""
        if n > self._n:
            self.lost.add(self._n + 1, n)
