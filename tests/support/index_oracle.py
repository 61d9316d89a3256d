"""What the index of a log has to say, worked out from the log's lines, one after the other."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from chatapp.index import parts
from chatapp.index.parts import Words
from chatapp.index.schema import author_of, cid_hash, connect, word_hash
from chatapp.log.disk import Disk
from chatapp.log.format import Record, decode_record
from chatapp.log.manifest import segment_files, segment_path
from chatapp.text.tokens import mentioned_words
from chatapp.upkeep.verify import verify

Row = tuple[Any, ...]
Said = tuple[int, str, str]
"""A message's number, its sender and what it says."""


def problems_of(folder: Path, index: Path, *, processes: int = 1) -> list[str]:
    """What verify finds; if it finds nothing, where the index differs from the log."""
    found = verify(folder, index=index, processes=processes).problems
    if found or not index.exists():
        return found
    with closing(connect(index)) as db:
        (n,) = db.execute("SELECT n FROM about").fetchone()
        lines = [line for line in _lines(folder) if line[0].n <= n]
        return [
            f"{index.name} differs from the log in its {what}: {sorted(one ^ other)[:3]}"
            for what, one, other in (
                ("records", _records(lines), _rows(db, _RECORDS)),
                ("authors", _authors(lines), _rows(db, _AUTHORS)),
                ("mentions", _mentions(lines), _rows(db, _MENTIONS)),
                ("cids", _cids(lines), _rows(db, "SELECT hash, n FROM cids")),
                ("words", _found_in(_all_words(lines)), _words(db)),
            )
            if one != other
        ]


_RECORDS = (
    "SELECT n, rooms.name, seq, follows, coalesce(target, 0), senders.name, records.first, offset,"
    " size FROM records JOIN rooms ON rooms.id = room JOIN senders ON senders.id = sender"
)


_AUTHORS = "SELECT n, authors.name FROM records JOIN authors ON authors.id = author"
_MENTIONS = "SELECT word, rooms.name, seq, certain FROM mentions JOIN rooms ON rooms.id = room"


def _lines(folder: Path) -> Iterator[tuple[Record, int, int, int]]:
    """Each record, its segment, and the place of its line there."""
    for first in segment_files(Disk(), folder):
        offset = 0
        for line in segment_path(folder, first).read_bytes().splitlines(keepends=True):
            if line.endswith(b"}\n"):
                yield decode_record(line), first, offset, len(line)
            offset += len(line)


def _records(lines: list[tuple[Record, int, int, int]]) -> set[Row]:
    rows = set()
    for record, *place in lines:
        target = record.seq if record.type == "lost" else record.target or 0
        follows = int(record.type != "message")
        rows.add((record.n, record.room, record.seq, follows, target, record.sender, *place))
    return rows


def _cids(lines: list[tuple[Record, int, int, int]]) -> set[Row]:
    return {
        (cid_hash(record.sender, record.cid), record.n)
        for record, *_ in lines
        if record.type == "message" and record.cid is not None
    }


def _authors(lines: list[tuple[Record, int, int, int]]) -> set[Row]:
    left = {n for n, *_ in _said(lines).values()}
    return {(r.n, author_of(r.by, r.sender)) for r, *_ in lines if r.n in left}


def _mentions(lines: list[tuple[Record, int, int, int]]) -> set[Row]:
    return {
        (word_hash(word), *message, certain)
        for message, (_, _, text) in _said(lines).items()
        for word, certain in mentioned_words(text).items()
    }


def _said(lines: list[tuple[Record, int, int, int]]) -> dict[tuple[str, int], Said]:
    """What messages say after all edits and deletions, by room and seq."""
    said: dict[tuple[str, int], Said] = {}
    for record, *_ in lines:
        text = "" if record.erased else record.text or ""
        if record.type == "message":
            said[record.room, record.seq] = (record.n, record.sender, text)
            continue
        event = record.event
        changed = said.get((record.room, event.target or 0))
        if changed and event.type == "edit":
            said[record.room, event.target or 0] = (*changed[:2], event.text or "")
        elif changed and event.type == "delete":
            del said[record.room, event.target or 0]
    return said


def _all_words(lines: list[tuple[Record, int, int, int]]) -> list[Words]:
    return [parts.words_of(n, room, *who) for (room, _), (n, *who) in _said(lines).items()]


def _found_in(said: list[Words]) -> set[Row]:
    with closing(sqlite3.connect(":memory:")) as db:
        db.execute("CREATE TABLE parts (first INTEGER PRIMARY KEY)")
        parts.begin_part(db, 1)
        parts.insert_alone(db, 1, said)
        return _words(db)


def _words(db: sqlite3.Connection) -> set[Row]:
    """Each word, and where it is."""
    found: set[Row] = set()
    for first in parts.parts(db):
        db.execute(
            f"CREATE VIRTUAL TABLE temp.v{first} USING fts5vocab(main, words_{first}, instance)"
        )
        found |= _rows(db, f"SELECT term, doc, col, offset FROM temp.v{first}")
    return found


def _rows(db: sqlite3.Connection, query: str) -> set[Row]:
    return set(db.execute(query))
