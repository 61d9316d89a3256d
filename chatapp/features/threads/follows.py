"""Which threads each person follows, and how far they have read them.

There is one row for each person and thread, in the table `follows`; guests have their own, which
are short-lived. Whoever stops following keeps the row, so that nothing but their own reply makes
them follow again.
"""

import msgspec

from chatapp.domain.future import Future
from chatapp.domain.model import Person
from chatapp.tables.person_rows import PersonRows
from chatapp.tables.short_lived import ShortLivedTables
from chatapp.tables.table import TableStore

TABLE = "follows"
MAX_FOLLOWED = 1000
"""By one person. The one that they follow longest is dropped for another."""


class Follow(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How far a person has read a thread, and whether they follow it."""

    read: int
    on: bool = True


Thread = tuple[str, int]
"""A room, and the seq of the thread's first message."""


class Follows:
    def __init__(self, store: TableStore, short_lived: ShortLivedTables | None = None) -> None:
        guests = short_lived or ShortLivedTables()
        self._rows = PersonRows(store.table(TABLE, Follow), guests.table(TABLE, Follow))
        self._threads: dict[str, dict[Thread, None]] = {}
        """The threads that each person has a row of, by id, the oldest first."""
        for key, row in self._rows.items():
            self._note(key, None, row)
        self._rows.on_change(self._note)

    def get(self, id: str, thread: Thread) -> Follow | None:
        return self._rows.get(_key(id, thread))

    def of(self, id: str) -> dict[Thread, Follow]:
        """The threads that a person follows."""
        rows = {thread: self.get(id, thread) for thread in self._threads.get(id, ())}
        return {thread: row for thread, row in rows.items() if row is not None and row.on}

    def change(self, person: Person, thread: Thread, row: Follow) -> Future[Follow]:
        """Resolved when it is durable. Raises `Conflict`, at once or by the future."""
        known = self._threads.get(person.id, {})
        if thread not in known and len(known) >= MAX_FOLLOWED:
            self._rows.remove(person, _key(person.id, next(iter(known))))
        return self._rows.change(person, _key(person.id, thread), row)

    def forget(self, id: str) -> None:
        self._rows.forget(id)

    def _note(self, key: str, _old: Follow | None, new: Follow | None) -> None:
        id, thread = parts_of(key)
        if new is None:
            self._threads.get(id, {}).pop(thread, None)
        else:
            self._threads.setdefault(id, {}).setdefault(thread)


def parts_of(key: str) -> tuple[str, Thread]:
    """The person and the thread of a row's key."""
    id, room, root = key.split("\n")
    return id, (room, int(root))


def _key(id: str, thread: Thread) -> str:
    room, root = thread
    return f"{id}\n{room}\n{root}"
