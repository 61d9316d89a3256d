"""Reads what a socket has, on a real thread, for bodies that are too large for the event loop.

The loop waits until bytes have come, and then a thread takes all that come without a pause. So a
slow client holds no thread, and a fast one costs the loop next to nothing.

    loop                                thread
    wait until readable ──────────────► read, sink, read, sink …   until nothing came for a moment,
    wait until readable ◄──────────────                            or enough for one turn
"""

import os
import select
import socket
import threading
from collections.abc import Callable

Sink = Callable[[memoryview], None]
"""Takes bytes that are only valid during the call."""

BUFFER_BYTES = 1024 * 1024
"""Of each thread that reads."""
TURN_BYTES = 8 * 1024 * 1024
"""After so many, others that wait for a thread come first."""
PAUSE_MS = 5
"""A thread waits so long for more bytes; others wait for the thread."""
GATHERED_BYTES = 1024 * 1024
"""The kernel wakes the thread when so many have come: each wake-up costs the event loop a turn of
the interpreter's lock."""


_own = threading.local()


class EndOfStream(OSError):
    """The client has closed its side."""


class SinkFailed(Exception):
    """The sink raised the `cause`; the bytes that it was given are read."""

    def __init__(self, cause: Exception, taken: int) -> None:
        super().__init__(str(cause))
        self.cause = cause
        self.taken = taken


def drain(fd: int, most: int, sink: Sink) -> int:
    """Give `sink` up to `most` bytes of a non-blocking socket, and say how many they were.

    Raises `EndOfStream` at its end, OSError if it fails, and `SinkFailed`.
    """
    most = min(most, TURN_BYTES)
    buffer = _buffer()
    with socket.socket(fileno=os.dup(fd)) as sock:
        readable = select.poll()
        readable.register(sock, select.POLLIN)
        taken = 0
        try:
            while taken < most:
                left = most - taken
                _wake_at(sock, min(GATHERED_BYTES, left))
                is_paused = not readable.poll(PAUSE_MS)
                try:
                    count = sock.recv_into(buffer, min(left, BUFFER_BYTES))
                except BlockingIOError:
                    return taken
                if not count:
                    raise EndOfStream("the client closed the connection")
                taken += count
                _give(sink, buffer[:count], taken)
                if is_paused:
                    return taken
        finally:
            _wake_at(sock, 1)
        return taken


def _buffer() -> memoryview:
    """That of this thread."""
    if not hasattr(_own, "buffer"):
        _own.buffer = memoryview(bytearray(BUFFER_BYTES))
    buffer: memoryview = _own.buffer
    return buffer


def _give(sink: Sink, data: memoryview, taken: int) -> None:
    try:
        sink(data)
    except Exception as error:
        raise SinkFailed(error, taken) from error


def _wake_at(sock: socket.socket, count: int) -> None:
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT, count)
