"""Rows of people, by keys that begin with a person's id.

Those of accounts are kept, those of guests are in short-lived tables, because anyone can make any
number of guest keys.
"""

import re
from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

from chatapp.domain.future import Future
from chatapp.domain.model import Person
from chatapp.tables.table import ANYTHING, Table

_GUESTS_KEY = re.compile("guest[: ][0-9a-f]{32}")

V = TypeVar("V")


class PersonRows(Generic[V]):
    """Rows of accounts in one table, of guests in another."""

    def __init__(self, table: Table[V], guests: Table[V]) -> None:
        self._table = table
        self._guests = guests
        for key, _ in table.items():
            if _GUESTS_KEY.match(key):  # older versions stored these
                table.delete(key)

    def get(self, key: str) -> V | None:
        value = self._table.get(key)
        return self._guests.get(key) if value is None else value

    def items(self) -> Iterator[tuple[str, V]]:
        yield from self._table.items()
        yield from self._guests.items()

    def on_change(self, tell: Callable[[str, V | None, V | None], object]) -> None:
        """As `Table.on_change`, of both tables."""
        self._table.on_change(tell)
        self._guests.on_change(tell)

    def put(self, person: Person, key: str, value: V) -> Future[V]:
        table = self._guests if person.is_guest else self._table
        return table.put(key, value).then(lambda _: value)

    def change(self, person: Person, key: str, value: V) -> Future[V]:
        """As `put`, if the value is still the one that readers see now. Raises `Conflict`."""
        table = self._guests if person.is_guest else self._table
        return table.put(key, value, expected=table.get(key)).then(lambda _: value)

    def replace(self, key: str, old: V, value: V) -> Future[None]:
        """Write over a row of anybody that is still `old`. Raises `Conflict`."""
        table = self._guests if key in self._guests else self._table
        return table.put(key, value, expected=old)

    def remove(self, person: Person, key: str) -> Future[None]:
        table = self._guests if person.is_guest else self._table
        return table.delete(key)

    def drop(self, key: str, old: V | None = ANYTHING) -> Future[None]:
        """Remove a row of anybody, if it is still `old`. Raises `Conflict`."""
        table = self._guests if key in self._guests else self._table
        return table.delete(key, expected=old)

    def is_guests(self, key: str) -> bool:
        """Whether there is such a row of a guest."""
        return key in self._guests

    def forget(self, id: str) -> None:
        for key, _ in self._table.items():
            if key.split("\n")[0] == id:
                self._table.delete(key)
