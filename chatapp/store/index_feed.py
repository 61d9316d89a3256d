"""Events that are newer than the index, and their way into it.

    durable batch ── Tail (memory: found at once) ── 2,000 records later ── IndexWorker
                       ▲                                                       │
                       └──────────── drops indexed events ◀─────────────────┘

If more than 2,000 come in a second, the index takes in a second's events together: large batches
cost less per event.

A question to the index itself, such as a search or the admin's filters, first brings it up to date:
acked events are always found.
"""

import logging
import math
import sqlite3
import time
from collections.abc import Callable
from typing import TypeVar

from chatapp.domain.future import Future
from chatapp.domain.model import Event
from chatapp.index.entries import IndexEntry
from chatapp.index.indexing import Chunk
from chatapp.index.reader import Reader
from chatapp.index.recent_events import RecentEvents
from chatapp.index.worker import IndexWorker, Outcome, Question
from chatapp.log.errors import IndexFailed, StorageError
from chatapp.log.journal import Batch
from chatapp.log.recovery import Checkpoint
from chatapp.log.writer import SegmentOffset

T = TypeVar("T")

logger = logging.getLogger(__name__)

INDEX_RECORDS = 2_000
"""Number of records that the index takes in together during normal use."""
INDEX_SECONDS = 1.0
"""If more arrive, they are collected for this long."""
INDEX_AT_MOST_RECORDS = 6_000
"""Maximum to collect: a search has to index them first."""


class IndexFeed:
    """All methods are for the owner's thread."""

    def __init__(
        self,
        worker: IndexWorker,
        chunk: Chunk | None,
        *,
        end: Checkpoint,
        failed: Callable[[], object],
        indexed: Callable[[list[IndexEntry]], object],
    ) -> None:
        """`chunk` are recovered records that the index may not have yet, `end` is the end of the
        log. `failed()` is called whenever the index turns out to be damaged, `indexed()` with the
        records that it has taken in."""
        self.tail = RecentEvents()
        self.end = end
        self._failed = failed
        self._indexed = indexed
        self._worker = worker
        self._is_following = False
        self._has_failed = False
        self._followed_at = -math.inf
        if chunk:
            self.tail.add(chunk.entries, chunk.mark)

    def add(self, batch: Batch[Event], spot: SegmentOffset) -> None:
        """A batch is durable, and starts at this offset."""
        first, start, end = spot.first, spot.offset, spot.offset
        n = batch.tip.n - len(batch.lines)
        entries = []
        for line, event in zip(batch.lines, batch.values, strict=True):
            n += 1
            start = end
            size = len(line)
            end += size
            entries.append(IndexEntry(n, first, start, size, event))
        self.end = Checkpoint(tip=batch.tip, first=first, start=start, end=end)
        self.tail.add(entries, self.end)
        if not self._is_following and self._has_gathered():
            self._follow()

    def ask(self, question: Question[T]) -> Future[T]:
        """The answer of an index that has everything durable.

        Fails with IndexFailed if the index cannot be used, with StorageError if the log is damaged.
        """
        asked = self._worker.ask(question, self._newer_than_index())
        return asked.then(self._answered).map_error(self._noticed)

    def close(self) -> None:
        """Bring the index up to date, if possible, and stop."""
        self._worker.stop()
        indexing = self._worker.indexing
        if behind := self._newer_than_index():
            try:
                self.tail.forget(indexing.take_in(behind))
            except sqlite3.Error as error:
                logger.warning("The index cannot be written (%s); the next start does it", error)
        indexing.close()

    def _newer_than_index(self) -> Chunk | None:
        """Records that the index may not have yet."""
        if not self.tail.entries or not self.tail.mark:
            return None
        return Chunk(list(self.tail.entries), self.tail.mark)

    def _answered(self, outcome: Outcome[T]) -> T:
        self._indexed(self.tail.forget(outcome.n))
        return outcome.answer

    def _noticed(self, error: Exception) -> Exception:
        if isinstance(error, IndexFailed) and error.damaged:
            self._failed()
        return error

    def _has_gathered(self) -> bool:
        gathered = len(self.tail.entries)
        return gathered >= INDEX_RECORDS and (
            (gathered >= INDEX_AT_MOST_RECORDS and not self._has_failed)
            or time.monotonic() - self._followed_at >= INDEX_SECONDS
        )

    def _follow(self) -> None:
        self._is_following = True
        self._followed_at = time.monotonic()
        self.ask(_nothing).add_done_callback(self._followed)

    def _followed(self, taken_in: Future[None]) -> None:
        self._is_following, self._has_failed = False, True
        try:
            taken_in.result()
        except (StorageError, OSError) as error:
            logger.warning("The index cannot follow (%s); it is tried again", error)
        else:
            self._has_failed = False


def _nothing(_reader: Reader) -> None:
    """The question when the index only has to catch up."""
