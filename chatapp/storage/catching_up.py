"""What a log reads when it is opened: much goes to the index, the newest stays in memory."""

from chatapp.storage import format
from chatapp.storage.index import Entry
from chatapp.storage.indexing import Chunk, Indexing
from chatapp.storage.recovery import Line, mark_at

CHUNK_RECORDS = 10_000
"""The index takes in so many records at once while it follows."""


class CatchingUp:
    """Takes whole batches as they are read, and feeds the index when there are many."""

    def __init__(self, indexing: Indexing, chunk_records: int = CHUNK_RECORDS) -> None:
        self.heads: dict[str, int] = {}
        self._indexing = indexing
        self._chunk_records = chunk_records
        self._entries: list[Entry] = []
        self._last: Line | None = None

    def found(self, lines: list[Line]) -> None:
        """A whole batch."""
        for line in lines:
            event = format.decode_event(line.bytes)
            self.heads[event.room] = event.seq
            self._entries.append(Entry(line.n, line.first, line.offset, len(line.bytes), event))
        self._last = lines[-1]
        if len(self._entries) >= self._chunk_records and (chunk := self.rest()):
            self._indexing.take_in(chunk)
            self._entries = []

    def rest(self) -> Chunk | None:
        """What the index was not given."""
        if not self._entries or not self._last:
            return None
        return Chunk(self._entries, mark_at(self._last))
