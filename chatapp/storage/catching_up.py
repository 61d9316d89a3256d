"""What a log reads when it is opened: much goes to the index, the newest stays in memory."""

from chatapp.storage import format
from chatapp.storage.index import Entry
from chatapp.storage.indexing import Chunk, Indexing, Rebuild
from chatapp.storage.recovery import Line, Mark, mark_at

REBUILD_RECORDS = 10_000
"""The index takes in so many records at once while it is rebuilt."""


class CatchingUp:
    """Takes whole batches as they are read, and feeds the index when there are many."""

    def __init__(self, indexing: Indexing) -> None:
        self.heads: dict[str, int] = {}
        self._indexing = indexing
        self._rebuild: Rebuild | None = None
        self._entries: list[Entry] = []
        self._mark: Mark | None = None

    def found(self, lines: list[Line]) -> None:
        """A whole batch."""
        for line in lines:
            event = format.decode_record(line.bytes).event
            self.heads[event.room] = event.seq
            self._entries.append(Entry(line.n, line.first, line.offset, len(line.bytes), event))
        self._mark = mark_at(lines[-1])
        if len(self._entries) >= REBUILD_RECORDS:
            self._rebuild = self._rebuild or Rebuild(self._indexing)
            self._rebuild.feed(Chunk(self._entries, self._mark))
            self._entries = []

    def end(self) -> Chunk | None:
        """Waits for the index, and gives back what it was not given."""
        if self._rebuild:
            self._rebuild.end()
        self._indexing.finish()
        return Chunk(self._entries, self._mark) if self._entries and self._mark else None
