"""Checks a whole log: every checksum, the chain, the numbering, the manifest.

Several processes check segments at the same time; afterwards the ends are compared, to see that the
chain continues from one segment to the next. It only reads, and a server may be writing: it ignores
a batch that is not complete yet.

If no server has the index open, SQLite checks it too, and it must not have more than the log. The
index is derived from the log and rebuilt in case of doubt.

`python -m chatapp.upkeep.verify DATA` is the same for a running server, which has the indexes open
and checks them itself.
"""

import gc
import sqlite3
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from chatapp.index.schema import INDEX_VERSION, damage_of, is_open, reading
from chatapp.index.workers.worker_main import Tell, child
from chatapp.index.workers.worker_pool import workers
from chatapp.log import format
from chatapp.log.batches import WORTH_PROCESSES_BYTES, journal_bytes, manifest_of, starts
from chatapp.log.chain import Block, followed
from chatapp.log.disk import Disk
from chatapp.log.erasing import is_erasing
from chatapp.log.errors import StorageError
from chatapp.log.format import ChainHead, Record, TableLine
from chatapp.log.manifest import (
    Manifest,
    load_manifest,
    missing_segments,
    seal,
    segment_files,
    segment_path,
)
from chatapp.log.progress import Progress, unwatched
from chatapp.log.recovery import BatchReader, read_blocks
from chatapp.store.data_folder import JOURNALS
from chatapp.upkeep.checkpoints import (
    StoredCheckpoints,
    checkpoint_problems,
    stored_checkpoints,
)

TELL_SECONDS = 0.5


class Verified(msgspec.Struct, frozen=True, kw_only=True):
    """The result. `problems` is empty if the log is intact."""

    records: int
    bytes: int
    tip: ChainHead
    problems: list[str]
    unfinished_bytes: int = 0


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """The result for one segment: the end of its chain, and its rooms' first and last seq."""

    records: int
    bytes: int
    tip: ChainHead
    rooms: dict[str, tuple[int, int]]
    sha256: str
    problem: str | None
    problem_line: int
    rest: int
    marked: dict[int, str]


class VerifyTask(msgspec.Struct, frozen=True):
    """A segment, the line before it, and the records whose hashes are asked for."""

    folder: Path
    first: int
    start: ChainHead
    marks: frozenset[int] = frozenset()


def verify(
    folder: Path,
    *,
    index: Path | None = None,
    checkpoints: StoredCheckpoints | None = None,
    progress: Progress = unwatched,
    processes: int | None = None,
) -> Verified:
    """Reads the whole log, and names the first bad line of each segment, and the checkpoints that
    it does not agree with."""
    disk = Disk()
    manifest = manifest_of(disk, folder)
    indexed = _indexed(index, manifest.index_key) if index else None
    firsts = segment_files(disk, folder)
    problems = _missing_segments(folder, manifest, firsts)
    if not firsts:
        return Verified(records=0, bytes=0, tip=manifest.anchor, problems=problems)
    begins = list(starts(disk, folder, manifest.anchor, firsts))
    marks = frozenset(each.last for each in checkpoints.all) if checkpoints else frozenset()
    tasks = [VerifyTask(folder, *where, marks) for where in zip(firsts, begins, strict=True)]
    parts = list(_checked(tasks, processes, progress))
    problems += _bad_lines(folder, firsts, parts)
    problems += _loose_ends(folder, manifest, firsts, begins, parts)
    problems += _wrong_seals(manifest, firsts, parts, folder)
    problems += _seq_holes(folder, manifest, firsts, parts)
    if problems and _was_rewritten(disk, folder, manifest):
        raise StorageError(
            f"{folder.name}/ was changed while it was read: texts are erased. Look again when that "
            "is done; one that a crash has interrupted is finished by the next start."
        )
    if checkpoints and not problems:
        hashes = {n: hash for part in parts for n, hash in part.marked.items()}
        problems += checkpoint_problems(checkpoints, hashes, parts[-1].tip)
    if index and indexed is not None and not problems:
        problems += _doubts_of(index, indexed, parts[-1].tip.n)
    return Verified(
        records=sum(part.records for part in parts),
        bytes=sum(part.bytes for part in parts),
        tip=parts[-1].tip if parts else manifest.anchor,
        problems=problems,
        unfinished_bytes=parts[-1].rest if parts else 0,
    )


def checkpoints_in(data: Path) -> StoredCheckpoints | None:
    """None if the directory is damaged, which is reported with it."""
    try:
        return stored_checkpoints(data / "directory")
    except StorageError:
        return None


def _was_rewritten(disk: Disk, folder: Path, manifest: Manifest) -> bool:
    """Whether a server has erased texts meanwhile, so that the lines read may not fit together."""
    now = load_manifest(disk, folder)
    return is_erasing(disk, folder) or (now is not None and now.revision != manifest.revision)


def _indexed(index: Path, key: str) -> int | None:
    """The last record of an index; None if the next start rebuilds it, or if a server has it open.

    Call it before you read the log, which must then have everything that was indexed.
    """
    if not index.exists() or is_open(index):
        return None
    try:
        with reading(index) as db:
            row = db.execute("SELECT version, epoch, ready, n FROM about").fetchone()
    except sqlite3.DatabaseError:
        return 0  # SQLite checks it later
    return row[3] if row and row[:3] == (INDEX_VERSION, key, True) else None


def _doubts_of(index: Path, indexed: int, last: int) -> list[str]:
    """The problems of an index: it has more than the log, or SQLite finds it damaged."""
    if indexed > last:
        return [f"{index.name} has records up to {indexed}, the log only up to {last}"]
    with reading(index) as db:
        damage = damage_of(db)
    if damage is None or is_open(index):  # by a server that has started meanwhile
        return []
    return [f"{index.name} is damaged ({damage}); delete it, it is made again"]


def check(task: VerifyTask, progress: Progress) -> Part:
    """Follows the chain through one segment until its end, or its first bad line."""
    first, start = task.first, task.start
    path = segment_path(task.folder, first)
    decode = _decoder(path)
    lows: dict[str, int] = {}
    heads: dict[str, int] = {}
    marked: dict[int, str] = {}
    whole = start
    done = number = told = 0
    problem: str | None = None

    def blocks() -> Iterator[Block]:
        nonlocal told
        for offset, lines in read_blocks(Disk(), path):
            progress(offset - told)
            told = offset
            yield offset, lines

    try:
        for offset, line, more in followed(blocks(), start):
            record = decode(line)
            if isinstance(record, Record):
                _count_seq(lows, heads, record)
            number += 1
            if start.n + number in task.marks:
                marked[start.n + number] = format.line_hash(line).decode()
            if more == 0:
                digits = format.line_hash(line).decode()
                whole = ChainHead(start.n + number, whole.batch + 1, digits)
                done = offset + len(line)
    except format.Damage as damage:
        problem = str(damage)
    sealed = seal(Disk(), path, first, whole.n)
    progress(sealed.bytes - told)
    return Part(
        records=whole.n - start.n,
        bytes=done,
        tip=whole,
        rooms={room: (low, heads[room]) for room, low in lows.items()},
        sha256=sealed.sha256,
        problem=problem,
        problem_line=number + 1,
        rest=sealed.bytes - done,
        marked=marked,
    )


def _decoder(path: Path) -> Callable[[bytes], Record | TableLine]:
    """The decoder for the lines of a segment, of messages/ or of directory/."""
    with path.open("rb") as file:
        return format.decode_entry if b',"table":"' in file.read(100) else format.decode_record


def _count_seq(lows: dict[str, int], heads: dict[str, int], record: Record) -> None:
    """Raises Damage if a room's seq does not follow the one before."""
    room, seq = record.room, record.seq
    last = heads.get(room)
    if last is None:
        lows[room] = seq
    elif seq != last + 1:
        raise format.Damage(f"it has seq {seq} where {last + 1} of its room belongs")
    heads[room] = seq


def _checked(tasks: list[VerifyTask], processes: int | None, progress: Progress) -> Iterator[Part]:
    firsts = [task.first for task in tasks]
    is_small = journal_bytes(Disk(), tasks[0].folder, firsts) < WORTH_PROCESSES_BYTES
    if len(tasks) < 2 or processes == 1 or (processes is None and is_small):
        for task in tasks:
            yield check(task, progress)
        return
    with workers(processes, progress) as pool:
        yield from pool.map(_check_alone, tasks)


def _check_alone(task: VerifyTask, progress: Progress) -> Part:
    """`check` in a separate process, which creates no reference cycles."""
    gc.disable()
    return check(task, progress)


def _missing_segments(folder: Path, manifest: Manifest, firsts: list[int]) -> list[str]:
    missing = [segment_path(folder, first) for first in missing_segments(manifest, firsts)]
    problems = [f"{folder.name}/{path.name} is missing" for path in missing]
    if firsts and firsts[0] != manifest.anchor.n + 1:
        problems.append(f"{folder.name}/ does not begin with record {manifest.anchor.n + 1}")
    return problems


def _bad_lines(folder: Path, firsts: list[int], parts: list[Part]) -> list[str]:
    problems = []
    for first, part in zip(firsts, parts, strict=True):
        is_last = first == firsts[-1]
        if part.problem and not (is_last and _is_unfinished(folder, first, part)):
            name = segment_path(folder, first).name
            problems.append(f"{folder.name}/{name} line {part.problem_line}: {part.problem}")
    return problems


def _is_unfinished(folder: Path, first: int, part: Part) -> bool:
    """Whether the incomplete end is a batch that is being written, or was never finished."""
    if part.problem != format.CUT_OFF:
        return False
    reader = BatchReader(Disk(), segment_path(folder, first), first, part.tip, part.bytes)
    for _ in reader.beside_a_writer():
        pass
    return reader.problem is None


def _loose_ends(
    folder: Path, manifest: Manifest, firsts: list[int], starts: list[ChainHead], parts: list[Part]
) -> list[str]:
    """Segments that do not begin where the segment before ends."""
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
    """Rooms whose seq does not continue from one segment to the next.

    It stops at a bad line: after it, a thousand further problems would hide the important one.
    """
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
        if part.problem:
            break
    return problems


def check_data(data: Path, tell: Tell) -> None:
    """Reports `bytes` from time to time, and finally the number of `records` and the `problems`."""
    done, said, records = 0, time.monotonic(), 0
    problems: list[str] = []

    def progress(more: int) -> None:
        nonlocal done, said
        done += more
        if time.monotonic() - said > TELL_SECONDS:
            said = time.monotonic()
            tell(bytes=done)

    for name in JOURNALS:
        if (data / name).exists():
            checkpoints = checkpoints_in(data) if name == "messages" else None
            found = verify(data / name, checkpoints=checkpoints, progress=progress, processes=1)
            records += found.records
            problems += found.problems
    tell(bytes=done, records=records, problems=problems)


if __name__ == "__main__":
    child(dict[str, Any], lambda _asked, tell: check_data(Path(sys.argv[1]), tell))
