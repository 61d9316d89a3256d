"""Checking a whole log: every checksum, the chain, the numbering, the manifest, and the index.

Segments are checked side by side in several processes; that the chain goes on from one to the
next shows where the ends meet. Reads only; a server may go on writing meanwhile: a batch that
is just being written is not looked at.
"""

import os
import sqlite3
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from itertools import pairwise
from multiprocessing import get_context
from pathlib import Path

import msgspec

from chatapp.storage import format
from chatapp.storage.chain import Chain
from chatapp.storage.disk import Disk
from chatapp.storage.errors import StorageError
from chatapp.storage.format import Tip
from chatapp.storage.manifest import Manifest, load_manifest, seal, segment_files, segment_path
from chatapp.storage.progress import Progress, unwatched
from chatapp.storage.recovery import read_lines

_LAST_LINE_BYTES = 1 << 20


class Verified(msgspec.Struct, frozen=True, kw_only=True):
    """What was found: `problems` is empty where all is as it was written."""

    records: int
    bytes: int
    tip: Tip
    problems: list[str]
    unfinished_bytes: int = 0


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """What one segment says: where its chain ends, and its rooms' first and last seq."""

    records: int
    bytes: int
    tip: Tip
    rooms: dict[str, tuple[int, int]]
    sha256: str
    problem: str | None
    problem_line: int
    rest: int


def verify(
    folder: Path,
    *,
    index: Path | None = None,
    progress: Progress = unwatched,
    processes: int | None = None,
) -> Verified:
    """Reads all of it. The first bad line of each segment is named."""
    disk = Disk()
    manifest = load_manifest(disk, folder)
    if manifest is None:
        raise StorageError(f"There is no log in {folder}.")
    indexed = _indexed_up_to(index, manifest)
    firsts = segment_files(disk, folder)
    problems = _missing_segments(folder, manifest, firsts)
    starts = list(_starts(disk, folder, manifest, firsts))
    parts: list[Part] = []
    for part in _checked(folder, firsts, starts, processes):
        progress(part.bytes + part.rest)
        parts.append(part)
    problems += _bad_lines(folder, firsts, parts)
    problems += _loose_ends(folder, manifest, firsts, starts, parts)
    problems += _wrong_seals(manifest, firsts, parts, folder)
    problems += _seq_holes(folder, manifest, firsts, parts)
    if index and indexed and not problems:
        problems += _index_differences(folder, index, indexed, manifest.anchor.n, parts[-1].tip.n)
    return Verified(
        records=sum(part.records for part in parts),
        bytes=sum(part.bytes for part in parts),
        tip=parts[-1].tip if parts else manifest.anchor,
        problems=problems,
        unfinished_bytes=parts[-1].rest if parts else 0,
    )


def check_segment(path: Path, first: int, start: Tip) -> Part:
    """Follows the chain through one segment until its end, or its first bad line."""
    chain = Chain(start)
    rooms: dict[bytes, tuple[int, int]] = {}
    whole = start
    done = number = 0
    problem: str | None = None
    for offset, line in read_lines(Disk(), path):
        number += 1
        try:
            chain.follow(line)
            _count_seq(rooms, line)
        except format.Damage as damage:
            problem = str(damage)
            break
        if chain.more == 0:
            whole, done = chain.tip, offset + len(line)
    sealed = seal(Disk(), path, first, whole.n)
    return Part(
        records=whole.n - start.n,
        bytes=done,
        tip=whole,
        rooms={msgspec.json.decode(room, type=str): seqs for room, seqs in rooms.items()},
        sha256=sealed.sha256,
        problem=problem,
        problem_line=number,
        rest=sealed.bytes - done,
    )


def _count_seq(rooms: dict[bytes, tuple[int, int]], line: bytes) -> None:
    """Quotes inside a room's name are escaped, so the first `,"seq":` is the real one."""
    start = line.find(b',"room":', 0, 100) + 8
    if start < 8:
        return
    end = line.find(b',"seq":', start)
    room, seq = line[start:end], int(line[end + 7 : line.index(b",", end + 7)])
    first, last = rooms.get(room, (seq, seq - 1))
    if seq != last + 1:
        raise format.Damage(f"it has seq {seq} where {last + 1} of its room belongs")
    rooms[room] = first, seq


def _checked(
    folder: Path, firsts: list[int], starts: list[Tip], processes: int | None
) -> Iterator[Part]:
    paths = [segment_path(folder, first) for first in firsts]
    if len(firsts) < 2 or processes == 1:
        yield from map(check_segment, paths, firsts, starts)
        return
    with ProcessPoolExecutor(processes or os.cpu_count(), get_context("spawn")) as pool:
        yield from pool.map(check_segment, paths, firsts, starts)


def _starts(disk: Disk, folder: Path, manifest: Manifest, firsts: list[int]) -> Iterator[Tip]:
    """Where each segment's chain begins: at the end of the one before."""
    yield manifest.anchor
    for first, following in pairwise(firsts):
        yield _tip_of(disk, segment_path(folder, first), following - 1)


def _tip_of(disk: Disk, path: Path, n: int) -> Tip:
    """What the last line of a segment says; a damaged one is found when it is checked."""
    fd = disk.open(path, os.O_RDONLY)
    try:
        size = disk.size(fd)
        end = disk.read(fd, _LAST_LINE_BYTES, max(0, size - _LAST_LINE_BYTES))
    finally:
        disk.close(fd)
    line = end[end.rfind(b"\n", 0, len(end) - 1) + 1 :]
    try:
        format.check_crc(line)
        place = format.place_of(line)
    except format.Damage:
        return Tip(n, 0, "")
    return Tip(place.n, place.batch, format.line_hash(line).decode())


def _missing_segments(folder: Path, manifest: Manifest, firsts: list[int]) -> list[str]:
    missing = [sealed.file for sealed in manifest.segments if sealed.first not in firsts]
    problems = [f"{folder.name}/{file} is missing" for file in missing]
    if not firsts or firsts[0] != manifest.anchor.n + 1:
        problems.append(f"{folder.name}/ does not begin with record {manifest.anchor.n + 1}")
    return problems


def _bad_lines(folder: Path, firsts: list[int], parts: list[Part]) -> list[str]:
    problems = []
    for first, part in zip(firsts, parts, strict=True):
        is_last = first == firsts[-1]
        if part.problem and not (is_last and "cut off" in part.problem):
            name = segment_path(folder, first).name
            problems.append(f"{folder.name}/{name} line {part.problem_line}: {part.problem}")
    return problems


def _loose_ends(
    folder: Path, manifest: Manifest, firsts: list[int], starts: list[Tip], parts: list[Part]
) -> list[str]:
    """Segments that do not begin where the one before ended."""
    problems = []
    end = manifest.anchor
    for first, start, part in zip(firsts, starts, parts, strict=True):
        if first != end.n + 1 or start != end:
            name = segment_path(folder, first).name
            problems.append(f"{folder.name}/{name} does not go on where record {end.n} ended")
        end = part.tip
    return problems


def _wrong_seals(
    manifest: Manifest, firsts: list[int], parts: list[Part], folder: Path
) -> list[str]:
    found = dict(zip(firsts, parts, strict=True))
    return [
        f"{folder.name}/{sealed.file} is not as it was sealed (SHA-256 {sealed.sha256})"
        for sealed in manifest.segments
        if sealed.first in found and found[sealed.first].sha256 != sealed.sha256
    ]


def _seq_holes(folder: Path, manifest: Manifest, firsts: list[int], parts: list[Part]) -> list[str]:
    """Rooms whose seq does not go on from one segment to the next."""
    problems = []
    heads = dict(manifest.heads)
    for first, part in zip(firsts, parts, strict=True):
        for room, (low, high) in part.rooms.items():
            if low != heads.get(room, 0) + 1:
                name = segment_path(folder, first).name
                expected = heads.get(room, 0) + 1
                problems.append(
                    f"{folder.name}/{name}: room {room} has seq {low} where {expected} belongs"
                )
            heads[room] = high
    return problems


def _indexed_up_to(index: Path | None, manifest: Manifest) -> int:
    """Asked before the log is read: what was indexed then must be in the log that is read."""
    if index is None or not index.exists():
        return 0
    try:
        with closing(sqlite3.connect(f"file:{index}?mode=ro", uri=True)) as db:
            key, n, ready = db.execute("SELECT epoch, n, ready FROM about").fetchone()
    except sqlite3.DatabaseError:
        return 0  # the next start makes it again
    return n if ready and key == manifest.index_key else 0


def _index_differences(folder: Path, index: Path, indexed: int, after: int, tip: int) -> list[str]:
    """Whether the index has the records of the log, each where it is. It may lag behind."""
    if indexed > tip:
        return [f"{index.name} has records up to {indexed}, the log only up to {tip}"]
    try:
        with closing(sqlite3.connect(f"file:{index}?mode=ro", uri=True)) as db:
            return _compare(folder, index.name, db, after, indexed)
    except sqlite3.DatabaseError as error:
        return [f"{index.name} is damaged ({error}); delete it, it is made again"]


def _compare(folder: Path, name: str, db: sqlite3.Connection, after: int, n: int) -> list[str]:
    rows = db.execute(
        "SELECT n, name, seq, first, offset, size FROM records"
        " JOIN rooms ON rooms.id = records.room ORDER BY n"
    )
    disk = Disk()
    for first in segment_files(disk, folder):
        for offset, line in read_lines(disk, segment_path(folder, first)):
            after += 1
            if after > n:
                return []
            record = format.decode_record(line)
            row = (after, record.room, record.seq, first, offset, len(line))
            if rows.fetchone() != row:
                return [f"{name} is wrong about record {after}; delete it, it is made again"]
    return []
