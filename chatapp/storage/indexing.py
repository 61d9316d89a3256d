"""The index follows the log: in a thread of its own while messages come in, or when asked to.

The thread is never waited for by who writes, and by readers only where they search: what it
has not taken in yet is in the tail.
"""

import logging
import sqlite3
from collections.abc import Callable
from functools import partial
from queue import SimpleQueue
from threading import Lock, Semaphore, Thread

import msgspec

from chatapp.storage.errors import StorageError
from chatapp.storage.files import Files
from chatapp.storage.index import Entry, Index
from chatapp.storage.journal import Deliver
from chatapp.storage.recovery import Mark

logger = logging.getLogger(__name__)

WAITING_CHUNKS = 4
"""While the index is rebuilt, so many chunks of records wait for it in memory."""


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
        self._lock = Lock()

    def take_in(self, chunk: Chunk) -> int:
        """Takes in what is new of a chunk, and says up to which number the index goes now."""
        with self._lock:
            new = [entry for entry in chunk.entries if entry.n > self._n]
            if new:
                self._index.add(new, chunk.mark, self._files.record)
                self._n = chunk.mark.tip.n
            return self._n

    def finish(self) -> None:
        with self._lock:
            self._index.finish(self._files.record)

    def close(self) -> None:
        self._index.close()
        self._files.close()


class Rebuild:
    """Feeds the index while the log is read: one thread reads and checks, the other takes in."""

    def __init__(self, indexing: Indexing) -> None:
        self._indexing = indexing
        self._chunks: SimpleQueue[Chunk | None] = SimpleQueue()
        self._room = Semaphore(WAITING_CHUNKS)
        self._error: Exception | None = None
        self._thread = Thread(target=self._work, name="index rebuild", daemon=True)
        self._thread.start()

    def feed(self, chunk: Chunk) -> None:
        self._room.acquire()
        self._chunks.put(chunk)

    def end(self) -> None:
        """Waits until all is in the index; raises what went wrong."""
        self._chunks.put(None)
        self._thread.join()
        if self._error:
            raise self._error

    def _work(self) -> None:
        while chunk := self._chunks.get():
            try:
                if self._error is None:
                    self._indexing.take_in(chunk)
            except (sqlite3.Error, StorageError) as error:
                self._error = error
            self._room.release()


class Follower:
    """The thread that keeps the index near the end of the log while messages come in."""

    def __init__(
        self, indexing: Indexing, deliver: Deliver, taken_in: Callable[[int], None]
    ) -> None:
        self._indexing = indexing
        self._deliver = deliver
        self._taken_in = taken_in
        self._busy = False
        self._chunks: SimpleQueue[Chunk | None] = SimpleQueue()
        self._thread = Thread(target=self._work, name="log indexer", daemon=True)
        self._thread.start()

    def offer(self, chunk: Chunk) -> None:
        """Gives the thread something to do, unless it is busy; there will be another time."""
        if not self._busy:
            self._busy = True
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
        self._busy = False
        if n:
            self._taken_in(n)
