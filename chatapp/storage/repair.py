"""`chatapp log repair`: a log in which every whole record of a damaged one is kept.

Lines that are whole by their checksum are kept, with their room and seq: replies, edits and
links point at those. Where a seq is missing now, a record of type `lost` stands in for it;
readers skip it. The numbers, the chain and the epoch are made anew: clients read everything
again, and the old folder is kept, for whoever wants to look closer. A directory's lines are
kept in the same way; a key whose last value was lost has the one before it.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from chatapp.storage import format
from chatapp.storage.broken_off import finish
from chatapp.storage.disk import Disk
from chatapp.storage.errors import OtherVersion, StorageError
from chatapp.storage.format import Entry, Place, Record, Tip
from chatapp.storage.manifest import (
    Manifest,
    load_manifest,
    segment_files,
    segment_path,
)
from chatapp.storage.progress import Progress, unwatched
from chatapp.storage.recovery import read_lines, whole_lines
from chatapp.storage.rewriting import Rewriting
from chatapp.storage.staging import stage, swap, tidied

Line = Record | Entry


class Repaired(msgspec.Struct, frozen=True, kw_only=True):
    """How many records are in the new log, and the old numbers of those that were lost.

    What was lost at the very end is counted if it was sealed; else nothing behind it tells.
    `altered` are those that were kept though their hash does not follow from the record before:
    somebody may have changed them, or that one.
    """

    records: int
    lost: list[tuple[int, int]]
    altered: list[tuple[int, int]]
    kept_old: str


def repair(disk: Disk, folder: Path, backup: Path, progress: Progress = unwatched) -> Repaired:
    """Writes the log anew from what is whole; the old folder is kept as `backup`."""
    finish(disk, folder)
    anchor, heads, sealed = _beginning(disk, folder)
    suspects: set[int] = set()
    altered = _Ranges()
    gaps = _Gaps(anchor.n)
    with tidied(disk, folder):
        rewriting = Rewriting(disk, stage(disk, folder), anchor)
        tip = anchor
        survivors = _survivors(disk, folder, anchor, suspects, progress)
        for record in _without_holes(gaps.watch(survivors), heads, gaps):
            place = Place(tip.n + 1, tip.batch + 1, 0)
            line, digits = _encoded(record, place, tip.hash.encode())
            tip = Tip(place.n, place.batch, digits.decode())
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
        kept_old=str(backup),
    )


def _beginning(disk: Disk, folder: Path) -> tuple[Tip, dict[str, int], int]:
    """Where the chain begins, and the last record that was sealed, as far as the manifest can
    still tell.
    """
    try:
        manifest = load_manifest(disk, folder)
    except OtherVersion:
        raise
    except StorageError:
        manifest = None
    if manifest is None:
        return Tip(), {}, 0
    sealed = manifest.segments[-1].last if manifest.segments else 0
    return manifest.anchor, manifest.heads, sealed


def _has_bytes(disk: Disk, folder: Path) -> bool:
    paths = (segment_path(folder, first) for first in segment_files(disk, folder))
    return any(path.stat().st_size for path in paths)


def _survivors(
    disk: Disk, folder: Path, anchor: Tip, suspects: set[int], progress: Progress
) -> Iterator[Line]:
    """Every whole record, in order. One that stands behind a later one is a forgery or a double.

    Those whose hash does not follow from the record before are noted as `suspects`.
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


def _encoded(line: Line, place: Place, previous: bytes) -> tuple[bytes, bytes]:
    if isinstance(line, Record):
        return format.encode_record(line, place, previous)
    value = line.value or None
    return format.encode_entry(
        line.table, line.key, value, at=line.at, place=place, previous=previous
    )


def _without_holes(lines: Iterable[Line], heads: dict[str, int], gaps: "_Gaps") -> Iterator[Line]:
    """The lines, with one of type `lost` before them for every seq that is missing.

    A record whose seq cannot be, since it was there before, or since fewer records are missing
    than that leaves out, is lost too.
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
    return Record(
        v=following.v,
        n=0,
        batch=0,
        more=0,
        room=following.room,
        seq=seq,
        type="lost",
        sender="",
        at=following.at,
        hash="",
        crc="",
    )


class _Ranges:
    """Numbers that rise, as ranges."""

    def __init__(self) -> None:
        self.found: list[tuple[int, int]] = []

    def add(self, first: int, last: int | None = None) -> None:
        if self.found and self.found[-1][1] == first - 1:
            first = self.found.pop()[0]
        self.found.append((first, last or first))


class _Gaps:
    """The numbers that are missing in what passes by, and of what is left out of it."""

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
        """So far there were records at least."""
        if n > self._n:
            self.lost.add(self._n + 1, n)
