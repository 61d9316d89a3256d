"""The erasures of shared journals, in PostgreSQL (log/shared_journal.py, "Erasures").

`chatapp.erasure` has a row for each. Each process erases the texts in its copy; then one of them
overwrites the lines in the database with those of its copy, and notes that as done
(upkeep/erase_database.py).
"""

from collections.abc import Sequence
from itertools import takewhile
from typing import Any

import msgspec
from psycopg import Connection

from chatapp.log.manifest import DecidedErasure

DECIDE = (
    "WITH head AS (UPDATE chatapp.stream SET erasures = erasures + 1 WHERE name = $1 RETURNING *)"
    " INSERT INTO chatapp.erasure (stream, number, erasure)"
    " SELECT name, erasures, json_build_object('number', erasures, 'n', n, 'at', $2::text,"
    " 'wanted', $3::json)::text FROM head RETURNING number"
)
"""Waits for the turn of another process to end, so that its place is the end of the stream."""
_READ = "SELECT erasure, is_done FROM chatapp.erasure WHERE stream = %s ORDER BY number"
_GIVE_BACK = "INSERT INTO chatapp.erasure (stream, number, erasure) VALUES (%s, %s, %s)"
_COUNT = "UPDATE chatapp.stream SET erasures = %s WHERE name = %s"
_DONE = "UPDATE chatapp.erasure SET is_done = true WHERE stream = %s AND number = %s"

decode_erasure = msgspec.json.Decoder(DecidedErasure).decode


def begun_with(connection: Connection[Any], name: str) -> list[DecidedErasure]:
    """The first ones, whose texts are not in the database any more: a new copy has them."""
    done = takewhile(lambda row: row[1], _read(connection, name))
    return [erasure for erasure, _ in done]


def unfinished(connection: Connection[Any], name: str) -> list[DecidedErasure]:
    """Those whose texts may be in the database."""
    return [erasure for erasure, is_done in _read(connection, name) if not is_done]


def note_done(connection: Connection[Any], name: str, number: int) -> None:
    connection.execute(_DONE, [name, number])


def fit_erasures(connection: Connection[Any], name: str, of_copy: Sequence[DecidedErasure]) -> bool:
    """Whether the copy has those of the database, or the first of them. What a database lacks that
    has gone back, it gets from the copy. In the transaction of a turn."""
    there = [erasure for erasure, _ in _read(connection, name)]
    if any(mine != other for mine, other in zip(of_copy, there, strict=False)):
        return False
    if lacking := of_copy[len(there) :]:
        for each in lacking:
            row = [name, each.number, msgspec.json.encode(each).decode()]
            connection.execute(_GIVE_BACK, row)
        connection.execute(_COUNT, [len(of_copy), name])
    return True


def _read(connection: Connection[Any], name: str) -> list[tuple[DecidedErasure, bool]]:
    rows = connection.execute(_READ, [name]).fetchall()
    return [(decode_erasure(erasure), is_done) for erasure, is_done in rows]
