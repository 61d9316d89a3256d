"""Counts the unread messages of a person, in several rooms at the same time.

The index subtracts events that do not count from the range of seqs, and knows which messages may
mention somebody; newer events are checked one by one. Messages count in their current form: a
deleted one does not count, and an edited one mentions the people in its new text.
"""

from collections.abc import Callable, Sequence
from functools import cache
from heapq import nsmallest

import msgspec

from chatapp.domain.model import Event, Person
from chatapp.domain.rights import is_author
from chatapp.index.lookup import Lookup, SeqRange
from chatapp.index.recent_events import RecentEvents
from chatapp.index.schema import word_hash
from chatapp.text.mentions import Mentions

CALLED_AT_MOST = 3
"""Mentions whose seqs are known after counting, for each room."""

Changes = dict[int, Event]
"""The last change of each message, by its seq; a deletion is final."""


class RoomMark(msgspec.Struct, frozen=True, kw_only=True):
    """A person has read a room up to the seq `read`; messages up to the seq `last` are counted.

    `mentions` recognizes mentions of the person there.
    """

    room: str
    read: int
    last: int
    mentions: Mentions


class UnreadCount(msgspec.Struct, frozen=True, kw_only=True):
    """`unread` messages of other people, of which `mentions` mention the person; `called` are the
    seqs of the first of these."""

    unread: int
    mentions: int
    called: tuple[int, ...] = ()


class UnreadCounter:
    """Counts for one person; `text(room, seq)` is the current text of a message."""

    def __init__(
        self, lookup: Lookup, tail: RecentEvents, person: Person, text: Callable[[str, int], str]
    ) -> None:
        self._lookup = lookup
        self._tail = tail
        self._person = person
        self._text = text

    def counts(self, marks: Sequence[RoomMark]) -> list[UnreadCount]:
        oldest = self._lookup.first_seqs([mark.room for mark in marks])
        indexed = [self._indexed(mark, oldest.get(mark.room)) for mark in marks]
        unread = self._unread_in_index(indexed)
        calling = self._calling_in_index(marks, indexed)
        return [
            self._with_news(mark, each, count, seqs)
            for mark, each, count, seqs in zip(marks, indexed, unread, calling, strict=True)
        ]

    # Indexed messages

    def _indexed(self, mark: RoomMark, oldest: int | None) -> SeqRange:
        """The part of a range that the index can count."""
        begin = self._tail.first_seq(mark.room)
        last = mark.last if begin is None else min(mark.last, begin - 1)
        return SeqRange(mark.room, max(mark.read + 1, last + 1 if oldest is None else oldest), last)

    def _unread_in_index(self, ranges: Sequence[SeqRange]) -> list[int]:
        not_counted = self._lookup.not_counted(self._person, ranges)
        return [
            max(0, each.last + 1 - each.first) - count
            for each, count in zip(ranges, not_counted, strict=True)
        ]

    def _calling_in_index(
        self, marks: Sequence[RoomMark], ranges: Sequence[SeqRange]
    ) -> list[set[int]]:
        """For each range, the seqs of the messages that mention the person."""
        hashed = cache(lambda words: {word_hash(word): word for word in words})
        words: list[dict[int, str]] = [hashed(mark.mentions.words) for mark in marks]
        found: list[set[int]] = [set() for _ in marks]
        asked = {hash for of_room in words for hash in of_room}
        for one in self._lookup.calling_words(self._person, ranges, asked):
            seqs, mark, word = found[one.range], marks[one.range], words[one.range].get(one.word)
            if word is None or one.seq in seqs:
                continue
            is_sure = one.is_certain and mark.mentions.are_certain(word)
            if is_sure or self._text(mark.room, one.seq) in mark.mentions:
                seqs.add(one.seq)
        return found

    # Newer messages

    def _with_news(
        self, mark: RoomMark, indexed: SeqRange, unread: int, calling: set[int]
    ) -> UnreadCount:
        changes = self._changes(mark.room)
        for seq, change in changes.items():
            if not indexed.first <= seq <= indexed.last:
                continue
            calling.discard(seq)
            if not self._lookup.is_counted(self._person, mark.room, seq):
                continue
            if change.type == "delete":
                unread -= 1
            elif (change.text or "") in mark.mentions:
                calling.add(seq)
        for event in self._tail.events(mark.room, mark.read):
            if event.seq > mark.last:
                break
            is_message = event.type == "message" and event.system is None
            if not is_message or is_author(self._person, event):
                continue
            said = changes.get(event.seq, event)
            if said.type == "delete":
                continue
            unread += 1
            if (said.text or "") in mark.mentions:
                calling.add(event.seq)
        called = tuple(nsmallest(CALLED_AT_MOST, calling))
        return UnreadCount(unread=unread, mentions=len(calling), called=called)

    def _changes(self, room: str) -> Changes:
        changes: Changes = {}
        for event in self._tail.changes(room):
            if event.target is not None and not _is_deletion(changes.get(event.target)):
                changes[event.target] = event
        return changes


def _is_deletion(change: Event | None) -> bool:
    return change is not None and change.type == "delete"
