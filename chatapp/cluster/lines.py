"""Whole lines of journals, into PostgreSQL and compared with it."""

from collections.abc import Iterable
from itertools import count
from typing import Any

from psycopg import Connection

from chatapp.log import format
from chatapp.log.format import ChainHead
from chatapp.log.manifest import decode_beginning

LINES_AFTER = "SELECT line FROM chatapp.line WHERE stream = %s AND n > %s ORDER BY n LIMIT %s"
COPY_LINES = 'COPY chatapp.line (stream, n, line, room, sender, cid, "by", seq) FROM STDIN'


def copy_lines(connection: Connection[Any], name: str, after: int, lines: Iterable[bytes]) -> None:
    """Appends lines to a stream that ends at `after`, in the transaction of its turn."""
    n = after
    with connection.cursor() as cursor, cursor.copy(COPY_LINES) as copy:
        for n, line in zip(count(after + 1), lines, strict=False):
            copy.write_row(_row(name, n, line))
    connection.execute("UPDATE chatapp.stream SET n = %s WHERE name = %s", [n, name])


def has_line(connection: Connection[Any], name: str, tip: ChainHead) -> bool:
    """Whether a stream has this line, or begins behind it."""
    query = "SELECT beginning FROM chatapp.stream WHERE name = %s"
    row = connection.execute(query, [name]).fetchone()
    if row is None:
        return False
    if tip == _anchor_of(row[0]):
        return True
    query = "SELECT line FROM chatapp.line WHERE stream = %s AND n = %s"
    line = connection.execute(query, [name, tip.n]).fetchone()
    return line is not None and format.head_at(line[0].encode()) == tip


def _anchor_of(beginning: str | None) -> ChainHead:
    return decode_beginning(beginning).anchor if beginning else ChainHead()


def _row(name: str, n: int, line: bytes) -> tuple[Any, ...]:
    """With what a repeated message is found by."""
    event = format.decode_event(line) if name == "messages" else None
    if event is None or event.type != "message" or not event.cid:
        return name, n, line.decode(), None, None, None, None, None
    return name, n, line.decode(), event.room, event.sender, event.cid, event.by, event.seq
