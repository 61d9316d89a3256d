"""The newest events, in memory, until the index has them.

What was acked is found at once: the index follows a moment later, many records at a time,
and whoever asks sees the index up to a number and this tail behind it.
"""

from collections import defaultdict

import msgspec

from chatapp.model import Event


class Logged(msgspec.Struct, frozen=True, kw_only=True):
    """A record and where it stands: its number, and its line of a file under the data folder.

    `raw` is that line as it lies there, its newline too.
    """

    n: int
    file: str
    line: int
    record: Event
    raw: bytes


class Tailed(msgspec.Struct, frozen=True):
    """An event that is durable: its number, its segment, and its line there."""

    n: int
    first: int
    offset: int
    line: bytes
    event: Event


class Tail:
    """Events in log order, and by room, by the message that they point at, and by cid."""

    def __init__(self) -> None:
        self.entries: list[Tailed] = []
        self.bytes = 0
        self._rooms: dict[str, list[Event]] = {}
        self._followers: dict[tuple[str, int], list[Event]] = {}
        self._cids: dict[tuple[str, str], Event] = {}

    def add(self, entry: Tailed) -> None:
        event = entry.event
        self.entries.append(entry)
        self.bytes += len(entry.line)
        self._rooms.setdefault(event.room, []).append(event)
        if event.target is not None:
            self._followers.setdefault((event.room, event.target), []).append(event)
        if event.cid is not None and event.type == "message":
            self._cids[event.sender, event.cid] = event

    def forget(self, n: int) -> None:
        """Drops what the index has: everything up to number `n`."""
        kept = [entry for entry in self.entries if entry.n > n]
        self.__init__()  # type: ignore[misc]
        for entry in kept:
            self.add(entry)

    def first_seq(self, room: str) -> int | None:
        """The first seq of a room that is here; everything after it is here too."""
        events = self._rooms.get(room)
        return events[0].seq if events else None

    def events(self, room: str, after: int) -> list[Event]:
        """A room's events with a seq above `after`, oldest first."""
        events = self._rooms.get(room, [])
        return events[max(0, after + 1 - events[0].seq) :] if events else []

    def event(self, room: str, seq: int) -> Event | None:
        events = self._rooms.get(room)
        if not events or not events[0].seq <= seq <= events[-1].seq:
            return None
        return events[seq - events[0].seq]

    def followers(self, room: str, seqs: list[int]) -> dict[int, list[Event]]:
        """The edits, deletions and reactions here that point at these messages of a room."""
        found: dict[int, list[Event]] = defaultdict(list)
        for seq in seqs:
            found[seq] = self._followers.get((room, seq), [])
        return found

    def with_cid(self, sender: str, cid: str) -> Event | None:
        return self._cids.get((sender, cid))
