"""The processes of a chat that run now, and the addresses at which they reach each other.

Each process has a row in `chatapp.node`, which it writes anew every few seconds. A row that is not
is that of a dead process. All of them take the time from PostgreSQL: their own clocks may differ.
"""

import logging
import time
from collections.abc import Callable, Collection
from functools import partial
from threading import Event, Lock, Thread
from time import monotonic
from typing import Any

import msgspec
import psycopg
from psycopg import Connection

from chatapp.cluster.broker import Deliver
from chatapp.cluster.errors import ClusterError
from chatapp.cluster.postgres import ANSWER_SECONDS, connect, one_line, shared_value
from chatapp.cluster.postgres_lease import PostgresLease
from chatapp.config import netloc
from chatapp.domain.future import Future
from chatapp.ports import NodeStatus

logger = logging.getLogger(__name__)

SEEN_SECONDS = 15
"""A process that was not seen for so long is dead."""
BEAT_SECONDS = 3.0
PAUSE_SECONDS = 0.2
"""Between two questions, however many unknown processes clients name."""
RETRY_SECONDS = 1.0
STOP_SECONDS = 2.0

Address = tuple[str, int]

_decode_status = msgspec.json.Decoder(NodeStatus).decode

BEAT = (
    "INSERT INTO chatapp.node (id, address, seen, status) VALUES (%s, %s, now(), %s)"
    " ON CONFLICT (id) DO UPDATE SET seen = now(), status = excluded.status"
)
KNOWN = (
    "SELECT id, address, status, seen > now() - make_interval(secs => %s) FROM chatapp.node"
    " WHERE seen > now() - interval '1 hour' AND id <> %s"
)
CLOCK = "SELECT extract(epoch FROM clock_timestamp())::float8"
LEAVE = "DELETE FROM chatapp.node WHERE id = %s OR seen < now() - interval '1 hour'"


class Nodes:
    """As the process `own` sees them. Without PostgreSQL, it keeps to what it knew last."""

    def __init__(self, url: str, own: str, deliver: Deliver, epoch: str | None = None) -> None:
        self._url = url
        self._epoch = epoch
        """Of the chat, when this process read its numbers."""
        self.replaced: Callable[[], None] = lambda: None
        """Called when another process has begun another epoch: only a start can follow that."""
        self.own = own
        self._deliver = deliver
        self._address: str | None = None
        self._others: dict[str, Address] = {}
        self._statuses: dict[str, NodeStatus] = {}
        self._silent: dict[str, str] = {}
        self.own_status: Callable[[], NodeStatus] | None = None
        """Called on another thread, every few seconds."""
        self._ahead_seconds = 0.0
        self._asked: list[tuple[str, Future[Address | None]]] = []
        self._entering: list[Future[None]] = []
        self._lock = Lock()
        self._woken = Event()
        self._is_lost = False
        self._has_asked = False
        self._stopping = False
        self.lease = PostgresLease(deliver)
        self._thread = Thread(target=self._run, name="nodes", daemon=True)
        self._thread.start()

    @property
    def count(self) -> int:
        """Number of processes, this one included."""
        return 1 + len(self._others)

    @property
    def others(self) -> Collection[str] | None:
        """The other processes that run now; None before PostgreSQL was asked."""
        return self._others.keys() if self._has_asked else None

    def statuses(self) -> dict[str, NodeStatus]:
        """What each process told of itself, by id, this one first."""
        own = {self.own: self.own_status()} if self.own_status else {}
        return own | {id: self._statuses[id] for id in sorted(self._statuses) if id in self._others}

    def missing(self) -> list[str]:
        """The processes that ended within the last hour without saying so. One that was started
        again at the same address is not missing."""
        others = dict(self._others)
        found = {self._address, *(netloc(*address) for address in others.values())}
        silent = self._silent.items()
        return sorted(id for id, address in silent if id not in others and address not in found)

    def now(self) -> float:
        """PostgreSQL's time, in seconds since 1970."""
        return time.time() + self._ahead_seconds

    def enter(self, host: str, port: int) -> Future[None]:
        """Tell the others where this process is. Settled when they can read it."""
        entered: Future[None] = Future()
        with self._lock:
            self._address = netloc(host, port)
            self._entering.append(entered)
        self._woken.set()
        return entered

    def find(self, node: str) -> Future[Address | None]:
        """The address of another process; None if it is unknown. It may be new: then PostgreSQL is
        asked."""
        if (known := self._others.get(node)) is not None:
            return Future.of(known)
        found: Future[Address | None] = Future()
        with self._lock:
            self._asked.append((node, found))
        self._woken.set()
        return found

    def close(self) -> None:
        """The others learn that this process is gone."""
        self._stopping = True
        self._woken.set()
        self._thread.join(STOP_SECONDS)

    # On a thread of its own

    def _run(self) -> None:
        while not self._stopping:
            try:
                with connect(self._url, answer_seconds=ANSWER_SECONDS) as connection:
                    connection.execute("SET synchronous_commit = off")
                    self._follow(connection)
                    connection.execute(LEAVE, [self.own])
            except (psycopg.Error, ClusterError) as error:
                self.lease.lost()
                self._say_lost(error)
                self._settle(len(self._asked), 0)
                self._woken.wait(RETRY_SECONDS)

    def _follow(self, connection: Connection[Any]) -> None:
        """After an outage, the others have to write their rows anew, too: until then, what was
        known is kept."""
        began = monotonic()
        while not self._stopping:
            now = monotonic()
            self._beat(connection, forgets=now - began > 2 * BEAT_SECONDS)
            self._woken.wait(BEAT_SECONDS)
            if not self._stopping:
                time.sleep(max(0.0, now + PAUSE_SECONDS - monotonic()))

    def _beat(self, connection: Connection[Any], *, forgets: bool) -> None:
        self._woken.clear()
        asked, entering = len(self._asked), len(self._entering)
        if self._address is not None:
            status = msgspec.json.encode(self.own_status()).decode() if self.own_status else None
            connection.execute(BEAT, [self.own, self._address, status])
        rows = connection.execute(KNOWN, [SEEN_SECONDS, self.own]).fetchall()
        living = {id: _parsed(address) for id, address, _, lives in rows if lives}
        self._statuses = {
            id: _decode_status(status) for id, _, status, lives in rows if status and lives
        }
        self._silent = {id: address for id, address, _, lives in rows if not lives}
        self._others = living if forgets else self._others | living
        self._ahead_seconds = _ahead_seconds(connection)
        self.lease.try_to_take(connection)
        self._compare_epochs(connection)
        self._is_lost = False
        self._has_asked = True
        self._settle(asked, entering)

    def _compare_epochs(self, connection: Connection[Any]) -> None:
        """A process whose copy did not fit begins one while others run (replaced.py)."""
        epoch = shared_value(connection, "epoch")
        if self._epoch not in {None, epoch}:
            logger.warning("Another process has begun a new epoch: the server starts again.")
            self._deliver(self._tell_replaced)

    def _tell_replaced(self) -> None:
        self.replaced()

    def _settle(self, asked: int, entering: int) -> None:
        """Answer the first that asked, and those that entered."""
        with self._lock:
            questions, self._asked = self._asked[:asked], self._asked[asked:]
            entered, self._entering = self._entering[:entering], self._entering[entering:]
        others = self._others
        for node, found in questions:
            self._deliver(partial(found.resolve, others.get(node)))
        for each in entered:
            self._deliver(partial(each.resolve, None))

    def _say_lost(self, error: Exception) -> None:
        if not (self._is_lost or self._stopping):
            self._is_lost = True
            logger.warning("The other processes may not be known for now: %s", one_line(error))


def _ahead_seconds(connection: Connection[Any]) -> float:
    """How far PostgreSQL's clock is ahead of ours."""
    began = time.time()
    [(there,)] = connection.execute(CLOCK).fetchall()
    ahead: float = there - (began + time.time()) / 2
    return ahead


def _parsed(address: str) -> Address:
    host, _, port = address.rpartition(":")
    return host.strip("[]"), int(port)
