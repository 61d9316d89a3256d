"""What is newer than the index, and how the index gets it.

    durable batch ── Tail (memory: found at once) ── 2,000 records later ── IndexWorker
                       ▲                                                       │
                       └──────────── forgets what the index has ◀──────────────┘

Where more than 2,000 come in a second, the index takes a second's worth at once: the more at
once, the less it costs.

Who must ask the index itself, for a word or for the admin's filters, has it brought up to date
first: what was acked is found.
"""

import logging
import sqlite3
import time
from typing import Any

from chatapp.model import Event
from chatapp.pending import Pending
from chatapp.storage.errors import StorageError
from chatapp.storage.index import Entry
from chatapp.storage.index_worker import IndexWorker, Outcome
from chatapp.storage.indexing import Chunk
from chatapp.storage.journal import Batch
from chatapp.storage.questions import Question
from chatapp.storage.recovery import Mark
from chatapp.storage.tail import Tail
from chatapp.storage.writer import Spot

logger = logging.getLogger(__name__)

INDEX_RECORDS = 2_000
"""The index takes in so many records at once while messages come in."""
INDEX_SECONDS = 1.0
"""So long it lets them gather where more come than that."""
INDEX_AT_MOST_RECORDS = 6_000
"""But no more than these: a search first takes in what has gathered."""


class Newest:
    """All methods are for the owner's thread."""

    def __init__(self, worker: IndexWorker, chunk: Chunk | None) -> None:
        """`chunk` is what recovery found and the index may not have yet."""
        self.tail = Tail()
        self._worker = worker
        self._is_following = False
        self._has_failed = False
        self._followed_at = 0.0
        if chunk:
            self.tail.add(chunk.entries, chunk.mark)

    def add(self, batch: Batch[Event], spot: Spot) -> None:
        """A batch is durable, and begins at this spot."""
        first, start, end = spot.first, spot.offset, spot.offset
        n = batch.tip.n - len(batch.lines)
        entries = []
        for line, event in zip(batch.lines, batch.values, strict=True):
            n += 1
            start = end
            size = len(line)
            end += size
            entries.append(Entry(n, first, start, size, event))
        self.tail.add(entries, Mark(tip=batch.tip, first=first, start=start, end=end))
        if not self._is_following and self._has_gathered():
            self._follow()

    def ask(self, question: Question | None) -> Pending[Any]:
        """The answer of an index that has all that is durable now.

        Fails with IndexFailed where it cannot be used, with StorageError where the log is damaged.
        """
        return self._worker.ask(question, self._behind()).then(self._answered)

    def close(self) -> None:
        """The index is up to date, if it can be, and there is no more to come."""
        self._worker.stop()
        indexing = self._worker.indexing
        if behind := self._behind():
            try:
                self.tail.forget(indexing.take_in(behind))
            except sqlite3.Error as error:
                logger.warning("The index cannot be written (%s); the next start does it", error)
        indexing.close()

    def _behind(self) -> Chunk | None:
        """What the index may not have yet."""
        if not self.tail.entries or not self.tail.mark:
            return None
        return Chunk(list(self.tail.entries), self.tail.mark)

    def _answered(self, outcome: Outcome) -> Any:
        self.tail.forget(outcome.n)
        return outcome.answer

    def _has_gathered(self) -> bool:
        gathered = len(self.tail.entries)
        return gathered >= INDEX_RECORDS and (
            (gathered >= INDEX_AT_MOST_RECORDS and not self._has_failed)
            or time.monotonic() - self._followed_at >= INDEX_SECONDS
        )

    def _follow(self) -> None:
        self._is_following = True
        self._followed_at = time.monotonic()
        self.ask(None).when_done(self._followed)

    def _followed(self, taken_in: Pending[Any]) -> None:
        self._is_following, self._has_failed = False, True
        try:
            taken_in.result()
        except (StorageError, OSError) as error:
            logger.warning("The index cannot follow (%s); it is tried again", error)
        else:
            self._has_failed = False
