"""Checking a whole log: every checksum, the chain, the numbering, the manifest, and the index.

Segments are checked side by side in several processes, each with what the index says of them;
that the chain goes on from one to the next shows where the ends meet. Reads only; a server may
go on writing meanwhile: a batch that is just being written is not looked at.
"""

import gc
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import chain as chained
from pathlib import Path

import msgspec

from chatapp.storage import format
from chatapp.storage.chain import Block, followed
from chatapp.storage.comparison import Comparison, Indexed, indexed
from chatapp.storage.disk import Disk
from chatapp.storage.errors import StorageError
from chatapp.storage.format import Entry, Record, Tip
from chatapp.storage.manifest import (
    Manifest,
    load_manifest,
    missing_segments,
    seal,
    segment_files,
    segment_path,
)
from chatapp.storage.progress import Progress, unwatched
from chatapp.storage.recovery import BatchReader, read_blocks
from chatapp.storage.seams import starts
from chatapp.storage.workers import workers

WORTH_PROCESSES_BYTES = 32 << 20
"""Below, the log is checked before two processes have started."""


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


class Task(msgspec.Struct, frozen=True):
    """Segments that share a part of the index, and the line before each of them."""

    folder: Path
    firsts: list[int]
    starts: list[Tip]
    index: Indexed | None


class Checked(msgspec.Struct, frozen=True):
    parts: list[Part]
    differences: list[str]


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
    about = indexed(index, manifest.index_key) if index else None
    firsts = segment_files(disk, folder)
    problems = _missing_segments(folder, manifest, firsts)
    if problems:  # the index knows of what is missing
        about = None
    if not firsts:
        return Verified(records=0, bytes=0, tip=manifest.anchor, problems=problems)
    begins = list(starts(disk, folder, manifest.anchor, firsts))
    parts: list[Part] = []
    differences: list[str] = []
    for checked in _checked(list(_tasks(folder, firsts, begins, about)), processes, progress):
        parts += checked.parts
        differences += checked.differences
    problems += _bad_lines(folder, firsts, parts)
    problems += _loose_ends(folder, manifest, firsts, begins, parts)
    problems += _wrong_seals(manifest, firsts, parts, folder)
    problems += _seq_holes(folder, manifest, firsts, parts)
    if about and not problems:
        problems += _beyond_the_end(about, parts) or differences
    return Verified(
        records=sum(part.records for part in parts),
        bytes=sum(part.bytes for part in parts),
        tip=parts[-1].tip if parts else manifest.anchor,
        problems=problems,
        unfinished_bytes=parts[-1].rest if parts else 0,
    )


def check(task: Task, progress: Progress) -> Checked:
    """The segments of a task, one after the other, and what the index has of them."""
    if task.index is None:
        return Checked(list(_check_segments(task, None, progress)), [])
    with closing(Comparison(task.index, task.folder, task.firsts[0])) as comparison:
        found = list(_check_segments(task, comparison, progress))
        if any(part.problem for part in found[:-1]):
            return Checked(found, [])
        return Checked(found, comparison.end(_rooms(found), found[-1].tip.n))


def _check_segments(
    task: Task, comparison: Comparison | None, progress: Progress
) -> Iterator[Part]:
    for first, start in zip(task.firsts, task.starts, strict=True):
        path = segment_path(task.folder, first)
        yield check_segment(path, first, start, comparison, progress)


def _rooms(found: list[Part]) -> dict[str, tuple[int, int]]:
    """The first and last seq of each room."""
    rooms: dict[str, tuple[int, int]] = {}
    for part in found:
        for room, (low, high) in part.rooms.items():
            rooms[room] = rooms.get(room, (low, high))[0], high
    return rooms


def check_segment(
    path: Path, first: int, start: Tip, comparison: Comparison | None, progress: Progress
) -> Part:
    """Follows the chain through one segment until its end, or its first bad line."""
    decode = _decoder(path)
    lows: dict[str, int] = {}
    heads: dict[str, int] = {}
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
                if comparison:
                    comparison.follow(record, first, offset, len(line))
            number += 1
            if more == 0:
                whole = Tip(start.n + number, whole.batch + 1, format.line_hash(line).decode())
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
    )


def _decoder(path: Path) -> Callable[[bytes], Record | Entry]:
    """For lines like the first one of a segment: of messages/, or of directory/."""
    with path.open("rb") as file:
        return format.decode_entry if b',"table":"' in file.read(100) else format.decode_record


def _count_seq(lows: dict[str, int], heads: dict[str, int], record: Record) -> None:
    """Each room counts without a hole from the first seq that is seen of it."""
    room, seq = record.room, record.seq
    last = heads.get(room)
    if last is None:
        lows[room] = seq
    elif seq != last + 1:
        raise format.Damage(f"it has seq {seq} where {last + 1} of its room belongs")
    heads[room] = seq


def _tasks(
    folder: Path, firsts: list[int], begins: list[Tip], about: Indexed | None
) -> Iterator[Task]:
    """A segment each; with an index, those that share a part of it."""
    part_firsts = about.parts if about else firsts
    gathered: list[tuple[int, Tip]] = []
    for first, start in zip(firsts, begins, strict=True):
        if gathered and first in part_firsts:
            yield Task(folder, [f for f, _ in gathered], [s for _, s in gathered], about)
            gathered = []
        gathered.append((first, start))
    if gathered:
        yield Task(folder, [f for f, _ in gathered], [s for _, s in gathered], about)


def _checked(tasks: list[Task], processes: int | None, progress: Progress) -> Iterator[Checked]:
    if len(tasks) < 2 or processes == 1 or (processes is None and not _is_worth_processes(tasks)):
        for task in tasks:
            yield check(task, progress)
        return
    with workers(processes, progress) as pool:
        yield from pool.map(_check_alone, tasks)


def _check_alone(task: Task, progress: Progress) -> Checked:
    """In a process of its own, which leaves no garbage in circles."""
    gc.disable()
    return check(task, progress)


def _is_worth_processes(tasks: list[Task]) -> bool:
    firsts = chained.from_iterable(task.firsts for task in tasks)
    sizes = (segment_path(tasks[0].folder, first).stat().st_size for first in firsts)
    return sum(sizes) >= WORTH_PROCESSES_BYTES


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
    """Whether what is cut off at the end is of a batch that is being written, or never was."""
    if part.problem != format.CUT_OFF:
        return False
    reader = BatchReader(Disk(), segment_path(folder, first), first, part.tip, part.bytes)
    for _ in reader.beside_a_writer():
        pass
    return reader.problem is None


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
    """Rooms whose seq does not go on from one segment to the next.

    Behind a bad line nobody knows how far a room had come, and a thousand complaints would hide
    the one that matters.
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


def _beyond_the_end(about: Indexed, parts: list[Part]) -> list[str]:
    tip = parts[-1].tip.n
    if about.n <= tip:
        return []
    return [f"{about.path.name} has records up to {about.n}, the log only up to {tip}"]
