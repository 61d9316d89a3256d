"""Reading the log: the index says where, the tail has what is newest, files have the texts."""

from pathlib import Path

import msgspec

from chatapp.limits import MAX_INTEGER
from chatapp.model import Event, History, Message
from chatapp.storage.files import Files
from chatapp.storage.fold import fold
from chatapp.storage.hot_erase import Starts
from chatapp.storage.index import Found
from chatapp.storage.lookup import Counted, Filter, Lookup
from chatapp.storage.manifest import segment_path
from chatapp.storage.query import Query
from chatapp.storage.tail import Tail


class Logged(msgspec.Struct, frozen=True, kw_only=True):
    """A record and where it stands: its number, and its line of a file under the data folder.

    `raw` is that line as it lies there, its newline too.
    """

    n: int
    file: str
    line: int
    record: Event
    raw: bytes


class SearchPage(msgspec.Struct, frozen=True, kw_only=True):
    """Messages that fit, newest first. The next page is the one `before` this number.

    They are JSON, as they go to who asked: nobody on their way needs to know them.
    """

    json: msgspec.Raw
    more: bool
    before: int | None

    @property
    def messages(self) -> list[Message]:
        return msgspec.json.decode(self.json, type=list[Message])


class Reader:
    """Reads for one thread. Its tail may be empty, where the index is known to be up to date."""

    def __init__(self, lookup: Lookup, files: Files, tail: Tail) -> None:
        self._lookup = lookup
        self._files = files
        self._tail = tail

    def close(self) -> None:
        self._lookup.close()
        self._files.close()

    def know_moved(self, moved: dict[int, Starts]) -> None:
        """The places of the lines of segments that are about to be put in others' places."""
        self._files.moved = moved

    def open_anew(self) -> None:
        """The files are others now."""
        self._files.close()

    def message(self, room: str, seq: int) -> Message | None:
        event = self._tail.event(room, seq)
        if event is None and (found := self._lookup.record(room, seq)):
            event = self._files.record(found).event
        if event is None or event.type != "message":
            return None
        return self._folded(room, [event])[0]

    def find_cid(self, sender: str, cid: str) -> Message | None:
        event = self._tail.with_cid(sender, cid)
        if event is None:
            for found in self._lookup.with_cid(sender, cid):
                record = self._files.record(found)
                if (record.sender, record.cid) == (sender, cid):
                    event = record.event
        return self._folded(event.room, [event])[0] if event else None

    def followers(self, room: str, seq: int) -> list[Event]:
        start = self._tail.first_seq(room) or MAX_INTEGER
        older = self._events(self._lookup.followers(room, seq, seq, start)) if seq < start else []
        return older + self._tail.followers(room, seq)

    def newest(self, room: str, before: int | None, limit: int) -> History:
        page = self._before(room, MAX_INTEGER if before is None else before, limit + 1)
        return History(
            messages=self._folded(room, page[-limit:]),
            more_before=len(page) > limit,
            more_after=before is not None and bool(self._after(room, before - 1, 1)),
        )

    def after(self, room: str, after: int, limit: int) -> History:
        page = self._after(room, after, limit + 1)
        return History(
            messages=self._folded(room, page[:limit]),
            more_before=bool(self._before(room, after + 1, 1)),
            more_after=len(page) > limit,
        )

    def around(self, room: str, seq: int, limit: int) -> History:
        half = limit // 2
        older = self._before(room, seq, half + 1)
        newer = self._after(room, seq - 1, limit - half + 1)
        messages = older[max(0, len(older) - half) :] + newer[: limit - half]
        return History(
            messages=self._folded(room, messages),
            more_before=len(older) > half,
            more_after=len(newer) > limit - half,
        )

    def events(self, room: str, after: int, limit: int) -> list[Event]:
        start = self._tail.first_seq(room) or MAX_INTEGER
        events: list[Event] = []
        if after + 1 < start:
            events = self._events(self._lookup.events_after(room, after, start, limit))
        return (events + self._tail.events(room, after))[:limit]

    def find(self, wanted: Filter, query: Query | None, limit: int) -> list[Logged]:
        """Newest first. The tail must be empty."""
        if query is None:
            found = self._lookup.find(wanted, limit)
        else:
            found = self._lookup.search(query, wanted, limit)
        return [self._logged(one) for one in found]

    def count(self, wanted: Filter) -> Counted:
        """Hour by hour. The tail must be empty."""
        return self._lookup.count(wanted)

    def senders(self, limit: int) -> dict[str, int]:
        """Of the newest records. The tail must be empty."""
        return self._lookup.senders(limit)

    def first(self, wanted: Filter) -> int | None:
        """The seq of a room's first message since a moment. The tail must be empty."""
        return self._lookup.first(wanted)

    def search(self, query: Query, wanted: Filter, limit: int) -> SearchPage:
        """Newest first. The tail must be empty."""
        found = self._lookup.search(query, wanted, limit + 1)
        more, found = len(found) > limit, found[:limit]
        events = self._events(found)
        messages = [self._folded(event.room, [event])[0] for event in events]
        json = msgspec.Raw(msgspec.json.encode(messages))
        return SearchPage(json=json, more=more, before=found[-1].n if more else None)

    def _before(self, room: str, seq: int, limit: int) -> list[Event]:
        start = self._tail.first_seq(room) or MAX_INTEGER
        newest = self._tail.messages_before(room, seq, limit)
        if len(newest) < limit:
            found = self._lookup.messages_before(room, min(seq, start), limit - len(newest))
            newest = self._events(found) + newest
        return newest

    def _after(self, room: str, seq: int, limit: int) -> list[Event]:
        start = self._tail.first_seq(room) or MAX_INTEGER
        events: list[Event] = []
        if seq + 1 < start:
            events = self._events(self._lookup.messages_after(room, seq, start, limit))
        newer = (e for e in self._tail.events(room, seq) if e.type == "message")
        return (events + list(newer))[:limit] if len(events) < limit else events

    def _folded(self, room: str, messages: list[Event]) -> list[Message]:
        if not messages:
            return []
        low, high = messages[0].seq, messages[-1].seq
        start = self._tail.first_seq(room) or MAX_INTEGER
        older: dict[int, list[Event]] = {}
        if low < start:
            for event in self._events(self._lookup.followers(room, low, high, start)):
                older.setdefault(event.target or 0, []).append(event)
        return [
            fold(message, [*older.get(message.seq, []), *self._tail.followers(room, message.seq)])
            for message in messages
        ]

    def _events(self, found: list[Found]) -> list[Event]:
        return [self._files.record(one).event for one in found]

    def _logged(self, found: Found) -> Logged:
        path = segment_path(Path(self._files.folder.name), found.first)
        raw, record = self._files.line_and_record(found)
        return Logged(
            n=found.n,
            file=path.as_posix(),
            line=found.n - found.first + 1,
            record=record.event,
            raw=raw,
        )
