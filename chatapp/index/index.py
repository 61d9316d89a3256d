"""The index: finds records in the log by room and seq, number, cid, or word.

This file adds records (`texts.py` what they say); `schema.py` describes the tables, `lookup.py`
queries them.

Many rows are inserted with few statements: while SQLite executes one, the interpreter lock is
free, and the event loop runs. One statement for each row would wait for the lock after each row.
"""

# ruff: noqa: S608 - statements are put together of constants of this file; values are bound

import os
import sqlite3
from collections.abc import Callable, Sequence, Set
from contextlib import suppress
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import Any

from chatapp.domain.clock import milliseconds
from chatapp.domain.model import Event
from chatapp.domain.polls import bits_of, closing_time, is_closing, is_vote, voter_of
from chatapp.index import parts, pin_table, thread_table
from chatapp.index.entries import IndexEntry
from chatapp.index.polls import counting
from chatapp.index.polls.counting import CastVote
from chatapp.index.record_ref import RecordRef
from chatapp.index.schema import (
    ADOPT,
    CHANGE,
    INDEX_VERSION,
    NOBODY,
    ORDERS,
    REPLY,
    SECTION_BITS,
    SHOWN,
    VOTE,
    agrees,
    author_of,
    cid_hash,
    connect,
    connect_carelessly,
    insert_many,
    make,
)
from chatapp.index.texts import IndexedTexts
from chatapp.index.view import FOLDED, moves_of, pins_in
from chatapp.log.format import ChainHead, Record
from chatapp.log.recovery import Checkpoint

MERGED_PAGES = 64
"""Number of pages rewritten by one merge step; between steps, other tasks can use the index."""
SMALL_BYTES = 16 << 20
"""Smaller indexes are checked at each start, which takes up to 0.2 s."""


class _Ids(dict[str, int]):
    """The ids of names in a table; a new name gets a new id."""

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
    """A connection that writes. Not for two threads at the same time."""

    def __init__(self, path: Path, epoch: str, connection: sqlite3.Connection) -> None:
        self.path = path
        self._epoch = epoch
        self._use(connection)
        self._is_ready = False

    @classmethod
    def open(cls, path: Path, epoch: str) -> "Index":
        """The index of the log with this epoch; an empty one if there is none, or another log's."""
        if path.exists():
            try:
                index = cls(path, epoch, connect(path))
            except sqlite3.DatabaseError:
                return cls.make(path, epoch)  # a damaged index is rebuilt like a missing one
            with suppress(sqlite3.DatabaseError):
                if index._fits() and index._is_sound():
                    return index
            index.close()
        return cls.make(path, epoch)

    @classmethod
    def open_ready(cls, path: Path) -> "Index":
        """Open an index that is known to be ready."""
        index = cls(path, "", connect(path))
        index._is_ready = True
        return index

    @classmethod
    def make(cls, path: Path, epoch: str) -> "Index":
        """Create an empty index, replacing an old one."""
        return cls(path, epoch, make(path, epoch))

    def _use(self, connection: sqlite3.Connection, parts: Sequence[int] = ()) -> None:
        self._db = connection
        self._rooms = _Ids(connection, "rooms")
        self._senders = _Ids(connection, "senders")
        self._authors = _Ids(connection, "authors")
        self._texts = IndexedTexts(connection, self._rooms, parts)

    def _forget_ids(self) -> None:
        self._rooms.clear()
        self._senders.clear()
        self._authors.clear()

    def close(self) -> None:
        self._db.close()

    def cleared(self) -> "Index":
        """An empty index that replaces this one, which belongs to another state of the log."""
        self.close()
        return self.make(self.path, self._epoch)

    def _fits(self) -> bool:
        row = self._db.execute("SELECT version, epoch, ready FROM about").fetchone()
        if row != (INDEX_VERSION, self._epoch, True):
            return False
        self._texts.begin()
        self._is_ready = True
        return True

    def _is_sound(self) -> bool:
        """Whether SQLite finds no damage, as far as a quick check can tell."""
        if self.path.stat().st_size > SMALL_BYTES:
            return True
        self._texts.check()
        return agrees(self._db)

    def mark(self) -> Checkpoint | None:
        """The last indexed line of the log."""
        n, batch, digits, first, start, end = self._db.execute(
            'SELECT n, batch, hash, first, start, "end" FROM about'
        ).fetchone()
        if n == 0:
            return None
        return Checkpoint(tip=ChainHead(n, batch, digits), first=first, start=start, end=end)

    def heads(self) -> dict[str, int]:
        return dict(self._db.execute("SELECT name, head FROM rooms"))

    def last_times(self) -> dict[str, int]:
        """When the last event of each room was, in milliseconds since 1970."""
        return dict(
            self._db.execute(
                "SELECT name, at FROM rooms CROSS JOIN records"
                f" ON room = id AND follows IN ({SHOWN}, {CHANGE}, {REPLY}, {VOTE}) AND seq = head"
            )
        )

    # Adding records

    def add(
        self, entries: Sequence[IndexEntry], mark: Checkpoint, read: Callable[[RecordRef], Record]
    ) -> int:
        """Add the durable records up to `mark` that are missing, in one transaction.

        Returns the number of the last indexed record.
        """
        try:
            with self._db:
                return self._add(entries, mark, read)
        except BaseException:  # after any error, undo new ids
            self._forget_ids()
            raise

    def _add(
        self, entries: Sequence[IndexEntry], mark: Checkpoint, read: Callable[[RecordRef], Record]
    ) -> int:
        n = self._begin()
        if n >= mark.tip.n:
            return n
        entries = [entry for entry in entries if entry.n > n]
        self._insert_records(entries)
        self._insert_cids(entries)
        self._note_texts(entries, read)
        self._note_threads(entries, read)
        self._note_pins(entries)
        self._note_polls(entries)
        self._note_days(entries)
        self._note_heads(entries)
        self._note_mark(mark)
        return mark.tip.n

    def _begin(self) -> int:
        """Begin a write transaction. Returns the number of the last indexed record."""
        self._db.execute("BEGIN IMMEDIATE")
        self._texts.begin()
        (n,) = self._db.execute("SELECT n FROM about").fetchone()
        return int(n)

    def _insert_records(self, entries: Sequence[IndexEntry]) -> None:
        at, moment = "", 0
        deleted = {
            (entry.event.room, entry.event.target)
            for entry in entries
            if entry.event.type == "delete"
        }
        flat: list[Any] = []
        for entry in entries:
            event = entry.event
            if event.at != at:
                at, moment = event.at, milliseconds(datetime.fromisoformat(event.at))
            flat += (
                entry.n,
                self._rooms[event.room],
                _follows(event),
                event.seq,
                event.target,
                self._senders[event.sender],
                moment,
                entry.first,
                entry.offset,
                entry.size,
                NOBODY if (event.room, event.seq) in deleted else self._author(event),
                event.thread if event.type == "message" else None,
            )
        insert_many(self._db, "records", 12, flat)

    def _author(self, event: Event) -> int:
        """The author of a message; nobody has to read what the chat itself wrote."""
        if event.type != "message" or event.system is not None:
            return NOBODY
        return self._authors[author_of(event.by, event.sender)]

    def _insert_cids(self, entries: Sequence[IndexEntry]) -> None:
        rows = [
            (entry.n >> SECTION_BITS, cid_hash(event.sender, event.cid), entry.n)
            for entry in entries
            if (event := entry.event).cid is not None and event.type == "message"
        ]
        rows.sort()
        insert_many(self._db, "cids", 3, [value for row in rows for value in row])

    def _note_texts(
        self, entries: Sequence[IndexEntry], read: Callable[[RecordRef], Record]
    ) -> None:
        older = self._texts.insert(entries, beside_loop=self._is_ready)
        if not self._is_ready:
            self._note_later(older)
            return
        for entry in older:
            self._texts.replace(entry.event, read)

    def _note_threads(
        self, entries: Sequence[IndexEntry], read: Callable[[RecordRef], Record]
    ) -> None:
        """Move messages within their rooms, and count the threads in which something changes."""
        titled: list[tuple[int, int, int]] = []
        moving: list[IndexEntry] = []
        touched: set[thread_table.Root] = set()
        for entry in entries:
            event = entry.event
            if event.system is not None and moves_of(event):
                moving.append(entry)
            if event.type == "message" and event.thread is not None:
                root = self._rooms[event.room], event.thread
                touched.add(root)
                if event.system is not None and event.system.what == "titled":
                    titled.append((*root, entry.n))
        thread_table.title_lines(self._db, titled)
        if not self._is_ready:
            self._note_later(moving)
            return
        for entry in moving:
            touched |= self._move(entry.event, read)
        thread_table.count_again(self._db, touched | self._threads_with_deleted(entries))

    def _move(self, event: Event, read: Callable[[RecordRef], Record]) -> set[thread_table.Root]:
        return thread_table.move(self._db, self._rooms[event.room], moves_of(event), read)

    def _threads_with_deleted(self, entries: Sequence[IndexEntry]) -> set[thread_table.Root]:
        deleted = {
            (self._rooms[entry.event.room], entry.event.target)
            for entry in entries
            if entry.event.type == "delete"
        }
        found = ((room, thread_table.thread_of(self._db, room, seq)) for room, seq in deleted)
        return {(room, thread) for room, thread in found if thread is not None}

    def _note_pins(self, entries: Sequence[IndexEntry]) -> None:
        lines: list[tuple[int, int, int, bool]] = []
        touched: set[pin_table.Place] = set()
        for entry in entries:
            event = entry.event
            if event.system is not None:
                room = self._rooms[event.room]
                lines += [(room, seq, entry.n, on) for seq, on in pins_in(event).items()]
            elif event.type == "delete":
                touched.add((self._rooms[event.room], event.target))
        pin_table.note_pins(self._db, lines)
        if self._is_ready:
            touched.update((room, seq) for room, seq, *_ in lines)
            pin_table.forget_unpinned(self._db, touched)

    def _note_polls(self, entries: Sequence[IndexEntry]) -> None:
        """Count votes, and note when polls close."""
        votes = [self._vote(entry.event) for entry in entries if is_vote(entry.event)]
        (counting.take_votes if self._is_ready else counting.keep_votes)(self._db, votes)
        for event in (entry.event for entry in entries):
            closes_at = closing_time(event)
            if closes_at is not None:
                poll = self._rooms[event.room], event.seq
                counting.begin_waiting(self._db, poll, milliseconds(closes_at))
            self._end_poll(event)

    def _vote(self, event: Event) -> CastVote:
        return CastVote(
            room=self._rooms[event.room],
            poll=event.target or 0,
            voter=self._authors[voter_of(event)],
            choice=bits_of(event.vote or ()),
            seq=event.seq,
            sender=self._senders[event.sender],
        )

    def _end_poll(self, event: Event) -> None:
        """Wait no longer for the end of a poll that was closed or deleted."""
        if event.type == "delete" or is_closing(event):
            counting.end_waiting(self._db, (self._rooms[event.room], event.target or 0))

    def _note_later(self, entries: Sequence[IndexEntry]) -> None:
        """Changes of messages that only an index in order can find."""
        found = [(entry.n, entry.first, entry.offset, entry.size) for entry in entries]
        self._db.executemany("INSERT INTO later VALUES (?, ?, ?, ?)", found)

    def _note_days(self, entries: Sequence[IndexEntry]) -> None:
        days: dict[str, tuple[int, int]] = {}
        for day, its_entries in groupby(entries, _day):
            numbers = [entry.n for entry in its_entries]
            days[day] = days.get(day, numbers)[0], numbers[-1]
        for day, (first, last) in days.items():
            self._db.execute(
                "INSERT INTO days VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET last = excluded.last",
                (day, first, last),
            )

    def _note_heads(self, entries: Sequence[IndexEntry]) -> None:
        heads = {entry.event.room: entry.event.seq for entry in entries}
        for room, seq in heads.items():
            self._db.execute("UPDATE rooms SET head = ? WHERE name = ?", (seq, room))

    def _note_mark(self, mark: Checkpoint) -> None:
        self._db.execute(
            'UPDATE about SET n = ?, batch = ?, hash = ?, first = ?, start = ?, "end" = ?',
            (mark.tip.n, mark.tip.batch, mark.tip.hash, mark.first, mark.start, mark.end),
        )

    # Erasing, while the log is in use

    def mark_unusable(self) -> None:
        """Make the next start discard the index, unless `mark_current` is called before."""
        self._db.execute("PRAGMA secure_delete = ON")
        self._db.execute("UPDATE about SET epoch = ''")

    def erase_words(
        self,
        messages: Sequence[tuple[str, int]],
        gone: Set[int],
        read: Callable[[RecordRef], Record],
    ) -> set[int]:
        """Forget the texts that these messages (room, seq) have in the records `gone`, which still
        contain them.

        The messages themselves stay in the index. Returns the parts that contained their words.
        """
        with self._db:
            self._begin()
            return self._texts.erase(messages, gone, read)

    def merge_words(self, first: int, *, begin: bool) -> bool:
        """Rewrite some pages of a part without forgotten words; returns False when done."""
        return parts.merge(self._db, first, -MERGED_PAGES if begin else MERGED_PAGES)

    def mark_current(self, epoch: str) -> None:
        """The whole index matches the log again."""
        self._epoch = epoch
        self._db.execute("UPDATE about SET epoch = ?", (epoch,))

    def settle(self) -> bool:
        """Remove forgotten words from SQLite's own log; returns False while somebody reads."""
        (patience,) = self._db.execute("PRAGMA busy_timeout").fetchone()
        self._db.execute("PRAGMA busy_timeout = 0")  # searches must not wait meanwhile
        is_busy, *_ = self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        self._db.execute(f"PRAGMA busy_timeout = {patience}")
        return not is_busy

    # Rebuilding

    def adopt(self, piece: Path) -> None:
        """Take over an index of the following segments, which like this one is not ready yet."""
        self._forget_ids()
        self._db.execute("ATTACH ? AS piece", (str(piece),))
        self._db.execute("BEGIN")
        for statement in ADOPT:
            self._db.execute(statement)
        self._texts.adopt()
        self._db.execute("COMMIT")
        self._db.execute("DETACH piece")

    def reopen(self) -> None:
        """After adopting pieces, and before adding anything else: FTS5 caches parts that have been
        replaced."""
        self._db.close()
        self._use(connect_carelessly(self.path), self._texts.parts)

    def finish(self, read: Callable[[RecordRef], Record]) -> None:
        """Finish a rebuild: create the indexes of tables, and apply changes that need them.

        They are created late, because sorting a million rows once is cheaper than inserting each
        one in order; and an edit of an older message needs such an index. From now on, writes
        survive crashes.
        """
        if self._is_ready:
            return
        self.reopen()
        for statement in ORDERS:
            self._db.execute(statement)
        self._db.execute("BEGIN")
        for row in self._db.execute(_LATER).fetchall():
            change = read(RecordRef(*row)).event
            self._texts.replace(change, read)
            self._end_poll(change)
        for row in self._db.execute(_MOVES_LATER).fetchall():
            self._move(read(RecordRef(*row)).event, read)
        thread_table.count_all(self._db)
        pin_table.forget_all_unpinned(self._db)
        counting.count_all(self._db)
        self._db.execute("DELETE FROM later")
        self._db.execute("COMMIT")
        self._db.close()
        _sync(self.path)
        self._use(connect(self.path), self._texts.parts)
        self._db.execute("UPDATE about SET ready = true")
        self._is_ready = True


_MOVES_LATER = (
    "SELECT later.n, later.first, later.offset, later.size FROM later"
    f" CROSS JOIN records AS line ON line.n = later.n WHERE line.follows <> {CHANGE}"
    " ORDER BY later.n"
)
_LATER = (  # by message: FTS5 writes down what it has gathered whenever it has to go back
    "SELECT later.n, later.first, later.offset, later.size FROM later"
    " CROSS JOIN records AS change ON change.n = later.n"
    " CROSS JOIN records AS message ON message.room = change.room"
    f" AND message.follows IN ({SHOWN}, {REPLY}) AND message.seq = change.target"
    " ORDER BY message.n, later.n"
)


def _follows(event: Event) -> int:
    if event.type != "message":
        return VOTE if is_vote(event) else CHANGE
    return SHOWN if FOLDED.shows(event, event.thread) else REPLY


def _day(entry: IndexEntry) -> str:
    return entry.event.at[:10]


def _sync(path: Path) -> None:
    fd = os.open(path, os.O_RDWR)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
