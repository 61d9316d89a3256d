"""A lease that is an advisory lock in PostgreSQL.

Of two processes, both may have it for some seconds, when the first one has lost its connection. So
what is done under it must bear to be done twice.
"""

from collections.abc import Callable
from typing import Any

from psycopg import Connection

from chatapp.cluster.broker import Deliver

LOCK = 0x6C656173
"""The advisory lock of the process that has the lease."""
_TRY = "SELECT pg_try_advisory_lock(%s)"


class PostgresLease:
    """An advisory lock of the connection that this process has open anyway (nodes.py), so it ends
    with the process."""

    def __init__(self, deliver: Deliver) -> None:
        self.is_held = False
        self._deliver = deliver
        self._begin: list[Callable[[], None]] = []

    def on_taken(self, begin: Callable[[], None]) -> None:
        self._begin.append(begin)

    def try_to_take(self, connection: Connection[Any]) -> None:
        """On the thread of the connection, every few seconds."""
        if self.is_held:
            return
        [(self.is_held,)] = connection.execute(_TRY, [LOCK]).fetchall()
        if self.is_held:
            for begin in self._begin:
                self._deliver(begin)

    def lost(self) -> None:
        """The connection is closed, or does not answer."""
        self.is_held = False
