"""Whether the index says of some segments what the log says, each word included.

All that is asked of the index is asked in one transaction: while a server writes, the index is
compared with the log as it was when the comparison began. It may lag behind the log.
"""

# ruff: noqa: S608 - statements are put together of constants and numbers; values are bound

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from itertools import chain, zip_longest
from pathlib import Path
from urllib.parse import quote

import msgspec

from chatapp.limits import MAX_INTEGER
from chatapp.storage import parts
from chatapp.storage.disk import Disk
from chatapp.storage.errors import StorageError
from chatapp.storage.files import Files
from chatapp.storage.format import Record
from chatapp.storage.index import Found
from chatapp.storage.parts import Words
from chatapp.storage.schema import FOUND, INDEX_VERSION

CACHE_KB = 64_000
"""What is more goes to a temporary file."""
ROWS = 2_000
"""Compared at once."""


class Indexed(msgspec.Struct, frozen=True):
    """An index that can be compared: up to which record it goes, and where its parts begin."""

    path: Path
    key: str
    n: int
    parts: set[int]


def indexed(path: Path, key: str) -> Indexed | None:
    """None where the next start makes the index again.

    Asked before the log is read: what was indexed then must be in the log that is read.
    """
    if not path.exists():
        return None
    try:
        with closing(sqlite3.connect(_read_only(path), uri=True)) as db:
            row = db.execute("SELECT version, epoch, ready, n FROM about").fetchone()
            if row[:3] != (INDEX_VERSION, key, True):
                return None
            return Indexed(path, key, row[3], set(parts.parts(db)))
    except sqlite3.DatabaseError:
        return None


class Comparison:
    """Of the index with segments of one part, in order: `follow` each record, then `end`.

    A server may have begun another part since the segments were handed out. The words of that one
    are left for the next time.
    """

    def __init__(self, index: Indexed, folder: Path, first: int) -> None:
        self._name = index.path.name
        self._folder = folder
        self._first = first
        self._difference: str | None = None
        self._indexed = 0
        self._next_part = MAX_INTEGER
        self._expected: list[tuple[object, ...]] = []
        self._said: list[Words] = []
        self._changes: list[Record] = []
        self._db = sqlite3.connect("", uri=True, isolation_level=None)
        self._db.execute(f"PRAGMA cache_size = -{CACHE_KB}")
        try:
            self._begin(index)
        except sqlite3.DatabaseError as error:
            self._is_damaged(error)

    def _begin(self, index: Indexed) -> None:
        self._db.execute("ATTACH ? AS log_index", (_read_only(index.path),))
        self._db.execute("CREATE TABLE said (n INTEGER PRIMARY KEY, text, tags)")
        self._db.execute("BEGIN")
        row = self._db.execute("SELECT n FROM log_index.about WHERE epoch = ?", (index.key,))
        (self._indexed,) = row.fetchone() or (0,)  # 0 where it was just given up
        self._rows = self._db.execute(
            "SELECT n, room, seq, follows, target, sender, first, offset, size"
            " FROM log_index.records WHERE n >= ? ORDER BY n",
            (self._first,),
        )
        later = [part for part in parts.parts(self._db, "log_index") if part > self._first]
        self._next_part = min(later, default=MAX_INTEGER)
        self._room_ids = dict(self._db.execute("SELECT name, id FROM log_index.rooms"))
        self._sender_ids = dict(self._db.execute("SELECT name, id FROM log_index.senders"))

    def close(self) -> None:
        self._db.close()

    def follow(self, record: Record, first: int, offset: int, size: int) -> None:
        """The next record of the log, and where it is."""
        if self._difference or record.n > self._indexed:
            return
        target = record.seq if record.type == "lost" else record.target
        follows = record.type != "message"
        self._expected.append(
            (
                record.n,
                self._room_ids.get(record.room),
                record.seq,
                follows,
                target,
                self._sender_ids.get(record.sender),
                first,
                offset,
                size,
            )
        )
        if not follows and record.n < self._next_part:
            text = "" if record.erased else record.text or ""
            words = parts.words_of(record.n, record.room, record.sender, text)
            self._said.append(words)
        elif follows and record.type != "react":
            self._changes.append(record)
        if len(self._expected) == ROWS:
            self._compare()

    def _compare(self) -> None:
        """The places of what was followed; and writes down what was said."""
        expected, self._expected = self._expected, []
        said, self._said = self._said, []
        try:
            found = self._rows.fetchmany(len(expected))
            if found != expected:
                pairs = zip_longest(expected, found)
                self._differs(f"about record {next(e[0] for e, f in pairs if e != f)}")
            self._db.executemany("INSERT INTO said VALUES (?, ?, ?)", said)
        except sqlite3.DatabaseError as error:
            self._is_damaged(error)

    def end(self, rooms: dict[str, tuple[int, int]], last: int) -> list[str]:
        """What is different; nothing where all is right.

        `rooms` has the first and last seq of each room of these segments, `last` is their last
        record.
        """
        rooms = dict(rooms)
        try:
            for record in self._written_meanwhile(last):
                low, _ = rooms.get(record.room, (record.seq, 0))
                rooms[record.room], last = (low, record.seq), record.n
            if self._expected:
                self._compare()
            if self._difference is None and self._indexed >= self._first:
                for record in chain(self._changes, self._later_changes(rooms, last)):
                    self._change(record)
                if not parts.has_the_words(self._db, "log_index", self._first):
                    self._differs(f"about words of the records from {self._first} on")
        except sqlite3.DatabaseError as error:
            self._is_damaged(error)
        except StorageError:
            return []  # a damaged line, which whoever checks its segment reports
        return [self._difference] if self._difference else []

    def _change(self, record: Record) -> None:
        """An edit or a deletion; of a message of another part, it changes nothing here."""
        event = record.event
        row = self._db.execute(
            "SELECT said.n, senders.name FROM log_index.rooms"
            " CROSS JOIN log_index.records ON records.room = rooms.id"
            " CROSS JOIN log_index.senders ON senders.id = sender"
            " CROSS JOIN said ON said.n = records.n"
            " WHERE rooms.name = ? AND follows = 0 AND seq = ?",
            (event.room, event.target),
        ).fetchone()
        if row is None:
            return
        n, sender = row
        if event.type == "delete":
            self._db.execute("DELETE FROM said WHERE n = ?", (n,))
        else:
            words = parts.words_of(n, event.room, sender, event.text or "")
            self._db.execute("REPLACE INTO said VALUES (?, ?, ?)", words)

    def _written_meanwhile(self, last: int) -> Iterator[Record]:
        """Follows what the index has of the part behind these segments: a server has begun others
        since they were handed out.
        """
        end = min(self._indexed, self._next_part - 1)
        if self._difference or end <= last:
            return
        rows = self._db.execute(
            f"SELECT {FOUND} FROM log_index.records WHERE n > ? AND n <= ? ORDER BY n", (last, end)
        )
        files = Files(Disk(), self._folder)
        try:
            for one in [Found(*row) for row in rows]:
                record = files.record(one)
                self.follow(record, one.first, one.offset, one.size)
                yield record
        finally:
            files.close()

    def _later_changes(self, rooms: dict[str, tuple[int, int]], last: int) -> Iterator[Record]:
        """Edits and deletions behind these segments of messages in them, in order."""
        found: list[Found] = []
        for room, (low, high) in rooms.items():
            rows = self._db.execute(
                f"SELECT {FOUND} FROM log_index.records WHERE follows"
                " AND room = (SELECT id FROM log_index.rooms WHERE name = ?)"
                " AND target BETWEEN ? AND ? AND n > ?",
                (room, low, high, last),
            )
            found += [Found(*row) for row in rows]
        files = Files(Disk(), self._folder)
        try:
            for one in sorted(found, key=lambda one: one.n):
                record = files.record(one)
                if record.type != "react":
                    yield record
        finally:
            files.close()

    def _differs(self, where: str) -> None:
        self._difference = f"{self._name} is wrong {where}; delete it, it is made again"

    def _is_damaged(self, error: sqlite3.DatabaseError) -> None:
        if error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR):
            self._difference = f"{self._name} was not compared, the disk is full or fails ({error})"
            return
        self._difference = f"{self._name} is damaged ({error}); delete it, it is made again"


def _read_only(path: Path) -> str:
    return f"file:{quote(str(path.absolute()))}?mode=ro"
