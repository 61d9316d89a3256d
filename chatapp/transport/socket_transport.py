"""A connection's own socket, non-blocking, with a watcher and a backlog: a WebSocket, or a stream.

No greenlet waits here. When bytes arrive, the event loop calls `_readable`, and a worker reads
them. Output goes directly to the socket; the part that the socket does not accept is kept in a
backlog and sent when there is room. A client that does not read delays nobody: when its backlog
exceeds the limits of `send_buffer.py`, it is told the reason and closed.
"""

import socket
from typing import Any

from gevent.hub import get_hub

from chatapp.transport.connection import Connection
from chatapp.transport.engine import Engine
from chatapp.transport.http.listening import flush_to_kernel
from chatapp.transport.send_buffer import SendBuffer

READ, WRITE = 1, 2
LINGER_SECONDS = 3.0
"""Seconds a client may take to read its last frames after the close."""

_FRAMES_A_WRITE = 64


class SocketTransport:
    """Its kinds say what becomes of input, and which bytes are the last ones."""

    __slots__ = (
        "_backlog",
        "_connection",
        "_engine",
        "_linger",
        "_paused",
        "_reading",
        "_socket",
        "_writing",
    )

    def __init__(self, engine: Engine, connection: Connection, sock: socket.socket) -> None:
        self._engine = engine
        self._connection = connection
        self._socket = sock
        self._reading = get_hub().loop.io(sock.fileno(), READ)
        self._reading.start(self._readable)
        self._paused = False
        self._backlog: SendBuffer | None = None
        self._writing: Any = None  # the watcher that exists while there is a backlog
        self._linger: Any = None  # the timer that ends a closing connection

    @property
    def is_closed(self) -> bool:
        return self._socket.fileno() < 0

    # Reading

    def _readable(self) -> None:
        if self._linger is not None:
            self._discard_input()
        elif not self._connection.receiver.is_clear:
            self._pause()
        elif self._connection.open and self._engine.scheduler.has_time:
            self._engine.workers.run(self._receive)
        else:
            self._read_later()

    def _read_later(self) -> None:
        """The turn has used its time, or accepted connections come first."""
        scheduler = self._engine.scheduler
        self._pause()
        (scheduler.wait if self._connection.open else scheduler.arrive)(self._read_now)

    def _read_now(self) -> None:
        if self._linger is None and not self.is_closed:
            self._receive()
            if self._connection.receiver.is_clear:
                self.resume_reading()

    def _receive(self) -> None:
        inbox = self._engine.inbox
        try:
            count = self._socket.recv_into(inbox)
        except BlockingIOError:
            return
        except OSError:
            self._engine.lost(self._connection, "transport error")
            return
        if not count:
            self._engine.lost(self._connection, "transport close")
            return
        self.read(bytes(inbox[:count]))

    def read(self, data: bytes) -> None:
        """`data` has arrived."""
        raise NotImplementedError

    def _pause(self) -> None:
        if not self._paused and self._linger is None and not self.is_closed:
            self._paused = True
            self._reading.stop()

    def resume_reading(self) -> None:
        """May be called after the client has gone."""
        if self._paused and not self.is_closed:  # libev aborts on a closed file
            self._paused = False
            self._reading.start(self._readable)

    # Writing

    @property
    def unsent_bytes(self) -> int:
        return 0 if self._backlog is None else self._backlog.bytes

    def send(self, frames: list[bytes], data: bytes) -> None:
        """Send `frames`, and buffer the rest. `data` is the frames joined."""
        if self._linger is not None:
            return
        if self._backlog is not None:
            self._keep(self._backlog, frames, 0)
            return
        try:
            sent = self._socket.send(data)
        except BlockingIOError:
            sent = 0
        except OSError:
            self._engine.lost(self._connection, "transport error")
            return
        if sent < len(data):
            self._keep(self._begin_backlog(), frames, sent)

    def _begin_backlog(self) -> SendBuffer:
        self._backlog = self._engine.begin_backlog(self._connection)
        self._writing = get_hub().loop.io(self._socket.fileno(), WRITE)
        self._writing.start(self._writable)
        return self._backlog

    def _keep(self, backlog: SendBuffer, frames: list[bytes], sent: int) -> None:
        backlog.add(frames, sent)
        if backlog.is_too_large:
            self._engine.disconnect_slow_reader(self._connection)

    def is_stalled(self, now: float) -> bool:
        return self._backlog is not None and self._backlog.is_stalled(now)

    def drop_backlog(self) -> None:
        if self._backlog is not None:
            self._backlog.drop()

    def _writable(self) -> None:
        backlog = self._backlog
        if backlog is None:
            return
        try:
            backlog.taken(self._socket.sendmsg(backlog.first(_FRAMES_A_WRITE)))
        except BlockingIOError:
            return
        except OSError:
            self._engine.lost(self._connection, "transport error")
            return
        self._connection.receiver.drained()
        if not backlog:
            self._end_backlog()
            if self._linger is not None:
                self._end_output()

    def _end_backlog(self) -> None:
        self._engine.end_backlog(self._connection)
        self._backlog = None
        if self._writing is not None:
            self._writing.stop()
            self._writing.close()
            self._writing = None

    # Closing

    def farewell(self, code: int, reason: str) -> bytes:
        """The last bytes for the client."""
        raise NotImplementedError

    def left(self) -> None:
        """The client closes its connection when it wants to."""

    def close(self, code: int, reason: str) -> None:
        if self._linger is not None or self.is_closed:
            return
        if farewell := self.farewell(code, reason):
            self.send([farewell], farewell)
        if self.is_closed:
            return
        self.resume_reading()
        self._linger = get_hub().loop.timer(LINGER_SECONDS)
        self._linger.start(self.drop)
        if self._backlog is None:
            self._end_output()
        else:
            flush_to_kernel(self._socket)
            self._writable()

    def hang_up(self, code: int) -> None:
        self.close(code, "")

    def drop(self) -> None:
        if self.is_closed:
            return
        self._reading.stop()
        self._reading.close()
        self._end_backlog()
        if self._linger is not None:
            self._linger.stop()
            self._linger.close()
        self._socket.close()

    def _end_output(self) -> None:
        """The client reads to the end and closes its side; so none of its own data is cut off."""
        try:
            self._socket.shutdown(socket.SHUT_WR)
        except OSError:
            self.drop()

    def _discard_input(self) -> None:
        try:
            if self._socket.recv_into(self._engine.inbox):
                return
        except BlockingIOError:
            return
        except OSError:
            pass  # same as the end of the input
        self.drop()
