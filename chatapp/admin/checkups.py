"""Is the log as it was written? The server looks by itself once a day, and when an admin asks.

The last answer is kept in the directory; what it found wrong is on the overview, and in the
server's own output, until a later look finds all well.
"""

import logging
import time
from collections.abc import Callable
from datetime import datetime, timedelta

import msgspec

from chatapp.clock import timestamp
from chatapp.pending import Pending
from chatapp.processes import ProcessFailed
from chatapp.table import Directory, Table

TABLE = "checkups"
KEY = "log"
EVERY = timedelta(days=1)
FIRST_AFTER = timedelta(minutes=5)
"""After a start, there is enough to do."""
LOOK_EVERY = timedelta(minutes=30)
MAX_PROBLEMS = 20
THE_SERVER = "the server"
"""Who looks once a day."""

logger = logging.getLogger(__name__)


class Checkup(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What was found when; `failed` says why nothing could be found."""

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


class Checkups:
    """`check(told)` looks, tells of so many bytes now and then, and gives `records`, `bytes` and
    `problems`; `later(seconds, step)` does a step then.
    """

    def __init__(
        self,
        store: Directory,
        *,
        check: Callable[[Callable[[int], None]], dict[str, object]],
        later: Callable[[float, Callable[[], None]], object],
        clock: Callable[[], datetime],
    ) -> None:
        self._table = Table(store, TABLE, Checkup)
        self._check = check
        self._later = later
        self._clock = clock
        self.bytes_done: int | None = None

    @property
    def last(self) -> Checkup | None:
        return self._table.latest(KEY)

    @property
    def is_running(self) -> bool:
        return self.bytes_done is not None

    def start(self) -> None:
        """Looks once a day from now on."""
        self._later(FIRST_AFTER.total_seconds(), self._daily)

    def begin(self, by: str) -> bool:
        """Looks now; False where that is under way already."""
        if self.is_running:
            return False
        self.bytes_done = 0
        self._later(0, lambda: self._look(by))
        return True

    def _daily(self) -> None:
        due = timestamp(self._clock() - EVERY)
        if self.last is None or self.last.at <= due:
            self.begin(THE_SERVER)
        self._later(LOOK_EVERY.total_seconds(), self._daily)

    def _look(self, by: str) -> None:
        started, at = time.monotonic(), timestamp(self._clock())
        try:
            found = self._check(self._told)
        except (ProcessFailed, OSError) as error:
            found = {"failed": str(error)}
        seconds = round(time.monotonic() - started, 1)
        checkup = msgspec.convert(found | {"by": by, "at": at, "seconds": seconds}, Checkup)
        self._keep(checkup)
        self.bytes_done = None

    def _keep(self, checkup: Checkup) -> Pending[None]:
        for problem in checkup.problems:
            logger.error("The log is not as it was written: %s", problem)
        if checkup.failed:
            logger.error("The log could not be checked: %s", checkup.failed)
        shown = msgspec.structs.replace(checkup, problems=checkup.problems[:MAX_PROBLEMS])
        return self._table.put(KEY, shown)

    def _told(self, done: int) -> None:
        self.bytes_done = done
