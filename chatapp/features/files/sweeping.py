"""Removes files that no message has any more: erased ones, removed ones, those of dropped days.

    rows as they are ──► the log: which files have its records? ──► rows of others: bytes, row
                                                                └─► bytes without either: found
                                                                    twice, a day apart

What is removed is found by its row, which goes last: a crash in between is made good by the next
sweep. Of several processes, one sweeps.
"""

import logging
from collections import Counter
from collections.abc import Callable, Set
from datetime import datetime, timedelta

import msgspec
from gevent.lock import BoundedSemaphore

from chatapp.blobs.names import BlobsUnavailable, original_of
from chatapp.domain.clock import timestamp
from chatapp.domain.errors import ChatError
from chatapp.features.files.keeping import SharedBytes
from chatapp.features.files.manager import FileThreads
from chatapp.features.files.model import StoredFile, parts_name
from chatapp.log.errors import StorageError
from chatapp.ports import Blobs, Lease
from chatapp.tables.table import Conflict, Table
from chatapp.upkeep.files.references import FileReferences
from chatapp.upkeep.files.sweep import lost_files
from chatapp.upkeep.processes import ProcessFailed
from chatapp.web.waiting import wait

SUSPECTS = "file_suspects"
"""The table of bytes without a file; it has one row."""
KEY = "files"
MAX_SUSPECTS = 1_000
GRACE = timedelta(days=1)
NEW = timedelta(hours=1)
"""The row of a preview's picture can be so much older than its record, and far less."""
FIRST_SECONDS = 60.0
EVERY_SECONDS = 24 * 3600.0
AGAIN_SECONDS = 3600.0

logger = logging.getLogger(__name__)


class Suspects(msgspec.Struct, frozen=True, kw_only=True):
    """Digests of bytes that neither a row nor a record had at this time."""

    at: str
    digests: list[str]


class FileSweeping:
    """`known()` reads the log in another process; `held()` are the digests that
    emoji and photos have; `head(room)` is a room's last seq;
    `later(seconds, step)` runs `step` in a greenlet of its own."""

    def __init__(
        self,
        table: Table[StoredFile],
        suspects: Table[Suspects],
        shared: SharedBytes,
        blobs: Blobs,
        *,
        threads: FileThreads,
        known: Callable[[], FileReferences],
        held: Callable[[], Set[str]] = frozenset,
        head: Callable[[str], int],
        lease: Lease,
        later: Callable[[float, Callable[[], None]], object],
        clock: Callable[[], datetime],
    ) -> None:
        self._table = table
        self._suspects = suspects
        self._shared = shared
        self._blobs = blobs
        self._threads = threads
        self._known = known
        self._held = held
        self._head = head
        self._lease = lease
        self._later = later
        self._clock = clock
        self._exclusively = BoundedSemaphore()

    def start(self) -> None:
        """Sweep soon, and once a day."""
        self._later(FIRST_SECONDS, self._daily)

    def sweep(self) -> int:
        """Remove the files that no record has any more. Returns their number. Raises StorageError
        and ProcessFailed; what is not removed then is found again."""
        with self._exclusively:
            rows = dict(self._table.items())
            if not any(row.is_attached for row in rows.values()):
                return 0
            known = self._known()
            since = timestamp(self._clock() - NEW)
            return self._remove(lost_files(rows, known, self._head, since=since), known)

    def remove_soon(self, ids: list[str]) -> None:
        """Remove files of a message of which the log says that they were removed."""
        self._later(0, lambda: self._remove_now(ids))

    def sweep_orphans(self) -> int:
        """Remove bytes that had no file a day ago either. Returns their number."""
        blobs = self._blobs
        with self._exclusively:
            before = self._suspects.get(KEY)
            if before and datetime.fromisoformat(before.at) > self._clock() - GRACE:
                return 0
            names: set[str] = set()
            self._on_thread(lambda: names.update(original_of(each) for each, _ in blobs.names()))
            if not names:
                return 0
            orphans = names - self._known().kept.keys() - self._held()
            orphans -= {row.sha256 or parts_name(id) for id, row in self._table.items()}
            gone = sorted(orphans & set(before.digests if before else ()))
            for digest in gone:
                self._on_thread(self._shared.remove_unused, digest)
            left = sorted(orphans - set(gone))[:MAX_SUSPECTS]
            found = Suspects(at=timestamp(self._clock()), digests=left)
            wait(self._suspects.put(KEY, found))
            return len(gone)

    def _remove_now(self, ids: list[str]) -> None:
        try:
            with self._exclusively:
                self._remove(ids, None)
        except (ChatError, StorageError, OSError) as error:
            logger.error("A file that was removed is still there: %s", error)

    def _remove(self, ids: list[str], known: FileReferences | None) -> int:
        going = Counter(row.sha256 for id in ids if (row := self._table.get(id)))
        removed = 0
        for id in ids:
            row = self._table.get(id)
            if row is None:
                continue
            if known is None or row.sha256 not in known.kept:
                self._on_thread(self._shared.remove_unused, row.sha256, going[row.sha256])
            going[row.sha256] -= 1
            try:
                wait(self._table.delete(id, expected=row))
            except Conflict:  # another process has changed it: the next sweep looks again
                continue
            removed += 1
        return removed

    def _on_thread(self, function: Callable[..., object], *arguments: object) -> None:
        try:
            self._threads.keep(function, *arguments)
        except BlobsUnavailable as error:
            raise StorageError(str(error)) from error

    def _daily(self) -> None:
        seconds = EVERY_SECONDS
        if self._lease.is_held:
            try:
                removed = self.sweep()
                orphans = self.sweep_orphans()
            except (ProcessFailed, ChatError, StorageError, OSError) as error:
                logger.error("Files that no message has are still there: %s", error)
                seconds = AGAIN_SECONDS
            else:
                if removed or orphans:
                    logger.info(
                        "Removed %d files, and bytes without a file %d times", removed, orphans
                    )
        self._later(seconds, self._daily)
