"""The small tables of a chat of several processes: a directory on a shared journal.

Each process keeps all values in memory, so reading costs nothing. A write names the version of
each value that it was decided on; the number of a key's last line is its version. In its turn, the
writer thread knows all versions, so of two decisions on the same value, only one is written.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from chatapp.domain.clock import Clock, now, timestamp
from chatapp.domain.future import Future
from chatapp.log import format
from chatapp.log.disk import Disk
from chatapp.log.errors import one_line_for
from chatapp.log.format import ChainHead
from chatapp.log.journal import Batch, Deliver
from chatapp.log.manifest import Beginning
from chatapp.log.recovery import RecoveredLine
from chatapp.log.shared_journal import SharedJournal
from chatapp.log.stream import Former, Share, Stream, Verdict
from chatapp.log.writer import SegmentOffset
from chatapp.store.opening_folder import open_writer
from chatapp.tables.directory import Directory, encode_batch, encode_rows, worth_compacting
from chatapp.tables.table import Conflict, Key, Row


class Basis:
    """A value that a decision rests on, by its version: 0 if there was none, None while the write
    that makes it is on its way, and for ever if that write fails."""

    __slots__ = ("version",)

    def __init__(self, version: int | None) -> None:
        self.version = version


@dataclass(slots=True)
class TableWrite:
    rows: list[Row]
    bases: list[tuple[Key, Basis]]
    written: list[tuple[Key, Basis]]


class SharedDirectory(Directory):
    """All methods are for the owner's thread. `share` opens the stream of all processes.

    A write fails with `Conflict` if another process has changed what it was decided on.
    """

    def __init__(self, *, clock: Clock) -> None:
        super().__init__(clock=clock)
        self._versions: dict[Key, int] = {}
        self._pending: dict[Key, Basis] = {}
        """The last write of each key that is on its way."""
        self.shared: SharedJournal[TableWrite, TableWrite, None]

    @classmethod
    def open_shared(
        cls,
        folder: Path,
        share: Share,
        *,
        clock: Clock = now,
        deliver: Deliver | None = None,
        rules: Collection[str] = (),
        quarantine: Path | None = None,
        disk: Disk | None = None,
        beginning: Beginning | None = None,
        compacts: bool = False,
    ) -> "SharedDirectory":
        """Open this process's copy in `folder`, or create it. `rules` are the tables that say who
        may append to other journals, and `beginning` is that of all copies. With `compacts`, the
        database is compacted if that is worth it. Raises StorageError, and what `share` raises."""
        disk = disk or Disk()
        directory = cls(clock=clock)
        with one_line_for(folder):
            manifest, recovered = directory._read(
                disk, folder, quarantine or folder.parent / "quarantine", beginning
            )
            stream = share(recovered.tip)
            directory.shared = directory.journal = SharedJournal(
                open_writer(disk, folder, manifest, recovered, durability="os"),
                recovered.tip,
                stream=stream,
                former=DirectoryFormer(directory._versions.copy(), clock, rules),
                written=directory._wrote,
                followed=directory._others_wrote,
                answer=lambda _write, _value: None,
                repeated=lambda _write, _where: None,
                deliver=deliver,
            )
            tip = directory.shared.tip
            if compacts and worth_compacting(tip.n - manifest.anchor.n, directory._keys()):
                directory._compact(stream, tip)
            return directory

    def _compact(self, stream: Stream, tip: ChainHead) -> None:
        """Let the stream begin anew with the last value of each key. For all processes, these are
        lines as any others, which change nothing."""
        lines = chain.from_iterable(encode_rows(self._rows(), tip, timestamp(self._clock())))
        if stream.begin_again(tip, lines):
            self.shared.follow()

    def _recover(self, lines: list[RecoveredLine]) -> None:
        super()._recover(lines)
        for line in lines:
            entry = format.decode_entry(line.bytes)
            self._versions[entry.table, entry.key] = line.n

    def _write_rows(self, rows: Sequence[Row], bases: Sequence[Key]) -> Future[None]:
        write = TableWrite(
            rows=list(rows),
            bases=[(key, self._basis(key)) for key in bases],
            written=[((table, key), Basis(None)) for table, key, _ in rows],
        )
        self._pending.update(write.written)
        outcome = self.shared.append(write)
        outcome.add_done_callback(lambda _: self._settled(write))
        return outcome

    def _basis(self, key: Key) -> Basis:
        return self._pending.get(key) or Basis(self._versions.get(key, 0))

    def _settled(self, write: TableWrite) -> None:
        for key, basis in write.written:
            if self._pending.get(key) is basis:
                del self._pending[key]

    def _wrote(self, batch: Batch[TableWrite], _offset: SegmentOffset) -> None:
        for write in batch.values:
            for key, basis in write.written:
                self._versions[key] = basis.version or 0

    def _others_wrote(self, batch: Batch[TableWrite], _offset: SegmentOffset) -> None:
        rows = [row for write in batch.values for row in write.rows]
        for n, (table, key, _) in enumerate(rows, batch.tip.n - len(batch.lines) + 1):
            self._versions[table, key] = n
        for table, key, value in self._follow(rows):
            found = self._found.setdefault(table, {})
            if value is None:
                found.pop(key, None)
            else:
                found[key] = value


class DirectoryFormer(Former[TableWrite, TableWrite]):
    """Knows the version of each key up to the tip."""

    def __init__(self, versions: dict[Key, int], clock: Clock, rules: Collection[str]) -> None:
        self._versions = versions
        self._clock = clock
        self._rules = rules

    def form(
        self,
        drafts: Sequence[TableWrite],
        tip: ChainHead,
        _rules: int,
        _others: Sequence[TableWrite],
    ) -> tuple[Batch[TableWrite], list[Verdict]]:
        ahead: dict[Key, int] = {}
        n, accepted, verdicts = tip.n, [], list[Verdict]()
        for basis in (basis for write in drafts for _, basis in write.written):
            basis.version = None
        for write in drafts:
            if any(
                basis.version != ahead.get(key, self._versions.get(key, 0))
                for key, basis in write.bases
            ):
                verdicts.append(Conflict())
                continue
            verdicts.append(None)
            accepted.append(write)
            for key, basis in write.written:
                n += 1
                ahead[key] = basis.version = n
        rows = [row for write in accepted for row in write.rows]
        lines, tip = encode_batch(rows, tip, timestamp(self._clock()))
        return Batch(lines, accepted, tip), verdicts

    def rules(self, batch: Batch[TableWrite]) -> int | None:
        changes = any(table in self._rules for write in batch.values for table, _, _ in write.rows)
        return batch.tip.n if changes else None

    def adopted(self, lines: list[bytes], tip: ChainHead) -> Batch[TableWrite]:
        entries = map(format.decode_entry, lines)
        rows: list[Row] = [(entry.table, entry.key, entry.value or None) for entry in entries]
        return Batch(lines, [TableWrite(rows, [], [])], tip)

    def written(self, batch: Batch[TableWrite]) -> None:
        n = batch.tip.n - len(batch.lines)
        for write in batch.values:
            for table, key, _ in write.rows:
                n += 1
                self._versions[table, key] = n
