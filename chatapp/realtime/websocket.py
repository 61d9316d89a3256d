"""A connection's WebSocket: a non-blocking socket, a watcher, and what could not be sent yet.

No greenlet waits here. When bytes arrive, the event loop calls `_readable`, and a worker
reads them. What is written goes straight to the socket; what the socket does not take is
kept as whole frames, up to a limit, and follows when there is room. A client that does not
read for so long that the limit is reached is told why and closed; nobody waits for it.
"""

from __future__ import annotations

import socket
from collections import deque
from itertools import islice
from typing import TYPE_CHECKING, Any

from gevent.hub import get_hub

from chatapp.realtime.frames import FrameReader, ProtocolError, close_frame

if TYPE_CHECKING:
    from chatapp.realtime.connection import Connection
    from chatapp.realtime.engine import Engine

READ, WRITE = 1, 2
MAX_UNSENT_PACKETS = 256
MAX_UNSENT_BYTES = 1_000_000
LINGER_SECONDS = 3.0
"""How long a closed client may take to read its last frames."""

_READ_BYTES = 64 * 1024
_FRAMES_A_WRITE = 64

_inbox = bytearray(_READ_BYTES)
_inbox_view = memoryview(_inbox)
"""Everybody reads into the same buffer: it is empty again before another one reads."""


class WebSocket:
    name = "websocket"

    __slots__ = (
        "_connection",
        "_engine",
        "_linger",
        "_paused",
        "_reader",
        "_reading",
        "_socket",
        "_unsent",
        "_writing",
        "unsent_bytes",
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
        self._unsent: deque[bytes | memoryview] | None = None
        self.unsent_bytes = 0
        self._writing: Any = None  # the watcher that is there while something is unsent
        self._linger: Any = None  # the timer that ends a closing connection

    # Reading

    def _readable(self) -> None:
        if self._linger is not None:
            self._discard_input()
        elif self._connection.receiver.is_clear:
            self._engine.workers.run(self._read)
        else:
            self._pause()

    def _read(self) -> None:
        try:
            count = self._socket.recv_into(_inbox)
        except BlockingIOError:
            return
        except OSError:
            self._engine.lost(self._connection, "transport error")
            return
        if not count:
            self._engine.lost(self._connection, "transport close")
            return
        try:
            messages = self._reader.feed(bytes(_inbox_view[:count]))
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
        if self._paused:
            self._paused = False
            self._reading.start(self._readable)

    # Writing

    def write(self, frames: list[bytes], data: bytes) -> None:
        if self._linger is not None:
            return
        if self._unsent is not None:
            self._keep(frames, 0)
            return
        try:
            sent = self._socket.send(data)
        except BlockingIOError:
            sent = 0
        except OSError:
            self._engine.lost(self._connection, "transport error")
            return
        if sent < len(data):
            self._keep(frames, sent)

    def _keep(self, frames: list[bytes], sent: int) -> None:
        unsent = self._unsent
        if unsent is None:
            unsent = self._unsent = deque()
            self.unsent_bytes = 0
            self._writing = get_hub().loop.io(self._socket.fileno(), WRITE)
            self._writing.start(self._writable)
        for frame in frames:
            if sent >= len(frame):
                sent -= len(frame)
                continue
            rest = memoryview(frame)[sent:] if sent else frame
            unsent.append(rest)
            self.unsent_bytes += len(rest)
            sent = 0
        if len(unsent) > MAX_UNSENT_PACKETS or self.unsent_bytes > MAX_UNSENT_BYTES:
            self._give_up(unsent)

    def _give_up(self, unsent: deque[bytes | memoryview]) -> None:
        """Too slow. Of what waits, only a frame that was begun is sent, then the farewell."""
        first = unsent.popleft()
        unsent.clear()
        self.unsent_bytes = 0
        if isinstance(first, memoryview):
            unsent.append(first)
            self.unsent_bytes = len(first)
        self._engine.too_slow(self._connection)

    def _writable(self) -> None:
        unsent = self._unsent
        if unsent is None:
            return
        try:
            sent = self._socket.sendmsg(list(islice(unsent, _FRAMES_A_WRITE)))
        except BlockingIOError:
            return
        except OSError:
            self._engine.lost(self._connection, "transport error")
            return
        self.unsent_bytes -= sent
        while sent:
            first = unsent.popleft()
            if sent < len(first):
                unsent.appendleft(memoryview(first)[sent:])
                return
            sent -= len(first)
        if not unsent:
            self._stop_writing()
            if self._linger is not None:
                self._end_output()

    def _stop_writing(self) -> None:
        self._unsent = None
        self.unsent_bytes = 0
        if self._writing is not None:
            self._writing.stop()
            self._writing.close()
            self._writing = None

    # Closing

    @property
    def is_closed(self) -> bool:
        return self._socket.fileno() < 0

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
        if self._unsent is None:
            self._end_output()

    def drop(self) -> None:
        if self.is_closed:
            return
        self._reading.stop()
        self._reading.close()
        self._stop_writing()
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
            if self._socket.recv_into(_inbox):
                return
        except BlockingIOError:
            return
        except OSError:
            pass  # as gone as after the end of the input
        self.drop()
