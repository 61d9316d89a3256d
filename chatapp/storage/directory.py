"""Small tables that the server remembers: accounts, rooms, memberships, tokens, read marks.

On the same journal as the messages, in a folder of its own: every change is a line, the last
value of a key wins, and all current values are in memory. A value is what msgspec can write:
a Struct, or builtins.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar, overload

import msgspec

from chatapp.config import Durability
from chatapp.pending import Pending
from chatapp.storage import format
from chatapp.storage.begin import begin, go_to_end, open_writer
from chatapp.storage.compact import Row, compact, worth_compacting
from chatapp.storage.disk import Disk
from chatapp.storage.format import Place, Tip
from chatapp.storage.journal import Batch, Deliver, Journal
from chatapp.storage.manifest import Manifest
from chatapp.storage.moment import Clock, iso, now
from chatapp.storage.plain import one_line_for
from chatapp.storage.recovery import Line, Recovered
from chatapp.storage.writer import SEGMENT_BYTES, Spot

T = TypeVar("T")


class Change(msgspec.Struct, frozen=True):
    """A key's new value, or none: the key is deleted."""

    table: str
    key: str
    value: msgspec.Raw | None


class Directory:
    """An opened directory. All methods are for the owner's thread."""

    def __init__(self, *, clock: Clock) -> None:
        self._clock = clock
        self._tables: dict[str, dict[str, msgspec.Raw]] = {}
        self.journal: Journal[Change, Change]

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
    ) -> "Directory":
        """The directory in `folder`, which is made where there is none. Raises StorageError."""
        disk = disk or Disk()
        quarantine = quarantine or folder.parent / "quarantine"
        directory = cls(clock=clock)
        with one_line_for(folder):
            manifest, recovered = directory._read(disk, folder, quarantine)
            if worth_compacting(recovered.tip.n - manifest.anchor.n, directory._keys()):
                compact(disk, folder, manifest, directory._rows(), iso(clock()))
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
                written=directory._written,
                deliver=deliver,
            )
            return directory

    def _read(self, disk: Disk, folder: Path, quarantine: Path) -> tuple[Manifest, Recovered]:
        manifest = begin(disk, folder)
        self._tables.clear()
        recovered = go_to_end(
            disk, folder, manifest, since=None, quarantine=quarantine, found=self._found
        )
        return manifest, recovered

    @overload
    def get(self, table: str, key: str) -> Any: ...
    @overload
    def get(self, table: str, key: str, type: type[T]) -> T | None: ...
    def get(self, table: str, key: str, type: Any = Any) -> Any:
        """The value of a key, decoded as `type`; None where there is none."""
        raw = self._tables.get(table, {}).get(key)
        return None if raw is None else msgspec.json.decode(raw, type=type)

    @overload
    def items(self, table: str) -> Iterator[tuple[str, Any]]: ...
    @overload
    def items(self, table: str, type: type[T]) -> Iterator[tuple[str, T]]: ...
    def items(self, table: str, type: Any = Any) -> Iterator[tuple[str, Any]]:
        """Every key of a table and its value, as of now."""
        decode = msgspec.json.Decoder(type).decode
        for key, raw in list(self._tables.get(table, {}).items()):
            yield key, decode(raw)

    def put(self, table: str, key: str, value: Any) -> Pending[None]:
        """Readers see the value once it is durable. Changes of one turn become durable together."""
        return self._append(Change(table, key, format.to_json(value)))

    def delete(self, table: str, key: str) -> Pending[None]:
        return self._append(Change(table, key, None))

    def flush(self) -> None:
        """Waits until everything that was put is durable."""
        self.journal.flush()

    def close(self) -> None:
        self.journal.close()

    def _append(self, change: Change) -> Pending[None]:
        return self.journal.append(change).then(_nothing)

    def _form(self, changes: Sequence[Change], tip: Tip) -> Batch[Change]:
        at = iso(self._clock())
        lines: list[bytes] = []
        n, more, previous = tip.n, len(changes), tip.hash.encode()
        for change in changes:
            n, more = n + 1, more - 1
            place = Place(n, tip.batch + 1, more)
            line, previous = format.encode_entry(
                change.table, change.key, change.value, at=at, place=place, previous=previous
            )
            lines.append(line)
        return Batch(lines, list(changes), Tip(n, tip.batch + 1, previous.decode()))

    def _written(self, batch: Batch[Change], _spot: Spot) -> None:
        for change in batch.values:
            self._apply(change)

    def _found(self, lines: list[Line]) -> None:
        for line in lines:
            entry = format.decode_entry(line.bytes)
            self._apply(Change(entry.table, entry.key, entry.value or None))

    def _keys(self) -> int:
        return sum(map(len, self._tables.values()))

    def _rows(self) -> Iterator[Row]:
        for table, values in self._tables.items():
            for key, value in values.items():
                yield table, key, value

    def _apply(self, change: Change) -> None:
        table = self._tables.setdefault(change.table, {})
        if change.value is None:
            table.pop(change.key, None)
        else:
            table[change.key] = change.value


def _nothing(_change: Change) -> None:
    return None
