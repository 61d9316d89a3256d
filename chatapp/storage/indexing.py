"""The index follows the log: in a thread of its own while messages come in, or when asked to.

The thread is never waited for by who writes, and by readers only where they search: what it
has not taken in yet is in the tail.
"""

import logging
import sqlite3
from collections.abc import Callable, Sequence
from functools import partial
from queue import SimpleQueue
from threading import Lock, Thread

import msgspec

from chatapp.storage.errors import StorageError
from chatapp.storage.files import Files
from chatapp.storage.format import Record
from chatapp.storage.hot_erase import Gone, Starts
from chatapp.storage.index import Entry, Found, Index, silent
from chatapp.storage.journal import Deliver
from chatapp.storage.recovery import Mark

logger = logging.getLogger(__name__)

ERASED_AT_ONCE = 100
MOVED_AT_ONCE = 2_000


class Chunk(msgspec.Struct, frozen=True):
    """Whole batches of durable records, and where they end."""

    entries: list[Entry]
    mark: Mark


class Indexing:
    """Takes records into the index, each once, from any thread."""

    def __init__(self, index: Index, files: Files) -> None:
        self._index = index
        self._files = files
        mark = index.mark()
        self._n = mark.tip.n if mark else 0
        self._silent: set[int] = set()
        self._touched: set[int] = set()
        self._lock = Lock()

    def take_in(self, chunk: Chunk) -> int:
        """Takes in what is new of a chunk, and says up to which number the index goes now."""
        with self._lock:
            new = [entry for entry in chunk.entries if entry.n > self._n]
            if new:
                self._index.add(new, chunk.mark, self._read)
                self._n = chunk.mark.tip.n
            return self._n

    def finish(self) -> None:
        with self._lock:
            self._index.finish(self._read)

    def close(self) -> None:
        self._index.close()
        self._files.close()

    # Erasing, while the log is in use. Each step is short, and others have their turn between.

    def erase_words(self, gone: Sequence[Gone]) -> None:
        """Forgets what these records say. From now on, they are taken to say nothing."""
        with self._lock:
            self._index.give_up()
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
        with self._lock:
            self._index.settle()

    def know_moved(self, moved: dict[int, Starts]) -> None:
        self._files.moved = moved

    def open_anew(self) -> None:
        """The files are others now; they say by themselves what was erased."""
        with self._lock:
            self._files.close()
            self._silent.clear()

    def move(self, starts: dict[int, Starts], epoch: str) -> None:
        for first, of_segment in starts.items():
            for start in range(0, len(of_segment) - 1, MOVED_AT_ONCE):
                with self._lock:
                    some = of_segment[start : start + MOVED_AT_ONCE + 1]
                    self._index.move(first, first + start, some)
        with self._lock:
            self._index.move_on(epoch)

    def _read(self, found: Found) -> Record:
        record = self._files.record(found)
        return silent(record) if record.n in self._silent else record


class Follower:
    """The thread that keeps the index near the end of the log while messages come in."""

    def __init__(
        self, indexing: Indexing, deliver: Deliver, taken_in: Callable[[int], None]
    ) -> None:
        self._indexing = indexing
        self._deliver = deliver
        self._taken_in = taken_in
        self.is_busy = False
        self._chunks: SimpleQueue[Chunk | None] = SimpleQueue()
        self._thread = Thread(target=self._work, name="log indexer", daemon=True)
        self._thread.start()

    def take(self, chunk: Chunk) -> None:
        """Gives the thread something to do. While it is busy there is no need: it will be asked
        again, and then there is more."""
        self.is_busy = True
        self._chunks.put(chunk)

    def stop(self) -> None:
        self._chunks.put(None)
        self._thread.join()

    def _work(self) -> None:
        while chunk := self._chunks.get():
            n = 0
            try:
                n = self._indexing.take_in(chunk)
            except (sqlite3.Error, StorageError):
                logger.exception("The index could not take in new records; it will be tried again")
            self._deliver(partial(self._done, n))

    def _done(self, n: int) -> None:
        self.is_busy = False
        if n:
            self._taken_in(n)
