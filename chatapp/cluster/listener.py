"""Hears which streams have new lines: one connection to PostgreSQL for all journals of a process.

At each notification, PostgreSQL wakes every connection that listens, whatever it listens for. So
there is one channel, and the name of the stream is in the notification.
"""

import math
import select
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from threading import Thread
from typing import NamedTuple

import psycopg
from psycopg.pq.abc import PGconn

from chatapp.cluster.errors import ClusterError
from chatapp.cluster.postgres import ANSWER_SECONDS, connect

CHANNEL = "chatapp_lines"
FOLLOW_SECONDS = 2.0
"""How often a process asks for lines that it was not told of."""
PAUSE_SECONDS = 0.5


class Subscription(NamedTuple):
    """`told` is called on the listener's thread; `is_own` says whether the process with this number
    in PostgreSQL is one's own."""

    told: Callable[[], None]
    is_own: Callable[[int], bool]


class Listener:
    """Listens from the first `add` to the last `remove`, which are for one thread."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._streams: dict[str, Subscription] = {}
        self._thread: Thread | None = None
        self._waker: socket.socket

    def add(self, name: str, subscription: Subscription) -> None:
        """From now on, the subscriber is told when others may have appended to the stream."""
        self._streams[name] = subscription
        if self._thread is None:
            self._waker, woken = socket.socketpair()
            self._thread = Thread(target=self._listen, args=[woken], name="listener", daemon=True)
            self._thread.start()
        else:
            subscription.told()  # What came before is not told.

    def remove(self, name: str) -> None:
        self._streams.pop(name, None)
        if self._thread and not self._streams:
            self._waker.close()
            self._thread.join()
            self._thread = None

    def _listen(self, woken: socket.socket) -> None:
        with woken:
            while self._streams:
                with (
                    suppress(psycopg.Error, ClusterError),
                    connect(self._url, answer_seconds=ANSWER_SECONDS) as connection,
                ):
                    connection.execute(f"LISTEN {CHANNEL}")
                    self._hear(connection.pgconn, woken)
                select.select([woken], [], [], PAUSE_SECONDS)

    def _hear(self, libpq: PGconn, woken: socket.socket) -> None:
        ready = select.poll()
        ready.register(libpq.socket, select.POLLIN)
        ready.register(woken, select.POLLIN)
        asks_at = -math.inf
        while self._streams:
            if time.monotonic() >= asks_at:
                self._tell(set(self._streams))
                asks_at = time.monotonic() + FOLLOW_SECONDS
            ready.poll(FOLLOW_SECONDS * 1000)
            libpq.consume_input()
            self._tell(self._heard(libpq))

    def _heard(self, libpq: PGconn) -> set[str]:
        """The streams that others have told of."""
        names = set()
        while notified := libpq.notifies():
            name = notified.extra.decode()
            subscription = self._streams.get(name)
            if subscription and not subscription.is_own(notified.be_pid):
                names.add(name)
        return names

    def _tell(self, names: set[str]) -> None:
        for name in names:
            if subscription := self._streams.get(name):
                subscription.told()
