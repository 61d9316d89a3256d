"""Marks saved messages as due when their time has come.

Of several processes of a chat, the one that has the lease marks; the others keep the times for the
day when they get it. Marking twice does no harm: a row that is due already is left alone. What is
marked is durable, so a reminder survives a restart, and one whose time came while no process ran is
due at the start.
"""

import logging
from collections.abc import Callable
from functools import partial

from msgspec.structs import replace

from chatapp.domain.clock import Clock
from chatapp.domain.due_times import DueTimes, Later
from chatapp.domain.errors import ChatError
from chatapp.domain.future import Future
from chatapp.features.saved.rows import SavedRow
from chatapp.ports import Lease
from chatapp.tables.person_rows import PersonRows
from chatapp.tables.rerun import rerun

AGAIN_SECONDS = 5.0
"""After a row could not be written."""

logger = logging.getLogger(__name__)


class Reminders:
    """`later(seconds, step)` runs `step` on the event loop's thread; `tell(key)` says that a row is
    due and durable. Begins with `start()`."""

    def __init__(
        self,
        rows: PersonRows[SavedRow],
        *,
        lease: Lease,
        clock: Clock,
        later: Later,
        tell: Callable[[str], object],
    ) -> None:
        self._rows = rows
        self._lease = lease
        self._later = later
        self._tell = tell
        self._due = DueTimes(self._mark, clock=clock, later=later, is_on=lambda: lease.is_held)
        self._marking: set[str] = set()
        """Rows that are being written: what is told of them meanwhile may be undone."""

    def start(self) -> None:
        self._rows.on_change(self._changed)
        self._lease.on_taken(self._due.look)
        for key, row in self._rows.items():
            self._note(key, row)

    def _changed(self, key: str, _old: SavedRow | None, new: SavedRow | None) -> None:
        if key not in self._marking:
            self._note(key, new)

    def _note(self, key: str, row: SavedRow | None) -> None:
        self._due.set(key, row.remind_at if row and not row.due else None)

    def _mark(self, key: str, at: str) -> None:
        def decide() -> bool | Future[bool]:
            row = self._rows.get(key)
            if row is None or row.due or row.remind_at != at:
                return False
            return self._rows.replace(key, row, replace(row, due=True)).then(lambda _: True)

        def marked(done: Future[bool]) -> None:
            self._marking.discard(key)
            if done.error is not None:
                logger.warning("A reminder waits, because it cannot be written: %s", done.error)
                self._later(AGAIN_SECONDS, partial(self._look_again, key))
                return
            self._look_again(key)
            if done.result():
                self._tell(key)

        self._marking.add(key)
        try:
            decided = rerun(decide)
        except ChatError as error:
            decided = Future()
            decided.fail(error)
        (decided if isinstance(decided, Future) else Future.of(decided)).add_done_callback(marked)

    def _look_again(self, key: str) -> None:
        self._note(key, self._rows.get(key))
