"""What the index has of the texts of messages: their words, whom they mention, and their files.

Always of what a message says now: an edit or a deletion takes out what it said before, for which
the text has to be read again, because FTS5 stores none.
"""

# ruff: noqa: S608 - statements are put together of constants; values are bound

import sqlite3
from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence, Set
from itertools import pairwise

from chatapp.domain.files import FILE_KINDS, kind_of
from chatapp.domain.limits import MAX_INTEGER
from chatapp.domain.model import Event, FileInfo
from chatapp.index import parts
from chatapp.index.entries import (
    Content,
    CurrentContent,
    IndexEntry,
    current_contents,
    without_text,
)
from chatapp.index.parts import PART_RECORDS
from chatapp.index.record_ref import RecordRef
from chatapp.index.schema import CHANGE, FOUND, NOBODY, REPLY, SHOWN, insert_many, word_hash
from chatapp.log.format import Record
from chatapp.text.tokens import mentioned_words

_MESSAGE = (
    f"SELECT {FOUND} FROM records WHERE room = ? AND follows IN ({SHOWN}, {REPLY}) AND seq = ?"
)


class IndexedTexts:
    """Its methods are called within a transaction. `rooms` are the ids of rooms, and `known` the
    parts that there are."""

    def __init__(
        self, db: sqlite3.Connection, rooms: Mapping[str, int], known: Sequence[int] = ()
    ) -> None:
        self._db = db
        self._rooms = rooms
        self.parts = list(known)

    def begin(self) -> None:
        """Look which parts there are."""
        self.parts = parts.parts(self._db)

    def check(self) -> None:
        """Raises sqlite3.DatabaseError if FTS5 finds damage."""
        for first in self.parts:
            parts.check_part(self._db, first)

    def adopt(self) -> None:
        """Take over the parts of the attached index `piece`."""
        for first in parts.parts(self._db, "piece"):
            parts.put_in_place(self._db, "piece", first)
            self.parts.append(first)

    def insert(self, entries: Sequence[IndexEntry], *, beside_loop: bool) -> list[IndexEntry]:
        """What messages say after these entries. Returns the changes of earlier messages, for
        `replace`. `beside_loop`: an event loop wants to go on meanwhile."""
        self._begin_parts(entries)
        current, older = current_contents(entries)
        self._insert_mentions(current)
        self._insert_files(current)
        rows = [
            parts.words_of(entry.n, entry.event.room, entry.event.sender, *said)
            for entry, said in current
        ]
        for first, end in pairwise([*self.parts, MAX_INTEGER]):
            its_rows = rows[bisect_left(rows, (first,)) : bisect_left(rows, (end,))]
            if its_rows:
                (parts.insert if beside_loop else parts.insert_alone)(self._db, first, its_rows)
        return older

    def _insert_mentions(self, current: Sequence[CurrentContent]) -> None:
        flat: list[int] = []
        for entry, (text, _) in current:
            if entry.event.system is not None:
                continue
            room, seq = self._rooms[entry.event.room], entry.event.seq
            for word, certain in mentioned_words(text).items():
                flat += (word_hash(word), room, seq, certain)
        insert_many(self._db, "mentions", 4, flat)

    def _insert_files(self, current: Sequence[CurrentContent]) -> None:
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
            if not self.parts or segment >= self.parts[-1] + PART_RECORDS:
                parts.begin_part(self._db, segment)
                self.parts.append(segment)

    def replace(self, event: Event, read: Callable[[RecordRef], Record]) -> None:
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
    ) -> Content | None:
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

    def _forget_words(self, message: Record, said: Content) -> None:
        words = parts.words_of(message.n, message.room, message.sender, *said)
        parts.forget(self._db, parts.part_of(message.n, self.parts), words)
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

    def _take_words(self, message: Record, said: Content) -> None:
        words = parts.words_of(message.n, message.room, message.sender, *said)
        parts.insert_alone(self._db, parts.part_of(message.n, self.parts), [words])
        self._db.executemany(
            "INSERT INTO mentions VALUES (?, ?, ?, ?)",
            [
                (word_hash(word), self._rooms[message.room], message.seq, certain)
                for word, certain in mentioned_words(said.text).items()
            ],
        )
        self._take_files(message.room, message.seq, message.n, said.files)

    def erase(
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

        for room, seq in messages:
            row = self._db.execute(_MESSAGE, (self._rooms[room], seq)).fetchone()
            if row is None:
                continue
            message = read(RecordRef(*row))
            touched.add(parts.part_of(message.n, self.parts))
            said = self._content(message, MAX_INTEGER, read)
            left = self._content(read_later(RecordRef(*row)), MAX_INTEGER, read_later)
            if said is not None and left is not None:
                self._forget_words(message, said)
                self._take_words(message, left)
        return touched
