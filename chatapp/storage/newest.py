"""What is newer than the index, and how the index gets it.

    durable batch ── Tail (memory: found at once) ── 2,000 records later ── Follower (a thread)
                       ▲                                                       │
                       └──────────── forgets what the index has ◀──────────────┘

Where more than 2,000 come in a second, the index takes a second's worth at once: the more at
once, the less it costs.

Who must ask the index itself, for a word or for the admin's filters, brings it up to date first.
"""

import logging
import sqlite3
import time

from chatapp.model import Event
from chatapp.storage.index import Entry
from chatapp.storage.indexing import Chunk, Follower, Indexing
from chatapp.storage.journal import Batch, Deliver
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

    def __init__(self, indexing: Indexing, chunk: Chunk | None) -> None:
        """`chunk` is what recovery found and the index may not have yet."""
        self.indexing = indexing
        self.tail = Tail()
        self._follower: Follower | None = None
        self._indexed_at = 0.0
        if chunk:
            self.tail.add(chunk.entries, chunk.mark)

    def follow(self, deliver: Deliver) -> None:
        """From now on, a thread of its own keeps the index near."""
        self._follower = Follower(self.indexing, deliver, self.tail.forget)

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
        if len(self.tail.entries) >= INDEX_RECORDS:
            self._index_some()

    def behind(self) -> Chunk | None:
        """What the index may not have yet."""
        if not self.tail.entries or not self.tail.mark:
            return None
        return Chunk(list(self.tail.entries), self.tail.mark)

    def catch_up(self) -> None:
        """Brings the index up to the last durable record, here and now, if it can be."""
        if behind := self.behind():
            self.tail.forget(self.take_in(behind))

    def take_in(self, behind: Chunk) -> int:
        """Up to which number the index goes then; 0 where it cannot be written. In any thread."""
        try:
            return self.indexing.take_in(behind)
        except sqlite3.Error as error:
            logger.warning("The index cannot be written (%s); it follows later", error)
            return 0

    def close(self) -> None:
        """Up to date, if it can be, and no more to come."""
        if self._follower:
            self._follower.stop()
        self.catch_up()
        self.indexing.close()

    def _index_some(self) -> None:
        if self._follower is None:
            self.catch_up()
        elif not self._follower.is_busy and self._has_gathered() and (behind := self.behind()):
            self._follower.take(behind)
            self._indexed_at = time.monotonic()

    def _has_gathered(self) -> bool:
        return (
            len(self.tail.entries) >= INDEX_AT_MOST_RECORDS
            or time.monotonic() - self._indexed_at >= INDEX_SECONDS
        )
