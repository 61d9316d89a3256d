"""Which messages each person has saved, and when they want to be reminded.

There is one row for each person and message, in the table `saved`; guests have their own, which are
short-lived.
"""

import msgspec

from chatapp.domain.future import Future
from chatapp.domain.model import Person
from chatapp.tables.person_rows import PersonRows
from chatapp.tables.short_lived import ShortLivedTables
from chatapp.tables.table import TableStore

TABLE = "saved"

Place = tuple[str, int]
"""A room, and the seq of a message."""


class SavedRow(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`at` is when it was saved; `due`: the time of `remind_at` has come."""

    at: str
    remind_at: str | None = None
    due: bool = False


class SavedRows:
    def __init__(self, store: TableStore, short_lived: ShortLivedTables | None = None) -> None:
        guests = short_lived or ShortLivedTables()
        self.rows = PersonRows(store.table(TABLE, SavedRow), guests.table(TABLE, SavedRow))
        self._places: dict[str, set[Place]] = {}
        """The messages that each person has saved, by id."""
        for key, row in self.rows.items():
            self._note(key, None, row)
        self.rows.on_change(self._note)

    def get(self, id: str, place: Place) -> SavedRow | None:
        return self.rows.get(_key(id, place))

    def of(self, id: str) -> dict[Place, SavedRow]:
        """What a person has saved."""
        rows = {place: self.get(id, place) for place in self._places.get(id, ())}
        return {place: row for place, row in rows.items() if row is not None}

    def count(self, id: str) -> int:
        return len(self._places.get(id, ()))

    def change(self, person: Person, place: Place, row: SavedRow) -> Future[SavedRow]:
        """Resolved when it is durable. Raises `Conflict`, at once or by the future."""
        return self.rows.change(person, _key(person.id, place), row)

    def remove(self, person: Person, place: Place) -> Future[None]:
        return self.rows.remove(person, _key(person.id, place))

    def forget(self, id: str) -> None:
        self.rows.forget(id)

    def _note(self, key: str, _old: SavedRow | None, new: SavedRow | None) -> None:
        id, place = parts_of(key)
        if new is not None:
            self._places.setdefault(id, set()).add(place)
        elif places := self._places.get(id):
            places.discard(place)
            if not places:
                del self._places[id]


def parts_of(key: str) -> tuple[str, Place]:
    """The person and the message of a row's key."""
    id, room, seq = key.split("\n")
    return id, (room, int(seq))


def _key(id: str, place: Place) -> str:
    room, seq = place
    return f"{id}\n{room}\n{seq}"
