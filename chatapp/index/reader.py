"""Reads the log: positions come from the index, the newest events from memory, texts from files."""

from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import TypeVar

import msgspec

from chatapp.domain.limits import MAX_INTEGER
from chatapp.domain.model import Event, History, Message, Person
from chatapp.index.fold import fold
from chatapp.index.index import RecordRef
from chatapp.index.lookup import Filter, Lookup
from chatapp.index.recent_events import RecentEvents
from chatapp.index.record_files import Files
from chatapp.index.unread import RoomMark, UnreadCount, UnreadCounter
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


class Reader:
    """Reads for one thread. Its tail may be empty, if the index is up to date."""

    def __init__(self, lookup: Lookup, files: Files, tail: RecentEvents) -> None:
        self.lookup = lookup
        self._files = files
        self._tail = tail

    def close(self) -> None:
        self.lookup.close()
        self._files.close()

    def close_index(self) -> None:
        """Close the index, which is about to be replaced; until `open_index`, queries fail."""
        self.lookup.close()

    def open_index(self, index: Path) -> None:
        self.lookup = Lookup.open(index)

    def message(self, room: str, seq: int) -> Message | None:
        event = self._tail.event(room, seq)
        if event is None and (found := self.lookup.record(room, seq)):
            event = self._files.record(found).event
        if event is None or event.type != "message":
            return None
        return self._folded(room, [event])[0]

    def find_cid(self, room: str, sender: str, cid: str, by: str | None) -> Message | None:
        """The message with this cid, if the index has it."""
        for found in self.lookup.with_cid(sender, cid):
            event = self._files.record(found).event
            is_same = (event.room, event.sender, event.cid) == (room, sender, cid)
            if is_same and event.by in (by, None):
                return self._folded(room, [event])[0]
        return None

    def followers(self, room: str, seq: int) -> list[Event]:
        start = self._tail.first_seq(room) or MAX_INTEGER
        older = self._events(self.lookup.followers(room, seq, seq, start)) if seq < start else []
        return older + self._tail.followers(room, seq)

    def deleted(self, room: str, seqs: Collection[int]) -> set[int]:
        """Which of these messages are deleted."""
        newer = {change.target for change in self._tail.changes(room) if change.type == "delete"}
        return self.lookup.deleted(room, seqs) | {seq for seq in seqs if seq in newer}

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

    def newest(self, room: str, before: int | None, limit: int) -> History:
        page, more = self._before(room, MAX_INTEGER if before is None else before, limit)
        return History(
            messages=self._folded(room, page),
            more_before=more,
            more_after=before is not None and bool(self._after(room, before - 1, 1)[0]),
        )

    def after(self, room: str, after: int, limit: int) -> History:
        page, more = self._after(room, after, limit)
        return History(
            messages=self._folded(room, page),
            more_before=bool(self._before(room, after + 1, 1)[0]),
            more_after=more,
        )

    def around(self, room: str, seq: int, limit: int) -> History:
        half = limit // 2
        older, more_before = self._before(room, seq, half)
        newer, more_after = self._after(room, seq - 1, limit - half)
        return History(
            messages=self._folded(room, older + newer),
            more_before=more_before,
            more_after=more_after,
        )

    def events(self, room: str, after: int, limit: int, most_bytes: int) -> list[Event]:
        start = self._tail.first_seq(room) or MAX_INTEGER
        events: list[Event] = []
        if after + 1 < start:
            found = self.lookup.events_after(room, after, start, limit)
            fitting = within(found, most_bytes, _line_bytes)
            events = self._events(fitting)
            if len(fitting) < len(found):
                return events
        newer = self._tail.events(room, after)[: limit - len(events)]
        return within(events + newer, most_bytes, _text_bytes)

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

    def _before(self, room: str, seq: int, limit: int) -> tuple[list[Event], bool]:
        """The newest messages below `seq` that fit on a page, and whether there are older ones."""
        start = self._tail.first_seq(room) or MAX_INTEGER
        newest = self._tail.messages_before(room, seq, limit + 1)[::-1]
        page = within(newest[:limit], PAGE_BYTES, _text_bytes)
        if len(page) < len(newest):
            return page[::-1], True
        found = self.lookup.messages_before(room, min(seq, start), limit + 1 - len(page))[::-1]
        room_left = PAGE_BYTES - sum(map(_text_bytes, page))
        older = within(found[: limit - len(page)], room_left, _line_bytes, least=not page)
        return [*self._events(older[::-1]), *page[::-1]], len(older) < len(found)

    def _after(self, room: str, seq: int, limit: int) -> tuple[list[Event], bool]:
        """The oldest messages above `seq` that fit on a page, and whether there are newer ones."""
        start = self._tail.first_seq(room) or MAX_INTEGER
        events: list[Event] = []
        if seq + 1 < start:
            found = self.lookup.messages_after(room, seq, start, limit + 1)
            fitting = within(found[:limit], PAGE_BYTES, _line_bytes)
            events = self._events(fitting)
            if len(fitting) < len(found):
                return events, True
        newer = [e for e in self._tail.events(room, seq) if e.type == "message"]
        room_left = PAGE_BYTES - sum(map(_text_bytes, events))
        fitting_newer = within(
            newer[: limit - len(events)], room_left, _text_bytes, least=not events
        )
        return events + fitting_newer, len(fitting_newer) < len(newer)

    def _folded(self, room: str, messages: list[Event]) -> list[Message]:
        if not messages:
            return []
        low, high = messages[0].seq, messages[-1].seq
        start = self._tail.first_seq(room) or MAX_INTEGER
        older: dict[int, list[Event]] = {}
        if low < start:
            for event in self._events(self.lookup.followers(room, low, high, start)):
                older.setdefault(event.target or 0, []).append(event)
        return [
            fold(message, [*older.get(message.seq, []), *self._tail.followers(room, message.seq)])
            for message in messages
        ]

    def _text(self, room: str, seq: int) -> str:
        message = self.message(room, seq)
        return message.text if message else ""

    def _each_folded(self, messages: list[Event]) -> list[Message]:
        """Messages of any rooms. The tail must be empty."""
        followers: list[list[Event]] = [[] for _ in messages]
        for place, found in self.lookup.followers_of([(one.room, one.seq) for one in messages]):
            followers[place].append(self._files.record(found).event)
        return list(map(fold, messages, followers))

    def _events(self, found: list[RecordRef]) -> list[Event]:
        return [self._files.record(one).event for one in found]

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
