"""Erasing in a chat of several processes: all of them erase the same texts.

A process decides, and every process, this one too, erases in its copy what was decided
(log/shared_journal.py, "Erasures"). A process that was away does so when it starts. Then the texts
are overwritten in the database (upkeep/erase_database.py).
"""

import logging
from collections.abc import Callable
from functools import partial
from typing import Any

import msgspec
from gevent.lock import BoundedSemaphore

from chatapp.admin.erasure_queue import Told
from chatapp.admin.log_jobs import LogJobs
from chatapp.domain.errors import ChatError
from chatapp.log.errors import StorageError
from chatapp.log.shared_journal import SharedJournal
from chatapp.upkeep.erase import Erased, ErasureSelector
from chatapp.upkeep.processes import ProcessFailed
from chatapp.web.waiting import wait

logger = logging.getLogger(__name__)

RETRY_SECONDS = 30.0


class SharedErasures:
    """`overwrite_database()` returns when what this process has erased is not in the database any
    more; `later(seconds, step)` runs `step` in a greenlet of its own."""

    def __init__(
        self,
        journal: SharedJournal[Any, Any, Any],
        jobs: LogJobs,
        *,
        overwrite_database: Callable[[], None],
        later: Callable[[float, Callable[[], None]], object],
    ) -> None:
        self._journal = journal
        self._jobs = jobs
        self._overwrite_database = overwrite_database
        self._later = later
        self._told: dict[int, Told] = {}
        self._erased: dict[int, Erased] = {}
        """Who is told of each erasure that this process has decided, and what came of it."""
        self._exclusively = BoundedSemaphore()
        self._tries_again = False
        journal.lacks = partial(later, 0, self._follow)

    def erase(self, wanted: ErasureSelector, when: str, told: Told) -> Erased:
        """Erase texts in all copies and in the database. Returns when they are gone from the
        database and from the copy of this process."""
        number = wait(self._journal.decide_erasure(msgspec.to_builtins(wanted), when))
        self._told[number] = told
        self._erased[number] = Erased()
        try:
            self._erase_all()
        finally:
            del self._told[number]
            erased = self._erased.pop(number)
        return erased

    def catch_up(self) -> None:
        """Erase what was decided while this process was away. Raises StorageError."""
        try:
            self._erase_in_copy()
        except (ProcessFailed, ChatError) as error:
            raise StorageError(f"What others have erased cannot be erased here: {error}") from error
        self._later(0, self._follow)

    def _follow(self) -> None:
        try:
            self._erase_all()
        except (ProcessFailed, ChatError, StorageError, OSError) as error:
            logger.error("Texts that are to be erased are still there: %s", error)
            if not self._tries_again:
                self._tries_again = True
                self._later(RETRY_SECONDS, self._try_again)

    def _try_again(self) -> None:
        self._tries_again = False
        self._follow()

    def _erase_all(self) -> None:
        with self._exclusively:
            self._erase_in_copy()
            self._overwrite_database()

    def _erase_in_copy(self) -> None:
        lacking = self._journal.lacking
        while lacking:
            number = lacking[0].number
            erased = self._jobs.erase_decided(lacking[0], self._told.get(number, _ignore))
            lacking.popleft()
            if number in self._erased:
                self._erased[number] = erased


def _ignore(_lines: int, _erased: int) -> None:
    """Nobody looks at the progress."""
