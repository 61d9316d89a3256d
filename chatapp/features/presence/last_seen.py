"""When accounts were last seen, across restarts.

The time is noted when a person connects and when their last connection ends, and written in groups:
a thousand people who come and go need one commit. A crash loses no more than the end of the
current visit. Guests are not included, because anyone can have their name.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from chatapp.domain.clock import timestamp
from chatapp.domain.model import Person
from chatapp.tables.table import TableStore

TABLE = "seen"
WRITE_SECONDS = 30.0


class LastSeen:
    """`later(seconds, step)` calls `step` later. Call `flush()` before the directory closes."""

    def __init__(
        self,
        store: TableStore,
        *,
        clock: Callable[[], datetime],
        later: Callable[[float, Callable[[], None]], Any],
    ) -> None:
        self._table = store.table(TABLE, str)
        self._clock = clock
        self._later = later
        self._unwritten: dict[str, str] = {}
        by_time = sorted(self._table.items(), key=lambda one: one[1])
        self._latest = dict.fromkeys(id for id, _ in by_time)
        """The ids of all accounts ever seen, the most recent one last."""
        self._removed: set[str] = set()
        self._elsewhere: dict[str, str] = {}
        """The ends of visits to other processes, until those have written them."""
        self._table.on_followed(self._seen_elsewhere)

    def note(self, person: Person) -> None:
        if person.is_guest or person.id in self._removed:
            return
        if not self._unwritten:
            self._later(WRITE_SECONDS, self.flush)
        self._unwritten[person.id] = timestamp(self._clock())
        self._elsewhere.pop(person.id, None)
        self._note_latest(person.id)

    def note_elsewhere(self, person: Person) -> None:
        """Somebody's last connection has ended, which was to another process: that one writes
        it."""
        if not (person.is_guest or person.id in self._removed):
            self._elsewhere[person.id] = timestamp(self._clock())
            self._note_latest(person.id)

    def of(self, id: str) -> str | None:
        """When the account with this id was last seen."""
        return self._elsewhere.get(id) or self._unwritten.get(id) or self._table.get(id)

    def forget(self, id: str) -> None:
        self.ignore(id)
        if id in self._table:
            self._table.delete(id)

    def ignore(self, id: str) -> None:
        """The account with this id is being removed; what it still does is not noted."""
        self._removed.add(id)
        self._unwritten.pop(id, None)
        self._elsewhere.pop(id, None)
        self._latest.pop(id, None)

    def latest_first(self) -> Iterator[str]:
        """The ids of all accounts ever seen, most recent first."""
        return iter(list(reversed(self._latest)))

    def flush(self) -> None:
        """Write the times that are not written yet."""
        unwritten, self._unwritten = self._unwritten, {}
        self._table.write(*(self._table.change(id, at) for id, at in unwritten.items()))

    def _note_latest(self, id: str) -> None:
        self._latest.pop(id, None)
        self._latest[id] = None

    def _seen_elsewhere(self, id: str, _old: str | None, at: str | None) -> None:
        """What another process has written holds, unless we know of a later time."""
        self._elsewhere.pop(id, None)
        if at is None:
            self._latest.pop(id, None)
        elif at > self._unwritten.get(id, ""):
            self._unwritten.pop(id, None)
            self._note_latest(id)
