"""The index: where in the log a record is, by room and seq, by number, by cid, by word.

SQLite, in WAL mode, derived from the log and nothing but that: delete it, and it is made
again. It holds places, not texts; the texts are read from the log itself. This file makes
it and takes records in; `lookup.py` asks it.

    about      one row: version, epoch, and up to which line the log is indexed,
               and whether it is ready to be asked
    rooms      name, head: the seq of the room's last event
    senders    name
    records    n ─ room, follows, seq, target, sender, at, first, offset, size
    cids       hash of sender and cid ─ n
    days       day ─ first and last n
    later      while it is rebuilt: edits and deletions of messages that were indexed before
    words      full text of what messages say now (contentless FTS5; rowid is the message's n),
               and tags: its room, its sender, and whether it has a link

`follows` is 0 for messages and 1 for events that point at one, so that a page of messages is
one walk along the index (room, follows, seq), however many reactions lie between.

Rows go in many at a time with one statement of many VALUES: while SQLite works on it, the
interpreter's lock is free, and the event loop runs on. A statement a row would wait for that
lock after every row.
"""

# ruff: noqa: S608 - statements are put together of constants of this file; values are bound

import os
import sqlite3
from collections.abc import Callable, Sequence, Set
from contextlib import suppress
from datetime import datetime
from hashlib import blake2b
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec

from chatapp.limits import MAX_INTEGER
from chatapp.model import Event
from chatapp.storage import words
from chatapp.storage.format import Record, Tip
from chatapp.storage.moment import milliseconds
from chatapp.storage.recovery import Mark
from chatapp.storage.soundness import (
    LARGE_UNCLOSED_BYTES,
    forget_checksum,
    is_as_noted,
    take_checksum,
)

INDEX_VERSION = 4
_SCHEMA = """
CREATE TABLE about (
    version INTEGER, epoch TEXT, n INTEGER, batch INTEGER, hash TEXT,
    first INTEGER, start INTEGER, "end" INTEGER, ready INTEGER
);
CREATE TABLE rooms (id INTEGER PRIMARY KEY, name TEXT UNIQUE, head INTEGER NOT NULL DEFAULT 0);
CREATE TABLE senders (id INTEGER PRIMARY KEY, name TEXT UNIQUE);
CREATE TABLE records (
    n INTEGER PRIMARY KEY, room INTEGER NOT NULL, follows INTEGER NOT NULL, seq INTEGER NOT NULL,
    target INTEGER, sender INTEGER NOT NULL, at INTEGER NOT NULL,
    first INTEGER NOT NULL, offset INTEGER NOT NULL, size INTEGER NOT NULL
);
CREATE TABLE cids (hash INTEGER, n INTEGER, PRIMARY KEY (hash, n)) WITHOUT ROWID;
CREATE TABLE days (day TEXT PRIMARY KEY, first INTEGER NOT NULL, last INTEGER NOT NULL);
CREATE TABLE later (n INTEGER PRIMARY KEY, first INTEGER, offset INTEGER, size INTEGER);
CREATE VIRTUAL TABLE words USING fts5(
    text, tags, content='', prefix='2', tokenize="unicode61 remove_diacritics 2"
);
"""
_ORDERS = (
    "CREATE UNIQUE INDEX records_of_room ON records (room, follows, seq)",
    "CREATE INDEX records_of_sender ON records (sender, n)",
    "CREATE INDEX records_on_message ON records (room, target, seq) WHERE follows",
)
CACHE_KB = 16_000
REBUILD_CACHE_KB = 128_000
MERGED_PAGES = 64
"""So much of the words is written anew at once; then who waits for the index has its turn."""
MERGED_ANYTHING = 2
"""FTS5 counts one change for a merge that found nothing to do."""
_ROWS_AT_ONCE = (500, 100, 20, 5, 1)


class Entry(msgspec.Struct, frozen=True):
    """A durable event, and where its line is: the segment by its first number, and the bytes."""

    n: int
    first: int
    offset: int
    size: int
    event: Event


class Found(msgspec.Struct, frozen=True):
    """A record of the index: its number, and where its line is."""

    n: int
    first: int
    offset: int
    size: int


class Index:
    """The connection that writes. Not for two threads at once."""

    def __init__(self, path: Path, epoch: str, connection: sqlite3.Connection) -> None:
        self.path = path
        self._epoch = epoch
        self._db = connection
        self._ids: dict[tuple[str, str], int] = {}
        self._is_ready = False

    @classmethod
    def open(cls, path: Path, epoch: str) -> "Index":
        """The index of the log with this epoch; where there is none that fits, an empty one."""
        noted = take_checksum(path)
        if path.exists() and (noted is None or is_as_noted(path, noted)):
            try:
                index = cls(path, epoch, connect(path))
            except sqlite3.DatabaseError:
                return cls._make(path, epoch)  # a damaged index is as good as none
            with suppress(sqlite3.DatabaseError):
                if index._fits() and (noted or index._is_whole()):
                    return index
            index.close()
        return cls._make(path, epoch)

    @classmethod
    def _make(cls, path: Path, epoch: str) -> "Index":
        """An empty index, made without a care for crashes: one that is not ready is not used."""
        remove_index(path)
        connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        connection.execute("PRAGMA journal_mode = OFF")
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute(f"PRAGMA cache_size = -{REBUILD_CACHE_KB}")
        connection.executescript(_SCHEMA)
        connection.execute(
            "INSERT INTO about VALUES (?, ?, 0, 0, '', 0, 0, 0, false)", (INDEX_VERSION, epoch)
        )
        return cls(path, epoch, connection)

    def close(self) -> None:
        self._db.close()

    def cleared(self) -> "Index":
        """An empty index in place of this one, which did not fit its log."""
        self.close()
        return self._make(self.path, self._epoch)

    def _fits(self) -> bool:
        row = self._db.execute("SELECT version, epoch, ready FROM about").fetchone()
        self._is_ready = row == (INDEX_VERSION, self._epoch, True)
        return self._is_ready

    def _is_whole(self) -> bool:
        """What SQLite itself can tell, where that does not take long."""
        if self.path.stat().st_size > LARGE_UNCLOSED_BYTES:
            return True
        self._db.execute("INSERT INTO words (words) VALUES ('integrity-check')")
        return bool(self._db.execute("PRAGMA integrity_check(1)").fetchone() == ("ok",))

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

    def finish(self, read: Callable[[Found], Record]) -> None:
        """Ends a rebuild: makes the orders to look things up by, and does what needs them.

        They are made late, because sorting a million rows once is cheaper than finding each its
        place; and an edit of an older message has to look that up. From now on the index is
        kept with care for crashes.
        """
        if self._is_ready:
            return
        for statement in _ORDERS:
            self._db.execute(statement)
        self._db.execute("BEGIN")
        for row in self._db.execute(f"SELECT {FOUND} FROM later ORDER BY n").fetchall():
            self._replace_words(read(Found(*row)).event, read)
        self._db.execute("DELETE FROM later")
        self._db.execute("COMMIT")
        self._db.close()
        _sync(self.path)
        self._db = connect(self.path)
        self._db.execute("UPDATE about SET ready = true")
        self._is_ready = True

    def add(self, entries: Sequence[Entry], mark: Mark, read: Callable[[Found], Record]) -> None:
        """Takes in durable records that follow what is there, up to `mark`, in one transaction."""
        try:
            with self._db:
                self._db.execute("BEGIN IMMEDIATE")
                self._insert_records(entries)
                self._insert_cids(entries)
                self._insert_words(entries, read)
                self._note_days(entries)
                self._note_heads(entries)
                self._note_mark(mark)
        except sqlite3.Error:
            self._ids.clear()
            raise

    # Erasing, while the log is in use

    def give_up(self) -> None:
        """Not to be used by the next start, unless `move_on` is reached before."""
        self._db.execute("PRAGMA secure_delete = ON")
        self._db.execute("UPDATE about SET epoch = ''")

    def erase_words(
        self,
        messages: Sequence[tuple[str, int]],
        gone: Set[int],
        read: Callable[[Found], Record],
    ) -> None:
        """Forgets what these messages (room, seq) say in the records `gone`, which still say it.

        That there are such messages is still known.
        """

        def read_later(found: Found) -> Record:
            record = read(found)
            return silent(record) if record.n in gone else record

        with self._db:
            self._db.execute("BEGIN IMMEDIATE")
            for room, seq in messages:
                row = self._db.execute(_MESSAGE, (self._id("rooms", room), seq)).fetchone()
                if row is None:
                    continue
                message = read(Found(*row))
                said = self._said(message, MAX_INTEGER, read)
                left = self._said(read_later(Found(*row)), MAX_INTEGER, read_later)
                if said is not None and left is not None:
                    self._forget_words(message, said)
                    self._take_words(message, left)

    def merge_words(self, *, begin: bool) -> bool:
        """Writes a part of the words anew, without those that were forgotten; False at the end."""
        before = self._db.total_changes
        self._db.execute(
            "INSERT INTO words (words, rank) VALUES ('merge', ?)",
            (-MERGED_PAGES if begin else MERGED_PAGES,),
        )
        return self._db.total_changes - before >= MERGED_ANYTHING

    def move(self, first: int, n: int, starts: Sequence[int]) -> None:
        """The lines from number `n` on begin there now, in the segment `first`; the last of
        `starts` is where they end.
        """
        flat: list[int] = []
        for offset, end in pairwise(starts):
            flat += (n, offset, end - offset)
            n += 1
        with self._db:
            self._db.execute("BEGIN IMMEDIATE")
            self._db.execute(
                "CREATE TEMP TABLE IF NOT EXISTS moved"
                " (n INTEGER PRIMARY KEY, offset INTEGER, size INTEGER)"
            )
            self._insert("moved", 3, flat)
            self._db.execute(
                "UPDATE records SET offset = moved.offset, size = moved.size"
                " FROM moved WHERE records.n = moved.n"
            )
            self._db.execute(
                'UPDATE about SET start = moved.offset, "end" = moved.offset + moved.size'
                " FROM moved WHERE about.n = moved.n AND about.first = ?",
                (first,),
            )
            self._db.execute("DELETE FROM moved")

    def move_on(self, epoch: str) -> None:
        """All of it is as the log is now."""
        self._epoch = epoch
        self._db.execute("UPDATE about SET epoch = ?", (epoch,))

    def settle(self) -> None:
        """Leaves nothing of what was forgotten in SQLite's own log, where nobody reads just now."""
        self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    # Taking in

    def _insert_records(self, entries: Sequence[Entry]) -> None:
        at, moment = "", 0
        flat: list[Any] = []
        for entry in entries:
            event = entry.event
            if event.at != at:
                at, moment = event.at, milliseconds(datetime.fromisoformat(event.at))
            flat += (
                entry.n,
                self._id("rooms", event.room),
                event.type != "message",
                event.seq,
                event.target,
                self._id("senders", event.sender),
                moment,
                entry.first,
                entry.offset,
                entry.size,
            )
        self._insert("records", 10, flat)

    def _insert_cids(self, entries: Sequence[Entry]) -> None:
        flat: list[Any] = []
        for entry in entries:
            event = entry.event
            if event.cid is not None and event.type == "message":
                flat += (cid_hash(event.sender, event.cid), entry.n)
        self._insert("cids", 2, flat)

    def _insert_words(self, entries: Sequence[Entry], read: Callable[[Found], Record]) -> None:
        """The texts of messages as they are after these entries; older messages are changed."""
        said: dict[tuple[str, int], tuple[Entry, str | None]] = {}
        changes: list[Entry] = []
        for entry in entries:
            event = entry.event
            if event.type == "message":
                said[event.room, event.seq] = entry, event.text or ""
            elif event.type in ("edit", "delete"):
                message, text = said.get((event.room, event.target or 0), (None, None))
                if message is None:
                    changes.append(entry)
                elif text is not None:
                    now = event.text or "" if event.type == "edit" else None
                    said[event.room, event.target or 0] = message, now
        flat: list[Any] = []
        for message, text in said.values():
            if text is not None:
                event = message.event
                flat += (message.n, words.spaced(text), self._tags(event.room, event.sender, text))
        self._insert("words (rowid, text, tags)", 3, flat)
        if self._is_ready:
            for entry in changes:
                self._replace_words(entry.event, read)
        else:
            rows = [(e.n, e.first, e.offset, e.size) for e in changes]
            self._db.executemany("INSERT INTO later VALUES (?, ?, ?, ?)", rows)

    def _replace_words(self, event: Event, read: Callable[[Found], Record]) -> None:
        """The words of a message that was edited or deleted are not its words any more."""
        room = self._id("rooms", event.room)
        row = self._db.execute(_MESSAGE, (room, event.target)).fetchone()
        if row is None:
            return
        message = read(Found(*row))
        said = self._said(message, event.seq, read)
        if said is None:
            return
        self._forget_words(message, said)
        if event.type == "edit":
            self._take_words(message, event.text or "")

    def _said(self, message: Record, until: int, read: Callable[[Found], Record]) -> str | None:
        """The text of a message after its edits before the seq `until`; None if it is deleted."""
        said = message
        earlier = self._db.execute(
            f"SELECT {FOUND} FROM records WHERE follows AND room = ? AND target = ? AND seq < ?"
            " ORDER BY seq",
            (self._id("rooms", message.room), message.seq, until),
        ).fetchall()
        for record in (read(Found(*row)) for row in earlier):
            if record.type == "delete":
                return None
            if record.type == "edit":
                said = record
        return said.text or ""

    def _forget_words(self, message: Record, text: str) -> None:
        """FTS5 keeps no texts, so it has to be told what it is to forget."""
        self._db.execute(
            "INSERT INTO words (words, rowid, text, tags) VALUES ('delete', ?, ?, ?)",
            self._words(message, text),
        )

    def _take_words(self, message: Record, text: str) -> None:
        self._db.execute(
            "INSERT INTO words (rowid, text, tags) VALUES (?, ?, ?)", self._words(message, text)
        )

    def _words(self, message: Record, text: str) -> tuple[int, str, str]:
        return message.n, words.spaced(text), self._tags(message.room, message.sender, text)

    def _tags(self, room: str, sender: str, text: str) -> str:
        tags = f"r{self._id('rooms', room)} s{self._id('senders', sender)}"
        return f"{tags} link" if "://" in text else tags

    def _note_days(self, entries: Sequence[Entry]) -> None:
        days: dict[str, tuple[int, int]] = {}
        for entry in entries:
            day = entry.event.at[:10]
            first, _ = days.get(day, (entry.n, entry.n))
            days[day] = first, entry.n
        for day, (first, last) in days.items():
            self._db.execute(
                "INSERT INTO days VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET last = excluded.last",
                (day, first, last),
            )

    def _note_heads(self, entries: Sequence[Entry]) -> None:
        heads = {entry.event.room: entry.event.seq for entry in entries}
        for room, seq in heads.items():
            self._db.execute("UPDATE rooms SET head = ? WHERE name = ?", (seq, room))

    def _note_mark(self, mark: Mark) -> None:
        self._db.execute(
            'UPDATE about SET n = ?, batch = ?, hash = ?, first = ?, start = ?, "end" = ?',
            (mark.tip.n, mark.tip.batch, mark.tip.hash, mark.first, mark.start, mark.end),
        )

    def _insert(self, table: str, width: int, flat: list[Any]) -> None:
        """Many rows in few statements; there are so few different ones that all stay prepared."""
        done = 0
        row = f"({','.join('?' * width)})"
        for rows in _ROWS_AT_ONCE:
            statement = f"INSERT INTO {table} VALUES {','.join([row] * rows)}"
            while len(flat) - done >= rows * width:
                self._db.execute(statement, flat[done : done + rows * width])
                done += rows * width

    def _id(self, table: str, name: str) -> int:
        """The id of a room or sender, made where there is none."""
        known = self._ids.get((table, name))
        if known is None:
            self._db.execute(f"INSERT OR IGNORE INTO {table} (name) VALUES (?)", (name,))
            row = self._db.execute(f"SELECT id FROM {table} WHERE name = ?", (name,)).fetchone()
            known = self._ids[table, name] = row[0]
        return known


FOUND = "n, first, offset, size"
_MESSAGE = f"SELECT {FOUND} FROM records WHERE room = ? AND follows = 0 AND seq = ?"


def silent(record: Record) -> Record:
    """A record that says nothing any more."""
    return msgspec.structs.replace(record, text="")


def connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute(f"PRAGMA cache_size = -{CACHE_KB}")
    except sqlite3.DatabaseError:
        connection.close()
        raise
    return connection


def _sync(path: Path) -> None:
    fd = os.open(path, os.O_RDWR)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def remove_index(path: Path) -> None:
    forget_checksum(path)
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def cid_hash(sender: str, cid: str) -> int:
    """63 bits for a sender and a cid."""
    digest = blake2b(f"{sender}\n{cid}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") >> 1
