"""`chatapp log erase`: takes a person's texts out of the log for good, at their request.

The lines stay, with their numbers and hashes; in the place of a text stands when it was
erased, and the digest that keeps the chain whole. `chatapp log verify` finds nothing to
complain about, and nobody finds the text: the index is made again, and the old files are
removed, not kept. The epoch is a new one, so that pages and clients that come back read
everything anew and let go of the texts that they have. Where there is nothing to erase,
everything stays as it is.
"""

from collections.abc import Callable, Iterable
from pathlib import Path

import msgspec

from chatapp.storage import format
from chatapp.storage.batches import manifest_of, whole_batches
from chatapp.storage.broken_off import finish
from chatapp.storage.disk import Disk
from chatapp.storage.format import Record
from chatapp.storage.manifest import Manifest
from chatapp.storage.progress import Progress, unwatched
from chatapp.storage.recovery import Line
from chatapp.storage.rewriting import Rewriting
from chatapp.storage.staging import stage, swap, tidied


class Erased(msgspec.Struct, frozen=True, kw_only=True):
    """How many records were looked at, and how many of them have no text any more."""

    records: int
    erased: int


def erase(
    disk: Disk,
    folder: Path,
    *,
    wanted: Callable[[Record], bool],
    when: str,
    dry_run: bool = False,
    progress: Progress = unwatched,
) -> Erased:
    """Erases the text of every record that is wanted. With `dry_run`, only counts them."""
    finish(disk, folder)
    manifest = manifest_of(disk, folder)
    found = _found(whole_batches(disk, folder, manifest, progress), wanted)
    if found.erased and not dry_run:
        with tidied(disk, folder):
            rewriting = Rewriting(disk, stage(disk, folder), manifest.anchor)
            for batch in whole_batches(disk, folder, manifest, progress):
                rewriting.add([_without_text(line.bytes, wanted, when) for line in batch])
            epoch = Manifest.new().epoch
            rewriting.finish(manifest.revised(epoch=epoch, segments=rewriting.sealed))
        swap(disk, folder, kept=None)
    return found


def _found(batches: Iterable[list[Line]], wanted: Callable[[Record], bool]) -> Erased:
    records = erased = 0
    for batch in batches:
        records += len(batch)
        erased += sum(_has_text(line.bytes, wanted) for line in batch)
    return Erased(records=records, erased=erased)


def _without_text(line: bytes, wanted: Callable[[Record], bool], when: str) -> bytes:
    return format.erase(line, when) if _has_text(line, wanted) else line


def _has_text(line: bytes, wanted: Callable[[Record], bool]) -> bool:
    record = format.decode_record(line)
    return record.text is not None and wanted(record)
