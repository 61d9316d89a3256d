"""The file of the index: its tables, opening, checking and removing it.

SQLite in WAL mode, derived only from the log: if it is deleted, it is rebuilt. It contains
positions, not texts; the texts are read from the log.

Only one process has it open, with any number of connections: SQLite's `unix-excl` keeps their
shared state in memory, not in a mapped file. Truncating a mapped file would crash the server.

    about      one row: version, epoch, the last indexed line of the log,
               and whether the index is ready for use
    rooms      name, head: the seq of the room's last event
    senders    name
    authors    id ─ name: the id of a message's author, or "name Ana" in old versions
    files      room, seq, place ─ kind, n: the files of current messages, by their place in it
    records    n ─ room, follows, seq, target, sender, at, first, offset, size, author, thread
    threads    room, root ─ replies, their last seq and time, names, n of the title's line
    pins       room, seq ─ n of the line that pinned or unpinned the message last, and which of both
    mentions   word, room, seq ─ certain: messages that may mention a name with this first word
    votes      room, poll, voter ─ the person's last choice (as bits), its seq, their name, how many
    choices    room, poll, option, seq ─ who chose it: the name, and the voter
    counts     room, poll, option ─ how many people; with the option -1, how many have voted
    closing    room, poll ─ when a poll closes that does so by itself
    cids       section, hash of sender and cid ─ n
    days       day ─ first and last n
    later      during a rebuild: edits, deletions and moves of messages that were indexed before
    parts, words_<first>    full text of current messages; see parts.py

`follows` is 0 for messages that are shown in their room, 1 for events that refer to one, 2 for
replies that are only in their thread, and 3 for votes. So a page of messages is one scan of the
index (room, follows, seq), even with many reactions between them, or of two of its ranges; a room
with folded threads costs nothing for its replies. That index also has the positions, because the
rows of a quiet room are far apart. `thread` is the thread that a message is in now, after all
moves.

Cids are stored in sections of numbers: their hashes are in random order, and with one section for
all, each new one would change a page somewhere else.

Unread messages are counted without reading each one: seqs have no gaps, so a room has as many
events after a mark as the seqs say, minus those that count for nobody (their author is 0: not a
message, a deleted one, or a line of the chat itself) and the person's own. `word` is a hash of what
`mentioned_words` finds in the current text; if the name may be longer than the word, the text is
read.
"""

# ruff: noqa: S608 - statements are put together of constants of this file; values are bound

import sqlite3
from collections.abc import Sequence
from contextlib import closing, suppress
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path
from typing import Any
from urllib.parse import quote

INDEX_VERSION = 13
_ROWS_AT_ONCE = (500, 100, 20, 5, 1)
OWNERS_ALONE = 0o600
SCHEMA = """
CREATE TABLE about (
    version INTEGER, epoch TEXT, n INTEGER, batch INTEGER, hash TEXT,
    first INTEGER, start INTEGER, "end" INTEGER, ready INTEGER
);
CREATE TABLE rooms (id INTEGER PRIMARY KEY, name TEXT UNIQUE, head INTEGER NOT NULL DEFAULT 0);
CREATE TABLE senders (id INTEGER PRIMARY KEY, name TEXT UNIQUE);
CREATE TABLE authors (id INTEGER PRIMARY KEY, name TEXT UNIQUE);
CREATE TABLE records (
    n INTEGER PRIMARY KEY, room INTEGER NOT NULL, follows INTEGER NOT NULL, seq INTEGER NOT NULL,
    target INTEGER, sender INTEGER NOT NULL, at INTEGER NOT NULL,
    first INTEGER NOT NULL, offset INTEGER NOT NULL, size INTEGER NOT NULL,
    author INTEGER NOT NULL, thread INTEGER
);
CREATE TABLE files (
    room INTEGER, seq INTEGER, place INTEGER, kind INTEGER NOT NULL, n INTEGER NOT NULL,
    PRIMARY KEY (room, seq, place)
) WITHOUT ROWID;
CREATE TABLE threads (
    room INTEGER, root INTEGER, replies INTEGER NOT NULL DEFAULT 0, last INTEGER NOT NULL DEFAULT 0,
    at INTEGER NOT NULL DEFAULT 0, names TEXT NOT NULL DEFAULT '[]', titled INTEGER,
    PRIMARY KEY (room, root)
) WITHOUT ROWID;
CREATE TABLE pins (
    room INTEGER, seq INTEGER, line INTEGER NOT NULL, pinned INTEGER NOT NULL,
    PRIMARY KEY (room, seq)
) WITHOUT ROWID;
CREATE TABLE votes (
    room INTEGER, poll INTEGER, voter INTEGER, choice INTEGER NOT NULL, seq INTEGER NOT NULL,
    sender INTEGER NOT NULL, changes INTEGER NOT NULL, PRIMARY KEY (room, poll, voter)
) WITHOUT ROWID;
CREATE TABLE choices (
    room INTEGER, poll INTEGER, option INTEGER, seq INTEGER,
    sender INTEGER NOT NULL, voter INTEGER NOT NULL, PRIMARY KEY (room, poll, option, seq)
) WITHOUT ROWID;
CREATE TABLE counts (
    room INTEGER, poll INTEGER, option INTEGER, count INTEGER NOT NULL,
    PRIMARY KEY (room, poll, option)
) WITHOUT ROWID;
CREATE TABLE closing (
    room INTEGER, poll INTEGER, at INTEGER NOT NULL, PRIMARY KEY (room, poll)
) WITHOUT ROWID;
CREATE TABLE mentions (
    word INTEGER, room INTEGER, seq INTEGER, certain INTEGER, PRIMARY KEY (word, room, seq)
) WITHOUT ROWID;
CREATE TABLE cids (
    section INTEGER, hash INTEGER, n INTEGER, PRIMARY KEY (section, hash, n)
) WITHOUT ROWID;
CREATE TABLE days (day TEXT PRIMARY KEY, first INTEGER NOT NULL, last INTEGER NOT NULL);
CREATE TABLE later (n INTEGER PRIMARY KEY, first INTEGER, offset INTEGER, size INTEGER);
CREATE TABLE parts (first INTEGER PRIMARY KEY);
"""
ORDERS = (
    "CREATE INDEX records_of_room ON records (room, follows, seq, first, offset, size, thread)",
    "CREATE INDEX records_of_sender ON records (sender, n)",
    "CREATE INDEX records_of_author ON records (room, author, seq)",
    "CREATE INDEX files_of_kind ON files (room, kind, seq, place, n)",
    "CREATE INDEX records_on_message ON records (room, target, seq) WHERE follows = 1",
    "CREATE INDEX records_of_thread"
    " ON records (room, thread, seq, author, at, sender, first, offset, size)"
    " WHERE thread IS NOT NULL",
    "CREATE INDEX threads_by_last ON threads (room, last)",
)
FOUND = "n, first, offset, size, seq, thread"
SHOWN, CHANGE, REPLY, VOTE = range(4)
"""The values of `follows`."""
NOBODY = 0
"""The author of events that nobody has to read."""
SECTION_BITS = 16
WORDS_KEPT = 10_000
CIDS_KEPT = 10_000
"""A message is asked for when it is posted, and indexed some thousands later."""
CACHE_KB = 16_000
REBUILD_CACHE_KB = 32_000
SORTING_THREADS = 2
CACHED_STATEMENTS = 512
"""Number of cached statements: a search needs one for each part."""


def connect(path: Path) -> sqlite3.Connection:
    """Connect to an existing index; a deleted one is not created again."""
    with suppress(FileNotFoundError):  # SQLite reports it itself
        path.chmod(OWNERS_ALONE)  # older versions created it with other rights
    connection = sqlite3.connect(
        f"file:{quote(str(path.absolute()))}?mode=rw&vfs=unix-excl",
        uri=True,
        check_same_thread=False,
        isolation_level=None,
        cached_statements=CACHED_STATEMENTS,
    )
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute(f"PRAGMA cache_size = -{CACHE_KB}")
    except sqlite3.DatabaseError:
        connection.close()
        raise
    return connection


def make(path: Path, epoch: str) -> sqlite3.Connection:
    """Create an empty index."""
    remove_index(path)
    connection = connect_carelessly(path)
    connection.executescript(SCHEMA)
    connection.execute(
        "INSERT INTO about VALUES (?, ?, 0, 0, '', 0, 0, 0, false)", (INDEX_VERSION, epoch)
    )
    return connection


def connect_carelessly(path: Path) -> sqlite3.Connection:
    """Connect to an index that is being built, without protection against crashes: an index that is
    not ready is discarded."""
    path.touch(OWNERS_ALONE)  # SQLite uses the same rights for its files beside it
    connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
    connection.execute("PRAGMA journal_mode = OFF")
    connection.execute("PRAGMA synchronous = OFF")
    connection.execute(f"PRAGMA cache_size = -{REBUILD_CACHE_KB}")
    connection.execute(f"PRAGMA threads = {SORTING_THREADS}")
    return connection


def remove_index(path: Path) -> None:
    """Remove an index, with leftovers of an interrupted rebuild or an older version."""
    for suffix in ("", "-wal", "-shm", "-checksum"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    for piece in path.parent.glob(f"{path.name}-from-*"):
        piece.unlink()


def piece_path(path: Path, first: int) -> Path:
    """The path of a partial index, before it becomes part of the whole."""
    return path.with_name(f"{path.name}-from-{first}")


def is_open(path: Path) -> bool:
    """Whether a server has this index open, or had when it crashed."""
    return path.with_name(f"{path.name}-wal").exists()


def reading(path: Path) -> "closing[sqlite3.Connection]":
    """A connection to an index that no server has open. It locks nothing: a server may start."""
    uri = f"file:{quote(str(path.absolute()))}?immutable=1"
    return closing(sqlite3.connect(uri, uri=True))


_DAMAGES = {
    sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_NOTADB,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_IOERR,
}


def shows_damage(error: sqlite3.Error) -> bool:
    """Whether this error means that the index is damaged; then it is rebuilt from the log."""
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_OK)  # errors of the module have none
    return code & 0xFF in _DAMAGES


def agrees(db: sqlite3.Connection) -> bool:
    """Whether SQLite can read all pages, and rows match their indexes. Raises DatabaseError."""
    return bool(db.execute("PRAGMA integrity_check(1)").fetchone() == ("ok",))


def damage_of(db: sqlite3.Connection) -> str | None:
    """What is wrong with the file; None if it is sound."""
    try:
        return None if agrees(db) else "its rows and their orders do not agree"
    except sqlite3.DatabaseError as error:
        return str(error)


@lru_cache(CIDS_KEPT)
def cid_hash(sender: str, cid: str) -> int:
    """A hash of 63 bits for a sender and a cid."""
    return _hashed(f"{sender}\n{cid}", 8) >> 1


@lru_cache(WORDS_KEPT)
def word_hash(word: str) -> int:
    """A hash of 48 bits for a word after an @."""
    return _hashed(word, 6)


def author_of(by: str | None, sender: str) -> str:
    """The author of a message, in the form of the table `authors`."""
    return f"name {sender}" if by is None else by


def _hashed(text: str, size: int) -> int:
    return int.from_bytes(blake2b(text.encode(), digest_size=size).digest(), "big")


def insert_many(db: sqlite3.Connection, table: str, width: int, flat: Sequence[Any]) -> None:
    """Insert many rows in few statements; so few different ones that all stay prepared."""
    done = 0
    row = f"({','.join('?' * width)})"
    for rows in _ROWS_AT_ONCE:
        statement = f"INSERT INTO {table} VALUES {','.join([row] * rows)}"
        while len(flat) - done >= rows * width:
            db.execute(statement, flat[done : done + rows * width])
            done += rows * width


PIN_NOTED = (
    " ON CONFLICT (room, seq) DO UPDATE SET line = excluded.line, pinned = excluded.pinned"
    " WHERE excluded.line > line"
)
"""When a line about a pin is added: the newest one counts."""
ADOPT = (
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
    f" CROSS JOIN room_ids ON room_ids.theirs = room WHERE true{PIN_NOTED}",
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
"""Take over the rows of an attached index, `piece`, of the segments that follow."""
