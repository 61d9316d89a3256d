"""Blobs as rows of PostgreSQL, so that every process of a chat can read every file.

`chatapp.blob` has a row for each megabyte. All rows of a blob are committed together. One that is
larger than what the database should carry belongs into a bucket: docs/files.md.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import Empty, LifoQueue

import psycopg

from chatapp.blobs.names import PART_BYTES, BlobMissing, BlobsUnavailable, checked
from chatapp.cluster.errors import ClusterError
from chatapp.cluster.postgres import ANSWER_SECONDS, PostgresConnection, connect, one_line

ROW_BYTES = 1024 * 1024
IDLE = 4
"""Connections that are kept open for the next question."""

_INSERT = "INSERT INTO chatapp.blob (name, row, bytes) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING"
_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))"
_SIZE = "SELECT sum(length(bytes))::bigint FROM chatapp.blob WHERE name = %s"
_READ = "SELECT substring(bytes FROM %s FOR %s) FROM chatapp.blob WHERE name = %s AND row = %s"
_DELETE = "DELETE FROM chatapp.blob WHERE name = %s OR starts_with(name, %s)"
_NAMES = "SELECT name, sum(length(bytes))::bigint FROM chatapp.blob GROUP BY name ORDER BY name"


class PostgresBlobs:
    """Those of the database at `url`, whose tables are there."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._idle: LifoQueue[PostgresConnection] = LifoQueue(IDLE)

    def put(self, name: str, file: Path) -> None:
        checked(name)
        with self._connection() as connection, connection.transaction(), file.open("rb") as source:
            connection.execute(_LOCK, [name])
            if connection.execute(_SIZE, [name]).fetchone() == (None,):
                row = 0
                while (part := source.read(ROW_BYTES)) or row == 0:
                    connection.execute(_INSERT, [name, row, part])
                    row += 1
        file.unlink(missing_ok=True)

    def size(self, name: str) -> int | None:
        with self._connection() as connection:
            [(size,)] = connection.execute(_SIZE, [checked(name)]).fetchall()
        return None if size is None else int(size)

    def read(self, name: str, offset: int = 0, size: int | None = None) -> Iterator[bytes]:
        whole = self.size(name)
        if whole is None:
            raise BlobMissing(name)
        return self._parts(name, offset, whole if size is None else min(whole, offset + size))

    def delete(self, name: str) -> None:
        with self._connection() as connection:
            connection.execute(_DELETE, [checked(name), f"{name}."])

    def names(self) -> Iterator[tuple[str, int]]:
        with self._connection() as connection:
            rows = connection.execute(_NAMES).fetchall()
        yield from ((name, int(size)) for name, size in rows)

    def free_bytes(self) -> int | None:
        return None

    def close(self) -> None:
        while not self._idle.empty():
            self._idle.get_nowait().close()

    def _parts(self, name: str, offset: int, end: int) -> Iterator[bytes]:
        while offset < end:
            row, start = divmod(offset, ROW_BYTES)
            size = min(PART_BYTES, end - offset, ROW_BYTES - start)
            with self._connection() as connection:
                found = connection.execute(_READ, [start + 1, size, name, row], binary=True)
                [(part,)] = found.fetchall() or [(b"",)]
            if not part:
                raise BlobsUnavailable(f"{name} was deleted while it was read")
            yield part
            offset += len(part)

    @contextmanager
    def _connection(self) -> Iterator[PostgresConnection]:
        """One that nobody else uses meanwhile."""
        try:
            connection = self._idle_one() or connect(self._url, answer_seconds=ANSWER_SECONDS)
            try:
                yield connection
            except BaseException:
                connection.close()
                raise
        except (psycopg.Error, ClusterError, OSError) as error:
            raise BlobsUnavailable(f"Files cannot be reached: {one_line(error)}") from error
        if self._idle.full():
            connection.close()
        else:
            self._idle.put(connection)

    def _idle_one(self) -> PostgresConnection | None:
        """One that is still open, as far as it is known here."""
        while True:
            try:
                connection = self._idle.get_nowait()
            except Empty:
                return None
            if not connection.closed and not _has_ended(connection):
                return connection
            connection.close()


def _has_ended(connection: PostgresConnection) -> bool:
    """Whether the server has closed it meanwhile."""
    try:
        connection.execute("SELECT 1")
    except psycopg.Error:
        return True
    return False
