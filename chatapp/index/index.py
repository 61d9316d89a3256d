"""The index: finds records in the log by room and seq, number, cid, or word.

This file adds records; `schema.py` describes the tables, `lookup.py` queries them.

Many rows are inserted with few statements: while SQLite executes one, the interpreter lock is
free, and the event loop runs. One statement for each row would wait for the lock after each row.
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
from typing import Any, NamedTuple

import msgspec

from chatapp.domain.clock import milliseconds
from chatapp.domain.files import FILE_KINDS, after_removal, is_removal, kind_of
from chatapp.domain.limits import MAX_INTEGER
from chatapp.domain.model import Event, FileInfo
from chatapp.domain.polls import bits_of, closing_time, is_closing, is_vote, voter_of
from chatapp.index import parts, pin_table, thread_table
from chatapp.index.parts import PART_RECORDS, Words
from chatapp.index.polls import counting
from chatapp.index.polls.counting import CastVote
from chatapp.index.record_ref import RecordRef
from chatapp.index.schema import (
    CHANGE,
    FOUND,
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
    make,
    word_hash,
)
from chatapp.index.view import FOLDED, moves_of, pins_in
from chatapp.log.format import ChainHead, Record
from chatapp.log.recovery import Checkpoint
from chatapp.text.tokens import mentioned_words

MERGED_PAGES = 64
"""Number of pages rewritten by one merge step; between steps, other tasks can use the index."""
SMALL_BYTES = 16 << 20
"""Smaller indexes are checked at each start, which takes up to 0.2 s."""
_ROWS_AT_ONCE = (500, 100, 20, 5, 1)


class IndexEntry(msgspec.Struct, frozen=True):
    """A durable event, and the position of its line: the segment by first number, offset and
    size."""

    n: int
    first: int
    offset: int
    size: int
    event: Event


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
        self._parts: list[int] = []
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

    def _use(self, connection: sqlite3.Connection) -> None:
        self._db = connection
        self._rooms = _Ids(connection, "rooms")
        self._senders = _Ids(connection, "senders")
        self._authors = _Ids(connection, "authors")

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
        self._parts = parts.parts(self._db)
        self._is_ready = True
        return True

    def _is_sound(self) -> bool:
        """Whether SQLite finds no damage, as far as a quick check can tell."""
        if self.path.stat().st_size > SMALL_BYTES:
            return True
        for first in self._parts:
            parts.check_part(self._db, first)
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
        self._insert_words(entries, read)
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
        self._parts = parts.parts(self._db)
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
        self._insert("records", 12, flat)

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
        self._insert("cids", 3, [value for row in rows for value in row])

    def _insert_words(
        self, entries: Sequence[IndexEntry], read: Callable[[RecordRef], Record]
    ) -> None:
        """The texts of messages after these entries; also updates older messages."""
        self._begin_parts(entries)
        current, older = _current_contents(entries)
        self._insert_mentions(current)
        self._insert_files(current)
        rows = [
            parts.words_of(entry.n, entry.event.room, entry.event.sender, *said)
            for entry, said in current
        ]
        for first, end in pairwise([*self._parts, MAX_INTEGER]):
            its_rows = rows[bisect_left(rows, (first,)) : bisect_left(rows, (end,))]
            if its_rows:
                self._insert_into(first, its_rows)
        if self._is_ready:
            for entry in older:
                self._replace_words(entry.event, read)
        else:
            self._note_later(older)

    def _insert_mentions(self, current: Sequence["CurrentContent"]) -> None:
        flat: list[int] = []
        for entry, (text, _) in current:
            if entry.event.system is not None:
                continue
            room, seq = self._rooms[entry.event.room], entry.event.seq
            for word, certain in mentioned_words(text).items():
                flat += (word_hash(word), room, seq, certain)
        self._insert("mentions", 4, flat)

    def _insert_files(self, current: Sequence["CurrentContent"]) -> None:
        for entry, (_, files) in current:
            if files:
                self._take_files(entry.event.room, entry.event.seq, entry.n, files)

    def _take_files(self, room: str, seq: int, n: int, files: Sequence[FileInfo]) -> None:
        self._db.executemany(
            "INSERT INTO files VALUES (?, ?, ?, ?, ?)",
            [
                (self._rooms[room], seq, place, FILE_KINDS.index(kind_of(file.type)), n)
                for place, file in enumerate(files)
                if not file.removed
            ],
        )

    def _begin_parts(self, entries: Sequence[IndexEntry]) -> None:
        """A part starts with a segment, when the previous part is large enough."""
        for segment in dict.fromkeys(entry.first for entry in entries):
            if not self._parts or segment >= self._parts[-1] + PART_RECORDS:
                parts.begin_part(self._db, segment)
                self._parts.append(segment)

    def _insert_into(self, first: int, rows: list[Words]) -> None:
        if self._is_ready:
            parts.insert(self._db, first, rows)
        else:
            parts.insert_alone(self._db, first, rows)

    def _replace_words(self, event: Event, read: Callable[[RecordRef], Record]) -> None:
        """Remove the words of a message that was edited or deleted, or whose files were removed."""
        room = self._rooms[event.room]
        row = self._db.execute(_MESSAGE, (room, event.target)).fetchone()
        if row is None:
            return
        message = read(RecordRef(*row))
        said = self._content(message, event.seq, read)
        if said is None:
            return
        self._forget_words(message, said)
        if event.type == "edit":
            self._take_words(message, said.after(event))
        else:
            self._db.execute("UPDATE records SET author = ? WHERE n = ?", (NOBODY, message.n))

    def _content(
        self, message: Record, until: int, read: Callable[[RecordRef], Record]
    ) -> "Content | None":
        """What a message says after its edits before the seq `until`; None if it is deleted."""
        said = Content.of(message.event)
        earlier = self._db.execute(
            f"SELECT {FOUND} FROM records WHERE follows = {CHANGE} AND room = ? AND target = ?"
            " AND seq < ?"
            " ORDER BY seq",
            (self._rooms[message.room], message.seq, until),
        ).fetchall()
        for record in (read(RecordRef(*row)) for row in earlier):
            if record.type == "delete":
                return None
            if record.type == "edit":
                said = said.after(record.event)
        return said

    def _forget_words(self, message: Record, said: "Content") -> None:
        words = parts.words_of(message.n, message.room, message.sender, *said)
        parts.forget(self._db, parts.part_of(message.n, self._parts), words)
        self._db.executemany(
            "DELETE FROM mentions WHERE word = ? AND room = ? AND seq = ?",
            [
                (word_hash(word), self._rooms[message.room], message.seq)
                for word in mentioned_words(said.text)
            ],
        )
        self._db.execute(
            "DELETE FROM files WHERE room = ? AND seq = ?",
            (self._rooms[message.room], message.seq),
        )

    def _take_words(self, message: Record, said: "Content") -> None:
        words = parts.words_of(message.n, message.room, message.sender, *said)
        parts.insert_alone(self._db, parts.part_of(message.n, self._parts), [words])
        self._db.executemany(
            "INSERT INTO mentions VALUES (?, ?, ?, ?)",
            [
                (word_hash(word), self._rooms[message.room], message.seq, certain)
                for word, certain in mentioned_words(said.text).items()
            ],
        )
        self._take_files(message.room, message.seq, message.n, said.files)

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

    def _insert(self, table: str, width: int, flat: list[Any]) -> None:
        """Insert many rows in few statements; so few different ones that all stay prepared."""
        done = 0
        row = f"({','.join('?' * width)})"
        for rows in _ROWS_AT_ONCE:
            statement = f"INSERT INTO {table} VALUES {','.join([row] * rows)}"
            while len(flat) - done >= rows * width:
                self._db.execute(statement, flat[done : done + rows * width])
                done += rows * width

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
        touched: set[int] = set()

        def read_later(found: RecordRef) -> Record:
            record = read(found)
            return without_text(record) if record.n in gone else record

        with self._db:
            self._begin()
            for room, seq in messages:
                row = self._db.execute(_MESSAGE, (self._rooms[room], seq)).fetchone()
                if row is None:
                    continue
                message = read(RecordRef(*row))
                touched.add(parts.part_of(message.n, self._parts))
                said = self._content(message, MAX_INTEGER, read)
                left = self._content(read_later(RecordRef(*row)), MAX_INTEGER, read_later)
                if said is not None and left is not None:
                    self._forget_words(message, said)
                    self._take_words(message, left)
        return touched

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
        for statement in _ADOPT:
            self._db.execute(statement)
        for first in parts.parts(self._db, "piece"):
            parts.put_in_place(self._db, "piece", first)
            self._parts.append(first)
        self._db.execute("COMMIT")
        self._db.execute("DETACH piece")

    def reopen(self) -> None:
        """After adopting pieces, and before adding anything else: FTS5 caches parts that have been
        replaced."""
        self._db.close()
        self._use(connect_carelessly(self.path))

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
            self._replace_words(change, read)
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
        self._use(connect(self.path))
        self._db.execute("UPDATE about SET ready = true")
        self._is_ready = True


_MESSAGE = (
    f"SELECT {FOUND} FROM records WHERE room = ? AND follows IN ({SHOWN}, {REPLY}) AND seq = ?"
)
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
_ADOPT = (
    "CREATE TEMP TABLE room_ids (theirs INTEGER PRIMARY KEY, ours INTEGER)",
    "CREATE TEMP TABLE sender_ids (theirs INTEGER PRIMARY KEY, ours INTEGER)",
    "CREATE TEMP TABLE author_ids (theirs INTEGER PRIMARY KEY, ours INTEGER)",
    "INSERT OR IGNORE INTO main.rooms (name) SELECT name FROM piece.rooms",
    "INSERT OR IGNORE INTO main.senders (name) SELECT name FROM piece.senders",
    "INSERT OR IGNORE INTO main.authors (name) SELECT name FROM piece.authors",
    "INSERT INTO room_ids SELECT theirs.id, ours.id"
    " FROM piece.rooms AS theirs JOIN main.rooms AS ours USING (name)",
    "INSERT INTO sender_ids SELECT theirs.id, ours.id"
    " FROM piece.senders AS theirs JOIN main.senders AS ours USING (name)",
    "INSERT INTO author_ids SELECT theirs.id, ours.id"
    " FROM piece.authors AS theirs JOIN main.authors AS ours USING (name)",
    f"INSERT INTO author_ids VALUES ({NOBODY}, {NOBODY})",
    "INSERT INTO main.records SELECT n, room_ids.ours, follows, seq, target, sender_ids.ours,"
    " at, first, offset, size, author_ids.ours, thread FROM piece.records"
    " CROSS JOIN room_ids ON room_ids.theirs = room"
    " CROSS JOIN sender_ids ON sender_ids.theirs = sender"
    " CROSS JOIN author_ids ON author_ids.theirs = author ORDER BY n",
    "INSERT INTO main.mentions SELECT word, room_ids.ours, seq, certain FROM piece.mentions"
    " CROSS JOIN room_ids ON room_ids.theirs = room",
    "INSERT INTO main.files SELECT room_ids.ours, seq, place, kind, n FROM piece.files"
    " CROSS JOIN room_ids ON room_ids.theirs = room",
    "INSERT INTO main.threads (room, root, titled)"
    " SELECT room_ids.ours, root, titled FROM piece.threads"
    " CROSS JOIN room_ids ON room_ids.theirs = room WHERE true"
    " ON CONFLICT DO UPDATE SET titled = max(excluded.titled, coalesce(titled, 0))",
    "INSERT INTO main.pins (room, seq, line, pinned)"
    " SELECT room_ids.ours, seq, line, pinned FROM piece.pins"
    f" CROSS JOIN room_ids ON room_ids.theirs = room WHERE true{pin_table.NOTED}",
    "INSERT INTO main.votes SELECT room_ids.ours, poll, author_ids.ours, choice, seq,"
    " sender_ids.ours, changes FROM piece.votes"
    " CROSS JOIN room_ids ON room_ids.theirs = room"
    " CROSS JOIN sender_ids ON sender_ids.theirs = sender"
    " CROSS JOIN author_ids ON author_ids.theirs = voter WHERE true"
    " ON CONFLICT DO UPDATE SET choice = excluded.choice, seq = excluded.seq,"
    " sender = excluded.sender, changes = changes + excluded.changes",
    "INSERT INTO main.closing SELECT room_ids.ours, poll, at FROM piece.closing"
    " CROSS JOIN room_ids ON room_ids.theirs = room",
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
    "DROP TABLE author_ids",
)


def without_text(record: Record) -> Record:
    """A record as it is when it is erased; the index does not need the time."""
    return msgspec.structs.replace(record, text=None, files=None, erased="")


class Content(NamedTuple):
    """What a message says, and the files that it has; those that were removed have no name."""

    text: str
    files: Sequence[FileInfo]

    @classmethod
    def of(cls, event: Event) -> "Content":
        return cls(event.text or "", event.files or ())

    def after(self, edit: Event) -> "Content":
        if is_removal(edit):
            return Content(self.text, after_removal(self.files, edit.files or ()))
        return Content(edit.text or "", self.files)


CurrentContent = tuple[IndexEntry, Content]
"""A message, and what it says now."""


def _current_contents(
    entries: Sequence[IndexEntry],
) -> tuple[list[CurrentContent], list[IndexEntry]]:
    """What messages say after these entries, in order; and changes of earlier messages."""
    changed = {
        (entry.event.room, entry.event.target)
        for entry in entries
        if entry.event.type in ("edit", "delete")
    }
    said: list[CurrentContent | None] = []
    messages: dict[tuple[str, int | None], tuple[int, IndexEntry]] = {}
    older: list[IndexEntry] = []
    for entry in entries:
        event = entry.event
        if event.type == "message":
            if (event.room, event.seq) in changed:
                messages[event.room, event.seq] = len(said), entry
            said.append((entry, Content.of(event)))
        elif event.type in ("edit", "delete"):
            place, message = messages.get((event.room, event.target), (0, None))
            if message is None:
                older.append(entry)
            elif (before := said[place]) and event.type == "edit":
                said[place] = message, before[1].after(event)
            else:
                said[place] = None
    return [one for one in said if one], older


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
