"""Queries the index for threads."""

# ruff: noqa: S608 - statements are put together of constants of this file; values are bound

import sqlite3
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

import msgspec

from chatapp.index.record_ref import RecordRef
from chatapp.index.schema import NOBODY, REPLY, SHOWN


class IndexedThread(msgspec.Struct, frozen=True, kw_only=True):
    """A thread as the index has it: the number of its replies, 0 if it only has a title; the seq
    and the time of the last one in milliseconds, and who wrote the newest. `titled` is the line
    that named it last."""

    root: int
    replies: int
    last: int
    at: int
    names: list[str]
    titled: RecordRef | None


class ThreadSpan(msgspec.Struct, frozen=True):
    """The replies of a thread after the seq `read`, up to `last`."""

    room: str
    root: int
    read: int
    last: int


Authorship = tuple[int, int, int]
"""A person's own messages: their author, the author in old versions, and from when."""


class MessagePlace(msgspec.Struct, frozen=True):
    """The thread that a message is in, and whether it counts: it is not deleted, and the chat did
    not write it."""

    thread: int | None
    counts: bool


class IndexedReply(msgspec.Struct, frozen=True):
    """A reply that counts; its time is in milliseconds."""

    seq: int
    at: int
    sender: str


class ThreadLookup:
    """`room_id(name)` is the id of a room, 0 if the index does not have it."""

    def __init__(self, connection: sqlite3.Connection, room_id: Callable[[str], int]) -> None:
        self._db = connection
        self._room_id = room_id

    def threads(self, wanted: Mapping[str, Collection[int]]) -> dict[str, dict[int, IndexedThread]]:
        """Those of these messages, by room, that have a thread, or had one."""
        rooms = list(wanted)
        asked = [
            (place, self._room_id(room), root)
            for place, room in enumerate(rooms)
            for root in wanted[room]
        ]
        found: dict[str, dict[int, IndexedThread]] = {room: {} for room in rooms}
        for place, *row in self._db.execute(_THREADS, (msgspec.json.encode(asked).decode(),)):
            found[rooms[place]][row[0]] = _thread(row)
        return found

    def between(self, room: str, low: int, high: int) -> dict[int, IndexedThread]:
        """The same of all messages from `low` to `high`."""
        values = (self._room_id(room), low, high)
        return {row[0]: _thread(row) for row in self._db.execute(_BETWEEN, values)}

    def newest(self, room: str, before: int, limit: int) -> list[int]:
        """The roots of the threads with the newest replies below this seq, newest first."""
        rows = self._db.execute(_NEWEST, (self._room_id(room), before, limit))
        return [root for (root,) in rows]

    def places(self, room: str, seqs: Collection[int]) -> dict[int, MessagePlace]:
        """Where these messages are."""
        values = (self._room_id(room), msgspec.json.encode(sorted(seqs)).decode())
        rows = self._db.execute(_PLACES, values)
        return {seq: MessagePlace(thread, author != NOBODY) for seq, thread, author in rows}

    def replies(self, room: str, root: int, limit: int) -> list[IndexedReply]:
        """The newest replies that count, newest first."""
        rows = self._db.execute(_REPLIES, (self._room_id(room), root, limit))
        return [IndexedReply(*row) for row in rows]

    def unread(self, authorship: Authorship, spans: Sequence[ThreadSpan], limit: int) -> list[int]:
        """How many replies of others each span has; no more than `limit` are counted."""
        rows = self._db.execute(_UNREAD, (*authorship, self._as_json(spans), limit))
        return [count for (count,) in rows]

    def calling_words(
        self, authorship: Authorship, spans: Sequence[ThreadSpan], words: Collection[int]
    ) -> list[tuple[int, int, int, bool]]:
        """Occurrences of these words after an @ in replies of others: the place of the span, the
        seq, the word's hash, and whether it is certain."""
        asked = msgspec.json.encode(sorted(words)).decode()
        return self._db.execute(
            _CALLING_WORDS, (*authorship, self._as_json(spans), asked)
        ).fetchall()

    def _as_json(self, spans: Sequence[ThreadSpan]) -> str:
        rows = [(self._room_id(one.room), one.root, one.read, one.last) for one in spans]
        return msgspec.json.encode(rows).decode()

    def reply(self, room: str, seq: int) -> IndexedReply | None:
        row = self._db.execute(_REPLY, (self._room_id(room), seq)).fetchone()
        return IndexedReply(*row) if row else None


def _thread(row: Sequence[Any]) -> IndexedThread:
    root, replies, last, at, names, *titled = row
    return IndexedThread(
        root=root,
        replies=replies,
        last=last,
        at=at,
        names=_decode_names(names),
        titled=RecordRef(*titled) if titled[0] else None,
    )


_decode_names = msgspec.json.Decoder(list[str]).decode
_COLUMNS = (
    "threads.root, replies, last, threads.at, names, line.n, line.first, line.offset, line.size"
)
_THREADS = (
    f"SELECT json_extract(value, '$[0]'), {_COLUMNS} FROM json_each(?) AS asked"
    " CROSS JOIN threads ON threads.room = json_extract(value, '$[1]')"
    " AND threads.root = json_extract(value, '$[2]') LEFT JOIN records AS line ON line.n = titled"
)
_BETWEEN = (
    f"SELECT {_COLUMNS} FROM threads LEFT JOIN records AS line ON line.n = titled"
    " WHERE threads.room = ? AND threads.root BETWEEN ? AND ?"
)
_NEWEST = (
    "SELECT root FROM threads WHERE room = ? AND last < ? AND replies > 0"
    " ORDER BY last DESC LIMIT ?"
)
_PLACES = (
    "SELECT seq, thread, author FROM records"
    f" WHERE room = ? AND follows IN ({SHOWN}, {REPLY})"
    " AND seq IN (SELECT value FROM json_each(?))"
)
_REPLIES = (
    "SELECT seq, records.at, name FROM records INDEXED BY records_of_thread"
    " JOIN senders ON senders.id = sender"
    f" WHERE room = ? AND thread = ? AND author <> {NOBODY} ORDER BY seq DESC LIMIT ?"
)
_REPLY = (
    "SELECT seq, records.at, name FROM records JOIN senders ON senders.id = sender"
    f" WHERE room = ? AND follows IN ({SHOWN}, {REPLY}) AND seq = ?"
)
_ROOM, _ROOT, _READ, _LAST = (f"json_extract(spans.value, '$[{place}]')" for place in range(4))
_OF_OTHERS = f"author NOT IN ({NOBODY}, ?1) AND (author <> ?2 OR at < ?3)"
_UNREAD = (
    "SELECT (SELECT count(*) FROM (SELECT 1 FROM records INDEXED BY records_of_thread"
    f" WHERE room = {_ROOM} AND thread = {_ROOT} AND seq > {_READ} AND seq <= {_LAST}"
    f" AND {_OF_OTHERS} LIMIT ?5)) FROM json_each(?4) AS spans ORDER BY spans.key"
)
_CALLING_WORDS = (
    "SELECT spans.key, mentions.seq, word, certain FROM json_each(?4) AS spans"
    " CROSS JOIN json_each(?5) AS words CROSS JOIN mentions ON word = words.value"
    f" AND mentions.room = {_ROOM} AND mentions.seq > {_READ} AND mentions.seq <= {_LAST}"
    " CROSS JOIN records ON records.room = mentions.room"
    f" AND follows IN ({SHOWN}, {REPLY}) AND records.seq = mentions.seq"
    f" WHERE thread = {_ROOT} AND {_OF_OTHERS}"
)
