"""The short-lived tables of a chat of several processes: an unlogged table in PostgreSQL.

Each process keeps all rows in memory and follows the table by version. Rows are written many at a
time, without waiting for a disk: PostgreSQL forgets them if it crashes. Of two processes that write
a row at once, the later one counts; if it was decided on the old value, it fails with `Conflict`.

    event loop's thread       thread of the tables               PostgreSQL
    put ── waiting rows ────▶ write, with the next versions ───▶ chatapp.short_lived
    follow, resolve ◀──────── rows after our version ◀──────────
    broker: "there are rows" ───────────────────────────────────▶ the other processes

Versions are given under a lock that is held until they are committed, so whoever has followed up to
one has not missed an earlier one.
"""

import logging
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from threading import Event, Lock, Thread
from typing import Any

import msgspec
import psycopg
from psycopg import Connection

from chatapp.cluster.broker import PAUSE_SECONDS, Deliver
from chatapp.cluster.errors import ClusterError
from chatapp.cluster.postgres import ANSWER_SECONDS, connect, one_line
from chatapp.domain.errors import ReadOnly
from chatapp.domain.future import Future
from chatapp.log.stream import NO_ANSWER
from chatapp.ports import Broker
from chatapp.tables.short_lived import MAX_ROWS, ShortLivedTables
from chatapp.tables.table import Conflict, Key, Row

logger = logging.getLogger(__name__)

TOPIC = "short-lived"
FOLLOW_SECONDS = 5.0
"""How often a process asks for rows that it was not told of."""
BETWEEN_SECONDS = 0.01
"""Between two questions, so that many guests who read share one."""
STOP_SECONDS = 2.0
TRIM_ROWS = 1_000
"""After so many rows that this process has written, it removes old ones from the table."""
KEPT = 5
"""How many times `max_rows` the table in PostgreSQL has, because it is for several tables."""

LOCK = "SELECT pg_advisory_xact_lock(hashtext('chatapp.short_lived'))"
WRITE = (
    'INSERT INTO chatapp.short_lived ("table", key, value, version)'
    " SELECT *, nextval('chatapp.short_lived_version')"
    " FROM unnest(%s::text[], %s::text[], %s::text[])"
    ' ON CONFLICT ("table", key)'
    " DO UPDATE SET value = excluded.value, version = excluded.version RETURNING version"
)
VERSIONS = (
    'SELECT "table", key, version FROM chatapp.short_lived'
    ' JOIN unnest(%s::text[], %s::text[]) AS wanted ("table", key) USING ("table", key)'
)
ROWS_AFTER = (
    'SELECT version, "table", key, value FROM chatapp.short_lived WHERE version > %s'
    " ORDER BY version"
)
NEWEST = "SELECT coalesce(max(version), 0) FROM chatapp.short_lived"
TRIM = (
    "DELETE FROM chatapp.short_lived WHERE version <= (SELECT version FROM chatapp.short_lived"
    " ORDER BY version DESC OFFSET %s LIMIT 1)"
)


@dataclass(slots=True)
class WaitingWrite:
    """`seen` is the version up to which this process had followed when it was decided on the values
    of `bases`."""

    rows: Sequence[Row]
    bases: Sequence[Key]
    seen: int
    written: Future[None]
    error: Conflict | None = None


class SharedShortLivedTables(ShortLivedTables):
    """Those of the database at `url`. Raises ClusterError and psycopg.Error if it cannot be read.

    A write fails with `ReadOnly` while the database does not answer.
    """

    def __init__(
        self, url: str, broker: Broker, deliver: Deliver, max_rows: int = MAX_ROWS
    ) -> None:
        super().__init__(max_rows)
        self._url = url
        self._broker = broker
        self._deliver = deliver
        self._found: dict[str, dict[str, msgspec.Raw]] = {}
        """Rows of tables that are not in use yet."""
        self._lock = Lock()
        self._waiting: list[WaitingWrite] = []
        self._reaching: list[Future[None]] = []
        self._woken = Event()
        self._stopping = False
        self._version = 0
        """Up to which this process has followed: the thread's."""
        self._seen = 0
        """The same, as readers see it."""
        self._own: set[int] = set()
        """Versions of rows of this process, which readers see already: the thread's."""
        self._written = 0
        self._is_lost = False
        with connect(url) as connection:
            self._followed(self._rows_of_others(connection))
        self._seen = self._version
        broker.subscribe(TOPIC, lambda _: self._woken.set())
        broker.on_gap(self._woken.set)
        self._thread = Thread(target=self._run, name="short-lived tables", daemon=True)
        self._thread.start()

    def reach(self) -> Future[None]:
        reached: Future[None] = Future()
        with self._lock:
            self._reaching.append(reached)
        self._woken.set()
        return reached

    def close(self) -> None:
        self._stopping = True
        self._woken.set()
        self._thread.join(STOP_SECONDS)

    def _stored(self, name: str) -> Iterable[tuple[str, msgspec.Raw]]:
        return self._found.pop(name, {}).items()

    def _write_rows(self, rows: Sequence[Row], bases: Sequence[Key]) -> Future[None]:
        self._age(rows)
        write = WaitingWrite(rows, bases, self._seen, Future())
        with self._lock:
            self._waiting.append(write)
        self._woken.set()
        return write.written

    def _followed(self, rows: list[Row]) -> None:
        self._age(rows)
        for table, key, value in self._follow(rows):
            found = self._found.setdefault(table, {})
            if value is None:
                found.pop(key, None)
            else:
                found[key] = value

    def _drop(self, name: str, key: str) -> None:
        if name in self._tables:
            super()._drop(name, key)
        else:
            self._found.get(name, {}).pop(key, None)

    # The thread

    def _run(self) -> None:
        while not self._stopping:
            try:
                with connect(self._url, answer_seconds=ANSWER_SECONDS) as connection:
                    connection.execute("SET synchronous_commit = off")
                    self._begin_anew(connection)
                    while not self._stopping:
                        self._exchange(connection)
                        self._is_lost = False
                        time.sleep(BETWEEN_SECONDS)
                        self._woken.wait(FOLLOW_SECONDS)
                    self._exchange(connection)
            except (psycopg.Error, ClusterError) as error:
                if not (self._is_lost or self._stopping):
                    self._is_lost = True
                    logger.warning("Rows of guests cannot be shared for now: %s", one_line(error))
                waiting, reaching = self._take()
                self._deliver(partial(_refuse, waiting, reaching))
                self._woken.wait(PAUSE_SECONDS)

    def _begin_anew(self, connection: Connection[Any]) -> None:
        """Follow from the beginning if PostgreSQL has lost the table: versions may be given
        again."""
        [(newest,)] = connection.execute(NEWEST).fetchall()
        if newest < self._version:
            self._version = 0

    def _exchange(self, connection: Connection[Any]) -> None:
        """Write what waits, and read what others have written."""
        self._woken.clear()
        waiting, reaching = self._take()
        try:
            if waiting:
                self._write(connection, waiting)
            rows = self._rows_of_others(connection)
        except psycopg.Error:
            self._deliver(partial(_refuse, waiting, reaching))
            raise
        if rows or waiting or reaching:
            step = partial(self._settle_exchange, self._version, rows, waiting, reaching)
            self._deliver(step)

    def _take(self) -> tuple[list[WaitingWrite], list[Future[None]]]:
        with self._lock:
            waiting, self._waiting = self._waiting, []
            reaching, self._reaching = self._reaching, []
        return waiting, reaching

    def _write(self, connection: Connection[Any], waiting: list[WaitingWrite]) -> None:
        with connection.transaction():
            connection.execute(LOCK)
            self._find_conflicts(connection, waiting)
            newest: dict[Key, str | None] = {}
            for write in waiting:
                for table, key, value in write.rows if write.error is None else ():
                    newest[table, key] = bytes(value).decode() if value is not None else None
            columns = [
                [table for table, _ in newest],
                [key for _, key in newest],
                list(newest.values()),
            ]
            versions = connection.execute(WRITE, columns).fetchall()
        self._own.update(version for (version,) in versions)
        self._written += len(newest)
        if self._written >= TRIM_ROWS:
            self._written = 0
            connection.execute(TRIM, [KEPT * self._max_rows])

    def _find_conflicts(self, connection: Connection[Any], waiting: list[WaitingWrite]) -> None:
        """A value may also be newer by a write of this process that has just been made: then the
        rule decides again all the same."""
        bases = [key for write in waiting for key in write.bases]
        if not bases:
            return
        columns = [[table for table, _ in bases], [key for _, key in bases]]
        found = connection.execute(VERSIONS, columns).fetchall()
        versions = {(table, key): version for table, key, version in found}
        for write in waiting:
            if any(versions.get(key, 0) > write.seen for key in write.bases):
                write.error = Conflict()

    def _rows_of_others(self, connection: Connection[Any]) -> list[Row]:
        found = connection.execute(ROWS_AFTER, [self._version]).fetchall()
        if found:
            self._version = found[-1][0]
        rows: list[Row] = [
            (table, key, msgspec.Raw(value.encode()) if value is not None else None)
            for version, table, key, value in found
            if version not in self._own
        ]
        self._own.clear()
        return rows

    # The event loop's thread

    def _settle_exchange(
        self,
        version: int,
        rows: list[Row],
        waiting: list[WaitingWrite],
        reaching: list[Future[None]],
    ) -> None:
        """A row of others with the key of one that we wrote is newer: we wrote before we read.
        Whoever decides again sees them."""
        for write in waiting:
            if write.error is None:
                write.written.resolve(None)
        self._followed(rows)
        self._seen = version
        for write in waiting:
            if write.error is not None:
                write.written.fail(write.error)
        if waiting:
            self._broker.publish(TOPIC, b"")
        for reached in reaching:
            reached.resolve(None)


def _refuse(waiting: list[WaitingWrite], reaching: list[Future[None]]) -> None:
    """A row whose commit is not known may be there: then it is followed."""
    for write in waiting:
        write.written.fail(ReadOnly(NO_ANSWER))
    for reached in reaching:
        reached.resolve(None)
