"""Full text in parts: one table of words for every few segments of the log.

A single table would be merged again and again while it grows. With parts, a full part only changes
when its messages are edited; several processes can create parts at the same time, and parts are
moved into the index as they are (`put_in_place`); and a search for common words ends in the newest
part.

    parts          first: the number of the part's first record. A part starts with a
                   segment
    words_<first>  FTS5, contentless; rowid is the message's n
        text       the current text of the message
        tags       its room, its sender, whether it has a link, and the kinds of its files:
                   `rd0c5a… s77f2b… link file image`
        files      the names of its files

A tag is a hash of the name, so it is the same word in every part. Names with the same hash are not
mixed up: a search compares the rooms and senders of its hits.

Options of FTS5, and why (measured on 22 November 2026):

    columnsize=0   the length of a text is not needed, and costs a row for each
    prefix='2'     while typing, two letters are found as fast as a word
    automerge=16   merge sixteen pieces at a time, not four: half of the merging
"""

# ruff: noqa: S608 - statements are put together of constants and numbers; values are bound

import sqlite3
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from functools import lru_cache
from hashlib import blake2b

import msgspec

from chatapp.domain.files import kind_of
from chatapp.domain.model import FileInfo
from chatapp.text import words
from chatapp.text.tokens import spans

PART_RECORDS = 150_000
"""A part with this many records does not continue in the next segment."""
HASH_BYTES = 64 << 20
"""Size of a transaction's data in memory before it is written."""
FILE_TAG = "file"
TAGS_KEPT = 10_000
"""Cached tags of rooms and of senders."""

_COLUMNS = "text, tags, files"
_OPTIONS = (
    "prefix='2', columnsize=0,"
    " tokenize=\"unicode61 remove_diacritics 0 categories 'L* N* Co Mn Mc'\""
)
_MERGE = 16
_MERGED_ANYTHING = 2
"""FTS5 counts one change for a merge that had nothing to do."""

Words = tuple[int, str, str, str]
"""A message's number, its text, its tags, and the names of its files, for a part."""


def begin_part(db: sqlite3.Connection, first: int) -> None:
    """Create an empty part that starts with this record."""
    db.execute(f"CREATE VIRTUAL TABLE words_{first} USING fts5({_COLUMNS}, content='', {_OPTIONS})")
    for setting, value in (("automerge", _MERGE), ("hashsize", HASH_BYTES)):
        db.execute(
            f"INSERT INTO words_{first} (words_{first}, rank) VALUES (?, ?)", (setting, value)
        )
    db.execute("INSERT INTO parts VALUES (?)", (first,))


def parts(db: sqlite3.Connection, schema: str = "main") -> list[int]:
    """The first records of all parts, ascending."""
    return [first for (first,) in db.execute(f"SELECT first FROM {schema}.parts ORDER BY first")]


def part_of(n: int, firsts: list[int]) -> int:
    """The part that contains a record."""
    return firsts[bisect_right(firsts, n) - 1]


def insert(db: sqlite3.Connection, first: int, rows: list[Words]) -> None:
    """Insert in one statement, passed as one JSON text.

    The sqlite3 module reacquires the interpreter lock for every row that it binds, and has to wait
    for a busy event loop each time. And FTS5 writes its data at the end of every statement with
    many VALUES: one piece for every few hundred rows.
    """
    db.execute(
        f"INSERT INTO words_{first} (rowid, {_COLUMNS}) SELECT json_extract(value, '$[0]'),"
        " json_extract(value, '$[1]'), json_extract(value, '$[2]'), json_extract(value, '$[3]')"
        " FROM json_each(?)",
        (msgspec.json.encode(rows).decode(),),
    )


def insert_alone(db: sqlite3.Connection, first: int, rows: Iterable[Words]) -> None:
    """The same without an event loop: a third cheaper, but it takes the lock for every row."""
    db.executemany(f"INSERT INTO words_{first} (rowid, {_COLUMNS}) VALUES (?, ?, ?, ?)", rows)


def forget(db: sqlite3.Connection, first: int, row: Words) -> None:
    """FTS5 stores no texts, so it needs the exact text to forget."""
    db.execute(
        f"INSERT INTO words_{first} (words_{first}, rowid, {_COLUMNS})"
        " VALUES ('delete', ?, ?, ?, ?)",
        row,
    )


def merge(db: sqlite3.Connection, first: int, pages: int) -> bool:
    """Rewrite pages without forgotten words; returns False when there is nothing left to do.

    A negative number of pages starts with all of them.
    """
    before = db.total_changes
    db.execute(f"INSERT INTO words_{first} (words_{first}, rank) VALUES ('merge', ?)", (pages,))
    return db.total_changes - before >= _MERGED_ANYTHING


def put_in_place(db: sqlite3.Connection, source: str, first: int) -> None:
    """Move a part of an attached index into this one as it is: its rows are pages of the full
    text."""
    begin_part(db, first)
    for table in (f"words_{first}_data", f"words_{first}_idx"):
        db.execute(f"DELETE FROM main.{table}")
        db.execute(f"INSERT INTO main.{table} SELECT * FROM {source}.{table}")


def check_part(db: sqlite3.Connection, first: int) -> None:
    """Let FTS5 check a part. Raises sqlite3.DatabaseError."""
    db.execute(f"INSERT INTO words_{first} (words_{first}) VALUES ('integrity-check')")


def words_of(
    n: int, room: str, sender: str, text: str, files: Sequence[FileInfo] | None = None
) -> Words:
    tags = f"{room_tag(room)} {sender_tag(sender)}"
    if _has_link(text):
        tags = f"{tags} link"
    files = [file for file in files if not file.removed] if files else None
    if not files:
        return n, words.indexed(text), tags, ""
    kinds = dict.fromkeys(kind_of(file.type) for file in files)
    names = words.indexed("\n".join(file.name for file in files))
    return n, words.indexed(text), " ".join((tags, FILE_TAG, *kinds)), names


def _has_link(text: str) -> bool:
    """Whether a text has a link to the web."""
    may_have = "://" in text or "www." in text.lower()
    return may_have and any(
        kind == "link" and not value.startswith("mailto:") for _, _, kind, value in spans(text)
    )


@lru_cache(TAGS_KEPT)
def room_tag(name: str) -> str:
    return f"r{_hashed(name)}"


@lru_cache(TAGS_KEPT)
def sender_tag(name: str) -> str:
    return f"s{_hashed(name)}"


def _hashed(name: str) -> str:
    return blake2b(name.encode(), digest_size=5).hexdigest()
