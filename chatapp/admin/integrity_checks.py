"""Checks the integrity of the log once a day, and when an admin asks.

The last result is kept in a table; problems are shown on the overview and written to the server's
output, until a later check finds none.
"""

import logging
import time
from collections.abc import Callable
from datetime import datetime, timedelta

import msgspec

from chatapp.domain.clock import timestamp
from chatapp.domain.future import Future
from chatapp.domain.structs import prepare
from chatapp.tables.table import TableStore
from chatapp.upkeep.processes import ProcessFailed

TABLE = "checkups"
KEY = "log"
EVERY = timedelta(days=1)
FIRST_AFTER = timedelta(minutes=5)
"""The first check comes this long after a start, when the server is less busy."""
RECHECK_EVERY = timedelta(minutes=30)
MAX_PROBLEMS = 20
THE_SERVER = "the server"
"""The actor of the daily check."""

logger = logging.getLogger(__name__)


class IntegrityCheck(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The result of a check; `failed` says why the check itself failed."""

    by: str
    at: str
    seconds: float
    records: int = 0
    bytes: int = 0
    problems: list[str] = []
    failed: str | None = None

    @property
    def is_well(self) -> bool:
        return not self.problems and self.failed is None

    @property
    def is_daily(self) -> bool:
        return self.by == THE_SERVER


prepare([IntegrityCheck])


class IntegrityChecks:
    """`check(told)` runs the check, reports its progress in bytes to `told`, and returns `records`,
    `bytes` and `problems`; `later(seconds, step)` calls `step` later."""

    def __init__(
        self,
        store: TableStore,
        *,
        check: Callable[[Callable[[int], None]], dict[str, object]],
        later: Callable[[float, Callable[[], None]], object],
        clock: Callable[[], datetime],
    ) -> None:
        self._table = store.table(TABLE, IntegrityCheck)
        self._check = check
        self._later = later
        self._clock = clock
        self.bytes_done: int | None = None

    @property
    def last(self) -> IntegrityCheck | None:
        return self._table.get(KEY)

    @property
    def is_running(self) -> bool:
        return self.bytes_done is not None

    def start(self) -> None:
        """Check once a day from now on."""
        self._later(FIRST_AFTER.total_seconds(), self._daily)

    def begin(self, by: str) -> bool:
        """Check now; returns False if a check is already running."""
        if self.is_running:
            return False
        self.bytes_done = 0
        self._later(0, lambda: self._run(by))
        return True

    def _daily(self) -> None:
        due = timestamp(self._clock() - EVERY)
        if self.last is None or self.last.at <= due:
            self.begin(THE_SERVER)
        self._later(RECHECK_EVERY.total_seconds(), self._daily)

    def _run(self, by: str) -> None:
        started, at = time.monotonic(), timestamp(self._clock())
        try:
            found = self._check(self._told)
        except (ProcessFailed, OSError) as error:
            found = {"failed": str(error)}
        seconds = round(time.monotonic() - started, 1)
        checkup = msgspec.convert(found | {"by": by, "at": at, "seconds": seconds}, IntegrityCheck)
        self._store(checkup)
        self.bytes_done = None

    def _store(self, checkup: IntegrityCheck) -> Future[None]:
        for problem in checkup.problems:
            logger.error("The log has a problem: %s", problem)
        if checkup.failed:
            logger.error("The log could not be checked: %s", checkup.failed)
        shown = msgspec.structs.replace(checkup, problems=checkup.problems[:MAX_PROBLEMS])
        return self._table.put(KEY, shown)

    def _told(self, done: int) -> None:
        self.bytes_done = done
