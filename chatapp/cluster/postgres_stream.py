"""The lines of a shared journal in PostgreSQL (log/shared_journal.py).

`chatapp.stream` has the number of each journal's last line; the lock of its row is the turn. A turn
takes two round trips: lock the row and read the lines of others; then insert and commit. To read
what others appended takes no lock.

`rules` in the row of the messages is the last line of the directory that changed who may write. A
turn of the directory that changes it waits for a turn of the messages to end, and the other way
round (log/shared_journal.py, "Rules").
"""

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import msgspec
import psycopg
from psycopg import Connection

from chatapp.cluster.erasures import DECIDE, decode_erasure
from chatapp.cluster.errors import ClusterError
from chatapp.cluster.lines import begin_again, has_line
from chatapp.cluster.listener import CHANNEL, Listener, Subscription
from chatapp.cluster.pipeline import Call, Pipeline
from chatapp.cluster.postgres import (
    ANSWER_SECONDS,
    connect,
    create_tables,
    one_line,
    shared_value,
)
from chatapp.cluster.replaced import check_timeline
from chatapp.log.format import ChainHead
from chatapp.log.manifest import DecidedErasure
from chatapp.log.progress import Progress, unwatched
from chatapp.log.stream import Forked, StreamLost

logger = logging.getLogger(__name__)

LINES_A_TURN = 5_000
"""How many lines of others are copied in one turn."""

STATEMENTS = {
    "begin": "BEGIN",
    "head": "SELECT n, erasures, rules FROM chatapp.stream WHERE name = $1",
    "lock": "SELECT n, erasures, rules FROM chatapp.stream WHERE name = $1 FOR UPDATE",
    "lines": "SELECT lines FROM chatapp.batch WHERE stream = $1 AND n > $2 AND n <= $3 ORDER BY n",
    "append": "WITH appended AS (INSERT INTO chatapp.batch (stream, n, lines) VALUES ($1, $2, $3))"
    " UPDATE chatapp.stream SET n = $4 WHERE name = $1",
    "set rules": "UPDATE chatapp.stream SET rules = $1 WHERE name = 'messages'",
    "commit": "COMMIT",
    "erasures": "SELECT erasure FROM chatapp.erasure WHERE stream = $1 ORDER BY number",
    "decide erasure": DECIDE,
    "tell": f"SELECT set_config('synchronous_commit', 'off', true), pg_notify('{CHANNEL}', $1)",
}
"""`tell` is not in the turn, because a pending NOTIFY locks the whole server at commit. And it does
not wait for the disk, because nothing is lost if it is lost."""


Rows = list[tuple[bytes, ...]]


@dataclass(slots=True)
class PostgresTurn:
    """Lines to copy; what is appended is committed when the turn ends."""

    n: int
    erasures: list[DecidedErasure] | None
    lines: list[bytes]
    rules: int
    appended: tuple[Sequence[bytes], ChainHead, int | None] | None = None

    def append(self, lines: Sequence[bytes], tip: ChainHead, *, rules: int | None = None) -> None:
        self.appended = (lines, tip, rules)


class PostgresStream:
    """The journal `name` of the database at `url`, made where there is none.

    `tip` is where the copy of this process ends. `epoch` is that of the chat. Raises ClusterError
    if its lines are not those of the stream, and StreamLost if the server does not answer.
    """

    def __init__(
        self,
        url: str,
        name: str,
        tip: ChainHead,
        *,
        epoch: str | None = None,
        listener: Listener | None = None,
        progress: Progress = unwatched,
    ) -> None:
        self._url = url
        self._epoch = epoch
        self._name = name
        self._key = name.encode()
        self._tell: Call = ("tell", [self._key])
        self._progress = progress
        self._listener = listener or Listener(url)
        try:
            connection = connect(url)
            try:
                create_tables(connection)
                self._require_same(connection, tip)
                self._use(connection)
            except BaseException:
                connection.close()
                raise
        except psycopg.OperationalError as error:
            raise StreamLost(one_line(error)) from error

    @contextmanager
    def turn(self, after: int, *, appends: bool, erasures: int = 0) -> Iterator[PostgresTurn]:
        try:
            pipeline = self._connected()
            begin = self._begin if appends else self._read
            turn = begin(pipeline, after, erasures)
            self._progress(sum(map(len, turn.lines)))
            yield turn
            if appends:
                self._end(pipeline, turn)
        except BaseException as error:
            self._connection.close()  # The lock is free then, and the others have their turns.
            if isinstance(error, psycopg.OperationalError):
                raise StreamLost(one_line(error)) from error
            raise

    def decide_erasure(self, wanted: dict[str, Any], at: str) -> int:
        values = [self._key, at.encode(), msgspec.json.encode(wanted)]
        try:
            pipeline = self._connected()
            [decided] = pipeline.run(("decide erasure", values))
            pipeline.run(self._tell)
            return _number(decided)
        except psycopg.Error as error:
            self._connection.close()
            if isinstance(error, psycopg.OperationalError):
                raise StreamLost(one_line(error)) from error
            raise

    def _begin(self, pipeline: Pipeline, after: int, erasures: int) -> PostgresTurn:
        calls = [("begin", []), ("lock", [self._key]), self._lines_after(after)]
        _, head, batches = pipeline.run(*calls)
        return self._turn(pipeline, after, erasures, head, batches)

    def _read(self, pipeline: Pipeline, after: int, erasures: int) -> PostgresTurn:
        head, batches = pipeline.run(("head", [self._key]), self._lines_after(after))
        return self._turn(pipeline, after, erasures, head, batches)

    def _turn(
        self, pipeline: Pipeline, after: int, erasures: int, head: Rows, batches: Rows
    ) -> PostgresTurn:
        """Without the lines that were committed after the head was read: an erasure whose place is
        before them may not be known."""
        [(n, count, rules)] = head
        turn = PostgresTurn(int(n), None, _lines(batches)[: max(0, int(n) - after)], int(rules))
        if int(count) != erasures:
            [rows] = pipeline.run(("erasures", [self._key]))
            turn.erasures = [decode_erasure(erasure) for (erasure,) in rows]
        return turn

    def _lines_after(self, after: int) -> Call:
        return "lines", [self._key, b"%d" % after, b"%d" % (after + LINES_A_TURN)]

    def _end(self, pipeline: Pipeline, turn: PostgresTurn) -> None:
        if turn.appended is None:
            pipeline.run(("commit", []))
            return
        lines, tip, rules = turn.appended
        first = tip.n - len(lines) + 1
        calls = [("append", [self._key, b"%d" % first, b"".join(lines), b"%d" % tip.n])]
        if rules is not None:
            calls.append(("set rules", [b"%d" % rules]))
        pipeline.run_two([*calls, ("commit", [])], self._tell)

    def begin_again(self, tip: ChainHead, lines: Iterable[bytes]) -> bool:
        try:
            with connect(self._url) as connection:
                return begin_again(connection, self._name, tip, lines)
        except psycopg.OperationalError as error:
            raise StreamLost(one_line(error)) from error

    def listen(self, told: Callable[[], None]) -> None:
        self._listener.add(self._name, Subscription(told, lambda pid: pid == self._backend_pid))

    def close(self) -> None:
        self._listener.remove(self._name)
        self._connection.close()

    def _require_same(self, connection: Connection[Any], tip: ChainHead) -> None:
        """The copy must be the beginning of the stream."""
        connection.execute(
            "INSERT INTO chatapp.stream VALUES (%s, 0) ON CONFLICT DO NOTHING", [self._name]
        )
        if not has_line(connection, self._name, tip):
            raise ClusterError(
                f"{self._name}/ in this data folder is not a copy of the database's: record "
                f"{tip.n} differs. Use an empty data folder, or the database that it belongs to."
            )

    def _connected(self) -> Pipeline:
        if self._connection.closed:
            try:
                connection = connect(self._url, answer_seconds=ANSWER_SECONDS)
                self._require_same_epoch(connection)
                self._use(connection)
            except psycopg.OperationalError as error:
                raise StreamLost(one_line(error)) from error
        return self._pipeline

    def _use(self, connection: Connection[Any]) -> None:
        self._pipeline = Pipeline(connection, STATEMENTS)
        self._connection = connection
        self._backend_pid = connection.info.backend_pid
        """Whose notifications are our own."""

    def _require_same_epoch(self, connection: Connection[Any]) -> None:
        """Raises Forked if the database was replaced while there was no connection."""
        try:
            check_timeline(connection)
            epoch = shared_value(connection, "epoch")
        except (psycopg.errors.UndefinedTable, psycopg.errors.InvalidSchemaName):
            epoch = None
        if self._epoch not in {None, epoch}:
            connection.close()
            raise Forked("another server has become the database")


def _number(rows: Rows) -> int:
    [(number,)] = rows
    return int(number)


def _lines(rows: Rows) -> list[bytes]:
    return b"".join(row[0] for row in rows).splitlines(keepends=True)
