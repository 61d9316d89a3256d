"""Removes old messages once a day, at a quiet hour, while there is a room that does not keep all.

The next run is planned in a row, so it happens although the server was stopped at its hour, and not
at once when somebody makes the first rule. The process with the lease runs. All rooms are one
erasure, because each one has every client read its rooms anew.
"""

import logging
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from chatapp.domain.clock import Clock, timestamp
from chatapp.domain.due_times import DueTimes, Later
from chatapp.domain.errors import ChatError
from chatapp.domain.future import Future
from chatapp.features.retention.manager import RetentionManager
from chatapp.features.retention.rows import PLAN, PLANS, RetentionPlan
from chatapp.ports import Lease
from chatapp.tables.table import Conflict, TableStore

QUIET_HOUR = 3
"""In the time zone of the machine."""
AGAIN_SECONDS = 600.0
"""After a run that could not be done, because the index is being made, or the disk is full."""

logger = logging.getLogger(__name__)


class RetentionRuns:
    """`erase(up_to)` asks for the erasure of all texts up to a seq in each of these rooms;
    `has_failed()`: whether the last one has. `later(seconds, step)` runs `step` in a greenlet of
    its own, where `wait(future)` waits. `local(moment)` is a moment in the machine's time zone."""

    def __init__(
        self,
        store: TableStore,
        manager: RetentionManager,
        *,
        erase: Callable[[Mapping[str, int]], Future[None]],
        has_failed: Callable[[], bool],
        lease: Lease,
        clock: Clock,
        later: Later,
        wait: Callable[[Future[Any]], Any],
        local: Callable[[datetime], datetime] = datetime.astimezone,
    ) -> None:
        self._table = store.table(PLANS, RetentionPlan)
        self._manager = manager
        self._erase = erase
        self._has_failed = has_failed
        self._lease = lease
        self._clock = clock
        self._later = later
        self._wait = wait
        self._local = local
        self._due = DueTimes(self._ring, clock=clock, later=later, is_on=lambda: lease.is_held)

    def start(self) -> None:
        self._table.on_change(lambda _key, _old, new: self._due.set(PLAN, new.at if new else None))
        self._lease.on_taken(self._take_over)
        self._manager.on_change(lambda _room: self.plan())
        if planned := self._table.get(PLAN):
            self._due.set(PLAN, planned.at)
        self.plan()

    @property
    def next_at(self) -> str | None:
        """When old messages are removed next; None if everything is kept."""
        planned = self._table.get(PLAN)
        return planned.at if planned and self._manager.rooms_to_shorten() else None

    def plan(self) -> None:
        """Plan a run, if there is none, and a room does not keep everything."""
        if self._lease.is_held and PLAN not in self._table and self._manager.rooms_to_shorten():
            self._write(None, RetentionPlan(at=self._next_time()))

    def _take_over(self) -> None:
        if planned := self._table.get(PLAN):
            self._due.set(PLAN, planned.at)
        self.plan()

    def _next_time(self) -> str:
        """The next quiet hour, as the machine's clock shows it: on days of 23 hours, too."""
        now = self._local(self._clock())
        hour = now.replace(hour=QUIET_HOUR, minute=0, second=0, microsecond=0, tzinfo=None)
        for days in (0, 1):
            at = self._local(hour + timedelta(days=days))
            if at > now:
                return timestamp(at)
        return timestamp(now + timedelta(days=1))

    def _ring(self, _key: str, _at: str) -> None:
        self._later(0, self._run)

    def _run(self) -> None:
        planned = self._table.get(PLAN)
        if planned is None or planned.at > timestamp(self._clock()):
            return  # Another process has done it.
        try:
            self._remove()
        except (ChatError, Conflict) as error:
            logger.warning("Old messages are removed later: %s", error)
            again = self._clock() + timedelta(seconds=AGAIN_SECONDS)
            self._write(planned, RetentionPlan(at=timestamp(again)))
            return
        shortens = bool(self._manager.rooms_to_shorten())
        self._write(planned, RetentionPlan(at=self._next_time()) if shortens else None)

    def _remove(self) -> None:
        """If the last erasure has failed, its rooms are in this one, too."""
        manager, tries_again = self._manager, self._has_failed()
        removed: dict[str, int] = {}
        for room in manager.rooms_to_shorten():
            up_to = self._wait(manager.old(room)).up_to
            if up_to > manager.removed_to(room) or (tries_again and up_to):
                removed[room] = up_to
        if removed:
            self._wait(self._erase(removed))
            self._wait(manager.note_removed(removed))

    def _write(self, old: RetentionPlan | None, new: RetentionPlan | None) -> None:
        try:
            written = self._table.write(self._table.change(PLAN, new, expected=old))
        except Conflict:
            return  # Another process has planned it.
        written.add_done_callback(self._written)

    def _written(self, written: Future[None]) -> None:
        if written.error is not None and not isinstance(written.error, Conflict):
            logger.warning("The next removal of old messages is planned later: %s", written.error)
            self._later(AGAIN_SECONDS, self._take_over)
