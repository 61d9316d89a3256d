"""When people with an account were last here, also before the last restart.

Noted when somebody comes and when their last connection ends, and written in groups: a
thousand people who come and go are one commit a while. What a crash forgets is no more than
the end of the visit that it ended. Guests are not remembered: their names are anybody's.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from chatapp.clock import timestamp
from chatapp.limits import name_key
from chatapp.model import Person
from chatapp.table import Directory

TABLE = "seen"
WRITE_SECONDS = 30.0


class LastSeen:
    """`later(seconds, step)` runs a step after a while. `flush()` before the directory closes."""

    def __init__(
        self,
        store: Directory,
        *,
        clock: Callable[[], datetime],
        later: Callable[[float, Callable[[], None]], Any],
    ) -> None:
        self._store = store
        self._clock = clock
        self._later = later
        by_time = sorted(store.items(TABLE, type=str), key=lambda one: one[1])
        self._seen: dict[str, str] = dict(by_time)
        self._unwritten: set[str] = set()

    def note(self, person: Person) -> None:
        """They are here now."""
        if person.is_guest:
            return
        key = name_key(person.name)
        self._seen.pop(key, None)
        self._seen[key] = timestamp(self._clock())
        if not self._unwritten:
            self._later(WRITE_SECONDS, self.flush)
        self._unwritten.add(key)

    def of(self, key: str) -> str | None:
        """By name key."""
        return self._seen.get(key)

    def latest_first(self) -> Iterator[str]:
        """The name keys of all who were ever here."""
        return iter(list(reversed(self._seen)))

    def flush(self) -> None:
        """Write what is not written yet."""
        unwritten, self._unwritten = self._unwritten, set()
        for key in unwritten:
            self._store.put(TABLE, key, self._seen[key])
