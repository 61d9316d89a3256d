"""The newest events, in memory, until the index has them.

What was acked is found at once: the index follows a moment later, many records at a time,
and whoever asks sees the index up to a number and this tail behind it.
"""

from collections.abc import Iterable
from itertools import islice

from chatapp.model import Event
from chatapp.storage.index import Entry
from chatapp.storage.recovery import Mark


class Tail:
    """Events in log order, and by room, by the message that they point at, and by cid.

    They are sorted in when somebody asks: most are in the index before anybody does.
    """

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.mark: Mark | None = None
        self._sorted_in = 0
        self._rooms: dict[str, list[Event]] = {}
        self._followers: dict[tuple[str, int], list[Event]] = {}
        self._cids: dict[tuple[str, str], Event] = {}

    def add(self, entries: Iterable[Entry], mark: Mark) -> None:
        """Takes in whole batches; `mark` is where they end."""
        self.entries += entries
        self.mark = mark

    def forget(self, n: int) -> None:
        """Drops what the index has: everything up to number `n`."""
        if not self.entries or n < self.entries[0].n:
            return
        self.entries = self.entries[n + 1 - self.entries[0].n :]
        self._sorted_in = 0
        self._rooms, self._followers, self._cids = {}, {}, {}

    def first_seq(self, room: str) -> int | None:
        """The first seq of a room that is here; everything after it is here too."""
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
        """The edits, deletions and reactions here that point at a message."""
        self._sort_in()
        return self._followers.get((room, seq), [])

    def with_cid(self, sender: str, cid: str) -> Event | None:
        self._sort_in()
        return self._cids.get((sender, cid))

    def cids(self) -> Iterable[tuple[str, str]]:
        """Of every message here that has one, and who sent it."""
        self._sort_in()
        return self._cids.keys()

    def _of_room(self, room: str) -> list[Event]:
        self._sort_in()
        return self._rooms.get(room, [])

    def _sort_in(self) -> None:
        for entry in self.entries[self._sorted_in :]:
            event = entry.event
            self._rooms.setdefault(event.room, []).append(event)
            if event.target is not None:
                self._followers.setdefault((event.room, event.target), []).append(event)
            if event.cid is not None and event.type == "message":
                self._cids[event.sender, event.cid] = event
        self._sorted_in = len(self.entries)
