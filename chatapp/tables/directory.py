"""Stores the small tables: accounts, rooms, memberships, tokens, read marks.

They use a journal in the same format as the messages, in their own folder: every change is a line
and the last value of a key counts. Values are Structs or builtins that msgspec can encode.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec

from chatapp.config import Durability
from chatapp.domain.clock import Clock, now, timestamp
from chatapp.domain.future import Future
from chatapp.log import format
from chatapp.log.disk import Disk
from chatapp.log.errors import one_line_for
from chatapp.log.format import ChainHead, Position
from chatapp.log.journal import Batch, Deliver, Journal
from chatapp.log.manifest import Beginning, Manifest
from chatapp.log.recovery import Recovered, RecoveredLine
from chatapp.log.rewrite import Rewriting
from chatapp.log.staging import stage, swap
from chatapp.log.writer import SEGMENT_BYTES
from chatapp.store.opening_folder import begin, go_to_end, open_writer
from chatapp.tables.table import Key, Row, TableStore

BATCH_ENTRIES = 1_000
"""The most rows of a batch when a directory is compacted."""

Rows = Sequence[Row]
"""Rows that are written together."""


class Directory(TableStore):
    """An opened directory. All methods are for the owner's thread."""

    def __init__(self, *, clock: Clock) -> None:
        super().__init__()
        self._clock = clock
        self._found: dict[str, dict[str, msgspec.Raw]] = {}
        """Stored rows of tables that are not in use yet."""
        self.journal: Journal[Any, Any, None]

    @classmethod
    def open(
        cls,
        folder: Path,
        *,
        durability: Durability = "fsync",
        clock: Clock = now,
        deliver: Deliver | None = None,
        quarantine: Path | None = None,
        disk: Disk | None = None,
        segment_bytes: int = SEGMENT_BYTES,
        compacts: bool = True,
    ) -> "Directory":
        """Open the directory in `folder`, or create it. Without `compacts`, its lines stay as they
        are. Raises StorageError."""
        disk = disk or Disk()
        quarantine = quarantine or folder.parent / "quarantine"
        directory = cls(clock=clock)
        with one_line_for(folder):
            manifest, recovered = directory._read(disk, folder, quarantine)
            if compacts and worth_compacting(
                recovered.tip.n - manifest.anchor.n, directory._keys()
            ):
                compact(disk, folder, manifest, directory._rows(), timestamp(clock()))
                manifest, recovered = directory._read(disk, folder, quarantine)
            directory.journal = Journal(
                open_writer(
                    disk,
                    folder,
                    manifest,
                    recovered,
                    durability=durability,
                    segment_bytes=segment_bytes,
                ),
                recovered.tip,
                form=directory._form,
                written=_ignore,
                answer=_ignore,
                deliver=deliver,
            )
            return directory

    def _read(
        self, disk: Disk, folder: Path, quarantine: Path, beginning: Beginning | None = None
    ) -> tuple[Manifest, Recovered]:
        manifest = begin(disk, folder, beginning)
        self._found.clear()
        recovered = go_to_end(
            disk, folder, manifest, since=None, quarantine=quarantine, found=self._recover
        )
        return manifest, recovered

    def flush(self) -> None:
        """Block until all writes are durable."""
        self.journal.flush()

    def close(self) -> None:
        self.journal.close()

    def _stored(self, name: str) -> Iterable[tuple[str, msgspec.Raw]]:
        return self._found.pop(name, {}).items()

    def _write_rows(self, rows: Rows, _bases: Sequence[Key]) -> Future[None]:
        """Nobody else writes here, so nothing can conflict that did not conflict before."""
        return self.journal.append(rows)

    def _form(self, writes: Sequence[Rows], tip: ChainHead) -> Batch[Rows]:
        rows = [row for write in writes for row in write]
        lines, tip = encode_batch(rows, tip, timestamp(self._clock()))
        return Batch(lines, list(writes), tip)

    def _recover(self, lines: list[RecoveredLine]) -> None:
        for line in lines:
            entry = format.decode_entry(line.bytes)
            table = self._found.setdefault(entry.table, {})
            if entry.value:
                table[entry.key] = entry.value
            else:
                table.pop(entry.key, None)

    def _keys(self) -> int:
        return sum(map(len, self._found.values()))

    def _rows(self) -> Iterator[Row]:
        for table, values in self._found.items():
            for key, value in values.items():
                yield table, key, value


def _ignore(_one: object, _other: object) -> None:
    """Readers already see the write; its future only reports that it is durable."""


def worth_compacting(lines: int, keys: int) -> bool:
    """Whether most of the lines are overwritten values."""
    return lines > 4 * keys + 10_000


def compact(disk: Disk, folder: Path, manifest: Manifest, rows: Iterable[Row], at: str) -> None:
    """Replaces the journal by a new one with these rows, in which each key occurs once."""
    rewriting = Rewriting(disk, stage(disk, folder), ChainHead())
    for lines in encode_rows(rows, ChainHead(), at):
        rewriting.add(lines)
    rewriting.finish(manifest.revised(anchor=ChainHead(), segments=rewriting.sealed))
    swap(disk, folder, kept=None)


def encode_rows(rows: Iterable[Row], tip: ChainHead, at: str) -> Iterator[list[bytes]]:
    """The lines of batches that follow the tip."""
    iterator = iter(rows)
    while batch := list(islice(iterator, BATCH_ENTRIES)):
        lines, tip = encode_batch(batch, tip, at)
        yield lines


def encode_batch(rows: Sequence[Row], tip: ChainHead, at: str) -> tuple[list[bytes], ChainHead]:
    """The lines of one batch that follows the tip, and the tip after it."""
    lines: list[bytes] = []
    n, more, previous = tip.n, len(rows), tip.hash.encode()
    for table, key, value in rows:
        n, more = n + 1, more - 1
        place = Position(n, tip.batch + 1, more)
        line, previous = format.encode_entry(
            table, key, value, at=at, place=place, previous=previous
        )
        lines.append(line)
    return lines, ChainHead(n, tip.batch + 1, previous.decode())
