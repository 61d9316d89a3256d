"""A connection's WebSocket: a non-blocking socket, a watcher, and what could not be sent yet.

No greenlet waits here. When bytes arrive, the event loop calls `_readable`, and a worker
reads them. What is written goes straight to the socket; what the socket does not take is
kept in a backlog and follows when there is room. Nobody waits for a client that does not
read: when its backlog is too much (`backlog.py`), it is told why, and closed.
"""

import socket
from typing import Any

from gevent.hub import get_hub

from chatapp.realtime.backlog import Backlog
from chatapp.realtime.connection import Connection
from chatapp.realtime.engine import Engine
from chatapp.realtime.frames import FrameReader, ProtocolError, close_frame
from chatapp.realtime.listening import take_all

READ, WRITE = 1, 2
LINGER_SECONDS = 3.0
"""How long a closed client may take to read its last frames."""

_FRAMES_A_WRITE = 64


class WebSocket:
    name = "websocket"

    __slots__ = (
        "_backlog",
        "_connection",
        "_engine",
        "_linger",
        "_paused",
        "_reader",
        "_reading",
        "_socket",
        "_writing",
    )

    def __init__(
        self, engine: Engine, connection: Connection, sock: socket.socket, reader: FrameReader
    ) -> None:
        self._engine = engine
        self._connection = connection
        self._socket = sock
        self._reader = reader
        self._reading = get_hub().loop.io(sock.fileno(), READ)
        self._reading.start(self._readable)
        self._paused = False
        self._backlog: Backlog | None = None
        self._writing: Any = None  # the watcher that is there while something is unsent
        self._linger: Any = None  # the timer that ends a closing connection

    @property
    def is_closed(self) -> bool:
        return self._socket.fileno() < 0

    # Reading

    def _readable(self) -> None:
        if self._linger is not None:
            self._discard_input()
        elif self._connection.receiver.is_clear:
            self._engine.workers.run(self._receive)
        else:
            self._pause()

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
        """Take in what the client sent."""
        try:
            messages = self._reader.feed(data)
        except ProtocolError as error:
            self._engine.close(self._connection, "transport error", error.code, str(error))
            return
        self._engine.received(self._connection, messages)
        if not self._connection.receiver.is_clear:
            self._pause()

    def _pause(self) -> None:
        if not self._paused and self._linger is None and not self.is_closed:
            self._paused = True
            self._reading.stop()

    def resume_reading(self) -> None:
        """The receiver may only get to it when the client has long gone."""
        if self._paused and not self.is_closed:  # libev ends the process that watches a closed file
            self._paused = False
            self._reading.start(self._readable)

    # Writing

    @property
    def unsent_bytes(self) -> int:
        return 0 if self._backlog is None else self._backlog.bytes

    def write(self, frames: list[bytes], data: bytes) -> None:
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

    def _begin_backlog(self) -> Backlog:
        self._backlog = self._engine.begin_backlog(self._connection)
        self._writing = get_hub().loop.io(self._socket.fileno(), WRITE)
        self._writing.start(self._writable)
        return self._backlog

    def _keep(self, backlog: Backlog, frames: list[bytes], sent: int) -> None:
        backlog.add(frames, sent)
        if backlog.is_too_large:
            self._engine.give_up(self._connection)

    def is_hopeless(self, now: float) -> bool:
        return self._backlog is not None and self._backlog.is_hopeless(now)

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

    def close(self, code: int, reason: str) -> None:
        if self._linger is not None or self.is_closed:
            return
        farewell = close_frame(code, reason)
        self.write([farewell], farewell)
        if self.is_closed:
            return
        self.resume_reading()
        self._linger = get_hub().loop.timer(LINGER_SECONDS)
        self._linger.start(self.drop)
        if self._backlog is None:
            self._end_output()
        else:
            take_all(self._socket)
            self._writable()

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
        """The client reads to the end and closes its side; then nothing that it sent is cut off."""
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
            pass  # as gone as after the end of the input
        self.drop()
