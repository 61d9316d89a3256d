"""The statuses of people, in the table `statuses`, by their ids.

Those of guests are in a short-lived table. A status that is over counts as none, before anybody
removes its row.
"""

import msgspec

from chatapp.domain.clock import Clock, timestamp
from chatapp.domain.future import Future
from chatapp.domain.model import Person
from chatapp.protocol.values import PersonStatus
from chatapp.tables.person_rows import PersonRows
from chatapp.tables.short_lived import ShortLivedTables
from chatapp.tables.table import TableStore

TABLE = "statuses"


class StatusRow(msgspec.Struct, frozen=True, kw_only=True):
    """`name` is the person's: for guests, no account knows it."""

    name: str
    status: PersonStatus


class StatusRows:
    def __init__(
        self, store: TableStore, short_lived: ShortLivedTables | None = None, *, clock: Clock
    ) -> None:
        guests = short_lived or ShortLivedTables()
        self.all = PersonRows(store.table(TABLE, StatusRow), guests.table(TABLE, StatusRow))
        self._clock = clock

    def of(self, id: str) -> PersonStatus | None:
        """The status that a person has now."""
        row = self.all.get(id)
        return row.status if row and not self.is_over(row) else None

    def is_over(self, row: StatusRow) -> bool:
        return row.status.is_over(timestamp(self._clock()))

    def put(self, person: Person, status: PersonStatus) -> Future[StatusRow]:
        return self.all.put(person, person.id, StatusRow(name=person.name, status=status))

    def remove(self, id: str) -> Future[None]:
        return self.all.drop(id)

    def forget(self, id: str) -> None:
        if self.all.get(id):
            self.all.drop(id)
