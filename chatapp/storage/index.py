"""The index: where in the log a record is, by room and seq, by number, by cid, by word.

SQLite, in WAL mode, derived from the log and nothing but that: delete it, and it is made
again. It holds places, not texts; the texts are read from the log itself.

    about      one row: version, epoch, and up to which line the log is indexed
    rooms      name, head: the seq of the room's last event
    senders    name
    records    n ─ room, follows, seq, target, sender, at, first, offset, size
    cids       hash of sender and cid ─ n
    days       day ─ first and last n
    words      full text of what messages say now (contentless FTS5; rowid is the n of the text)

`follows` is 0 for messages and 1 for events that point at one, so that a page of messages is
one walk along the index (room, follows, seq), however many reactions lie between.

Records come in many at a time, as one JSON text, and one SQL statement takes it apart: inside
it the interpreter's lock is free, and the event loop runs on.
"""

# ruff: noqa: S608 - statements are put together of constants of this file; values are bound

import hashlib
import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec

from chatapp.storage import words
from chatapp.storage.format import Record, Tip, decode_record, line_hash
from chatapp.storage.recovery import Mark
from chatapp.storage.tail import Tailed

INDEX_VERSION = 1
_SCHEMA = """
CREATE TABLE about (
    version INTEGER, epoch TEXT, n INTEGER, batch INTEGER, hash TEXT,
    first INTEGER, start INTEGER, "end" INTEGER
);
CREATE TABLE rooms (id INTEGER PRIMARY KEY, name TEXT UNIQUE, head INTEGER NOT NULL DEFAULT 0);
CREATE TABLE senders (id INTEGER PRIMARY KEY, name TEXT UNIQUE);
CREATE TABLE records (
    n INTEGER PRIMARY KEY, room INTEGER NOT NULL, follows INTEGER NOT NULL, seq INTEGER NOT NULL,
    target INTEGER, sender INTEGER NOT NULL, at INTEGER NOT NULL,
    first INTEGER NOT NULL, offset INTEGER NOT NULL, size INTEGER NOT NULL
);
CREATE UNIQUE INDEX records_of_room ON records (room, follows, seq);
CREATE INDEX records_of_sender ON records (sender, n);
CREATE INDEX records_on_message ON records (room, target, seq) WHERE follows;
CREATE TABLE cids (hash INTEGER, n INTEGER, PRIMARY KEY (hash, n)) WITHOUT ROWID;
CREATE TABLE days (day TEXT PRIMARY KEY, first INTEGER NOT NULL, last INTEGER NOT NULL);
CREATE VIRTUAL TABLE words USING fts5(
    text, content='', tokenize="unicode61 remove_diacritics 2"
);
"""
_INCOMING = """
CREATE TEMP TABLE incoming (
    n INTEGER PRIMARY KEY, room TEXT, seq INTEGER, target INTEGER, sender TEXT, at TEXT, type TEXT,
    cid INTEGER, text TEXT, first INTEGER, offset INTEGER, size INTEGER
)
"""
_TAKE_IN = """
INSERT INTO incoming SELECT
    json_extract(value, '$[5].n'), json_extract(value, '$[5].room'),
    json_extract(value, '$[5].seq'), json_extract(value, '$[5].target'),
    json_extract(value, '$[5].sender'), json_extract(value, '$[5].at'),
    json_extract(value, '$[5].type'), json_extract(value, '$[3]'),
    coalesce(json_extract(value, '$[4]'), json_extract(value, '$[5].text')),
    json_extract(value, '$[0]'), json_extract(value, '$[1]'), json_extract(value, '$[2]')
FROM json_each(?)
"""
_SORT_IN = (
    "INSERT OR IGNORE INTO rooms (name) SELECT DISTINCT room FROM incoming",
    "INSERT OR IGNORE INTO senders (name) SELECT DISTINCT sender FROM incoming",
    """
    INSERT INTO records SELECT
        n, (SELECT id FROM rooms WHERE name = room), type <> 'message', seq, target,
        (SELECT id FROM senders WHERE name = sender),
        CAST(strftime('%s', at) AS INTEGER) * 1000 + CAST(substr(at, 21, 3) AS INTEGER),
        first, offset, size
    FROM incoming
    """,
    "INSERT OR IGNORE INTO cids SELECT cid, n FROM incoming WHERE cid IS NOT NULL",
    """
    INSERT INTO days SELECT substr(at, 1, 10), min(n), max(n) FROM incoming WHERE true GROUP BY 1
    ON CONFLICT DO UPDATE SET first = min(first, excluded.first), last = max(last, excluded.last)
    """,
    """
    UPDATE rooms SET head = new.head
    FROM (SELECT room, max(seq) AS head FROM incoming GROUP BY room) AS new WHERE name = new.room
    """,
    "INSERT INTO words (rowid, text) SELECT n, text FROM incoming WHERE type = 'message'",
)


class Found(msgspec.Struct, frozen=True):
    """A record of the index: its number, and where its line is."""

    n: int
    first: int
    offset: int
    size: int


class Index:
    """One connection to the index. Each thread that reads or writes has its own."""

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self.path = path
        self._db = connection
        self._ids: dict[tuple[str, str], int] = {}

    @classmethod
    def open(cls, path: Path, epoch: str) -> "Index":
        """The index of the log with this epoch; where there is none that fits, an empty one."""
        try:
            index = cls(path, _connect(path))
            if index._fits(epoch):
                return index
            index.close()
        except sqlite3.DatabaseError:
            pass  # a damaged index is as good as none
        return cls._make(path, epoch)

    @classmethod
    def _make(cls, path: Path, epoch: str) -> "Index":
        remove_index(path)
        connection = _connect(path)
        connection.executescript(_SCHEMA)
        connection.execute(
            "INSERT INTO about VALUES (?, ?, 0, 0, '', 0, 0, 0)", (INDEX_VERSION, epoch)
        )
        connection.commit()
        return cls(path, connection)

    def another(self) -> "Index":
        """A second connection, for another thread."""
        return Index(self.path, _connect(self.path))

    def close(self) -> None:
        self._db.close()

    def clear(self, epoch: str) -> "Index":
        """An empty index in place of this one, which did not fit its log."""
        self.close()
        return self._make(self.path, epoch)

    def _fits(self, epoch: str) -> bool:
        row = self._db.execute("SELECT version, epoch FROM about").fetchone()
        return bool(row == (INDEX_VERSION, epoch))

    # What is there

    def mark(self) -> Mark | None:
        """Up to which line the log is indexed."""
        n, batch, digits, first, start, end = self._db.execute(
            'SELECT n, batch, hash, first, start, "end" FROM about'
        ).fetchone()
        if n == 0:
            return None
        return Mark(tip=Tip(n, batch, digits), first=first, start=start, end=end)

    def heads(self) -> dict[str, int]:
        return dict(self._db.execute("SELECT name, head FROM rooms"))

    # Taking in

    def add(self, entries: Sequence[Tailed], read: Callable[[Found], Record]) -> None:
        """Takes in durable records that follow what is there, in one transaction."""
        rows = b",".join(_row(entry) for entry in entries)
        last = entries[-1]
        record = decode_record(last.line)
        self._ids.clear()
        with self._db:
            self._db.execute("BEGIN IMMEDIATE")
            self._db.execute(_INCOMING)
            self._db.execute(_TAKE_IN, (b"[%b]" % rows,))
            for statement in _SORT_IN:
                self._db.execute(statement)
            for entry in entries:
                if entry.event.type in ("edit", "delete"):
                    self._replace_words(entry, read)
            self._db.execute("DROP TABLE incoming")
            self._db.execute(
                'UPDATE about SET n = ?, batch = ?, hash = ?, first = ?, start = ?, "end" = ?',
                (
                    last.n,
                    record.batch,
                    line_hash(last.line).decode(),
                    last.first,
                    last.offset,
                    last.offset + len(last.line),
                ),
            )

    def _replace_words(self, entry: Tailed, read: Callable[[Found], Record]) -> None:
        """The words of a message that was edited or deleted are not its words any more."""
        event = entry.event
        room = self._id("rooms", event.room)
        message = self._one("room = ? AND follows = 0 AND seq = ?", (room, event.target))
        if message is None:
            return
        earlier = self._db.execute(
            f"SELECT {_FOUND} FROM records WHERE follows AND room = ? AND target = ? AND seq < ?"
            " ORDER BY seq DESC",
            (room, event.target, event.seq),
        )
        saying = read(message)
        for row in earlier:
            record = read(Found(*row))
            if record.type == "delete":
                return
            if record.type == "edit":
                saying = record
                break
        self._db.execute(
            "INSERT INTO words (words, rowid, text) VALUES ('delete', ?, ?)",
            (message.n, words.spaced(saying.text or "")),
        )
        if event.type == "edit":
            self._db.execute(
                "INSERT INTO words (rowid, text) VALUES (?, ?)",
                (message.n, words.spaced(event.text or "")),
            )

    # Asking

    def record(self, room: str, seq: int) -> Found | None:
        return self._one(
            "room = ? AND follows IN (0, 1) AND seq = ?", (self._id("rooms", room), seq)
        )

    def messages_before(self, room: str, seq: int, limit: int) -> list[Found]:
        """The newest messages of a room with a seq below `seq`, oldest first."""
        found = self._all(
            "room = ? AND follows = 0 AND seq < ? ORDER BY seq DESC LIMIT ?",
            (self._id("rooms", room), seq, limit),
        )
        return found[::-1]

    def messages_after(self, room: str, seq: int, until: int, limit: int) -> list[Found]:
        """The oldest messages of a room with a seq above `seq` and below `until`."""
        return self._all(
            "room = ? AND follows = 0 AND seq > ? AND seq < ? ORDER BY seq LIMIT ?",
            (self._id("rooms", room), seq, until, limit),
        )

    def events_after(self, room: str, seq: int, until: int, limit: int) -> list[Found]:
        """The oldest events of a room with a seq above `seq` and below `until`."""
        return self._all(
            f"n IN (SELECT n FROM ({_EVENTS_AFTER.format(0)}) UNION ALL"
            f" SELECT n FROM ({_EVENTS_AFTER.format(1)})) ORDER BY n LIMIT ?",
            (*(self._id("rooms", room), seq, until, limit) * 2, limit),
        )

    def followers(self, room: str, low: int, high: int, until: int) -> list[Found]:
        """Events below seq `until` that point at messages from `low` to `high`, oldest first."""
        return self._all(
            "follows AND room = ? AND target BETWEEN ? AND ? AND seq < ? ORDER BY seq",
            (self._id("rooms", room), low, high, until),
        )

    def with_cid(self, sender: str, cid: str) -> list[Found]:
        """Messages that may have this cid: hashes collide now and then."""
        return self._all("n IN (SELECT n FROM cids WHERE hash = ?)", (cid_hash(sender, cid),))

    def find(
        self,
        *,
        rooms: Sequence[str] | None,
        sender: str | None,
        days: tuple[str | None, str | None],
        times: tuple[int | None, int | None],
        text: str | None,
        before: int | None,
        after: int | None,
        limit: int,
    ) -> list[Found]:
        """Records that fit all that is given, newest first; with `after`, those next to it."""
        where: list[str] = ["true"]
        values: list[Any] = []
        if rooms is not None:
            ids = [self._id("rooms", room) for room in rooms]
            where.append(f"room IN ({','.join('?' * len(ids))})")
            values += ids
        if sender is not None:
            where.append("sender = ?")
            values.append(self._id("senders", sender))
        low, high = self._numbers_of(days)
        where.append("n BETWEEN ? AND ?")
        values.append(max(low, after + 1) if after is not None else low)
        values.append(min(high, before - 1) if before is not None else high)
        for bound, sign in zip(times, (">=", "<"), strict=True):
            if bound is not None:
                where.append(f"at {sign} ?")
                values.append(bound)
        if text is not None:
            expression = words.match_words(text)
            if expression is None:
                return []
            where.append("n IN (SELECT rowid FROM words WHERE words MATCH ?)")
            values.append(expression)
        order = "DESC" if after is None else "ASC"
        found = self._all(f"{' AND '.join(where)} ORDER BY n {order} LIMIT ?", (*values, limit))
        return found if after is None else found[::-1]

    def _numbers_of(self, days: tuple[str | None, str | None]) -> tuple[int, int]:
        """The first and last number of the records of some days, clocks that jumped included."""
        low, high = self._db.execute(
            "SELECT coalesce(min(first), 1), coalesce(max(last), 0) FROM days"
            " WHERE day >= coalesce(?, '') AND day <= coalesce(?, '~')",
            days,
        ).fetchone()
        return low, high

    def _id(self, table: str, name: str) -> int:
        """The id of a room or sender; -1 where the index knows none."""
        known = self._ids.get((table, name))
        if known is None:
            row = self._db.execute(f"SELECT id FROM {table} WHERE name = ?", (name,)).fetchone()
            if row is None:
                return -1
            known = self._ids[table, name] = row[0]
        return known

    def _one(self, where: str, values: tuple[Any, ...]) -> Found | None:
        row = self._db.execute(f"SELECT {_FOUND} FROM records WHERE {where}", values).fetchone()
        return Found(*row) if row else None

    def _all(self, where: str, values: tuple[Any, ...]) -> list[Found]:
        rows = self._db.execute(f"SELECT {_FOUND} FROM records WHERE {where}", values)
        return [Found(*row) for row in rows]


_FOUND = "n, first, offset, size"
_EVENTS_AFTER = (
    "SELECT n FROM records WHERE room = ? AND follows = {} AND seq > ? AND seq < ?"
    " ORDER BY seq LIMIT ?"
)


def remove_index(path: Path) -> None:
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def cid_hash(sender: str, cid: str) -> int:
    """63 bits for a sender and a cid."""
    digest = hashlib.blake2b(f"{sender}\n{cid}".encode(), digest_size=8).digest()
    return int.from_bytes(digest) >> 1


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("PRAGMA temp_store = MEMORY")
    connection.execute("PRAGMA cache_size = -16000")
    return connection


def _row(entry: Tailed) -> bytes:
    event = entry.event
    cid = b"null"
    if event.cid is not None and event.type == "message":
        cid = b"%d" % cid_hash(event.sender, event.cid)
    text = b"null"
    if event.text is not None and words.may_be_spaceless(entry.line):
        text = msgspec.json.encode(words.spaced(event.text))
    return b"[%d,%d,%d,%b,%b,%b]" % (
        entry.first,
        entry.offset,
        len(entry.line),
        cid,
        text,
        entry.line[:-1],
    )
