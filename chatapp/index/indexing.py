"""Adds the log's records to the index. All records take this way:

opening a log, reindex     lines after the index's mark, as recovery reads them ────┐
a piece of a large log     the lines of its segments ───────────────────────────────┤ follow
rebuilding beside a log    lines up to the end of the log at that time ─────────────┘   │
                                                          many batches at once ──▶ take_in
during normal use          recent events, from memory (index_feed.py) ──────────────────┘
"""

import logging
import time
from collections.abc import Sequence
from pathlib import Path
from threading import Lock

import msgspec

from chatapp.domain.clock import moment_of, timestamp
from chatapp.index.entries import IndexEntry, without_text
from chatapp.index.index import Index
from chatapp.index.record_files import Files
from chatapp.index.record_ref import RecordRef
from chatapp.log.erasing import ErasedRecord
from chatapp.log.format import Record, decode_event
from chatapp.log.recovery import Checkpoint, RecoveredLine, mark_at

TAKEN_AT_ONCE = 10_000
"""Number of records that are added together when following the log."""
ERASED_AT_ONCE = 100
SETTLE_SECONDS = 300.0
RETRY_SECONDS = 0.5

logger = logging.getLogger(__name__)


class Chunk(msgspec.Struct, frozen=True):
    """Complete batches of durable records, and their end."""

    entries: list[IndexEntry]
    mark: Checkpoint


class Indexing:
    """Adds records to the index, each once and in order, from any thread; but only one thread at a
    time may `follow`."""

    def __init__(self, index: Index, files: Files, *, at_once: int = TAKEN_AT_ONCE) -> None:
        self._index = index
        self._files = files
        self._at_once = at_once
        self._gathered: list[IndexEntry] = []
        self._last: RecoveredLine | None = None
        self._silent: set[int] = set()
        self._touched: set[int] = set()
        self._lock = Lock()

    def follow(self, batch: list[RecoveredLine]) -> None:
        """The next complete batch of the log; batches are collected and added together."""
        for line in batch:
            event = decode_event(line.bytes)
            self._gathered.append(
                IndexEntry(line.n, line.first, line.offset, len(line.bytes), event)
            )
        self._last = batch[-1]
        if len(self._gathered) >= self._at_once and (chunk := self.gathered()):
            self.take_in(chunk)

    def gathered(self) -> Chunk | None:
        """Followed records that were not added yet; they are returned to the caller."""
        if not self._gathered or not self._last:
            return None
        chunk = Chunk(self._gathered, mark_at(self._last))
        self._gathered = []
        return chunk

    def take_in(self, chunk: Chunk) -> int:
        """Add the new records of a chunk. Returns the number of the last indexed record."""
        with self._lock:
            return self._index.add(chunk.entries, chunk.mark, self._read)

    def finish(self) -> None:
        """Make a rebuilt index ready for use."""
        with self._lock:
            self._index.finish(self._read)

    def heads(self) -> dict[str, int]:
        """The last seq of each room, as far as the log was followed."""
        return self._index.heads() | {one.event.room: one.event.seq for one in self._gathered}

    def last_times(self) -> dict[str, str]:
        """When the last event of each room was, as far as the log was followed."""
        indexed = self._index.last_times()
        times = {room: timestamp(moment_of(at)) for room, at in indexed.items()}
        return times | {one.event.room: one.event.at for one in self._gathered}

    def close(self) -> None:
        self._index.close()
        self._files.close()

    def close_index(self) -> None:
        """Close the index, which is about to be replaced; until `open_index`, nothing is added."""
        with self._lock:
            self._index.close()

    def open_index(self, index: Path) -> None:
        with self._lock:
            self._index = Index.open_ready(index)

    # Erasing, while the log is in use. Each step is short, and other tasks run between them.

    def erase_words(self, gone: Sequence[ErasedRecord]) -> None:
        """Forget the texts of these records. From now on, the records count as empty."""
        with self._lock:
            self._index.mark_unusable()
        records: dict[tuple[str, int], list[int]] = {}
        for one in gone:
            records.setdefault((one.room, one.seq), []).append(one.n)
        messages = list(records)
        for start in range(0, len(messages), ERASED_AT_ONCE):
            some = messages[start : start + ERASED_AT_ONCE]
            numbers = {n for message in some for n in records[message]}
            with self._lock:
                self._touched |= self._index.erase_words(some, numbers, self._read)
                self._silent |= numbers

    def merge_words(self) -> None:
        while self._touched:
            first = self._touched.pop()
            goes_on, begin = True, True
            while goes_on:
                with self._lock:
                    goes_on = self._index.merge_words(first, begin=begin)
                begin = False
        self._settle()

    def _settle(self) -> None:
        """As soon as nobody reads; the check of the index reads for a while."""
        end = time.monotonic() + SETTLE_SECONDS
        while True:
            with self._lock:
                if self._index.settle():
                    return
            if time.monotonic() > end:
                logger.warning(
                    "Somebody reads the index all the time: words that were erased are in %s-wal "
                    "until the server stops",
                    self._index.path.name,
                )
                return
            time.sleep(RETRY_SECONDS)

    def mark_erased(self, epoch: str) -> None:
        """The erasing is complete in the log; the index matches it again."""
        with self._lock:
            self._silent.clear()
            self._index.mark_current(epoch)

    def _read(self, found: RecordRef) -> Record:
        record = self._files.record(found)
        return without_text(record) if record.n in self._silent else record
