"""Counts the unread replies of a person, in several threads at the same time.

As in rooms (unread.py), messages count in their current form, in the thread in which they are now.
"""

from collections.abc import Callable, Sequence, Set

import msgspec

from chatapp.domain.model import Event, Person
from chatapp.domain.rights import is_author
from chatapp.index.lookup import Lookup
from chatapp.index.recent_events import RecentEvents
from chatapp.index.schema import word_hash
from chatapp.index.thread_lookup import ThreadSpan
from chatapp.index.threads import ThreadReader
from chatapp.index.unread import UnreadCount
from chatapp.text.mentions import Mentions

COUNTED_REPLIES = 200
"""Of one thread; more is "a lot"."""


class ThreadRead(msgspec.Struct, frozen=True, kw_only=True):
    """A person has read a thread up to the seq `read`; replies up to the seq `last` are counted.
    `mentions` recognizes mentions of the person there; None where these are not counted."""

    room: str
    root: int
    read: int
    last: int
    mentions: Mentions | None


class ThreadCounter:
    """Counts for one person; `text(room, seq)` is the current text of a message."""

    def __init__(
        self,
        lookup: Lookup,
        tail: RecentEvents,
        threads: ThreadReader,
        person: Person,
        text: Callable[[str, int], str],
    ) -> None:
        self._lookup = lookup
        self._tail = tail
        self._threads = threads
        self._person = person
        self._text = text

    def counts(self, marks: Sequence[ThreadRead]) -> list[UnreadCount]:
        spans = [ThreadSpan(one.room, one.root, one.read, one.last) for one in marks]
        authorship = self._lookup.authorship(self._person)
        unread = self._lookup.threads.unread(authorship, spans, COUNTED_REPLIES)
        calling = self._calling(marks, spans)
        return [
            self._with_news(mark, count, seqs)
            for mark, count, seqs in zip(marks, unread, calling, strict=True)
        ]

    def _calling(self, marks: Sequence[ThreadRead], spans: Sequence[ThreadSpan]) -> list[set[int]]:
        """For each thread, the seqs of the indexed replies that mention the person."""
        found: list[set[int]] = [set() for _ in marks]
        words = {
            word_hash(word): word
            for mentions in {mark.mentions for mark in marks if mark.mentions}
            for word in mentions.words
        }
        if not words:
            return found
        authorship = self._lookup.authorship(self._person)
        for place, seq, hash, certain in self._lookup.threads.calling_words(
            authorship, spans, words
        ):
            mentions, word = marks[place].mentions, words[hash]
            if mentions is None or word not in mentions.words:
                continue
            is_sure = certain and mentions.are_certain(word)
            if is_sure or self._text(marks[place].room, seq) in mentions:
                found[place].add(seq)
        return found

    def _with_news(self, mark: ThreadRead, unread: int, calling: set[int]) -> UnreadCount:
        """With what the index does not have yet."""
        gone, come = self._threads.gone_and_come(mark.room, mark.root)
        changed = self._tail.changed(mark.room)
        edited = changed & calling
        calling = {seq for seq in calling - gone if seq not in edited or self._calls(mark, seq)}
        unread -= sum(1 for seq in gone if self._is_unread(mark, seq))
        came = {seq for seq in come if self._is_unread(mark, seq)}
        events = [event for event in self._newer(mark) if event.seq not in come]
        unread = min(unread + len(came) + len(events), COUNTED_REPLIES)
        if mark.mentions is not None:
            known = came | {event.seq for event in events if event.seq in changed}
            known |= self._edited(mark, changed - gone - come)
            calling |= {seq for seq in known if self._calls(mark, seq)}
            written = (event for event in events if event.seq not in changed)
            calling |= {event.seq for event in written if (event.text or "") in mark.mentions}
        return UnreadCount(unread=unread, mentions=len(calling))

    def _edited(self, mark: ThreadRead, changed: Set[int]) -> set[int]:
        """The unread indexed replies of a thread that were edited since."""
        in_index = {seq for seq in changed if self._tail.event(mark.room, seq) is None}
        places = self._lookup.threads.places(mark.room, in_index) if in_index else {}
        return {
            seq
            for seq, place in places.items()
            if place.thread == mark.root and self._is_unread(mark, seq)
        }

    def _newer(self, mark: ThreadRead) -> list[Event]:
        """The unread replies in memory."""
        events = self._tail.replies(mark.room, mark.root)
        deleted = self._tail.deleted(mark.room)
        return [
            event
            for event in events
            if mark.read < event.seq <= mark.last and event.system is None
            if event.seq not in deleted and not is_author(self._person, event)
        ]

    def _is_unread(self, mark: ThreadRead, seq: int) -> bool:
        """Whether an indexed message of somebody else is behind the mark."""
        is_counted = mark.read < seq <= mark.last
        return is_counted and self._lookup.is_counted(self._person, mark.room, seq)

    def _calls(self, mark: ThreadRead, seq: int) -> bool:
        return mark.mentions is not None and self._text(mark.room, seq) in mark.mentions
