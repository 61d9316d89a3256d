"""`chatapp log retain`: drops whole old days from the beginning of the log.

The manifest keeps the number and hash of the last dropped record (the chain's anchor) and the last
seq of every room, so that numbering and verification continue from there.
"""

from pathlib import Path

import msgspec

from chatapp.log import format
from chatapp.log.batches import manifest_of, whole_batches
from chatapp.log.disk import Disk
from chatapp.log.manifest import Manifest
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


class Cut:
    """Where a log is cut: behind the last batch before the first one of `first_day` or later."""

    def __init__(self, manifest: Manifest, first_day: str) -> None:
        self.anchor = manifest.anchor
        self.heads = dict(manifest.heads)
        self._first_day = first_day
        self._days: dict[str, int] = {}
        self._kept = self._older = 0

    def drops(self, batch: list[bytes]) -> bool:
        """Whether the next batch is before the cut."""
        if self._kept == 0 and (old := _old_days(batch, self._first_day)):
            for day, room, seq in old:
                self._days[day] = self._days.get(day, 0) + 1
                self.heads[room] = seq
            self.anchor = format.head_at(batch[-1])
            return True
        self._kept += len(batch)
        self._older += sum(_day(line) < self._first_day for line in batch)
        return False

    @property
    def has_dropped(self) -> bool:
        return bool(self._days)

    @property
    def result(self) -> Retained:
        return Retained(dropped=self._days, kept=self._kept, older=self._older)


def find_cut(disk: Disk, folder: Path, first_day: str, progress: Progress = unwatched) -> Cut:
    """Reads a log, which a server may be writing to."""
    manifest = manifest_of(disk, folder)
    cut = Cut(manifest, first_day)
    for batch in whole_batches(disk, folder, manifest, progress):
        cut.drops([line.bytes for line in batch])
    return cut


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
    cut = Cut(manifest, first_day)
    rewriting: Rewriting | None = None
    with removed_on_failure(disk, folder):
        for read in whole_batches(disk, folder, manifest, progress):
            batch = [line.bytes for line in read]
            if not cut.drops(batch) and cut.has_dropped and not dry_run:
                rewriting = rewriting or Rewriting(disk, stage(disk, folder), cut.anchor)
                rewriting.add(batch)
        if cut.has_dropped and not dry_run:
            rewriting = rewriting or Rewriting(disk, stage(disk, folder), cut.anchor)
            rewriting.finish(
                manifest.revised(anchor=cut.anchor, heads=cut.heads, segments=rewriting.sealed)
            )
    if cut.has_dropped and not dry_run:
        swap(disk, folder, backup)
    return cut.result


def _old_days(batch: list[bytes], first_day: str) -> list[tuple[str, str, int]]:
    """Day, room and seq of each record, if the whole batch is old; else nothing."""
    records = map(format.decode_record, batch)
    found = [(record.at[:10], record.room, record.seq) for record in records]
    return found if all(day < first_day for day, _, _ in found) else []


def _day(line: bytes) -> str:
    """The day of a line. Quotes in strings are escaped, so the first `"at"` is the real one."""
    start = line.index(_AT) + len(_AT)
    return line[start : start + 10].decode()
