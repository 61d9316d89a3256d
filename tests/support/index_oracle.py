"""What the index of a log has to say, worked out from the log's lines, one after the other."""

import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from chatapp.domain.files import FILE_KINDS, after_removal, kind_of
from chatapp.domain.model import FileInfo
from chatapp.index import parts
from chatapp.index.parts import Words
from chatapp.index.schema import author_of, cid_hash, connect, word_hash
from chatapp.log.disk import Disk
from chatapp.log.format import Record, decode_record
from chatapp.log.manifest import segment_files, segment_path
from chatapp.text.tokens import mentioned_words
from chatapp.upkeep.verify import verify

Row = tuple[Any, ...]
Said = tuple[int, str, str, list[FileInfo]]
"""A message's number, its sender, what it says, and its files."""


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
                ("threads", _threads(lines), _rows(db, _THREADS)),
                ("authors", _authors(lines), _rows(db, _AUTHORS)),
                ("mentions", _mentions(lines), _rows(db, _MENTIONS)),
                ("files", _files(lines), _rows(db, _FILES)),
                ("votes", _votes(lines), _rows(db, _VOTES)),
                ("choices", _choices(lines), _rows(db, _CHOICES)),
                ("counts", _counts(lines), _rows(db, _COUNTS)),
                ("polls that close", _closing(lines), _rows(db, _CLOSING)),
                ("cids", _cids(lines), _rows(db, "SELECT hash, n FROM cids")),
                ("words", _found_in(_all_words(lines)), _words(db)),
            )
            if one != other
        ]


_RECORDS = (
    "SELECT n, rooms.name, seq, follows, coalesce(target, 0), senders.name, records.first, offset,"
    " size, coalesce(thread, 0) FROM records JOIN rooms ON rooms.id = room"
    " JOIN senders ON senders.id = sender"
)

_THREADS = (
    "SELECT rooms.name, root, replies, last FROM threads JOIN rooms ON rooms.id = room"
    " WHERE replies > 0"
)

_AUTHORS = "SELECT n, authors.name FROM records JOIN authors ON authors.id = author"
_VOTES = (
    "SELECT rooms.name, poll, authors.name, senders.name, choice, seq, changes FROM votes"
    " JOIN rooms ON rooms.id = room JOIN authors ON authors.id = voter"
    " JOIN senders ON senders.id = sender"
)
_CHOICES = (
    "SELECT rooms.name, poll, option, seq, authors.name FROM choices"
    " JOIN rooms ON rooms.id = room JOIN authors ON authors.id = voter"
)
_COUNTS = (
    "SELECT rooms.name, poll, option, count FROM counts JOIN rooms ON rooms.id = room WHERE count"
)
_CLOSING = "SELECT rooms.name, poll FROM closing JOIN rooms ON rooms.id = room"
_FILES = "SELECT rooms.name, seq, place, kind, n FROM files JOIN rooms ON rooms.id = room"
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
    threads = _threads_now(lines)
    for record, *place in lines:
        target = record.seq if record.type == "lost" else record.target or 0
        thread = threads.get((record.room, record.seq)) or 0
        is_only_there = thread and not record.also_to_room
        follows = 1 if record.type != "message" else 2 if is_only_there else 0
        if record.vote is not None:
            follows = 3
        who = record.sender
        rows.add((record.n, record.room, record.seq, follows, target, who, *place, thread))
    return rows


def _threads(lines: list[tuple[Record, int, int, int]]) -> set[Row]:
    """Room, root, number of replies and the last one, of each thread that has some."""
    threads, left = _threads_now(lines), {n for n, *_ in _said(lines).values()}
    replies: dict[tuple[str, int], list[int]] = {}
    for record, *_ in lines:
        root = threads.get((record.room, record.seq))
        if root and record.n in left and record.system is None:
            replies.setdefault((record.room, root), []).append(record.seq)
    return {(*root, len(seqs), max(seqs)) for root, seqs in replies.items()}


def _threads_now(lines: list[tuple[Record, int, int, int]]) -> dict[tuple[str, int], int | None]:
    """The thread that each message is in after all moves, by room and seq."""
    threads: dict[tuple[str, int], int | None] = {}
    for record, *_ in lines:
        if record.type == "message":
            threads[record.room, record.seq] = record.thread
        line = record.system
        if line is None or line.what != "moved" or line.room:
            continue
        for seq in line.seqs or ():
            if (record.room, seq) in threads:
                threads[record.room, seq] = line.thread
    return threads


def _votes(lines: list[tuple[Record, int, int, int]]) -> set[Row]:
    """The last vote of each person in each poll, and how many they gave there."""
    last: dict[tuple[str, int, str], Row] = {}
    for record, *_ in lines:
        if record.vote is None:
            continue
        who = record.room, record.target or 0, author_of(record.by, record.sender)
        *_, changes = last.get(who, (0,))
        bits = sum(1 << option for option in record.vote)
        last[who] = (record.sender, bits, record.seq, changes + 1)
    return {(*who, *vote) for who, vote in last.items()}


def _choices(lines: list[tuple[Record, int, int, int]]) -> set[Row]:
    return {
        (room, poll, option, seq, voter)
        for room, poll, voter, _, bits, seq, _ in _votes(lines)
        for option in range(bits.bit_length())
        if bits >> option & 1
    }


def _counts(lines: list[tuple[Record, int, int, int]]) -> set[Row]:
    """How many people chose each option, and with -1 how many chose any."""
    counts = Counter((room, poll, option) for room, poll, option, _, _ in _choices(lines))
    voters = {(room, poll, voter) for room, poll, _, _, voter in _choices(lines)}
    counts.update((room, poll, -1) for room, poll, _ in voters)
    return {(*of, count) for of, count in counts.items()}


def _closing(lines: list[tuple[Record, int, int, int]]) -> set[Row]:
    waiting: set[Row] = set()
    for record, *_ in lines:
        target = (record.room, record.seq if record.type == "lost" else record.target)
        if record.type == "message" and record.poll and record.poll.closes_at:
            if record.poll.closed_at is None:
                waiting.add((record.room, record.seq))
        elif record.type in ("delete", "lost") or (record.type == "edit" and record.poll):
            waiting.discard(target)
    return waiting


def _cids(lines: list[tuple[Record, int, int, int]]) -> set[Row]:
    return {
        (cid_hash(record.sender, record.cid), record.n)
        for record, *_ in lines
        if record.type == "message" and record.cid is not None
    }


def _authors(lines: list[tuple[Record, int, int, int]]) -> set[Row]:
    left = {n for n, *_ in _said(lines).values()}
    return {(r.n, author_of(r.by, r.sender)) for r, *_ in lines if r.n in left and r.system is None}


def _mentions(lines: list[tuple[Record, int, int, int]]) -> set[Row]:
    by_chat = {(record.room, record.seq) for record, *_ in lines if record.system}
    return {
        (word_hash(word), *message, certain)
        for message, (_, _, text, _) in _said(lines).items()
        if message not in by_chat
        for word, certain in mentioned_words(text).items()
    }


def _files(lines: list[tuple[Record, int, int, int]]) -> set[Row]:
    return {
        (*message, place, FILE_KINDS.index(kind_of(file.type)), n)
        for message, (n, _, _, files) in _said(lines).items()
        for place, file in enumerate(files)
        if not file.removed
    }


def _said(lines: list[tuple[Record, int, int, int]]) -> dict[tuple[str, int], Said]:
    """What messages say after all edits and deletions, by room and seq."""
    said: dict[tuple[str, int], Said] = {}
    for record, *_ in lines:
        text = "" if record.erased else record.text or ""
        if record.type == "message":
            files = record.event.files or []
            said[record.room, record.seq] = (record.n, record.sender, text, files)
            continue
        event = record.event
        changed = said.get((record.room, event.target or 0))
        if changed and event.type == "edit" and event.files is not None:
            left = after_removal(changed[3], event.files)
            said[record.room, event.target or 0] = (*changed[:3], left)
        elif changed and event.type == "edit":
            said[record.room, event.target or 0] = (*changed[:2], event.text or "", changed[3])
        elif changed and event.type == "delete":
            del said[record.room, event.target or 0]
    return said


def _all_words(lines: list[tuple[Record, int, int, int]]) -> list[Words]:
    return [
        parts.words_of(n, room, sender, text, files)
        for (room, _), (n, sender, text, files) in _said(lines).items()
    ]


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
