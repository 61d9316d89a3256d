"""`chatapp log retain`: drops whole old days from the beginning of the log.

The chain keeps its anchor: the manifest remembers the last line that was dropped, by number
and hash, and the last seq of every room, so that numbering and verification go on from there.
"""

from collections.abc import Iterator
from pathlib import Path

import msgspec

from chatapp.storage import format
from chatapp.storage.batches import manifest_of, whole_batches
from chatapp.storage.broken_off import finish
from chatapp.storage.disk import Disk
from chatapp.storage.format import Tip
from chatapp.storage.progress import Progress, unwatched
from chatapp.storage.rewriting import Rewriting
from chatapp.storage.staging import stage, swap, tidied

_AT = b',"at":"'


class Retained(msgspec.Struct, frozen=True, kw_only=True):
    """How many records are older than the first day that is kept, by day, and how many stay.

    `older` are those that stay although they are as old: imported, they stand behind newer ones.
    """

    dropped: dict[str, int]
    kept: int
    older: int


def retain(
    disk: Disk,
    folder: Path,
    *,
    first_day: str,
    backup: Path | None,
    dry_run: bool,
    progress: Progress = unwatched,
) -> Retained:
    """Drops the batches before the first one of `first_day` (YYYY-MM-DD, UTC) or later."""
    finish(disk, folder)
    manifest = manifest_of(disk, folder)
    days: dict[str, int] = {}
    heads = dict(manifest.heads)
    anchor = manifest.anchor
    kept = older = 0
    rewriting: Rewriting | None = None
    with tidied(disk, folder):
        for read in whole_batches(disk, folder, manifest, progress):
            batch = [line.bytes for line in read]
            if kept == 0 and (old := _old_days(batch, first_day)):
                for day, room, seq in old:
                    days[day] = days.get(day, 0) + 1
                    heads[room] = seq
                place = format.place_of(batch[-1])
                anchor = Tip(place.n, place.batch, format.line_hash(batch[-1]).decode())
                continue
            kept += len(batch)
            older += sum(_day(line) < first_day for line in batch)
            if days and not dry_run:
                rewriting = rewriting or Rewriting(disk, stage(disk, folder), anchor)
                rewriting.add(batch)
        if days and not dry_run:
            rewriting = rewriting or Rewriting(disk, stage(disk, folder), anchor)
            rewriting.finish(
                manifest.revised(anchor=anchor, heads=heads, segments=rewriting.sealed)
            )
    if days and not dry_run:
        swap(disk, folder, backup)
    return Retained(dropped=days, kept=kept, older=older)


def _old_days(batch: list[bytes], first_day: str) -> list[tuple[str, str, int]]:
    """Day, room and seq of each record, if all of the batch is old; else nothing."""
    found = [(record.at[:10], record.room, record.seq) for record in _records(batch)]
    return found if all(day < first_day for day, _, _ in found) else []


def _day(line: bytes) -> str:
    """A quote in a string is escaped, so the first of these is the real one."""
    start = line.index(_AT) + len(_AT)
    return line[start : start + 10].decode()


def _records(batch: list[bytes]) -> Iterator[format.Record]:
    return map(format.decode_record, batch)
