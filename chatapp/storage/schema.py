"""The file of the index: its tables, how it is opened, and how it is removed.

SQLite, in WAL mode, derived from the log and nothing but that: delete it, and it is made
again. It holds places, not texts; the texts are read from the log itself.

    about      one row: version, epoch, and up to which line the log is indexed,
               and whether it is ready to be asked
    rooms      name, head: the seq of the room's last event
    senders    name
    records    n ─ room, follows, seq, target, sender, at, first, offset, size
    cids       section, hash of sender and cid ─ n
    days       day ─ first and last n
    later      while it is rebuilt: edits and deletions of messages that were indexed before
    parts, words_<first>    full text of what messages say now; see parts.py

`follows` is 0 for messages and 1 for events that point at one, so that a page of messages is
one walk along the index (room, follows, seq), however many reactions lie between; and that has
the places too, for the rows of a quiet room lie far apart. Cids are kept
in sections of numbers: hashes come in no order, and in one section for all, every new one would
change a page somewhere else.
"""

import sqlite3
from hashlib import blake2b
from pathlib import Path
from urllib.parse import quote

from chatapp.storage.soundness import forget_checksum

INDEX_VERSION = 7
SCHEMA = """
CREATE TABLE about (
    version INTEGER, epoch TEXT, n INTEGER, batch INTEGER, hash TEXT,
    first INTEGER, start INTEGER, "end" INTEGER, ready INTEGER
);
CREATE TABLE rooms (id INTEGER PRIMARY KEY, name TEXT UNIQUE, head INTEGER NOT NULL DEFAULT 0);
CREATE TABLE senders (id INTEGER PRIMARY KEY, name TEXT UNIQUE);
CREATE TABLE records (
    n INTEGER PRIMARY KEY, room INTEGER NOT NULL, follows INTEGER NOT NULL, seq INTEGER NOT NULL,
    target INTEGER, sender INTEGER NOT NULL, at INTEGER NOT NULL,
    first INTEGER NOT NULL, offset INTEGER NOT NULL, size INTEGER NOT NULL
);
CREATE TABLE cids (
    section INTEGER, hash INTEGER, n INTEGER, PRIMARY KEY (section, hash, n)
) WITHOUT ROWID;
CREATE TABLE days (day TEXT PRIMARY KEY, first INTEGER NOT NULL, last INTEGER NOT NULL);
CREATE TABLE later (n INTEGER PRIMARY KEY, first INTEGER, offset INTEGER, size INTEGER);
CREATE TABLE parts (first INTEGER PRIMARY KEY);
"""
ORDERS = (
    "CREATE INDEX records_of_room ON records (room, follows, seq, first, offset, size)",
    "CREATE INDEX records_of_sender ON records (sender, n)",
    "CREATE INDEX records_on_message ON records (room, target, seq) WHERE follows",
)
FOUND = "n, first, offset, size"
SECTION_BITS = 16
CACHE_KB = 16_000
REBUILD_CACHE_KB = 32_000
SORTING_THREADS = 2
CACHED_STATEMENTS = 512
"""A search asks each part by a statement of its own."""


def connect(path: Path) -> sqlite3.Connection:
    """To an index that is there: who deletes it while the server runs gets no empty one."""
    connection = sqlite3.connect(
        f"file:{quote(str(path.absolute()))}?mode=rw",
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
    """An empty index."""
    remove_index(path)
    connection = connect_carelessly(path)
    connection.executescript(SCHEMA)
    connection.execute(
        "INSERT INTO about VALUES (?, ?, 0, 0, '', 0, 0, 0, false)", (INDEX_VERSION, epoch)
    )
    return connection


def connect_carelessly(path: Path) -> sqlite3.Connection:
    """To an index that is being made, without a care for crashes: if it is not ready, it goes."""
    connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
    connection.execute("PRAGMA journal_mode = OFF")
    connection.execute("PRAGMA synchronous = OFF")
    connection.execute(f"PRAGMA cache_size = -{REBUILD_CACHE_KB}")
    connection.execute(f"PRAGMA threads = {SORTING_THREADS}")
    return connection


def remove_index(path: Path) -> None:
    """And what a rebuild that was cut short has left beside it."""
    forget_checksum(path)
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    for piece in path.parent.glob(f"{path.name}-from-*"):
        piece.unlink()


def piece_path(path: Path, first: int) -> Path:
    """Where the index of some segments is made, before it becomes part of the whole."""
    return path.with_name(f"{path.name}-from-{first}")


def cid_hash(sender: str, cid: str) -> int:
    """63 bits for a sender and a cid."""
    digest = blake2b(f"{sender}\n{cid}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") >> 1
