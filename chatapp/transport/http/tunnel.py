"""A WebSocket whose session belongs to another process: bytes, carried as they are.

No greenlet waits here: the event loop calls when one of the two sockets can be read. What the other
one does not accept is kept, and nothing more is read until it does; so a slow client is as slow for
the owner of its session as without a tunnel.
"""

import socket
from collections.abc import Callable
from typing import Any

from gevent.hub import get_hub

READ, WRITE = 1, 2
READ_BYTES = 64 * 1024
LINGER_SECONDS = 4.0
"""Seconds that the second direction may take after the end of the first one. A little more than the
owner lets its clients read their last frames (`socket_transport.py`)."""


class Tunnel:
    """Carries bytes between two non-blocking sockets until both have ended, and calls `ended`."""

    def __init__(
        self, client: socket.socket, owner: socket.socket, ended: Callable[["Tunnel"], object]
    ) -> None:
        self._sockets = (client, owner)
        self._ended = ended
        self._linger: Any = None
        self._from_client = _Direction(client, owner, self._one_has_ended, self.close)
        self._from_owner = _Direction(owner, client, self._one_has_ended, self.close)

    def start(self, early: bytes = b"") -> None:
        """`early` was read from the client before."""
        if early:
            self._from_client.carry(early)
        for direction in (self._from_client, self._from_owner):
            direction.start()

    def close(self) -> None:
        if self._is_closed:
            return
        for direction in (self._from_client, self._from_owner):
            direction.close()
        if self._linger is not None:
            self._linger.stop()
            self._linger.close()
        for end in self._sockets:
            end.close()
        self._ended(self)

    @property
    def _is_closed(self) -> bool:
        return self._sockets[0].fileno() < 0

    def _one_has_ended(self) -> None:
        if self._linger is not None:
            self.close()
            return
        self._linger = get_hub().loop.timer(LINGER_SECONDS)
        self._linger.start(self.close)


class _Direction:
    """From `source` to `sink`. Calls `ended` once after the last byte, and `broken` after an
    error."""

    def __init__(
        self,
        source: socket.socket,
        sink: socket.socket,
        ended: Callable[[], None],
        broken: Callable[[], None],
    ) -> None:
        self._source = source
        self._sink = sink
        self._ended = ended
        self._broken = broken
        self._rest = b""
        loop = get_hub().loop
        self._reading = loop.io(source.fileno(), READ)
        self._writing = loop.io(sink.fileno(), WRITE)

    def start(self) -> None:
        if not self._rest and self._source.fileno() >= 0:
            self._reading.start(self._readable)

    def carry(self, data: bytes) -> None:
        try:
            sent = self._sink.send(data)
        except BlockingIOError:
            sent = 0
        except OSError:
            self._broken()
            return
        self._rest = data[sent:]
        if self._rest:
            self._reading.stop()
            self._writing.start(self._writable)

    def close(self) -> None:
        for watcher in (self._reading, self._writing):
            watcher.stop()
            watcher.close()

    def _readable(self) -> None:
        try:
            data = self._source.recv(READ_BYTES)
        except BlockingIOError:
            return
        except OSError:
            self._broken()
            return
        if data:
            self.carry(data)
        else:
            self._end()

    def _writable(self) -> None:
        self._writing.stop()
        self.carry(self._rest)
        self.start()

    def _end(self) -> None:
        self._reading.stop()
        try:
            self._sink.shutdown(socket.SHUT_WR)
        except OSError:
            self._broken()
            return
        self._ended()
