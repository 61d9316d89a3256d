"""Reads the log: positions come from the index, the newest events from memory, texts from files."""

from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import TypeVar

import msgspec

from chatapp.domain.files import FileKind
from chatapp.domain.limits import MAX_INTEGER
from chatapp.domain.model import Event, FileOfRoom, History, Message, Person, Pin
from chatapp.domain.transparency.event_leaf import decode_leaf, leaf_of_record
from chatapp.index.fold import fold
from chatapp.index.lookup import Filter, Lookup
from chatapp.index.polls.reader import PollReader
from chatapp.index.recent_events import RecentEvents
from chatapp.index.record_files import Files
from chatapp.index.record_ref import RecordRef
from chatapp.index.thread_unread import ThreadCounter, ThreadRead
from chatapp.index.threads import ThreadReader, placed
from chatapp.index.unread import RoomMark, UnreadCount, UnreadCounter
from chatapp.index.view import ALL, View
from chatapp.log.manifest import segment_path
from chatapp.text.query import Query

PAGE_BYTES = 256 * 1024
"""Maximum size of a page of history; one message always fits."""

T = TypeVar("T")


class LoggedRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A record and its position: its number, and its line in a file of the data folder.

    `raw` is that line as stored, including the newline.
    """

    n: int
    file: str
    line: int
    record: Event
    raw: bytes


class SearchPage(msgspec.Struct, frozen=True, kw_only=True):
    """Matching messages, newest first. The next page is the one `before` this number.

    They are JSON for the client: nobody between needs the values.
    """

    json: msgspec.Raw
    more: bool
    before: int | None

    @property
    def messages(self) -> list[Message]:
        return msgspec.json.decode(self.json, type=list[Message])


class FilesPage(msgspec.Struct, frozen=True, kw_only=True):
    """Files of a room, the newest first, and whether there are older ones than the last."""

    files: list[FileOfRoom]
    more: bool


class Reader:
    """Reads for one thread. Its tail may be empty, if the index is up to date."""

    def __init__(self, lookup: Lookup, files: Files, tail: RecentEvents) -> None:
        self.lookup = lookup
        self._files = files
        self._tail = tail
        self.threads = ThreadReader(lambda: self.lookup.threads, tail, self._event)
        self.polls = PollReader(lambda: self.lookup.polls, tail)

    def close(self) -> None:
        self.lookup.close()
        self._files.close()

    def close_index(self) -> None:
        """Close the index, which is about to be replaced; until `open_index`, queries fail."""
        self.lookup.close()

    def open_index(self, index: Path) -> None:
        self.lookup = Lookup.open(index)

    def message(self, room: str, seq: int) -> Message | None:
        event = self.written(room, seq)
        return self._folded(room, [event])[0] if event else None

    def written(self, room: str, seq: int) -> Event | None:
        """A message as it was written, without its changes."""
        event = self._tail.event(room, seq)
        if event is None and (found := self.lookup.record(room, seq)):
            event = self._event(found)
        return event if event and event.type == "message" else None

    def find_cid(self, room: str, sender: str, cid: str, by: str | None) -> Message | None:
        """The message with this cid, if the index has it."""
        for found in self.lookup.with_cid(sender, cid):
            event = self._event(found)
            is_same = (event.room, event.sender, event.cid) == (room, sender, cid)
            if is_same and event.by in (by, None):
                return self._folded(room, [event])[0]
        return None

    def find_cids(self, messages: Sequence[tuple[str, str, str | None, str]]) -> list[int | None]:
        """The seqs of the messages with these cids, each given with room, sender and the sender's
        id; None for those that the index does not have."""
        seqs: list[int | None] = [None] * len(messages)
        for place, found, is_certain in self.lookup.with_cids(messages):
            by = messages[place][2]
            if is_certain or self._event(found).by in (by, None):
                seqs[place] = found.seq
        return seqs

    def followers_of(self, messages: Sequence[tuple[str, int]]) -> list[list[Event]]:
        """The events that refer to each of these messages (room, seq), oldest first."""
        found: list[list[Event]] = [[] for _ in messages]
        newer = self._tail.entries
        for place, record in self.lookup.followers_of(messages):
            if not newer or record.n < newer[0].n:
                found[place].append(self._files.record(record).event)
        for place, (room, seq) in enumerate(messages):
            found[place] += self._tail.followers(room, seq)
        return found

    def followers(self, room: str, seq: int) -> list[Event]:
        start = self._tail.first_seq(room) or MAX_INTEGER
        older = self._events(self.lookup.followers(room, seq, seq, start)) if seq < start else []
        return older + self._tail.followers(room, seq)

    def votes(self, room: str, poll: int) -> list[Event]:
        """All votes of a poll, oldest first."""
        start = self._tail.first_seq(room) or MAX_INTEGER
        return self._events(self.lookup.votes(room, poll, start)) + self._tail.votes(room, poll)

    def deleted(self, room: str, seqs: Collection[int]) -> set[int]:
        """Which of these messages are deleted."""
        newer = {change.target for change in self._tail.changes(room) if change.type == "delete"}
        return self.lookup.deleted(room, seqs) | {seq for seq in seqs if seq in newer}

    def pins(self, room: str) -> list[Pin]:
        """The pinned messages of a room, the one that was pinned last first."""
        newer, deleted = self._tail.pins(room), self._tail.deleted(room)
        older = [pin for pin in self.lookup.pins(room) if pin.seq not in newer]
        pins = [pin for pin in newer.values() if pin is not None] + older
        return sorted((p for p in pins if p.seq not in deleted), key=_pin_order)

    def last_post(self, person: Person, room: str) -> str | None:
        """The time of somebody's last message in a room."""
        for event in self._tail.messages_before(room, MAX_INTEGER, MAX_INTEGER)[::-1]:
            if event.by == person.id and event.system is None:
                return event.at
        found = self.lookup.last_by(person, room)
        return self._files.record(found).event.at if found else None

    def unread(self, person: Person, marks: Sequence[RoomMark]) -> list[UnreadCount]:
        """The unread messages of a person in each of these rooms."""
        return UnreadCounter(self.lookup, self._tail, person, self._text).counts(marks)

    def unread_replies(self, person: Person, marks: Sequence[ThreadRead]) -> list[UnreadCount]:
        """The unread replies for a person in each of these threads."""
        counter = ThreadCounter(self.lookup, self._tail, self.threads, person, self._text)
        return counter.counts(marks)

    def newest(self, room: str, before: int | None, limit: int, view: View = ALL) -> History:
        page, more = self._before(room, MAX_INTEGER if before is None else before, limit, view)
        return History(
            messages=self._page(room, page, view),
            more_before=more,
            more_after=before is not None and bool(self._after(room, before - 1, 1, view)[0]),
        )

    def after(self, room: str, after: int, limit: int, view: View = ALL) -> History:
        page, more = self._after(room, after, limit, view)
        return History(
            messages=self._page(room, page, view),
            more_before=bool(self._before(room, after + 1, 1, view)[0]),
            more_after=more,
        )

    def around(self, room: str, seq: int, limit: int, view: View = ALL) -> History:
        half = limit // 2
        older, more_before = self._before(room, seq, half, view)
        newer, more_after = self._after(room, seq - 1, limit - half, view)
        return History(
            messages=self._page(room, older + newer, view),
            more_before=more_before,
            more_after=more_after,
        )

    def events(self, room: str, after: int, limit: int, most_bytes: int) -> list[Event]:
        start = self._tail.first_seq(room) or MAX_INTEGER
        events: list[Event] = []
        if after + 1 < start:
            found = self.lookup.events_after(room, after, start, limit)
            fitting = within(found, most_bytes, _line_bytes)
            events = [self._files.record(one).event for one in fitting]
            if len(fitting) < len(found):
                return events
        newer = self._tail.events(room, after)[: limit - len(events)]
        return within(events + newer, most_bytes, _text_bytes)

    def lines(self, room: str, after: int, limit: int, most_bytes: int) -> list[tuple[int, bytes]]:
        """The lines of a room's events behind a seq, each with its number. The tail must be
        empty."""
        found = self.lookup.events_after(room, after, MAX_INTEGER, limit)
        fitting = within(found, most_bytes, _line_bytes)
        return [(each.n, self._files.line_and_record(each)[0]) for each in fitting]

    def leaves(self, first: int, last: int, key: bytes) -> list[bytes] | None:
        """The leaves of these records in a tree with this key of its salts (event_leaf.py); None if
        they are not all there any more. The tail must be empty."""
        found = self.lookup.following(first - 1, last + 1, last + 1 - first)
        if len(found) != last + 1 - first:
            return None
        lines = self._files.lines(found)
        return [leaf_of_record(decode_leaf(line), key) for line in lines]

    def following(self, n: int, limit: int) -> list[tuple[int, Event]]:
        """The oldest events of all rooms with a number above `n`, each with its number."""
        entries = self._tail.entries
        start = entries[0].n if entries else MAX_INTEGER
        older = self.lookup.following(n, start, limit) if n + 1 < start else []
        events = [(each.n, self._files.record(each).event) for each in older]
        first = max(0, n + 1 - start)
        newer = entries[first : first + limit - len(events)]
        return events + [(entry.n, entry.event) for entry in newer]

    def passage(
        self, n: int, rooms: Collection[str], span: int, limit: int, most_bytes: int
    ) -> tuple[list[tuple[int, Event]], int]:
        """What these rooms have among the next `span` records behind `n`, each event with its
        number, and up to which number that is; less where it were more events or bytes."""
        entries = self._tail.entries
        start, until = entries[0].n if entries else MAX_INTEGER, n + span + 1
        found = self.lookup.between(n, min(until, start), list(rooms)) if n + 1 < start else []
        fitting = within(found[:limit], most_bytes, _line_bytes)
        events = [(each.n, self._files.record(each).event) for each in fitting]
        if len(fitting) < len(found):
            return events, fitting[-1].n
        first = max(0, n + 1 - start)
        here = entries[first : max(0, until - start)]
        newer = [(each.n, each.event) for each in here if each.event.room in rooms]
        both = [*events, *newer][:limit]
        both = within(both, most_bytes, lambda numbered: _text_bytes(numbered[1]))
        if len(both) < len(events) + len(newer):
            return both, both[-1][0]
        return both, until - 1

    def find(self, wanted: Filter, query: Query | None, limit: int) -> list[LoggedRecord]:
        """Newest first. The tail must be empty."""
        if query is None:
            found = self.lookup.find(wanted, limit)
        else:
            found = self.lookup.search(query, wanted, limit)
        return [self._logged(one) for one in found]

    def search(self, query: Query, wanted: Filter, limit: int) -> SearchPage:
        """Newest first. The tail must be empty."""
        found = self.lookup.search(query, wanted, limit + 1)
        page = within(found[:limit], PAGE_BYTES, _line_bytes)
        more, found = len(found) > len(page), page
        events = self._events(found)
        json = msgspec.Raw(msgspec.json.encode(self._each_folded(events)))
        return SearchPage(json=json, more=more, before=found[-1].n if more else None)

    def files(self, room: str, kind: FileKind | None, before: int, limit: int) -> FilesPage:
        """The tail must be empty."""
        found, more = self.lookup.files(room, kind, before, limit)
        messages = {ref.n: self._files.record(ref).event for ref, _ in found}
        return FilesPage(files=[_file(messages[ref.n], place) for ref, place in found], more=more)

    def _page(self, room: str, events: list[Event], view: View) -> list[Message]:
        messages = self._folded(room, events)
        return self.threads.with_replies(room, messages) if view.folded else messages

    def _before(self, room: str, seq: int, limit: int, view: View) -> tuple[list[Event], bool]:
        """The newest messages below `seq` that fit on a page, and whether there are older ones."""
        start = self._tail.first_seq(room) or MAX_INTEGER
        newest = self._tail.messages_before(room, seq, limit + 1, view)[::-1]
        page = within(newest[:limit], PAGE_BYTES, _text_bytes)
        if len(page) < len(newest):
            return page[::-1], True
        found = self._indexed_before(room, min(seq, start), limit + 1 - len(page), view)[::-1]
        room_left = PAGE_BYTES - sum(map(_text_bytes, page))
        older = within(found[: limit - len(page)], room_left, _line_bytes, least=not page)
        return [*self._events(older[::-1]), *page[::-1]], len(older) < len(found)

    def _after(self, room: str, seq: int, limit: int, view: View) -> tuple[list[Event], bool]:
        """The oldest messages above `seq` that fit on a page, and whether there are newer ones."""
        start = self._tail.first_seq(room) or MAX_INTEGER
        events: list[Event] = []
        if seq + 1 < start:
            found = self._indexed_after(room, seq, start, limit + 1, view)
            fitting = within(found[:limit], PAGE_BYTES, _line_bytes)
            events = self._events(fitting)
            if len(fitting) < len(found):
                return events, True
        newer = self._tail.messages_after(room, seq, view)
        room_left = PAGE_BYTES - sum(map(_text_bytes, events))
        fitting_newer = within(
            newer[: limit - len(events)], room_left, _text_bytes, least=not events
        )
        return events + fitting_newer, len(fitting_newer) < len(newer)

    def _indexed_before(self, room: str, seq: int, limit: int, view: View) -> list[RecordRef]:
        moved = len(self._tail.moves(room))
        found = self.lookup.messages_before(room, seq, limit + moved, view)
        if not moved or view == ALL:
            return found[-limit:]
        return self._with_moves(room, found, view, lambda one: one < seq)[-limit:]

    def _indexed_after(
        self, room: str, seq: int, until: int, limit: int, view: View
    ) -> list[RecordRef]:
        moved = len(self._tail.moves(room))
        found = self.lookup.messages_after(room, seq, until, limit + moved, view)
        if not moved or view == ALL:
            return found[:limit]
        return self._with_moves(room, found, view, lambda one: seq < one < until)[:limit]

    def _with_moves(
        self, room: str, found: list[RecordRef], view: View, is_asked: Callable[[int], bool]
    ) -> list[RecordRef]:
        """The same, after the moves that the index does not have yet."""
        moves = self._tail.moves(room)
        kept = [one for one in found if one.seq not in moves]
        for seq in filter(is_asked, moves):
            record = None if self._tail.event(room, seq) else self.lookup.record(room, seq)
            event = self._event(record) if record else None
            if record and event and event.type == "message" and view.shows(event, moves[seq]):
                kept.append(record)
        return sorted(kept, key=lambda one: one.seq)

    def _folded(self, room: str, messages: list[Event]) -> list[Message]:
        if not messages:
            return []
        moves = self._tail.moves(room)
        if moves:
            messages = [placed(e, moves.get(e.seq, e.thread)) for e in messages]
        low, high = messages[0].seq, messages[-1].seq
        start = self._tail.first_seq(room) or MAX_INTEGER
        older: dict[int, list[Event]] = {}
        if low < start:
            for event in self._events(self.lookup.followers(room, low, high, start)):
                older.setdefault(event.target or 0, []).append(event)
        folded = [
            fold(message, [*older.get(message.seq, []), *self._tail.followers(room, message.seq)])
            for message in messages
        ]
        return self.polls.with_votes(room, folded)

    def _text(self, room: str, seq: int) -> str:
        message = self.message(room, seq)
        return message.text if message else ""

    def _each_folded(self, messages: list[Event]) -> list[Message]:
        """Messages of any rooms. The tail must be empty."""
        followers: list[list[Event]] = [[] for _ in messages]
        for place, found in self.lookup.followers_of([(one.room, one.seq) for one in messages]):
            followers[place].append(self._files.record(found).event)
        folded = map(fold, messages, followers)
        return [self.polls.with_votes(one.room, [one])[0] for one in folded]

    def _events(self, found: list[RecordRef]) -> list[Event]:
        return [self._event(one) for one in found]

    def _event(self, found: RecordRef) -> Event:
        """The event, and a message in the thread that the index has it in."""
        event = self._files.record(found).event
        return event if event.thread == found.thread else placed(event, found.thread)

    def _logged(self, found: RecordRef) -> LoggedRecord:
        path = segment_path(Path(self._files.folder.name), found.first)
        raw, record = self._files.line_and_record(found)
        return LoggedRecord(
            n=found.n,
            file=path.as_posix(),
            line=found.n - found.first + 1,
            record=record.event,
            raw=raw,
        )


def _pin_order(pin: Pin) -> tuple[int, int]:
    return -pin.line, -pin.seq


def _file(message: Event, place: int) -> FileOfRoom:
    files = message.files or ()
    return FileOfRoom(
        seq=message.seq,
        sender=message.sender,
        by=message.by,
        at=message.at,
        thread=message.thread,
        file=files[place],
    )


def within(
    things: list[T], most_bytes: int, size: Callable[[T], int], *, least: bool = True
) -> list[T]:
    """The first ones that are not larger together; with `least`, one in any case."""
    total = 0
    for count, thing in enumerate(things):
        total += size(thing)
        if total > most_bytes and (count or not least):
            return things[:count]
    return things


def _line_bytes(found: RecordRef) -> int:
    return found.size


def _text_bytes(event: Event) -> int:
    return len(event.text or "")
