"""Whole lines of journals, into PostgreSQL and compared with it.

A row of `chatapp.batch` has the lines of one batch, as they are in the files; its `n` is the number
of the first of them. So a turn writes one row, however many lines it appends, and every copy ends
where a row does.
"""

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec
from psycopg import Connection

from chatapp.log import format
from chatapp.log.format import ChainHead
from chatapp.log.manifest import Beginning, decode_beginning

LINES_AFTER = "SELECT lines FROM chatapp.batch WHERE stream = %s AND n > %s AND n <= %s ORDER BY n"
LAST_ROW_UP_TO = (
    "SELECT n, lines FROM chatapp.batch WHERE stream = %s AND n <= %s ORDER BY n DESC LIMIT 1"
)
REMOVE_ROWS = (
    "DELETE FROM chatapp.batch WHERE stream = %s AND n IN (SELECT n FROM chatapp.batch"
    " WHERE n <= %s AND stream = %s ORDER BY n LIMIT %s)"
)
LOCK_STREAM = "SELECT n FROM chatapp.stream WHERE name = %s FOR UPDATE"
ROWS_AT_ONCE = 10_000
COPY_ROWS = "COPY chatapp.batch (stream, n, lines) FROM STDIN"

Heads = dict[str, int]


def lines_after(connection: Connection[Any], name: str, after: int, count: int) -> list[bytes]:
    """The next `count` lines of a stream, and the rest of the last one's batch."""
    rows = connection.execute(LINES_AFTER, [name, after, after + count]).fetchall()
    return "".join(row[0] for row in rows).encode().splitlines(keepends=True)


def beginning_of(connection: Connection[Any], name: str) -> Beginning:
    """Where each new copy of a stream begins. It has no epoch and no erasures."""
    query = "SELECT beginning FROM chatapp.stream WHERE name = %s"
    row = connection.execute(query, [name]).fetchone()
    return decode_beginning(row[0]) if row and row[0] else Beginning(epoch="")


def begin_at(connection: Connection[Any], name: str, anchor: ChainHead, heads: Heads) -> None:
    """Let a stream begin behind a line that ends a batch, and remove what is before. Copies remove
    it when their processes start. If it is interrupted, it can be repeated."""
    _set_beginning(connection, name, anchor, heads)
    _remove_rows(connection, name, anchor)


def _set_beginning(connection: Connection[Any], name: str, anchor: ChainHead, heads: Heads) -> None:
    text = msgspec.json.encode(Beginning(epoch="", anchor=anchor, heads=heads)).decode()
    connection.execute("UPDATE chatapp.stream SET beginning = %s WHERE name = %s", [text, name])


def _remove_rows(connection: Connection[Any], name: str, anchor: ChainHead) -> None:
    while connection.execute(REMOVE_ROWS, [name, anchor.n, name, ROWS_AT_ONCE]).rowcount:
        pass


def begin_again(
    connection: Connection[Any], name: str, tip: ChainHead, lines: Iterable[bytes]
) -> bool:
    """Let a stream that ends at `tip` begin behind it, with these lines. Returns False, and changes
    nothing, if it ends elsewhere.

    What is before that is removed the next time: a process that runs may not have copied it yet.
    """
    before = beginning_of(connection, name).anchor
    with connection.transaction():
        [(n,)] = connection.execute(LOCK_STREAM, [name]).fetchall()
        if n != tip.n:
            return False
        copy_lines(connection, name, tip.n, lines)
        _set_beginning(connection, name, tip, {})
    _remove_rows(connection, name, before)
    return True


def copy_lines(connection: Connection[Any], name: str, after: int, lines: Iterable[bytes]) -> None:
    """Appends lines to a stream that ends at `after`, in the transaction of its turn."""
    n = after
    with connection.cursor() as cursor, cursor.copy(COPY_ROWS) as copy:
        for batch in _batches(lines):
            copy.write_row((name, n + 1, b"".join(batch).decode()))
            n += len(batch)
    connection.execute("UPDATE chatapp.stream SET n = %s WHERE name = %s", [n, name])


def has_line(connection: Connection[Any], name: str, tip: ChainHead) -> bool:
    """Whether a stream has this line, or begins behind it."""
    if tip == beginning_of(connection, name).anchor:
        return True
    row = connection.execute(LAST_ROW_UP_TO, [name, tip.n]).fetchone()
    if row is None:
        return False
    first, lines = row[0], row[1].encode().splitlines(keepends=True)
    return tip.n < first + len(lines) and format.head_at(lines[tip.n - first]) == tip


def _batches(lines: Iterable[bytes]) -> Iterator[list[bytes]]:
    batch: list[bytes] = []
    for line in lines:
        batch.append(line)
        if not format.place_of(line).more:
            yield batch
            batch = []
