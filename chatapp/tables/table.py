"""The only cache over the small tables, and the guarantees of a write.

Every table holds its decoded values by key. No other object keeps a copy; derived data, such as an
index by another key, is updated by `on_change`. All tables follow the same rule about when a write
becomes visible:

    at once     every reader in this process sees it, and later decisions build on it
    durable     its future resolves; only then may a client be told that it is done
    refused     it is undone: readers see the old value, and the future fails

So a person who is removed from a room is out before the change is on disk, two changes in one turn
do not overwrite each other, and a change that a full disk refuses has not happened.

A write can name the values that it was based on (`expected`, `unchanged`). If they have changed,
nothing is written and `Conflict` is raised, at once or through the future. So a name is only given
once, and an invitation is only used once, even if several writers share a store, because the
store compares the values again when it commits.
"""

import logging
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Generic, TypeVar

import msgspec

from chatapp.domain.future import Future

logger = logging.getLogger(__name__)

V = TypeVar("V")

ANYTHING: Any = object()
"""The `expected` value of a write that does not depend on the old value."""
_UNCHANGED: Any = object()

Row = tuple[str, str, msgspec.Raw | None]
"""Table, key and encoded value; None deletes the key."""
Key = tuple[str, str]
"""Table and key."""


class Conflict(Exception):
    """The values that a write was based on have changed. The caller has to decide again: people
    are told what comes of that (rerun.py), never this.

    `settled` is done when no write of these values is on its way: those behind a write that
    conflicts were decided on it, and conflict too. None: they are settled already."""

    settled: Future[None] | None = None


class Change(msgspec.Struct, frozen=True):
    """One key's new value (None deletes it), and the expected old value."""

    table: "Table[Any]"
    key: str
    value: Any
    expected: Any = ANYTHING

    def check(self) -> None:
        if self.has_basis and self.table.get(self.key) != self.expected:
            raise Conflict

    @property
    def has_basis(self) -> bool:
        """Whether it was decided on the old value."""
        return self.expected is not ANYTHING

    @property
    def row(self) -> Row:
        encoded = None if self.value is None else msgspec.Raw(msgspec.json.encode(self.value))
        return self.table.name, self.key, encoded


class TableStore(ABC):
    """Tables by name. A subclass reads (`_stored`) and writes (`_write_rows`) their rows."""

    def __init__(self) -> None:
        self._tables: dict[str, Table[Any]] = {}
        self._unsettled: list[tuple[Sequence[Change], Future[None]]] = []
        """Changes that conflict, and who waits for the writes behind them."""

    def table(self, name: str, type: type[V]) -> "Table[V]":
        """The table with this name and values of `type`; every call returns the same object."""
        if name not in self._tables:
            decode = msgspec.json.Decoder(type).decode
            values = {key: decode(raw) for key, raw in self._stored(name)}
            self._tables[name] = Table(self, name, values, decode)
        return self._tables[name]

    def write(self, *changes: Change) -> Future[None]:
        """All of the changes or none, in one commit. Raises `Conflict`."""
        for change in changes:
            change.check()
        bases = [(change.table.name, change.key) for change in changes if change.has_basis]
        decided = changes
        changes = tuple(change for change in changes if change.value is not _UNCHANGED)
        if not changes:
            return Future.of(None)
        rows = [change.row for change in changes]
        before = [
            change.table._apply(key, encoded)
            for change, (_, key, encoded) in zip(changes, rows, strict=True)
        ]
        values = [change.table.get(change.key) for change in changes]
        kept = self._write_rows(rows, bases)
        for change, old, new in zip(changes, before, values, strict=True):
            change.table._tell(change.key, old, new)
        kept.add_done_callback(lambda _: self._settle(decided, changes, values, kept))
        return kept

    def _settle(
        self,
        decided: Sequence[Change],
        changes: Sequence[Change],
        values: Sequence[Any],
        kept: Future[None],
    ) -> None:
        tell = [
            change.table._complete(change.key, value, is_durable=not kept.has_failed)
            for change, value in zip(changes, values, strict=True)
        ]
        for each in tell:
            each()
        if isinstance(kept.error, Conflict):
            kept.error.settled = Future()
            self._unsettled.append((decided, kept.error.settled))
        if self._unsettled:
            self._settle_conflicts()

    def _settle_conflicts(self) -> None:
        waiting, self._unsettled = self._unsettled, []
        for changes, settled in waiting:
            if any(change.table.is_writing(change.key) for change in changes):
                self._unsettled.append((changes, settled))
            else:
                settled.resolve(None)

    @abstractmethod
    def _stored(self, name: str) -> Iterable[tuple[str, msgspec.Raw]]:
        """The rows of a table, when it is first used."""

    @abstractmethod
    def _write_rows(self, rows: Sequence[Row], bases: Sequence[Key]) -> Future[None]:
        """Store all rows together; the future resolves when they are durable.

        It fails with `Conflict` if another process has changed the value of one of the `bases`,
        the keys whose values the write was decided on.
        """

    def _follow(self, rows: Iterable[Row]) -> list[Row]:
        """Another process has written these rows. Returns those of tables that are not in use.

        Whoever is told of one row sees all of them.
        """
        unused: list[Row] = []
        tell: list[Callable[[], None]] = []
        for row in rows:
            name, key, encoded = row
            if name in self._tables:
                tell.append(self._tables[name]._follow(key, encoded))
            else:
                unused.append(row)
        for each in tell:
            each()
        return unused


class Table(Generic[V]):
    """The values of one table by key. Get it from `TableStore.table`."""

    def __init__(
        self, store: TableStore, name: str, values: dict[str, V], decode: Callable[[msgspec.Raw], V]
    ) -> None:
        self.name = name
        self._decode = decode
        self._store = store
        self._values = values
        self._in_flight: dict[str, _InFlight[V]] = {}
        self._listeners: list[Callable[[str, V | None, V | None], object]] = []
        self._followers: list[Callable[[str, V | None, V | None], object]] = []

    def get(self, key: str) -> V | None:
        return self._values.get(key)

    def items(self) -> Iterator[tuple[str, V]]:
        """A snapshot of all keys and values."""
        return iter(list(self._values.items()))

    def __contains__(self, key: str) -> bool:
        return key in self._values

    def __len__(self) -> int:
        return len(self._values)

    def is_writing(self, key: str) -> bool:
        """Whether a write of this key is on its way."""
        return key in self._in_flight

    def on_change(self, tell: Callable[[str, V | None, V | None], object]) -> None:
        """`tell(key, old, new)` is called for each change as soon as readers see it, and again if
        it is undone; None means no value."""
        self._listeners.append(tell)

    def on_followed(self, tell: Callable[[str, V | None, V | None], object]) -> None:
        """`tell(key, old, new)` is called for each change that another process has written, when
        readers see it. An error of `tell` is logged."""
        self._followers.append(tell)

    def put(self, key: str, value: V, *, expected: V | None = ANYTHING) -> Future[None]:
        """Write one value. Raises `Conflict` if the old value is not `expected`."""
        return self._store.write(self.change(key, value, expected=expected))

    def delete(self, key: str, *, expected: V | None = ANYTHING) -> Future[None]:
        return self._store.write(self.change(key, None, expected=expected))

    def write(self, *changes: Change) -> Future[None]:
        """Write changes of this table and of others, all or none. Raises `Conflict`."""
        return self._store.write(*changes)

    def change(self, key: str, value: V | None, *, expected: V | None = ANYTHING) -> Change:
        """A change for `write`; None deletes."""
        return Change(self, key, value, expected)

    def unchanged(self, key: str, value: V | None) -> Change:
        """A condition for `write`: the other changes are only written if this value is
        unchanged."""
        return Change(self, key, _UNCHANGED, value)

    def _apply(self, key: str, encoded: msgspec.Raw | None) -> V | None:
        """Make the value visible to readers, decoded as after a restart. Returns the old value."""
        value = None if encoded is None else self._decode(encoded)
        old = self._values.get(key)
        in_flight = self._in_flight.setdefault(key, _InFlight(old))
        in_flight.writes += 1
        self._set(key, value)
        return old

    def _complete(self, key: str, value: V | None, *, is_durable: bool) -> Callable[[], None]:
        """Complete a write. After the last pending one of a key, the durable value is visible.

        Returns what tells of it.
        """
        seen = self._values.get(key)
        in_flight = self._in_flight[key]
        in_flight.writes -= 1
        if is_durable:
            in_flight.durable, in_flight.is_followed = value, False
        if not in_flight.writes:
            del self._in_flight[key]
            self._set(key, in_flight.durable)
        return lambda: self._tell_completed(key, seen, in_flight)

    def _tell_completed(self, key: str, seen: V | None, in_flight: "_InFlight[V]") -> None:
        """Readers have `seen` this value up to now."""
        now = self.get(key)
        if now is not seen:
            self._tell(key, seen, now)
        if in_flight.is_followed and not in_flight.writes:
            in_flight.is_followed = False
            self._tell_followed(key, in_flight.before, now)

    def _drop(self, key: str) -> None:
        """Forget a value that nobody needs any more, unless a write of it is on its way."""
        old = self._values.get(key)
        if old is not None and key not in self._in_flight:
            self._set(key, None)
            self._tell(key, old, None)

    def _follow(self, key: str, encoded: msgspec.Raw | None) -> Callable[[], None]:
        """Readers see what another process has written, unless a write of this process is on its
        way: that one either fails or comes after it. Returns what tells of it."""
        value = None if encoded is None else self._decode(encoded)
        if in_flight := self._in_flight.get(key):
            in_flight.follow(value)
            return _nothing
        old = self._values.get(key)
        self._set(key, value)
        if old == value:
            return _nothing
        self._tell(key, old, value)
        return lambda: self._tell_followed(key, old, value)

    def _tell_followed(self, key: str, old: V | None, new: V | None) -> None:
        for tell in self._followers:
            try:
                tell(key, old, new)
            except Exception:
                logger.exception("What another process wrote in %r was not told", self.name)

    def _set(self, key: str, value: V | None) -> None:
        if value is None:
            self._values.pop(key, None)
        else:
            self._values[key] = value

    def _tell(self, key: str, old: V | None, new: V | None) -> None:
        for tell in self._listeners:
            tell(key, old, new)


class _InFlight(Generic[V]):
    """The pending writes of a key, and its durable value.

    `is_followed`: whether another process wrote that, where there was `before`.
    """

    __slots__ = ("before", "durable", "is_followed", "writes")

    def __init__(self, durable: V | None) -> None:
        self.durable = durable
        self.before: V | None = None
        self.is_followed = False
        self.writes = 0

    def follow(self, value: V | None) -> None:
        if not self.is_followed:
            self.before = self.durable
        self.durable, self.is_followed = value, True


def _nothing() -> None:
    """Nobody needs to be told."""
