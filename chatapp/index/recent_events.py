"""The newest events, in memory, until the index has them.

Acked events are found at once: the index follows a moment later, many records at a time,
and readers use the index up to a number and these events after it.
"""

from collections.abc import Iterable, Set
from itertools import islice
from operator import attrgetter

from chatapp.domain.model import Event, Pin
from chatapp.domain.polls import is_vote
from chatapp.index.entries import IndexEntry
from chatapp.index.view import ALL, FOLDED, View, moves_of, pins_in
from chatapp.log.recovery import Checkpoint

_NONE: frozenset[int] = frozenset()


class RecentEvents:
    """Events in log order, and by room, by thread, and by the message that they refer to.

    They are sorted on first use: most are in the index before that.
    """

    def __init__(self) -> None:
        self.entries: list[IndexEntry] = []
        self.mark: Checkpoint | None = None
        self.generation = 0
        """How often events were removed: until then, lists of what is here only grow."""
        self._sorted_in = 0
        self._rooms: dict[str, list[Event]] = {}
        self._followers: dict[tuple[str, int], list[Event]] = {}
        self._changes: dict[str, list[Event]] = {}
        self._changed: dict[str, set[int]] = {}
        self._deleted: dict[str, set[int]] = {}
        self._shown: dict[str, list[Event]] = {}
        self._replies: dict[str, dict[int, list[Event]]] = {}
        self._moves: dict[str, dict[int, int | None]] = {}
        self._pins: dict[str, dict[int, Pin | None]] = {}
        self._votes: dict[tuple[str, int], list[Event]] = {}

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
        self.generation += 1
        self._sorted_in = 0
        self._rooms, self._followers, self._changes = {}, {}, {}
        self._changed, self._deleted = {}, {}
        self._shown, self._replies, self._moves = {}, {}, {}
        self._pins, self._votes = {}, {}
        return dropped

    def first_seq(self, room: str) -> int | None:
        """The first seq of a room in memory; all later ones are in memory too."""
        events = self._of_room(room)
        return events[0].seq if events else None

    def events(self, room: str, after: int) -> list[Event]:
        """A room's events with a seq above `after`, oldest first."""
        events = self._of_room(room)
        return events[max(0, after + 1 - events[0].seq) :] if events else []

    def messages_before(self, room: str, seq: int, limit: int, view: View = ALL) -> list[Event]:
        """The newest messages of a room here with a seq below `seq`, oldest first."""
        newest = (e for e in reversed(self._viewed(room, view)) if e.type == "message")
        return [*islice((e for e in newest if e.seq < seq), limit)][::-1]

    def messages_after(self, room: str, seq: int, view: View = ALL) -> list[Event]:
        """The messages of a room here with a seq above `seq`, oldest first."""
        return [e for e in self._viewed(room, view) if e.seq > seq and e.type == "message"]

    def replies(self, room: str, root: int) -> list[Event]:
        """The messages here that are in a thread now, oldest first."""
        return self._viewed(room, View(thread=root))

    def threads(self, room: str) -> set[int]:
        """The threads with messages here."""
        self._sort_in()
        moved = self._moves.get(room, {}).values()
        return {*self._replies.get(room, ()), *(thread for thread in moved if thread is not None)}

    def moves(self, room: str) -> dict[int, int | None]:
        """The messages that lines here move within their room, by seq, and their threads now."""
        self._sort_in()
        return self._moves.get(room, {})

    def pins(self, room: str) -> dict[int, Pin | None]:
        """The messages that lines here pin, by seq; those that they unpin are None."""
        self._sort_in()
        return self._pins.get(room, {})

    def event(self, room: str, seq: int) -> Event | None:
        events = self._of_room(room)
        if not events or not events[0].seq <= seq <= events[-1].seq:
            return None
        return events[seq - events[0].seq]

    def followers(self, room: str, seq: int) -> list[Event]:
        """The edits, deletions and reactions in memory that refer to a message."""
        self._sort_in()
        return self._followers.get((room, seq), [])

    def votes(self, room: str, poll: int) -> list[Event]:
        """The votes in memory of a poll, oldest first."""
        self._sort_in()
        return self._votes.get((room, poll), [])

    def changes(self, room: str) -> list[Event]:
        """The edits and deletions here of a room, oldest first."""
        self._sort_in()
        return self._changes.get(room, [])

    def changed(self, room: str) -> Set[int]:
        """The messages of a room that were edited or deleted here."""
        self._sort_in()
        return self._changed.get(room, _NONE)

    def deleted(self, room: str) -> Set[int]:
        """The messages of a room that were deleted here."""
        self._sort_in()
        return self._deleted.get(room, _NONE)

    def _of_room(self, room: str) -> list[Event]:
        self._sort_in()
        return self._rooms.get(room, [])

    def _viewed(self, room: str, view: View) -> list[Event]:
        """A room's events that a view has; of all, also those that are no messages."""
        events = self._of_room(room)
        if view == ALL:
            return events
        if view.thread is None:
            written = self._shown.get(room, [])
        else:
            written = self._replies.get(room, {}).get(view.thread, [])
        moves = self._moves.get(room)
        if not moves:
            return written
        moved = filter(None, (self.event(room, seq) for seq in moves))
        here = [e for e in moved if e.type == "message" and view.shows(e, moves[e.seq])]
        return sorted([*(e for e in written if e.seq not in moves), *here], key=attrgetter("seq"))

    def _sort_in(self) -> None:
        for entry in self.entries[self._sorted_in :]:
            event = entry.event
            self._rooms.setdefault(event.room, []).append(event)
            if event.target is not None:
                refer = self._votes if is_vote(event) else self._followers
                refer.setdefault((event.room, event.target), []).append(event)
            if event.type in ("edit", "delete"):
                self._changes.setdefault(event.room, []).append(event)
                self._changed.setdefault(event.room, set()).add(event.target or 0)
            if event.type == "delete":
                self._deleted.setdefault(event.room, set()).add(event.target or 0)
            if event.type == "message":
                self._sort_in_message(event)
        self._sorted_in = len(self.entries)

    def _sort_in_message(self, event: Event) -> None:
        if FOLDED.shows(event, event.thread):
            self._shown.setdefault(event.room, []).append(event)
        if event.thread is not None:
            replies = self._replies.setdefault(event.room, {})
            replies.setdefault(event.thread, []).append(event)
        if event.system is not None and (moves := moves_of(event)):
            self._moves.setdefault(event.room, {}).update(moves)
        for seq, is_on in pins_in(event).items():
            pin = Pin(seq=seq, line=event.seq, sender=event.sender, at=event.at)
            self._pins.setdefault(event.room, {})[seq] = pin if is_on else None
