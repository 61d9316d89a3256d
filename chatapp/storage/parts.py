"""Full text in parts: a table of words for every few segments of the log.

One table for everything would be merged and merged again while it grows. In parts, a part that
is full is never touched again but for the edits of its messages; parts can be made side by side
in several processes and put into place as they are (`put_in_place`); one part at a time can be
compared with the log; and a search for what is said every day ends in the newest part.

    parts          first: the number of the record with which the part begins. A part begins
                   where a segment does
    words_<first>  FTS5, contentless; rowid is the message's n
        text       what the message says now
        tags       its room, its sender, and whether it has a link: `rd0c5a… s77f2b… link`

A tag is a hash of the name, so that it is the same word in every part, whoever made it. Two
names with one hash are not mixed up: who searches compares the rooms and senders of what is found.

What FTS5 is told, and why (measured in benchmarks/RESULTS.md):

    columnsize=0   nobody asks for the length of a text, and it costs a row for each
    prefix='2'     while you type, two letters are found as fast as a word
    automerge=16   merge sixteen pieces at a time, not four: half of the merging
"""

# ruff: noqa: S608 - statements are put together of constants and numbers; values are bound

import sqlite3
from bisect import bisect_right
from collections.abc import Iterable
from functools import lru_cache
from hashlib import blake2b

import msgspec

from chatapp.storage import words

PART_RECORDS = 150_000
"""A part that has so many records is not continued in the next segment."""
HASH_BYTES = 64 << 20
"""So much of one transaction is gathered in memory before it is written."""
TAGS_KEPT = 10_000
"""Of rooms, and of senders, that said something lately."""

_COLUMNS = "text, tags"
_OPTIONS = "prefix='2', columnsize=0, tokenize=\"unicode61 remove_diacritics 2\""
_MERGE = 16
_MERGED_ANYTHING = 2
"""FTS5 counts one change for a merge that found nothing to do."""

Words = tuple[int, str, str]
"""A message's number, its text, and its tags: what a part is told of a message."""


def begin_part(db: sqlite3.Connection, first: int) -> None:
    """An empty part from this record on."""
    db.execute(f"CREATE VIRTUAL TABLE words_{first} USING fts5({_COLUMNS}, content='', {_OPTIONS})")
    for setting, value in (("automerge", _MERGE), ("hashsize", HASH_BYTES)):
        db.execute(
            f"INSERT INTO words_{first} (words_{first}, rank) VALUES (?, ?)", (setting, value)
        )
    db.execute("INSERT INTO parts VALUES (?)", (first,))


def parts(db: sqlite3.Connection, schema: str = "main") -> list[int]:
    """The first records of all parts, in order."""
    return [first for (first,) in db.execute(f"SELECT first FROM {schema}.parts ORDER BY first")]


def part_of(n: int, firsts: list[int]) -> int:
    """The part that a record is in."""
    return firsts[bisect_right(firsts, n) - 1]


def insert(db: sqlite3.Connection, first: int, rows: list[Words]) -> None:
    """In one statement, handed over as one JSON text.

    The sqlite3 module takes the interpreter's lock again after every row that it binds, and an
    event loop that is busy makes it wait for that. And FTS5 writes down what it has gathered at
    the end of every statement of many VALUES: a piece for every few hundred rows.
    """
    db.execute(
        f"INSERT INTO words_{first} (rowid, {_COLUMNS}) SELECT json_extract(value, '$[0]'),"
        " json_extract(value, '$[1]'), json_extract(value, '$[2]') FROM json_each(?)",
        (msgspec.json.encode(rows).decode(),),
    )


def insert_alone(db: sqlite3.Connection, first: int, rows: Iterable[Words]) -> None:
    """The same where no event loop waits: a third cheaper, but with the lock after every row."""
    db.executemany(f"INSERT INTO words_{first} (rowid, {_COLUMNS}) VALUES (?, ?, ?)", rows)


def forget(db: sqlite3.Connection, first: int, row: Words) -> None:
    """FTS5 keeps no texts, so it has to be told what exactly it is to forget."""
    db.execute(
        f"INSERT INTO words_{first} (words_{first}, rowid, {_COLUMNS}) VALUES ('delete', ?, ?, ?)",
        row,
    )


def merge(db: sqlite3.Connection, first: int, pages: int) -> bool:
    """Writes pages anew, without what was forgotten; False where there is nothing left to do.

    A negative number of pages begins with all there is.
    """
    before = db.total_changes
    db.execute(f"INSERT INTO words_{first} (words_{first}, rank) VALUES ('merge', ?)", (pages,))
    return db.total_changes - before >= _MERGED_ANYTHING


def put_in_place(db: sqlite3.Connection, source: str, first: int) -> None:
    """Takes over a part of an attached index as it is: its rows are pages of the full text."""
    begin_part(db, first)
    for table in (f"words_{first}_data", f"words_{first}_idx"):
        db.execute(f"DELETE FROM main.{table}")
        db.execute(f"INSERT INTO main.{table} SELECT * FROM {source}.{table}")


def check_part(db: sqlite3.Connection, first: int) -> None:
    """What FTS5 can tell of itself. Raises sqlite3.DatabaseError."""
    db.execute(f"INSERT INTO words_{first} (words_{first}) VALUES ('integrity-check')")


def has_the_words(db: sqlite3.Connection, source: str, first: int) -> bool:
    """Whether a part of an attached index finds the words of the table `said`, and no others.

    The part's pages are copied into a table that takes `said` for its content. FTS5 then compares
    the checksum of all its words, places and beginnings with that of the texts.
    """
    db.execute(
        f"CREATE VIRTUAL TABLE checked USING fts5"
        f"({_COLUMNS}, content='said', content_rowid='n', {_OPTIONS})"
    )
    for table in ("data", "idx"):
        db.execute(f"DELETE FROM checked_{table}")
        db.execute(f"INSERT INTO checked_{table} SELECT * FROM {source}.words_{first}_{table}")
    try:
        db.execute("INSERT INTO checked (checked, rank) VALUES ('integrity-check', 1)")
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_CORRUPT:
            raise
        return False
    return True


def words_of(n: int, room: str, sender: str, text: str) -> Words:
    tags = f"{room_tag(room)} {sender_tag(sender)}"
    return n, words.indexed(text), f"{tags} link" if "://" in text else tags


@lru_cache(TAGS_KEPT)
def room_tag(name: str) -> str:
    return f"r{_hashed(name)}"


@lru_cache(TAGS_KEPT)
def sender_tag(name: str) -> str:
    return f"s{_hashed(name)}"


def _hashed(name: str) -> str:
    return blake2b(name.encode(), digest_size=5).hexdigest()
