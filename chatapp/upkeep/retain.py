"""`chatapp log retain`: drops whole old days from the beginning of the log.

The manifest keeps the number and hash of the last dropped record (the chain's anchor) and the last
seq of every room, so that numbering and verification continue from there.
"""

from pathlib import Path

import msgspec

from chatapp.log import format
from chatapp.log.batches import manifest_of, whole_batches
from chatapp.log.disk import Disk
from chatapp.log.progress import Progress, unwatched
from chatapp.log.rewrite import Rewriting
from chatapp.log.staging import removed_on_failure, stage, swap
from chatapp.store.interrupted import finish

_AT = b',"at":"'


class Retained(msgspec.Struct, frozen=True, kw_only=True):
    """The number of dropped records by day, and of kept records.

    `older` counts old records that are kept, because they were imported behind newer ones.
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
    with removed_on_failure(disk, folder):
        for read in whole_batches(disk, folder, manifest, progress):
            batch = [line.bytes for line in read]
            if kept == 0 and (old := _old_days(batch, first_day)):
                for day, room, seq in old:
                    days[day] = days.get(day, 0) + 1
                    heads[room] = seq
                anchor = format.head_at(batch[-1])
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
    """Day, room and seq of each record, if the whole batch is old; else nothing."""
    records = map(format.decode_record, batch)
    found = [(record.at[:10], record.room, record.seq) for record in records]
    return found if all(day < first_day for day, _, _ in found) else []


def _day(line: bytes) -> str:
    """The day of a line. Quotes in strings are escaped, so the first `"at"` is the real one."""
    start = line.index(_AT) + len(_AT)
    return line[start : start + 10].decode()
