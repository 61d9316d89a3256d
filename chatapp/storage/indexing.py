"""The index follows the log, whichever thread sees to it."""

import logging
import time
from collections.abc import Sequence
from threading import Lock

import msgspec

from chatapp.storage.files import Files
from chatapp.storage.format import Record
from chatapp.storage.hot_erase import Gone, Starts
from chatapp.storage.index import Entry, Found, Index, silent
from chatapp.storage.recovery import Mark

ERASED_AT_ONCE = 100
MOVED_AT_ONCE = 2_000
SETTLE_SECONDS = 300.0
RETRY_SECONDS = 0.5

logger = logging.getLogger(__name__)


class Chunk(msgspec.Struct, frozen=True):
    """Whole batches of durable records, and where they end."""

    entries: list[Entry]
    mark: Mark


class Indexing:
    """Takes records into the index, each once, from any thread."""

    def __init__(self, index: Index, files: Files) -> None:
        self._index = index
        self._files = files
        self._silent: set[int] = set()
        self._touched: set[int] = set()
        self._lock = Lock()

    def take_in(self, chunk: Chunk) -> int:
        """Takes in what is new of a chunk, and says up to which number the index goes now."""
        with self._lock:
            return self._index.add(chunk.entries, chunk.mark, self._read)

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
        self._settle()

    def _settle(self) -> None:
        """As soon as nobody reads: `chatapp log verify` beside the server does, for a while."""
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
