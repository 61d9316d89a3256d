"""Tables of what may be lost with the processes of a chat: what belongs to guests, for example.

Anyone can make any number of guest keys, so guests must not fill a disk, nor cost a commit with
each message that they read. Their rows are in memory, and only the newest are kept.
"""

from collections import OrderedDict
from collections.abc import Iterable, Sequence

import msgspec

from chatapp.domain.future import Future
from chatapp.tables.table import Key, Row, TableStore

MAX_ROWS = 20_000
"""Of each table. The oldest ones are dropped, and nobody is told."""


class ShortLivedTables(TableStore):
    """Those of a chat of one process."""

    def __init__(self, max_rows: int = MAX_ROWS) -> None:
        super().__init__()
        self._max_rows = max_rows
        self._ages: dict[str, OrderedDict[str, None]] = {}
        """The keys of each table, the one that was written last at the end."""

    def reach(self) -> Future[None]:
        """Resolved when readers of this process see all that was written at any process before."""
        return Future.of(None)

    def close(self) -> None:
        pass

    def _stored(self, _name: str) -> Iterable[tuple[str, msgspec.Raw]]:
        return ()

    def _write_rows(self, rows: Sequence[Row], _bases: Sequence[Key]) -> Future[None]:
        self._age(rows)
        return Future.of(None)

    def _age(self, rows: Iterable[Row]) -> None:
        """These rows are the newest now."""
        for name, key, value in rows:
            ages = self._ages.setdefault(name, OrderedDict())
            ages.pop(key, None)
            if value is not None:
                ages[key] = None
            if len(ages) > self._max_rows:
                self._drop(name, ages.popitem(last=False)[0])

    def _drop(self, name: str, key: str) -> None:
        self._tables[name]._drop(key)
