"""The index: where in the log a record is, by room and seq, by number, by cid, by word.

This file takes records in; `schema.py` says what is in it, `lookup.py` asks it.

Rows go in many at a time with few statements: while SQLite works on one, the interpreter's lock
is free, and the event loop runs on. A statement a row would wait for that lock after every row.
"""

# ruff: noqa: S608 - statements are put together of constants of this file; values are bound

import os
import sqlite3
from bisect import bisect_left
from collections.abc import Callable, Sequence, Set
from contextlib import suppress
from datetime import datetime
from itertools import groupby, pairwise
from pathlib import Path
from typing import Any

import msgspec

from chatapp.limits import MAX_INTEGER
from chatapp.model import Event
from chatapp.storage import parts
from chatapp.storage.format import Record, Tip
from chatapp.storage.moment import milliseconds
from chatapp.storage.parts import PART_RECORDS, Words
from chatapp.storage.recovery import Mark
from chatapp.storage.schema import (
    FOUND,
    INDEX_VERSION,
    ORDERS,
    SECTION_BITS,
    cid_hash,
    connect,
    connect_carelessly,
    make,
)
from chatapp.storage.soundness import LARGE_UNCLOSED_BYTES, is_as_noted, take_checksum

MERGED_PAGES = 64
"""So much of the words is written anew at once; then who waits for the index has its turn."""
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


class _Ids(dict[str, int]):
    """The ids that a table gives its names; a name that is new gets one."""

    def __init__(self, db: sqlite3.Connection, table: str) -> None:
        self._db = db
        self._table = table

    def __missing__(self, name: str) -> int:
        self._db.execute(f"INSERT OR IGNORE INTO {self._table} (name) VALUES (?)", (name,))
        statement = f"SELECT id FROM {self._table} WHERE name = ?"
        (found,) = self._db.execute(statement, (name,)).fetchone()
        self[name] = found
        return int(found)


class Index:
    """A connection that writes. Not for two threads at once."""

    def __init__(self, path: Path, epoch: str, connection: sqlite3.Connection) -> None:
        self.path = path
        self._epoch = epoch
        self._use(connection)
        self._parts: list[int] = []
        self._is_ready = False

    @classmethod
    def open(cls, path: Path, epoch: str) -> "Index":
        """The index of the log with this epoch; where there is none that fits, an empty one."""
        noted = take_checksum(path)
        if path.exists() and (noted is None or is_as_noted(path, noted)):
            try:
                index = cls(path, epoch, connect(path))
            except sqlite3.DatabaseError:
                return cls.make(path, epoch)  # a damaged index is as good as none
            with suppress(sqlite3.DatabaseError):
                if index._fits() and (noted or index._is_whole()):
                    return index
            index.close()
        return cls.make(path, epoch)

    @classmethod
    def join(cls, path: Path, connection: sqlite3.Connection) -> "Index":
        """An index that another process has opened, to take records in as well."""
        index = cls(path, "", connection)
        index._is_ready = True
        return index

    @classmethod
    def make(cls, path: Path, epoch: str) -> "Index":
        """An empty index in place of what is there."""
        return cls(path, epoch, make(path, epoch))

    def _use(self, connection: sqlite3.Connection) -> None:
        self._db = connection
        self._rooms = _Ids(connection, "rooms")
        self._senders = _Ids(connection, "senders")

    def _forget_ids(self) -> None:
        self._rooms.clear()
        self._senders.clear()

    def close(self) -> None:
        self._db.close()

    def cleared(self) -> "Index":
        """An empty index in place of this one, which did not fit its log."""
        self.close()
        return self.make(self.path, self._epoch)

    def _fits(self) -> bool:
        row = self._db.execute("SELECT version, epoch, ready FROM about").fetchone()
        if row != (INDEX_VERSION, self._epoch, True):
            return False
        self._parts = parts.parts(self._db)
        self._is_ready = True
        return True

    def _is_whole(self) -> bool:
        """What SQLite itself can tell, where that does not take long."""
        if self.path.stat().st_size > LARGE_UNCLOSED_BYTES:
            return True
        for first in self._parts:
            parts.check_part(self._db, first)
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

    # Taking in

    def add(self, entries: Sequence[Entry], mark: Mark, read: Callable[[Found], Record]) -> int:
        """Takes in durable records up to `mark`, those that are not there yet, in one transaction.

        Returns up to which number the index goes then: another process may have been faster.
        """
        try:
            with self._db:
                return self.add_unwritten(entries, mark, read)
        except BaseException:  # whatever it was: ids that were given are taken back
            self._forget_ids()
            raise

    def add_unwritten(
        self, entries: Sequence[Entry], mark: Mark, read: Callable[[Found], Record]
    ) -> int:
        """The same, but only this connection sees it, and nobody else can write, until `commit`."""
        n = self._begin()
        if n >= mark.tip.n:
            return n
        entries = [entry for entry in entries if entry.n > n]
        self._insert_records(entries)
        self._insert_cids(entries)
        self._insert_words(entries, read)
        self._note_days(entries)
        self._note_heads(entries)
        self._note_mark(mark)
        return mark.tip.n

    def commit(self) -> None:
        self._db.commit()

    def _begin(self) -> int:
        """A transaction that writes. Returns up to which number the index goes."""
        if not self._db.in_transaction:
            self._db.execute("BEGIN IMMEDIATE")
        self._parts = parts.parts(self._db)
        (n,) = self._db.execute("SELECT n FROM about").fetchone()
        return int(n)

    def _insert_records(self, entries: Sequence[Entry]) -> None:
        at, moment = "", 0
        flat: list[Any] = []
        for entry in entries:
            event = entry.event
            if event.at != at:
                at, moment = event.at, milliseconds(datetime.fromisoformat(event.at))
            flat += (
                entry.n,
                self._rooms[event.room],
                event.type != "message",
                event.seq,
                event.target,
                self._senders[event.sender],
                moment,
                entry.first,
                entry.offset,
                entry.size,
            )
        self._insert("records", 10, flat)

    def _insert_cids(self, entries: Sequence[Entry]) -> None:
        rows = [
            (entry.n >> SECTION_BITS, cid_hash(event.sender, event.cid), entry.n)
            for entry in entries
            if (event := entry.event).cid is not None and event.type == "message"
        ]
        rows.sort()
        self._insert("cids", 3, [value for row in rows for value in row])

    def _insert_words(self, entries: Sequence[Entry], read: Callable[[Found], Record]) -> None:
        """The texts of messages as they are after these entries; older messages are changed."""
        self._begin_parts(entries)
        rows, older = _spoken(entries)
        for first, end in pairwise([*self._parts, MAX_INTEGER]):
            its_rows = rows[bisect_left(rows, (first,)) : bisect_left(rows, (end,))]
            if its_rows:
                self._insert_into(first, its_rows)
        if self._is_ready:
            for entry in older:
                self._replace_words(entry.event, read)
        else:
            found = [(e.n, e.first, e.offset, e.size) for e in older]
            self._db.executemany("INSERT INTO later VALUES (?, ?, ?, ?)", found)

    def _begin_parts(self, entries: Sequence[Entry]) -> None:
        """A part begins where a segment does, once the one before has enough."""
        for segment in dict.fromkeys(entry.first for entry in entries):
            if not self._parts or segment >= self._parts[-1] + PART_RECORDS:
                parts.begin_part(self._db, segment)
                self._parts.append(segment)

    def _insert_into(self, first: int, rows: list[Words]) -> None:
        if self._is_ready:
            parts.insert(self._db, first, rows)
        else:
            parts.insert_alone(self._db, first, rows)

    def _replace_words(self, event: Event, read: Callable[[Found], Record]) -> None:
        """The words of a message that was edited or deleted are not its words any more."""
        room = self._rooms[event.room]
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
            (self._rooms[message.room], message.seq, until),
        ).fetchall()
        for record in (read(Found(*row)) for row in earlier):
            if record.type == "delete":
                return None
            if record.type == "edit":
                said = record
        return said.text or ""

    def _forget_words(self, message: Record, text: str) -> None:
        words = parts.words_of(message.n, message.room, message.sender, text)
        parts.forget(self._db, parts.part_of(message.n, self._parts), words)

    def _take_words(self, message: Record, text: str) -> None:
        words = parts.words_of(message.n, message.room, message.sender, text)
        parts.insert_alone(self._db, parts.part_of(message.n, self._parts), [words])

    def _note_days(self, entries: Sequence[Entry]) -> None:
        days: dict[str, tuple[int, int]] = {}
        for day, its_entries in groupby(entries, _day):
            numbers = [entry.n for entry in its_entries]
            days[day] = days.get(day, numbers)[0], numbers[-1]
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
    ) -> set[int]:
        """Forgets what these messages (room, seq) say in the records `gone`, which still say it.

        That there are such messages is still known. Returns the parts in which their words were.
        """
        touched: set[int] = set()

        def read_later(found: Found) -> Record:
            record = read(found)
            return silent(record) if record.n in gone else record

        with self._db:
            self._begin()
            for room, seq in messages:
                row = self._db.execute(_MESSAGE, (self._rooms[room], seq)).fetchone()
                if row is None:
                    continue
                message = read(Found(*row))
                touched.add(parts.part_of(message.n, self._parts))
                said = self._said(message, MAX_INTEGER, read)
                left = self._said(read_later(Found(*row)), MAX_INTEGER, read_later)
                if said is not None and left is not None:
                    self._forget_words(message, said)
                    self._take_words(message, left)
        return touched

    def merge_words(self, first: int, *, begin: bool) -> bool:
        """Writes some pages of a part anew, without what was forgotten; False at the end."""
        return parts.merge(self._db, first, -MERGED_PAGES if begin else MERGED_PAGES)

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

    def settle(self) -> bool:
        """Leaves nothing of what was forgotten in SQLite's own log; False where somebody reads."""
        (patience,) = self._db.execute("PRAGMA busy_timeout").fetchone()
        self._db.execute("PRAGMA busy_timeout = 0")  # who searches must not wait meanwhile
        is_busy, *_ = self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        self._db.execute(f"PRAGMA busy_timeout = {patience}")
        return not is_busy

    # Making it anew

    def adopt(self, piece: Path) -> None:
        """Takes over an index of the segments that follow: one that is not ready, like this one."""
        self._forget_ids()
        self._db.execute("ATTACH ? AS piece", (str(piece),))
        self._db.execute("BEGIN")
        for statement in _ADOPT:
            self._db.execute(statement)
        for first in parts.parts(self._db, "piece"):
            parts.put_in_place(self._db, "piece", first)
            self._parts.append(first)
        self._db.execute("COMMIT")
        self._db.execute("DETACH piece")

    def finish(self, read: Callable[[Found], Record]) -> None:
        """Ends a rebuild: makes the orders to look things up by, and does what needs them.

        They are made late, because sorting a million rows once is cheaper than finding each its
        place; and an edit of an older message has to look that up. From now on the index is
        kept with care for crashes.
        """
        if self._is_ready:
            return
        self._db.close()  # FTS5 remembers what was in parts before others took their place
        self._use(connect_carelessly(self.path))
        for statement in ORDERS:
            self._db.execute(statement)
        self._db.execute("BEGIN")
        for row in self._db.execute(_LATER).fetchall():
            self._replace_words(read(Found(*row)).event, read)
        self._db.execute("DELETE FROM later")
        self._db.execute("COMMIT")
        self._db.close()
        _sync(self.path)
        self._use(connect(self.path))
        self._db.execute("UPDATE about SET ready = true")
        self._is_ready = True


_MESSAGE = f"SELECT {FOUND} FROM records WHERE room = ? AND follows = 0 AND seq = ?"
_LATER = (  # by message: FTS5 writes down what it has gathered whenever it has to go back
    "SELECT later.n, later.first, later.offset, later.size FROM later"
    " CROSS JOIN records AS change ON change.n = later.n"
    " CROSS JOIN records AS message ON message.room = change.room AND message.follows = 0"
    " AND message.seq = change.target ORDER BY message.n, later.n"
)
_ADOPT = (
    "CREATE TEMP TABLE room_ids (theirs INTEGER PRIMARY KEY, ours INTEGER)",
    "CREATE TEMP TABLE sender_ids (theirs INTEGER PRIMARY KEY, ours INTEGER)",
    "INSERT OR IGNORE INTO main.rooms (name) SELECT name FROM piece.rooms",
    "INSERT OR IGNORE INTO main.senders (name) SELECT name FROM piece.senders",
    "INSERT INTO room_ids SELECT theirs.id, ours.id"
    " FROM piece.rooms AS theirs JOIN main.rooms AS ours USING (name)",
    "INSERT INTO sender_ids SELECT theirs.id, ours.id"
    " FROM piece.senders AS theirs JOIN main.senders AS ours USING (name)",
    "INSERT INTO main.records SELECT n, room_ids.ours, follows, seq, target, sender_ids.ours,"
    " at, first, offset, size FROM piece.records"
    " CROSS JOIN room_ids ON room_ids.theirs = room"
    " CROSS JOIN sender_ids ON sender_ids.theirs = sender ORDER BY n",
    "INSERT INTO main.cids SELECT * FROM piece.cids",
    "INSERT INTO main.later SELECT * FROM piece.later",
    "INSERT INTO main.days SELECT * FROM piece.days WHERE true"
    " ON CONFLICT DO UPDATE SET last = excluded.last",
    "UPDATE main.rooms SET head = (SELECT head FROM piece.rooms AS theirs"
    " WHERE theirs.name = main.rooms.name) WHERE name IN (SELECT name FROM piece.rooms)",
    'UPDATE main.about SET (n, batch, hash, first, start, "end") ='
    ' (SELECT n, batch, hash, first, start, "end" FROM piece.about)',
    "DROP TABLE room_ids",
    "DROP TABLE sender_ids",
)


def silent(record: Record) -> Record:
    """A record that says nothing any more."""
    return msgspec.structs.replace(record, text="")


def _spoken(entries: Sequence[Entry]) -> tuple[list[Words], list[Entry]]:
    """What messages say after these entries, in order; and the changes of messages before them."""
    changed = {
        (entry.event.room, entry.event.target)
        for entry in entries
        if entry.event.type in ("edit", "delete")
    }
    rows: list[Words | None] = []
    messages: dict[tuple[str, int | None], tuple[int, Entry]] = {}
    older: list[Entry] = []
    for entry in entries:
        event = entry.event
        if event.type == "message":
            if (event.room, event.seq) in changed:
                messages[event.room, event.seq] = len(rows), entry
            rows.append(parts.words_of(entry.n, event.room, event.sender, event.text or ""))
        elif event.type in ("edit", "delete"):
            place, message = messages.get((event.room, event.target), (0, None))
            if message is None:
                older.append(entry)
            elif rows[place] and event.type == "edit":
                sender = message.event.sender
                rows[place] = parts.words_of(message.n, event.room, sender, event.text or "")
            else:
                rows[place] = None
    return [row for row in rows if row], older


def _day(entry: Entry) -> str:
    return entry.event.at[:10]


def _sync(path: Path) -> None:
    fd = os.open(path, os.O_RDWR)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
