"""A directory that holds each key once: the values that were overwritten are left out."""

from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

import msgspec

from chatapp.storage import format
from chatapp.storage.disk import Disk
from chatapp.storage.format import Place, Tip
from chatapp.storage.manifest import Manifest
from chatapp.storage.rewriting import Rewriting
from chatapp.storage.staging import stage, swap

BATCH_ENTRIES = 1_000

Row = tuple[str, str, msgspec.Raw]
"""Table, key and value."""


def worth_compacting(lines: int, keys: int) -> bool:
    """Whether most of the lines are of the past."""
    return lines > 4 * keys + 10_000


def compact(disk: Disk, folder: Path, manifest: Manifest, rows: Iterable[Row], at: str) -> None:
    """Writes the rows as a journal of their own, in the old one's place."""
    rewriting = Rewriting(disk, stage(disk, folder), Tip())
    tip = Tip()
    for some in _gathered(rows, BATCH_ENTRIES):
        lines: list[bytes] = []
        n, more, previous = tip.n, len(some), tip.hash.encode()
        for table, key, value in some:
            n, more = n + 1, more - 1
            place = Place(n, tip.batch + 1, more)
            line, previous = format.encode_entry(
                table, key, value, at=at, place=place, previous=previous
            )
            lines.append(line)
        tip = Tip(n, tip.batch + 1, previous.decode())
        rewriting.add(lines)
    rewriting.finish(manifest.revised(anchor=Tip(), segments=rewriting.sealed))
    swap(disk, folder, kept=None)


def _gathered(rows: Iterable[Row], size: int) -> Iterator[list[Row]]:
    iterator = iter(rows)
    while some := list(islice(iterator, size)):
        yield some
