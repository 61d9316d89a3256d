"""Keeps the threads of messages in the index: which thread a message is in now, and, for each
thread, how many replies it has.

A thread is counted again from its records whenever something of it has changed, once for many
records: replies are then read off a sort order, without their rows.
"""

# ruff: noqa: S608 - statements are put together of constants of this file; values are bound

import sqlite3
from collections.abc import Callable, Collection, Iterable, Mapping

import msgspec

from chatapp.index.record_ref import RecordRef
from chatapp.index.schema import FOUND, NOBODY, REPLY, SHOWN
from chatapp.log.format import Record

NAMES_AT_MOST = 3
LOOKED_AT = 50
"""The newest replies among which these names are."""

Root = tuple[int, int]
"""The id of a room, and the seq of a thread's first message."""


def title_lines(db: sqlite3.Connection, lines: Iterable[tuple[int, int, int]]) -> None:
    """The newest lines that name threads: room, root, and the record's number."""
    db.executemany(_TITLED, list(lines))


def thread_of(db: sqlite3.Connection, room: int, seq: int | None) -> int | None:
    row = db.execute(_MESSAGE, (room, seq)).fetchone()
    return RecordRef(*row).thread if row else None


def move(
    db: sqlite3.Connection,
    room: int,
    moves: Mapping[int, int | None],
    read: Callable[[RecordRef], Record],
) -> set[Root]:
    """Move messages of a room into threads, or out of theirs. Returns the threads that change."""
    touched: set[Root] = set()
    for seq, thread in moves.items():
        row = db.execute(_MESSAGE, (room, seq)).fetchone()
        if row is None:
            continue
        found = RecordRef(*row)
        follows = SHOWN if thread is None or read(found).also_to_room else REPLY
        db.execute(
            "UPDATE records SET thread = ?, follows = ? WHERE n = ?", (thread, follows, found.n)
        )
        touched |= {(room, one) for one in (found.thread, thread) if one is not None}
    return touched


def count_again(db: sqlite3.Connection, roots: Collection[Root]) -> None:
    if roots:
        db.execute(_COUNT.format(asked=_ASKED), (msgspec.json.encode(list(roots)).decode(),))


def count_all(db: sqlite3.Connection) -> None:
    db.execute(_COUNT.format(asked=_EVERY_ROOT))


_MESSAGE = (
    f"SELECT {FOUND} FROM records WHERE room = ? AND follows IN ({SHOWN}, {REPLY}) AND seq = ?"
)
_TITLED = (
    "INSERT INTO threads (room, root, titled) VALUES (?, ?, ?)"
    " ON CONFLICT DO UPDATE SET titled = max(excluded.titled, coalesce(titled, 0))"
)
_ASKED = (
    "SELECT json_extract(value, '$[0]') AS room, json_extract(value, '$[1]') AS root"
    " FROM json_each(?)"
)
_EVERY_ROOT = "SELECT DISTINCT room, thread AS root FROM records WHERE thread IS NOT NULL"
_OF_ROOT = (
    "FROM records INDEXED BY records_of_thread"
    f" WHERE room = asked.room AND thread = asked.root AND author <> {NOBODY}"
)
_NEWEST = f"{_OF_ROOT} ORDER BY seq DESC LIMIT"
_COUNT = (
    "INSERT INTO threads (room, root, replies, last, at, names) SELECT asked.room, asked.root,"
    f" (SELECT count(*) {_OF_ROOT}),"
    f" coalesce((SELECT seq {_NEWEST} 1), 0), coalesce((SELECT at {_NEWEST} 1), 0),"
    " (SELECT json_group_array(name) FROM (SELECT name, max(seq) AS last FROM"
    f" (SELECT sender, seq {_NEWEST} {LOOKED_AT}) JOIN senders ON senders.id = sender"
    f" GROUP BY name ORDER BY last DESC LIMIT {NAMES_AT_MOST}))"
    " FROM ({asked}) AS asked WHERE true"
    " ON CONFLICT (room, root) DO UPDATE SET replies = excluded.replies, last = excluded.last,"
    " at = excluded.at, names = excluded.names"
)
