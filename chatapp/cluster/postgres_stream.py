"""The lines of a shared journal in PostgreSQL (log/shared_journal.py).

`chatapp.stream` has the number of each journal's last line; the lock of its row is the turn. A turn
takes two round trips: lock the row and read the lines of others; then insert and commit. To read
what others appended takes no lock.

`rules` in `chatapp.meta` is the last line of the directory that changed who may write. A turn that
appends messages reads it, and locks it against change (log/shared_journal.py, "Rules").
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext, suppress
from threading import Event, Thread
from typing import Any

import psycopg
from psycopg import Connection

from chatapp.cluster.errors import ClusterError
from chatapp.cluster.lines import LINES_AFTER, has_line
from chatapp.cluster.postgres import connect, create_tables, one_line, shared_value
from chatapp.cluster.replaced import check_timeline
from chatapp.log.format import ChainHead
from chatapp.log.progress import Progress, unwatched
from chatapp.log.shared_journal import Forked, StreamLost

logger = logging.getLogger(__name__)

LINES_A_TURN = 5_000
"""How many lines of others are copied in one turn."""
FOLLOW_SECONDS = 2.0
"""How often a process asks for lines that it was not told of."""
PAUSE_SECONDS = 0.5

READ_HEAD = "SELECT n FROM chatapp.stream WHERE name = %s"
LOCK_HEAD = READ_HEAD + " FOR UPDATE"
APPEND = (
    "WITH appended AS (INSERT INTO chatapp.batch (stream, n, lines) VALUES (%s, %s, %s))"
    " UPDATE chatapp.stream SET n = %s WHERE name = %s"
)
LOCK_RULES = "SELECT value::bigint FROM chatapp.meta WHERE name = 'rules' FOR SHARE"
SET_RULES = "UPDATE chatapp.meta SET value = %s WHERE name = 'rules'"


class PostgresTurn:
    """Lines to copy; what is appended is committed when the turn ends."""

    def __init__(self, n: int, lines: list[bytes], rules: int) -> None:
        self.n = n
        self.lines = lines
        self.rules = rules
        self.appended: tuple[Sequence[bytes], ChainHead, int | None] | None = None

    def append(self, lines: Sequence[bytes], tip: ChainHead, *, rules: int | None = None) -> None:
        self.appended = (lines, tip, rules)


class PostgresStream:
    """The journal `name` of the database at `url`, made where there is none.

    `tip` is where the copy of this process ends. `has_rules`: whether lines are appended under
    rules that another journal changes. `epoch` is that of the chat. Raises ClusterError if its
    lines are not those of the stream, and StreamLost if the server does not answer.
    """

    def __init__(
        self,
        url: str,
        name: str,
        tip: ChainHead,
        *,
        has_rules: bool = False,
        epoch: str | None = None,
        progress: Progress = unwatched,
    ) -> None:
        self._url = url
        self._has_rules = has_rules
        self._epoch = epoch
        self._name = name
        self._progress = progress
        self._stopping = Event()
        self._listener: Thread | None = None
        try:
            self._use(connect(url))
            try:
                create_tables(self._connection)
                self._require_same(tip)
            except BaseException:
                self._connection.close()
                raise
        except psycopg.OperationalError as error:
            raise StreamLost(one_line(error)) from error

    @contextmanager
    def turn(self, after: int, *, appends: bool) -> Iterator[PostgresTurn]:
        try:
            connection = self._connected()
            transaction = connection.transaction() if appends else nullcontext()
            with connection.pipeline() as pipeline, transaction:
                head = connection.execute(LOCK_HEAD if appends else READ_HEAD, [self._name])
                batches = connection.execute(LINES_AFTER, [self._name, after, after + LINES_A_TURN])
                rules = connection.execute(LOCK_RULES) if appends and self._has_rules else None
                pipeline.sync()  # From here on, PostgreSQL takes a process for idle that stops.
                turn = PostgresTurn(
                    _only(head.fetchall()),
                    "".join(row[0] for row in batches).encode().splitlines(keepends=True),
                    _only(rules.fetchall()) if rules else 0,
                )
                self._progress(sum(map(len, turn.lines)))
                yield turn
                if turn.appended:
                    self._append(connection, *turn.appended)
        except psycopg.OperationalError as error:
            raise StreamLost(one_line(error)) from error

    def tell_others(self) -> None:
        """Not in the turn: a pending NOTIFY locks the whole server at commit. And without waiting
        for the disk, because nothing is lost if it is lost."""
        with suppress(psycopg.Error, StreamLost, ClusterError, Forked):
            self._connected().execute(
                f"BEGIN; SET LOCAL synchronous_commit = off; NOTIFY {self._channel}; COMMIT"
            )

    def listen(self, told: Callable[[], None]) -> None:
        self._listener = Thread(
            target=self._listen, args=[told], name=f"{self._name} listener", daemon=True
        )
        self._listener.start()

    def close(self) -> None:
        self._stopping.set()
        if self._listener:
            self.tell_others()  # The listener wakes up.
            self._listener.join()
        self._connection.close()

    @property
    def _channel(self) -> str:
        return f"chatapp_{self._name}"

    def _append(
        self,
        connection: Connection[Any],
        lines: Sequence[bytes],
        tip: ChainHead,
        rules: int | None,
    ) -> None:
        first, batch = tip.n - len(lines) + 1, b"".join(lines).decode()
        connection.execute(APPEND, [self._name, first, batch, tip.n, self._name])
        if rules is not None:
            connection.execute(SET_RULES, [str(rules)])

    def _require_same(self, tip: ChainHead) -> None:
        """The copy must be the beginning of the stream."""
        connection = self._connection
        connection.execute(
            "INSERT INTO chatapp.stream VALUES (%s, 0) ON CONFLICT DO NOTHING", [self._name]
        )
        if not has_line(connection, self._name, tip):
            raise ClusterError(
                f"{self._name}/ in this data folder is not a copy of the database's: record "
                f"{tip.n} differs. Use an empty data folder, or the database that it belongs to."
            )

    def _connected(self) -> Connection[Any]:
        if self._connection.closed:
            try:
                connection = connect(self._url)
                self._require_same_epoch(connection)
            except psycopg.OperationalError as error:
                raise StreamLost(one_line(error)) from error
            self._use(connection)
        return self._connection

    def _use(self, connection: Connection[Any]) -> None:
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

    def _listen(self, told: Callable[[], None]) -> None:
        while not self._stopping.is_set():
            with suppress(psycopg.Error, ClusterError), connect(self._url) as connection:
                connection.execute(f"LISTEN {self._channel}")
                told()
                while not self._stopping.is_set():
                    notified = [*connection.notifies(timeout=FOLLOW_SECONDS, stop_after=1)]
                    if not notified or notified[0].pid != self._backend_pid:
                        told()
            self._stopping.wait(PAUSE_SECONDS)


def _only(rows: list[tuple[int]]) -> int:
    [(number,)] = rows
    return number
