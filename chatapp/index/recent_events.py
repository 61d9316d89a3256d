"""The newest events, in memory, until the index has them.

Acked events are found at once: the index follows a moment later, many records at a time,
and readers use the index up to a number and these events after it.
"""

from collections.abc import Iterable
from itertools import islice

from chatapp.domain.model import Event
from chatapp.index.index import IndexEntry
from chatapp.log.recovery import Checkpoint


class RecentEvents:
    """Events in log order, and by room, by the message that they refer to, and by cid.

    They are sorted on first use: most are in the index before that.
    """

    def __init__(self) -> None:
        self.entries: list[IndexEntry] = []
        self.mark: Checkpoint | None = None
        self._sorted_in = 0
        self._rooms: dict[str, list[Event]] = {}
        self._followers: dict[tuple[str, int], list[Event]] = {}
        self._changes: dict[str, list[Event]] = {}

    def add(self, entries: Iterable[IndexEntry], mark: Checkpoint) -> None:
        """Add complete batches; `mark` is their end."""
        self.entries += entries
        self.mark = mark

    def forget(self, n: int) -> list[IndexEntry]:
        """Remove indexed events, up to number `n`. Returns them."""
        if not self.entries or n < self.entries[0].n:
            return []
        kept = n + 1 - self.entries[0].n
        dropped, self.entries = self.entries[:kept], self.entries[kept:]
        self._sorted_in = 0
        self._rooms, self._followers, self._changes = {}, {}, {}
        return dropped

    def first_seq(self, room: str) -> int | None:
        """The first seq of a room in memory; all later ones are in memory too."""
        events = self._of_room(room)
        return events[0].seq if events else None

    def events(self, room: str, after: int) -> list[Event]:
        """A room's events with a seq above `after`, oldest first."""
        events = self._of_room(room)
        return events[max(0, after + 1 - events[0].seq) :] if events else []

    def messages_before(self, room: str, seq: int, limit: int) -> list[Event]:
        """The newest messages of a room here with a seq below `seq`, oldest first."""
        newest = (e for e in reversed(self._of_room(room)) if e.type == "message")
        return [*islice((e for e in newest if e.seq < seq), limit)][::-1]

    def event(self, room: str, seq: int) -> Event | None:
        events = self._of_room(room)
        if not events or not events[0].seq <= seq <= events[-1].seq:
            return None
        return events[seq - events[0].seq]

    def followers(self, room: str, seq: int) -> list[Event]:
        """The edits, deletions and reactions in memory that refer to a message."""
        self._sort_in()
        return self._followers.get((room, seq), [])

    def changes(self, room: str) -> list[Event]:
        """The edits and deletions here of a room, oldest first."""
        self._sort_in()
        return self._changes.get(room, [])

    def _of_room(self, room: str) -> list[Event]:
        self._sort_in()
        return self._rooms.get(room, [])

    def _sort_in(self) -> None:
        for entry in self.entries[self._sorted_in :]:
            event = entry.event
            self._rooms.setdefault(event.room, []).append(event)
            if event.target is not None:
                self._followers.setdefault((event.room, event.target), []).append(event)
            if event.type in ("edit", "delete"):
                self._changes.setdefault(event.room, []).append(event)
        self._sorted_in = len(self.entries)
