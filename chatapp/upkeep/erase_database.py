"""Overwrites in PostgreSQL the lines of texts that are erased in this process's copy.

Runs in a separate process beside a server. Of several, one at a time works; if it dies, the next
one goes on. The lines come from the copy, so that database and copies stay the same to the byte.
"""

import sys
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec
import psycopg
from psycopg import Connection

from chatapp.cluster.erasures import note_done, unfinished
from chatapp.cluster.errors import ClusterError
from chatapp.cluster.postgres import connect, one_line
from chatapp.index.workers.worker_main import Tell, child
from chatapp.log.batches import manifest_of
from chatapp.log.disk import Disk
from chatapp.log.errors import StorageError
from chatapp.log.manifest import DecidedErasure
from chatapp.upkeep.erase import ErasureSelector, fitting_lines

LINES_AT_ONCE = 2_000
LOCK = 0x65726173
"""The advisory lock of whoever overwrites lines."""

_BATCHES_OF = (
    "SELECT DISTINCT ON (batch.n) batch.n, batch.lines FROM unnest(%s::bigint[]) AS line (n),"
    " LATERAL (SELECT n, lines FROM chatapp.batch WHERE stream = %s AND chatapp.batch.n <= line.n"
    " ORDER BY chatapp.batch.n DESC LIMIT 1) AS batch"
)
_OVERWRITE = (
    "UPDATE chatapp.batch SET lines = erased.lines"
    " FROM unnest(%s::bigint[], %s::text[]) AS erased (n, lines)"
    " WHERE chatapp.batch.stream = %s AND chatapp.batch.n = erased.n"
)


class DatabaseErasing(msgspec.Struct, frozen=True):
    """The request to the separate process."""

    url: str


def erase_database(url: str, folder: Path) -> None:
    """Overwrite what the copy in `folder` has erased. Raises StorageError and ClusterError."""
    try:
        with connect(url) as connection:
            if _lacking(connection, folder):
                connection.execute("SELECT pg_advisory_lock(%s)", [LOCK])
                _finish(connection, folder)
    except psycopg.Error as error:
        raise ClusterError(f"PostgreSQL cannot be used: {one_line(error)}.") from error


def _finish(connection: Connection[Any], folder: Path) -> None:
    lacking = _lacking(connection, folder)
    for erasure in lacking:
        for lines in _portions(folder, erasure):
            _overwrite(connection, folder.name, lines)
        note_done(connection, folder.name, erasure.number)
    if lacking:
        with suppress(psycopg.Error):  # The server's own vacuuming does it later.
            connection.execute("VACUUM chatapp.batch")


def _overwrite(connection: Connection[Any], name: str, erased: dict[int, bytes]) -> None:
    firsts, overwritten = [], []
    for first, text in connection.execute(_BATCHES_OF, [list(erased), name]).fetchall():
        lines = text.encode().splitlines(keepends=True)
        firsts.append(first)
        new = [erased.get(n, line) for n, line in enumerate(lines, first)]
        overwritten.append(b"".join(new).decode())
    connection.execute(_OVERWRITE, [firsts, overwritten, name])


def _lacking(connection: Connection[Any], folder: Path) -> list[DecidedErasure]:
    """What this copy has erased, and the database has not."""
    erased = {each.number for each in manifest_of(Disk(), folder).erasures}
    return [each for each in unfinished(connection, folder.name) if each.number in erased]


def _portions(folder: Path, erasure: DecidedErasure) -> Iterator[dict[int, bytes]]:
    wanted = msgspec.convert(erasure.wanted, ErasureSelector)
    lines = fitting_lines(Disk(), folder, wanted, erasure.n)
    while some := dict(islice(lines, LINES_AT_ONCE)):
        yield some


def _erase(asked: DatabaseErasing, _tell: Tell) -> None:
    try:
        erase_database(asked.url, Path(sys.argv[1]))
    except ClusterError as error:
        raise StorageError(str(error)) from error


if __name__ == "__main__":
    child(DatabaseErasing, _erase)
