"""Ends statuses when their time has come.

Every process tells its own clients; the one that has the lease removes the rows. A row that cannot
be removed, as on a full disk, does no harm: a status that is over counts as none. What was over
while no process ran is removed by the one that takes the lease.
"""

import logging
from collections.abc import Callable

from chatapp.domain.clock import Clock
from chatapp.domain.due_times import DueTimes, Later
from chatapp.domain.errors import ChatError
from chatapp.domain.future import Future
from chatapp.features.statuses.rows import StatusRow, StatusRows
from chatapp.ports import Lease
from chatapp.tables.rerun import rerun

logger = logging.getLogger(__name__)


class StatusEnds:
    """`tell(id, name)` says that a person's status is another one now. Begins with `start()`."""

    def __init__(
        self,
        rows: StatusRows,
        *,
        lease: Lease,
        clock: Clock,
        later: Later,
        tell: Callable[[str, str], object],
    ) -> None:
        self._rows = rows
        self._lease = lease
        self._tell = tell
        self._due = DueTimes(self._end, clock=clock, later=later, is_on=lambda: True)

    def start(self) -> None:
        self._rows.all.on_change(lambda id, _old, new: self._note(id, new))
        self._lease.on_taken(self._sweep)
        for id, row in self._rows.all.items():
            self._note(id, row)

    def _note(self, id: str, row: StatusRow | None) -> None:
        self._due.set(id, row.status.until if row else None)

    def _sweep(self) -> None:
        for id, row in self._rows.all.items():
            if self._rows.is_over(row):
                self._remove(id)

    def _end(self, id: str, _at: str) -> None:
        if (row := self._rows.all.get(id)) and self._rows.is_over(row):
            self._tell(id, row.name)
            if self._lease.is_held:
                self._remove(id)

    def _remove(self, id: str) -> None:
        def decide() -> Future[None]:
            row = self._rows.all.get(id)
            if row is None or not self._rows.is_over(row):
                return Future.of(None)
            return self._rows.all.drop(id, row)

        def removed(done: Future[None]) -> None:
            if done.error is not None:
                logger.warning("A status that is over stays in its table: %s", done.error)

        try:
            rerun(decide).add_done_callback(removed)
        except ChatError as error:
            logger.warning("A status that is over stays in its table: %s", error)
