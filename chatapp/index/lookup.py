"""Queries the index for the positions of records.

Every query uses a sort order of the index, and pages start at the last number or seq of the
previous page: the thousandth page costs as much as the first.
"""

# ruff: noqa: S608 - statements are put together of constants of this file; values are bound

import sqlite3
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from chatapp.domain.clock import day, milliseconds
from chatapp.domain.files import FILE_KINDS, FileKind
from chatapp.domain.limits import MAX_FILES, name_key
from chatapp.domain.model import Person, Pin
from chatapp.index import parts, pin_table
from chatapp.index.polls.lookup import PollLookup
from chatapp.index.record_ref import RecordRef
from chatapp.index.schema import (
    CHANGE,
    FOUND,
    NOBODY,
    REPLY,
    SECTION_BITS,
    SHOWN,
    VOTE,
    author_of,
    cid_hash,
    connect,
)
from chatapp.index.thread_lookup import ThreadLookup
from chatapp.index.view import ALL, View
from chatapp.text import words
from chatapp.text.query import QueriedPerson, Query
from chatapp.text.words import words_apart

HOUR = 3_600_000
DAY = 24 * HOUR
"""In milliseconds, like times in the index."""
COUNTED_AT_ONCE = 1_000_000
"""Takes about 0.3 seconds."""
SENDERS_AS_WORDS = ROOMS_AS_WORDS = 64
"""Up to this many are searched as words; with more, each hit is checked."""


SAID = "{text files}"
"""The columns in which words are found: files are called by their names."""


class Filter(msgspec.Struct, frozen=True, kw_only=True):
    """Criteria for records: the newest ones, or with `after` the first ones after this number.

    `since` is inclusive, `until` is not; `before` and `after` are numbers of records.
    """

    rooms: Sequence[str] | None = None
    sender: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    before: int | None = None
    after: int | None = None


class HourlyCounts(msgspec.Struct, frozen=True):
    """The number of records in each hour since 1970, up to the record `until`; with `more`, there
    are later ones."""

    hours: dict[int, int]
    until: int
    more: bool


class SeqRange(msgspec.Struct, frozen=True):
    """Events of a room between two seqs, both inclusive; empty if the last one is smaller."""

    room: str
    first: int
    last: int


class CallingWord(msgspec.Struct, frozen=True):
    """A word after an @, by its hash, in a message of one of several ranges."""

    range: int
    seq: int
    word: int
    is_certain: bool


class OldMessages(msgspec.Struct, frozen=True):
    """The oldest part of a room: the seq of its last event, and its messages and their files."""

    up_to: int
    messages: int
    files: int


class Lookup:
    """Reads through a connection. Not for two threads at the same time."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection
        self.threads = ThreadLookup(connection, lambda room: self._id("rooms", room))
        self.polls = PollLookup(connection, lambda room: self._id("rooms", room))
        self._ids: dict[tuple[str, str], int] = {}
        self._first_seqs: dict[str, int] = {}
        self._sender_names: list[_SenderName] = []
        self._senders_until = 0

    @classmethod
    def open(cls, path: Path) -> "Lookup":
        connection = connect(path)
        connection.execute("PRAGMA query_only = true")
        return cls(connection)

    def close(self) -> None:
        self._db.close()

    def record(self, room: str, seq: int) -> RecordRef | None:
        found = self._records(
            f"room = ? AND follows IN ({SHOWN}, {CHANGE}, {REPLY}, {VOTE}) AND seq = ?",
            (self._id("rooms", room), seq),
        )
        return found[0] if found else None

    def pins(self, room: str) -> list[Pin]:
        """The pinned messages of a room, the one that was pinned last first."""
        return pin_table.pinned(self._db, self._id("rooms", room))

    def messages_before(self, room: str, seq: int, limit: int, view: View = ALL) -> list[RecordRef]:
        """The newest messages of a room with a seq below `seq`, oldest first."""
        found = self._messages(room, view, "seq < ? ORDER BY seq DESC LIMIT ?", (seq, limit))
        return found[-limit:] if limit else []

    def messages_after(
        self, room: str, seq: int, until: int, limit: int, view: View = ALL
    ) -> list[RecordRef]:
        """The oldest messages of a room with a seq above `seq` and below `until`."""
        values = (seq, until, limit)
        return self._messages(room, view, "seq > ? AND seq < ? ORDER BY seq LIMIT ?", values)[
            :limit
        ]

    def _messages(
        self, room: str, view: View, where: str, values: tuple[int, ...]
    ) -> list[RecordRef]:
        """Messages that fit, oldest first; of all messages, so many that are shown in the room, and
        so many that are not."""
        id = self._id("rooms", room)
        if view.thread is not None:
            found = self._records(
                f"room = ? AND thread = ? AND {where}", (id, view.thread, *values)
            )
        else:
            found = self._records(f"room = ? AND follows = {SHOWN} AND {where}", (id, *values))
            if not view.folded:
                found += self._records(f"room = ? AND follows = {REPLY} AND {where}", (id, *values))
        return sorted(found, key=_number)

    def events_after(self, room: str, seq: int, until: int, limit: int) -> list[RecordRef]:
        """The oldest events of a room with a seq above `seq` and below `until`."""
        values = (self._id("rooms", room), seq, until, limit)
        found = [
            one
            for follows in (SHOWN, CHANGE, REPLY, VOTE)
            for one in self._records(_EVENTS_AFTER.format(follows=follows), values)
        ]
        return sorted(found, key=_number)[:limit]

    def following(self, n: int, until: int, limit: int) -> list[RecordRef]:
        """The oldest records with a number above `n` and below `until`."""
        return self._records("n > ? AND n < ? ORDER BY n LIMIT ?", (n, until, limit))

    def between(self, n: int, until: int, rooms: Sequence[str]) -> list[RecordRef]:
        """All records of these rooms with a number above `n` and below `until`, oldest first."""
        ids = msgspec.json.encode([self._id("rooms", room) for room in rooms]).decode()
        return self._records(_OF_ROOMS_BETWEEN, (n, until, ids))

    def files(
        self, room: str, kind: FileKind | None, before: int, limit: int
    ) -> tuple[list[tuple[RecordRef, int]], bool]:
        """Files of a room's current messages with a seq below `before`, the newest first; each by
        its message and its place there, all of a message or none. One message, if there is one.
        And whether there are more."""
        of_kind = "" if kind is None else f" AND kind = {FILE_KINDS.index(kind)}"
        found = self._db.execute(
            f"SELECT file_seq, place, {FOUND} FROM (SELECT n, seq AS file_seq, place FROM files"
            f" WHERE room = ? AND seq < ?{of_kind} ORDER BY seq DESC, place LIMIT ?)"
            " CROSS JOIN records USING (n) ORDER BY file_seq DESC, place",
            (self._id("rooms", room), before, max(limit, MAX_FILES) + 1),
        ).fetchall()
        page = found
        if len(found) > limit:
            cut = found[limit][0]
            page = [row for row in found if row[0] > cut] or [row for row in found if row[0] == cut]
        refs = [(RecordRef(*position), place) for _, place, *position in page]
        return refs, len(page) < len(found)

    def followers(self, room: str, low: int, high: int, until: int) -> list[RecordRef]:
        """Events below seq `until` that refer to messages from `low` to `high`, oldest first."""
        return self._records(
            f"follows = {CHANGE} AND room = ? AND target BETWEEN ? AND ? AND seq < ? ORDER BY seq",
            (self._id("rooms", room), low, high, until),
        )

    def votes(self, room: str, poll: int, until: int) -> list[RecordRef]:
        """The votes of a poll with a seq below `until`, oldest first."""
        where = f"room = ? AND follows = {VOTE} AND seq > ? AND seq < ? AND target = ? ORDER BY seq"
        return self._records(where, (self._id("rooms", room), poll, until, poll))

    def first_seqs(self, rooms: Sequence[str]) -> dict[str, int]:
        """The seq of the first existing event of each room, which need not be 1."""
        unknown = [room for room in rooms if room not in self._first_seqs]
        if unknown:
            asked = msgspec.json.encode(unknown).decode()
            for room, id, *seqs in self._db.execute(_FIRST_SEQS, (asked,)):
                self._ids["rooms", room] = id
                if found := [seq for seq in seqs if seq is not None]:
                    self._first_seqs[room] = min(found)
        return self._first_seqs

    def not_counted(self, person: Person, ranges: Sequence[SeqRange]) -> list[int]:
        """For each range, the number of events that are not messages, are deleted, or are the
        person's own."""
        own, older, since = self.authorship(person)
        values = (own, older, since, self._as_json(ranges))
        return [count for (count,) in self._db.execute(_NOT_COUNTED, values)]

    def is_counted(self, person: Person, room: str, seq: int) -> bool:
        """Whether this is a message of somebody else that is not deleted."""
        values = (self._id("rooms", room), seq, *self.authorship(person))
        return self._db.execute(_IS_COUNTED, values).fetchone() is not None

    def last_by(self, person: Person, room: str) -> RecordRef | None:
        """A person's last message in a room that is not deleted."""
        found = self._records(
            "room = ? AND author = ? ORDER BY seq DESC LIMIT 1",
            (self._id("rooms", room), self._id("authors", person.id) or _NO_AUTHOR),
        )
        return found[0] if found else None

    def deleted(self, room: str, seqs: Iterable[int]) -> set[int]:
        """Which of these messages are deleted."""
        wanted = msgspec.json.encode(list(seqs)).decode()
        return {seq for (seq,) in self._db.execute(_DELETED, (self._id("rooms", room), wanted))}

    def calling_words(
        self, person: Person, ranges: Sequence[SeqRange], words: Iterable[int]
    ) -> list[CallingWord]:
        """Occurrences of these words after an @ in counted messages."""
        values = (
            self._as_json(ranges),
            msgspec.json.encode(list(words)).decode(),
            *self.authorship(person),
        )
        rows = self._db.execute(_CALLING_WORDS, values)
        return [CallingWord(at, seq, word, bool(certain)) for at, seq, word, certain in rows]

    def authorship(self, person: Person) -> tuple[int, int, int]:
        """A person's own messages (see `is_own`): their author, the author in old versions, and
        from when."""
        own = self._id("authors", person.id)
        if person.since is None:
            return own, _NO_AUTHOR, 0
        older = self._id("authors", author_of(None, person.name)) or _NO_AUTHOR
        return own, older, milliseconds(datetime.fromisoformat(person.since))

    def _as_json(self, ranges: Sequence[SeqRange]) -> str:
        rows = [(self._id("rooms", one.room), one.first, one.last) for one in ranges]
        return msgspec.json.encode(rows).decode()

    def followers_of(self, messages: Sequence[tuple[str, int]]) -> list[tuple[int, RecordRef]]:
        """Events that refer to these messages (room, seq), oldest first, each with the index of its
        message."""
        asked = [(self._id("rooms", room), seq) for room, seq in messages]
        rows = self._db.execute(_FOLLOWERS_OF, (msgspec.json.encode(asked).decode(),))
        return [(place, RecordRef(*found)) for place, *found in rows]

    def with_cid(self, sender: str, cid: str) -> list[RecordRef]:
        """Messages that may have this cid: hashes can collide."""
        return self._records(_WITH_HASH, (cid_hash(sender, cid),))

    def with_cids(
        self, messages: Sequence[tuple[str, str, str | None, str]]
    ) -> list[tuple[int, RecordRef, bool]]:
        """Messages that have one of these cids, given with room, sender and the sender's id; each
        with the index of what was asked for. One query for all: a hash of 63 bits stands for sender
        and cid, and the room and the author must be the same. Of what has no author in the index,
        its record says who it is of: then the last value is False."""
        asked = [
            (
                cid_hash(sender, cid),
                self._id("rooms", room),
                self._id("senders", sender),
                self._id("authors", author_of(by, sender)) or _NO_AUTHOR,
                self._id("authors", author_of(None, sender)) or _NO_AUTHOR,
            )
            for room, sender, by, cid in messages
        ]
        rows = self._db.execute(_WITH_CIDS, (msgspec.json.encode(asked).decode(),))
        return [(place, RecordRef(*found), author != NOBODY) for place, author, *found in rows]

    def cid_hashes(self, section: int) -> list[int]:
        """The hashes of all cids in a section."""
        rows = self._db.execute("SELECT hash FROM cids WHERE section = ?", (section,))
        return [hash for (hash,) in rows]

    def find(self, wanted: Filter, limit: int) -> list[RecordRef]:
        """Matching records, newest first."""
        wanted = self._with_exact_sender(wanted)
        where, values = self._conditions(wanted)
        where += self._room_condition(self._in_rooms(wanted.rooms), limit)
        if wanted.sender is not None:
            where.append("sender = ?")
            values.append(self._id("senders", wanted.sender))
        order = "DESC" if wanted.after is None else "ASC"
        found = self._records(f"{' AND '.join(where)} ORDER BY n {order} LIMIT ?", (*values, limit))
        return found if wanted.after is None else found[::-1]

    def count(self, since: datetime, after: int) -> HourlyCounts:
        """Records by hour, since a time and with numbers above `after`; only so many that other
        queries need not wait long."""
        where, values = self._conditions(Filter(since=since, after=after))
        low, last = values[:2]
        values[1] = until = min(last, low + COUNTED_AT_ONCE - 1)
        rows = self._db.execute(
            f"SELECT at / {HOUR}, count(*) FROM records WHERE {' AND '.join(where)} GROUP BY 1",
            values,
        )
        return HourlyCounts(dict(rows), until=max(until, after), more=until < last)

    def senders(self, limit: int) -> dict[str, int]:
        """The number of records of each sender among the newest ones."""
        rows = self._db.execute(
            "SELECT name, count(*) FROM (SELECT sender FROM records ORDER BY n DESC LIMIT ?)"
            " JOIN senders ON senders.id = sender GROUP BY name",
            (limit,),
        )
        return dict(rows)

    def first(self, room: str, since: datetime) -> int | None:
        """The seq of a room's first message since a time, on the first day that has one. By days,
        because imported messages can be anywhere."""
        (in_room,) = self._room_condition(self._in_rooms([room]), 1)
        row = self._db.execute(
            "SELECT (SELECT seq FROM records WHERE n BETWEEN days.first AND days.last"
            f" AND {in_room} AND {_MESSAGES} AND at >= ?"
            f" AND at - strftime('%s', day) * 1000 BETWEEN 0 AND {DAY - 1} ORDER BY n LIMIT 1)"
            " AS found FROM days WHERE day >= ? AND found NOT NULL ORDER BY day LIMIT 1",
            (milliseconds(since), day(since)),
        ).fetchone()
        return row[0] if row else None

    def old_messages(self, room: str, after: int, before: datetime) -> OldMessages:
        """What of a room, from behind a seq, comes before the first message that is not older than
        a time. Reads the row of each old message."""
        id = self._id("rooms", room)
        newer = [
            self._db.execute(_FIRST_NOT_OLD, (id, follows, after, milliseconds(before))).fetchone()
            for follows in (SHOWN, REPLY)
        ]
        ends = [row[0] - 1 for row in newer if row]
        (head,) = self._db.execute(
            "SELECT coalesce((SELECT head FROM rooms WHERE id = ?), 0)", (id,)
        ).fetchone()
        up_to = max(min(ends, default=head), after)
        counts = self._db.execute(_MESSAGES_AND_FILES, (id, after, up_to)).fetchone()
        return OldMessages(up_to, *counts)

    def search(self, query: Query, wanted: Filter, limit: int) -> list[RecordRef]:
        """Messages with matching words, newest first."""
        senders = self._senders(query)
        if senders == []:
            return []
        wanted = self._with_exact_sender(wanted)
        if wanted.sender is not None:
            senders = [wanted.sender]
        expression = self._expression(query, wanted, senders)
        if expression is None:
            return self._by_time(query, wanted, limit)
        where, values = self._conditions(wanted)
        low, high = values[:2]
        if wanted.rooms is not None:
            where.append("room IN (SELECT value FROM json_each(?))")
            rooms = [self._id("rooms", room) for room in wanted.rooms]
            values.append(msgspec.json.encode(rooms).decode())
        if senders is not None:
            where.append("sender IN (SELECT value FROM json_each(?))")
            ids = [self._id("senders", sender) for sender in senders]
            values.append(msgspec.json.encode(ids).decode())
        self._add_thread(query, wanted, where, values)
        order = "DESC" if wanted.after is None else "ASC"
        found: list[RecordRef] = []
        for first in self._parts_between(low, high, order):
            rows = self._db.execute(
                f"SELECT {FOUND} FROM words_{first} AS words CROSS JOIN records ON n = words.rowid"
                f" WHERE words_{first} MATCH ? AND words.rowid BETWEEN ? AND ?"
                f" AND {' AND '.join(where)} ORDER BY words.rowid {order} LIMIT ?",
                (expression, low, high, *values, limit - len(found)),
            )
            found += [RecordRef(*row) for row in rows]
            if len(found) == limit:
                break
        return found if wanted.after is None else found[::-1]

    def _with_exact_sender(self, wanted: Filter) -> Filter:
        """With the sender's name as in the log; people type it in lower case."""
        typed = wanted.sender
        if typed is None or self._id("senders", typed):
            return wanted
        names = self._db.execute(_CALLED_LIKE if typed.isascii() else _NOT_ASCII, (typed,))
        found = (name for (name,) in names if name_key(name) == name_key(typed))
        return msgspec.structs.replace(wanted, sender=next(found, typed))

    def _parts_between(self, low: int, high: int, order: str) -> list[int]:
        """The parts that contain these numbers, in the order of the search."""
        firsts = parts.parts(self._db)
        older = [first for first in firsts if first <= low]
        between = older[-1:] + [first for first in firsts if low < first <= high]
        return between[::-1] if order == "DESC" else between

    def _by_time(self, query: Query, wanted: Filter, limit: int) -> list[RecordRef]:
        """Messages by time or thread only; none if neither was given."""
        none_is_open = wanted.rooms is not None and not wanted.rooms
        has_time = wanted.since is not None or wanted.until is not None
        if none_is_open or not (has_time or query.thread is not None or query.is_reply):
            return []
        where, values = self._conditions(wanted)
        where += self._in_rooms(wanted.rooms)
        self._add_thread(query, wanted, where, values)
        return self._records(
            f"{_MESSAGES} AND {' AND '.join(where)} ORDER BY n DESC LIMIT ?",
            (*values, limit),
        )

    def _add_thread(
        self, query: Query, wanted: Filter, where: list[str], values: list[Any]
    ) -> None:
        """The thread of a query as conditions. A thread has few messages of all: they are found
        first."""
        rooms = " AND ".join([*self._in_rooms(wanted.rooms), ""])
        if query.is_reply:
            where.append(f"n IN (SELECT n FROM records WHERE {rooms}thread IS NOT NULL)")
        if query.thread is not None:
            where.append(
                f"n IN (SELECT n FROM records WHERE {rooms}thread = ?"
                f" UNION ALL SELECT n FROM records WHERE {rooms}{_MESSAGES} AND seq = ?)"
            )
            values += query.thread, query.thread

    def _senders(self, query: Query) -> list[str] | None:
        """The names of the people in the query; None if there are none."""
        if not query.senders:
            return None
        return list(dict.fromkeys(name for who in query.senders for name in self._names_like(who)))

    def _names_like(self, who: QueriedPerson) -> list[str]:
        """The sender with this name in any spelling; or all with a word that starts like it."""
        if self._id("senders", who.typed):
            return [who.typed]
        names = self._names_of_senders()
        key = name_key(who.typed)
        if same := [sender.name for sender in names if sender.key == key]:
            return same
        known, begin = set(who.names), words_apart(who.typed)
        return [one.name for one in names if one.name in known or begin in one.apart]

    def _names_of_senders(self) -> list["_SenderName"]:
        """Read once, for all searches by sender."""
        newer = "SELECT id, name FROM senders WHERE id > ? ORDER BY id"
        for id, name in self._db.execute(newer, (self._senders_until,)).fetchall():
            self._sender_names.append(_SenderName(name, name_key(name), words_apart(name)))
            self._senders_until = id
        return self._sender_names

    def _expression(self, query: Query, wanted: Filter, senders: list[str] | None) -> str | None:
        """The FTS5 query; None if there is nothing to search for."""
        asked = [f"{SAID} : ({words.expression(query.terms)})"] if query.terms else []
        if query.files:
            asked.append(f"files : ({words.expression(query.files)})")
        is_only_excluding = bool(query.excluded) and not asked
        if wanted.rooms is not None and (is_only_excluding or len(wanted.rooms) <= ROOMS_AS_WORDS):
            rooms = [parts.room_tag(room) for room in wanted.rooms]
            if not rooms:
                return None
            asked.append(f"tags : ({' OR '.join(rooms)})")
        if senders is not None and len(senders) <= SENDERS_AS_WORDS:
            asked.append(f"tags : ({' OR '.join(map(parts.sender_tag, senders))})")
        asked += [f"tags : {tag}" for tag in query.has]
        wished = " AND ".join(asked)
        if wished and query.excluded:
            return f"({wished}) NOT ({SAID} : ({words.any_of(query.excluded)}))"
        return wished or None

    def _in_rooms(self, rooms: Sequence[str] | None) -> list[str]:
        if rooms is None:
            return []
        ids = (str(self._id("rooms", room)) for room in rooms)
        return [f"room IN ({','.join(ids)})"]

    def _room_condition(self, in_rooms: list[str], limit: int) -> list[str]:
        """The rooms as an SQL condition for `find`, in the order of all records.

        A page of a busy room is found while scanning all records; the records of a quiet room are
        few enough to be selected and sorted. (A plus before a column disables its index.)
        """
        if not in_rooms:
            return []
        (rooms,) = in_rooms
        own, all_of_them = self._db.execute(
            f"SELECT (SELECT total(head) FROM rooms WHERE {rooms.replace('room', 'id', 1)}),"
            " (SELECT coalesce(max(n), 0) FROM records)"
        ).fetchone()
        return [f"+{rooms}" if own * own > limit * all_of_them else rooms]

    def _conditions(self, wanted: Filter) -> tuple[list[str], list[Any]]:
        """The range of numbers and of times, as SQL and its values; the numbers come first."""
        low, high = self._numbers_of(wanted.since, wanted.until)
        if wanted.before is not None:
            high = min(high, wanted.before - 1)
        if wanted.after is not None:
            low = max(low, wanted.after + 1)
        where: list[str] = ["n BETWEEN ? AND ?"]
        values: list[Any] = [low, high]
        if wanted.since is not None:
            where.append("at >= ?")
            values.append(milliseconds(wanted.since))
        if wanted.until is not None:
            where.append("at < ?")
            values.append(milliseconds(wanted.until))
        return where, values

    def _numbers_of(self, since: datetime | None, until: datetime | None) -> tuple[int, int]:
        """The first and last number of the records of these days, even if a clock has jumped."""
        low, high = self._db.execute(
            "SELECT coalesce(min(first), 1), coalesce(max(last), 0) FROM days"
            " WHERE day >= coalesce(?, '') AND day <= coalesce(?, '~')",
            (since and day(since), until and day(until)),
        ).fetchone()
        return low, high

    def _id(self, table: str, name: str) -> int:
        """The id of a room or sender; 0 if the index does not have it."""
        known = self._ids.get((table, name))
        if known is None:
            row = self._db.execute(f"SELECT id FROM {table} WHERE name = ?", (name,)).fetchone()
            if row is None:
                return 0
            known = self._ids[table, name] = row[0]
        return known

    def _records(self, where: str, values: Sequence[Any]) -> list[RecordRef]:
        rows = self._db.execute(f"SELECT {FOUND} FROM records WHERE {where}", values)
        return [RecordRef(*row) for row in rows]


_WITH_HASH = (
    f"n IN (WITH RECURSIVE sections (section) AS (SELECT max(n) >> {SECTION_BITS} FROM records"
    " UNION ALL SELECT section - 1 FROM sections WHERE section > 0)"
    " SELECT n FROM sections CROSS JOIN cids USING (section) WHERE hash = ?)"
)
_ASKED = [f"json_extract(asked.value, '$[{place}]')" for place in range(5)]
_WITH_CIDS = (
    f"WITH RECURSIVE sections (section) AS (SELECT max(n) >> {SECTION_BITS} FROM records"
    " UNION ALL SELECT section - 1 FROM sections WHERE section > 0)"
    f" SELECT asked.key, author, {FOUND} FROM json_each(?) AS asked CROSS JOIN sections"
    f" CROSS JOIN cids ON cids.section = sections.section AND hash = {_ASKED[0]}"
    f" CROSS JOIN records USING (n) WHERE room = {_ASKED[1]} AND sender = {_ASKED[2]}"
    f" AND author IN ({NOBODY}, {_ASKED[3]}, {_ASKED[4]})"
)
_FIRST_SEQS = (
    "SELECT rooms.name, rooms.id,"
    f" (SELECT min(seq) FROM records WHERE room = rooms.id AND follows = {SHOWN}),"
    f" (SELECT min(seq) FROM records WHERE room = rooms.id AND follows = {CHANGE}),"
    f" (SELECT min(seq) FROM records WHERE room = rooms.id AND follows = {REPLY}),"
    f" (SELECT min(seq) FROM records WHERE room = rooms.id AND follows = {VOTE})"
    " FROM json_each(?) AS wanted JOIN rooms ON rooms.name = wanted.value"
)
_ROOM, _FIRST, _LAST = (f"json_extract(ranges.value, '$[{place}]')" for place in range(3))
_NO_AUTHOR = -1
_NOT_COUNTED = (
    "SELECT (SELECT count(*) FROM records INDEXED BY records_of_author"
    f" WHERE room = {_ROOM} AND author IN ({NOBODY}, ?1) AND seq BETWEEN {_FIRST} AND {_LAST})"
    " + (SELECT count(*) FROM records INDEXED BY records_of_author"
    f" WHERE room = {_ROOM} AND author = ?2 AND seq BETWEEN {_FIRST} AND {_LAST} AND at >= ?3)"
    " FROM json_each(?4) AS ranges ORDER BY ranges.key"
)
_OF_OTHERS = f"author NOT IN ({NOBODY}, ?3) AND (author <> ?4 OR at < ?5)"
_MESSAGES = f"follows IN ({SHOWN}, {REPLY})"
_FIRST_NOT_OLD = (
    "SELECT seq FROM records WHERE room = ? AND follows = ? AND seq > ? AND at >= ?"
    " ORDER BY seq LIMIT 1"
)
_MESSAGES_AND_FILES = (
    f"SELECT (SELECT count(*) FROM records WHERE room = ?1 AND {_MESSAGES}"
    " AND seq > ?2 AND seq <= ?3),"
    " (SELECT count(*) FROM files WHERE room = ?1 AND seq > ?2 AND seq <= ?3)"
)
_IS_COUNTED = f"SELECT 1 FROM records WHERE room = ?1 AND {_MESSAGES} AND seq = ?2 AND {_OF_OTHERS}"
# Only for messages of people: lines of the chat itself have no author either.
_DELETED = (
    f"SELECT seq FROM records WHERE room = ? AND author = {NOBODY} AND {_MESSAGES}"
    " AND seq IN (SELECT value FROM json_each(?))"
)
_CALLING_WORDS = (
    "SELECT ranges.key, mentions.seq, word, certain FROM json_each(?1) AS ranges"
    " CROSS JOIN json_each(?2) AS words CROSS JOIN mentions ON word = words.value"
    f" AND mentions.room = {_ROOM} AND mentions.seq BETWEEN {_FIRST} AND {_LAST}"
    f" CROSS JOIN records ON records.room = mentions.room AND {_MESSAGES}"
    f" AND records.seq = mentions.seq WHERE {_OF_OTHERS}"
)
_CALLED_LIKE = "SELECT name FROM senders WHERE name = ? COLLATE NOCASE"
_NOT_ASCII = "SELECT name FROM senders WHERE ? NOT NULL AND name GLOB '*[^ -~]*'"
"""SQLite only lower-cases ASCII."""
_FOLLOWERS_OF = (
    "SELECT asked.key, n, first, offset, size FROM json_each(?) AS asked CROSS JOIN records"
    f" ON follows = {CHANGE} AND room = json_extract(asked.value, '$[0]')"
    " AND target = json_extract(asked.value, '$[1]') ORDER BY seq"
)
_OF_ROOMS_BETWEEN = "n > ? AND n < ? AND +room IN (SELECT value FROM json_each(?)) ORDER BY n"
"""Whatever the rooms, it goes through the numbers: they are few, and their order is asked for."""
_EVENTS_AFTER = "room = ? AND follows = {follows} AND seq > ? AND seq < ? ORDER BY seq LIMIT ?"


class _SenderName(msgspec.Struct, frozen=True):
    """A sender's name, in the form for comparing names and in the form for searching words."""

    name: str
    key: str
    apart: str


def _number(found: RecordRef) -> int:
    return found.n
