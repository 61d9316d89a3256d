"""`chatapp log erase`: takes a person's texts out of the log for good, at their request.

The lines stay, with their numbers and hashes; in the place of a text stands when it was
erased, and the digest that keeps the chain whole. `chatapp log verify` finds nothing to
complain about, and nobody finds the text: the index is made again, and the old files are
removed, not kept.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec

from chatapp.storage import format
from chatapp.storage.disk import Disk
from chatapp.storage.errors import StorageError
from chatapp.storage.format import Record
from chatapp.storage.hot_erase import finish_erasing
from chatapp.storage.manifest import Manifest, load_manifest, segment_files, segment_path
from chatapp.storage.recovery import BatchReader
from chatapp.storage.rewriting import Rewriting
from chatapp.storage.staging import finish_swap, stage, swap


class Erased(msgspec.Struct, frozen=True, kw_only=True):
    """How many records were looked at, and how many of them have no text any more."""

    records: int
    erased: int


def erase(
    disk: Disk, folder: Path, *, wanted: Callable[[Record], bool], when: str, dry_run: bool = False
) -> Erased:
    """Erases the text of every record that is wanted. With `dry_run`, only counts them."""
    manifest = opened(disk, folder)
    records = erased = 0
    if dry_run:
        for batch in whole_batches(disk, folder, manifest):
            records += len(batch)
            erased += sum(_has_text(line, wanted) for line in batch)
        return Erased(records=records, erased=erased)
    rewriting = Rewriting(disk, stage(disk, folder), manifest.anchor)
    for batch in whole_batches(disk, folder, manifest):
        records += len(batch)
        lines = []
        for line in batch:
            gone = _has_text(line, wanted)
            erased += gone
            lines.append(format.erase(line, when) if gone else line)
        rewriting.add(lines)
    rewriting.finish(manifest.revised(segments=rewriting.sealed))
    swap(disk, folder, kept=None)
    return Erased(records=records, erased=erased)


def opened(disk: Disk, folder: Path) -> Manifest:
    """The manifest of a log that is there."""
    finish_swap(disk, folder)
    finish_erasing(disk, folder)
    manifest = load_manifest(disk, folder) if disk.exists(folder) else None
    if manifest is None:
        raise StorageError(f"There is no log in {folder}.")
    return manifest


def whole_batches(disk: Disk, folder: Path, manifest: Manifest) -> Iterator[list[bytes]]:
    """The lines of every whole batch, checked. Raises StorageError at damage.

    What follows the last whole batch is left alone: a server may be writing it just now.
    """
    tip = manifest.anchor
    firsts = segment_files(disk, folder)
    for first in firsts:
        path = segment_path(folder, first)
        reader = BatchReader(disk, path, first, tip)
        for batch in reader:
            yield [line.bytes for line in batch]
        tip = reader.tip
        if reader.problem and (first != firsts[-1] or reader.shows_a_later_batch()):
            raise StorageError(
                f"{folder.name}/{path.name} line {reader.line_number} is damaged: "
                f"{reader.problem}. Run `chatapp log repair` first."
            )


def _has_text(line: bytes, wanted: Callable[[Record], bool]) -> bool:
    record = format.decode_record(line)
    return record.text is not None and wanted(record)
