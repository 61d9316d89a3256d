"""Reads threads: how many replies each has, who wrote the newest, and its title.

The index knows it of the records that it has; newer replies, deletions and moves are in memory.
"""

from collections.abc import Callable, Collection, Iterable, Mapping

import msgspec

from chatapp.domain.clock import moment_of, timestamp
from chatapp.domain.model import Event, Message, Replies, quoted
from chatapp.index.recent_events import RecentEvents
from chatapp.index.record_ref import RecordRef
from chatapp.index.thread_lookup import IndexedReply, IndexedThread, ThreadLookup
from chatapp.index.thread_table import LOOKED_AT, NAMES_AT_MOST


class ThreadReader:
    """`lookup()` are the threads of the index, `event(found)` reads a record."""

    def __init__(
        self,
        lookup: Callable[[], ThreadLookup],
        tail: RecentEvents,
        event: Callable[[RecordRef], Event],
    ) -> None:
        self._lookup = lookup
        self._tail = tail
        self._event = event

    def with_replies(self, room: str, messages: list[Message]) -> list[Message]:
        """A page of a room, each message with its thread, if it has one."""
        roots = {message.seq for message in messages if message.thread is None}
        if not roots:
            return messages
        indexed = self._lookup().between(room, min(roots), max(roots))
        replies = self._of(room, roots, indexed)
        return [
            msgspec.structs.replace(message, replies=replies[message.seq])
            if message.seq in replies
            else message
            for message in messages
        ]

    def replies(self, room: str, roots: Collection[int]) -> dict[int, Replies]:
        """The threads of these messages of a room, of those that have one."""
        return self.of_rooms({room: roots})[room]

    def of_rooms(self, wanted: Mapping[str, Collection[int]]) -> dict[str, dict[int, Replies]]:
        """The same of several rooms."""
        indexed = self._lookup().threads(wanted)
        return {room: self._of(room, roots, indexed[room]) for room, roots in wanted.items()}

    def newest(self, room: str, before: int, limit: int) -> list[tuple[int, int]]:
        """The threads of a room, with their last seqs below `before`, newest first."""
        touched = self._tail.threads(room) | self._changed_threads(room)
        found = self._lookup().newest(room, before, limit + len(touched))
        replies = self.replies(room, {*found, *touched})
        last = ((each.last_seq, root) for root, each in replies.items() if each.last_seq < before)
        return [(root, seq) for seq, root in sorted(last, reverse=True)[:limit]]

    def _of(
        self, room: str, roots: Collection[int], indexed: dict[int, IndexedThread]
    ) -> dict[int, Replies]:
        touched = self._tail.threads(room).intersection(roots)
        changed = self._changed_threads(room).intersection(roots)
        found: dict[int, Replies] = {}
        for root in roots:
            thread = indexed.get(root)
            if root in changed:
                replies = self._counted_again(room, root, thread)
            elif root in touched:
                replies = self._with_newer(room, root, thread)
            else:
                replies = self._as_indexed(thread) if thread and thread.replies else None
            if replies:
                found[root] = replies
        return found

    def _as_indexed(self, thread: IndexedThread, newer: Iterable[Event] = ()) -> Replies:
        return Replies(
            count=thread.replies,
            last=timestamp(moment_of(thread.at)),
            last_seq=thread.last,
            by=thread.names,
            title=self._title(thread, newer),
        )

    def _with_newer(self, room: str, root: int, thread: IndexedThread | None) -> Replies | None:
        """Replies were added, and nothing that the index has was changed."""
        events = self._tail.replies(room, root)
        newer = self._counting(room, events)
        if not newer:
            return self._as_indexed(thread, events) if thread and thread.replies else None
        older = thread.names if thread else []
        names = dict.fromkeys([*(event.sender for event in reversed(newer)), *older])
        return Replies(
            count=len(newer) + (thread.replies if thread else 0),
            last=newer[-1].at,
            last_seq=newer[-1].seq,
            by=list(names)[:NAMES_AT_MOST],
            title=self._title(thread, events),
        )

    def _counted_again(self, room: str, root: int, thread: IndexedThread | None) -> Replies | None:
        """Something that the index has in this thread was deleted or moved, or came into it."""
        events = self._tail.replies(room, root)
        newer = self._counting(room, events)
        gone, came = self.gone_and_come(room, root)
        count = (thread.replies if thread else 0) - len(gone) + len(came) + len(newer)
        if count <= 0:
            return None
        lookup = self._lookup()
        newest = lookup.replies(room, root, LOOKED_AT + len(gone))
        older = [each for each in newest if each.seq not in gone]
        older += filter(None, (lookup.reply(room, seq) for seq in came))
        known = [(e.seq, e.at, e.sender) for e in newer] + [_reply(each) for each in older]
        known.sort(reverse=True)
        return Replies(
            count=count,
            last=known[0][1],
            last_seq=known[0][0],
            by=list(dict.fromkeys(sender for *_, sender in known))[:NAMES_AT_MOST],
            title=self._title(thread, events),
        )

    def gone_and_come(self, room: str, root: int) -> tuple[set[int], set[int]]:
        """The replies that the index counts in a thread, and that are not there any more; and those
        that it has elsewhere."""
        moves, deleted = self._tail.moves(room), self._tail.deleted(room)
        gone: set[int] = set()
        come: set[int] = set()
        if not moves and not deleted:
            return gone, come
        for seq, place in self._lookup().places(room, {*moves, *deleted}).items():
            is_here = seq not in deleted and moves.get(seq, place.thread) == root
            if place.counts and place.thread == root and not is_here:
                gone.add(seq)
            if place.counts and place.thread != root and is_here:
                come.add(seq)
        return gone, come

    def _changed_threads(self, room: str) -> set[int]:
        """The threads of which something that the index has was deleted or moved, or came in."""
        moves, deleted = self._tail.moves(room), self._tail.deleted(room)
        if not moves and not deleted:
            return set()
        places = self._lookup().places(room, {*moves, *deleted})
        threads = {place.thread for place in places.values()}
        threads |= {moves[seq] for seq in places if seq in moves}
        return {thread for thread in threads if thread is not None}

    def _counting(self, room: str, events: Iterable[Event]) -> list[Event]:
        """Replies in memory, without those that are deleted and lines of the chat."""
        deleted = self._tail.deleted(room)
        return [event for event in events if event.system is None and event.seq not in deleted]

    def _title(self, thread: IndexedThread | None, newer: Iterable[Event]) -> str | None:
        lines = [event for event in newer if event.system and event.system.what == "titled"]
        if lines:
            return quoted(lines[-1])
        return quoted(self._event(thread.titled)) if thread and thread.titled else None


def placed(event: Event, thread: int | None) -> Event:
    """A message in the thread that it is in now."""
    return event if event.thread == thread else msgspec.structs.replace(event, thread=thread)


def _reply(reply: IndexedReply) -> tuple[int, str, str]:
    return reply.seq, timestamp(moment_of(reply.at)), reply.sender
