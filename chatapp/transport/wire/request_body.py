"""The body of an HTTP request, with a length or in chunks, and a minimum speed.

Applications read it as the WSGI input. It never reads beyond the body, and it is stricter than
pywsgi's own, which accepts chunks without a size or with a bare LF.

    5;name=value\r\n hello\r\n 0\r\n Trailer: x\r\n \r\n      a chunk, and the end
"""

import io
import re
from collections.abc import Callable
from typing import Any, BinaryIO

import gevent
from gevent.socket import wait_read

from chatapp.transport.client_timeout import ClientTimeout
from chatapp.transport.wire.pouring import Sink, SinkFailed, drain
from chatapp.transport.wire.request_head import BadHead, read_fields

FIRST_SECONDS = 10.0
"""Seconds a client may take to send the first bytes."""
BYTES_A_SECOND = 4096
"""Minimum average speed after that. Time in which no handler reads is not counted."""
MAX_CHUNK_LINE_BYTES = 1024
MAX_POUR_SECONDS = 30.0
"""The longest pause in a large body: how much came before does not allow for hours of silence."""
POURED_BYTES = 64 * 1024
"""Most that the event loop itself reads at once, of a body in chunks."""

Run = Callable[..., Any]
"""`run(function, *arguments)`: what it gives or raises, called on a real thread."""

_CHUNK_LINE = re.compile(rb"([0-9A-Fa-f]{1,8})(?:[ \t]*;[^\x00-\x08\x0a-\x1f\x7f]*)?\r\n")


class BadBody(OSError):
    """The body ends too early, or its chunks are malformed."""

    SIGN = "bad body"

    def __init__(self, what: str) -> None:
        super().__init__(self.SIGN, what)


class TooSlow(BadBody):
    """The body arrives too slowly."""


class RequestBody(io.BufferedReader):
    def __init__(
        self,
        stream: BinaryIO,
        *,
        length: int | None,
        chunked: bool,
        begin: Callable[[], object] | None = None,
        sock: Any = None,
    ) -> None:
        """`begin` is called before the first byte is read, for a client that waits for that.
        `sock` is what the stream reads; without it, threads cannot."""
        self._source = _Source(stream, length, chunked, begin, sock)
        super().__init__(self._source)

    def pour(self, sink: Sink, run: Run) -> None:
        """Give the whole body to `sink`, which `run` calls on a real thread, a little at a time;
        raises what the sink raises. For bodies of which nothing was read yet."""
        while self._source.pour(sink, run):
            pass

    def can_be_skipped(self, size: int) -> bool:
        """Whether at most `size` bytes remain, and the client sends them without waiting."""
        left = self._source.left
        return left == 0 or (left is not None and left <= size and not self._source.is_awaited)

    def skip(self) -> None:
        while self.read(io.DEFAULT_BUFFER_SIZE):
            pass

    def _discard(self) -> None:
        """pywsgi calls this after the response; `RequestHandler` skips the body itself."""


class _Source(io.RawIOBase):
    def __init__(
        self,
        stream: BinaryIO,
        length: int | None,
        chunked: bool,
        begin: Callable[[], object] | None,
        sock: Any,
    ) -> None:
        self._stream: Any = stream
        self._sock = sock
        self._in_chunk = 0 if chunked else length or 0
        self._more_chunks = chunked
        self._begin = begin
        self._patience = FIRST_SECONDS
        self._is_broken = False
        self._has_poured = False

    @property
    def left(self) -> int | None:
        """Remaining bytes; None if unknown."""
        return None if self._more_chunks or self._is_broken else self._in_chunk

    @property
    def is_awaited(self) -> bool:
        """Whether the client sends it only after "100 Continue"."""
        return self._begin is not None

    def readable(self) -> bool:
        return True

    def pour(self, sink: Sink, run: Run) -> bool:
        """Give the sink some bytes; False at the end."""
        self._say_begin()
        if self._sock is None or self._more_chunks:
            return self._pour_data(self._some(), sink, run)
        if not self._has_poured:
            self._has_poured = True
            if self._pour_data(self._buffered(), sink, run):
                return True
        if self.left == 0:
            return False
        self._is_broken = True
        try:
            self._drain(sink, run)
        except SinkFailed as failed:
            self._in_chunk -= failed.taken
            self._is_broken = False
            raise failed.cause from failed
        self._is_broken = False
        return True

    def _pour_data(self, data: bytes, sink: Sink, run: Run) -> bool:
        if data:
            run(sink, memoryview(data))
        return bool(data)

    def _some(self) -> bytes:
        buffer = bytearray(POURED_BYTES)
        return bytes(buffer[: self.readinto(buffer)])

    def _buffered(self) -> bytes:
        """What has come with the head, and is read already."""
        timeout = self._sock.gettimeout()
        self._sock.settimeout(0)
        try:
            size = min(len(self._stream.peek()), self._in_chunk)
        finally:
            self._sock.settimeout(timeout)
        data: bytes = self._stream.read(size) if size else b""
        self._in_chunk -= len(data)
        return data

    def _drain(self, sink: Sink, run: Run) -> None:
        """Wait for bytes, and have a thread read them."""
        fd = self._sock.fileno()
        try:
            with ClientTimeout(self._patience) as timeout:
                wait_read(fd)
        except gevent.Timeout:
            raise TooSlow("it does not come") from None
        try:
            taken: int = run(drain, fd, self._in_chunk, sink)
        except OSError as error:
            raise BadBody("it ends too early") from error
        self._in_chunk -= taken
        self._count(taken, timeout.spent_seconds)
        self._patience = min(self._patience, MAX_POUR_SECONDS)

    def _say_begin(self) -> None:
        if self._begin is not None:
            self._begin()
            self._begin = None

    def readinto(self, buffer: Any) -> int:
        if self.left == 0:
            return 0
        self._say_begin()
        self._is_broken = True  # until the read succeeds
        data = self._read_in_time(len(buffer))
        self._is_broken = False
        buffer[: len(data)] = data
        return len(data)

    def _read_in_time(self, size: int) -> bytes:
        try:
            with ClientTimeout(self._patience) as timeout:
                data = self._read(size)
        except gevent.Timeout:
            raise TooSlow("it does not come") from None
        self._count(len(data), timeout.spent_seconds)
        return data

    def _count(self, count: int, seconds: float) -> None:
        self._patience += count / BYTES_A_SECOND - seconds
        if self._patience <= 0:
            raise TooSlow("it comes too slowly")

    def _read(self, size: int) -> bytes:
        if not self._in_chunk:
            self._begin_chunk()
            if not self._more_chunks:
                return b""
        data: bytes = self._stream.read1(min(size, self._in_chunk))
        if not data:
            raise BadBody("it ends too early")
        self._in_chunk -= len(data)
        if self._more_chunks and not self._in_chunk and self._stream.read(2) != b"\r\n":
            raise BadBody("a chunk is longer than its size")
        return data

    def _begin_chunk(self) -> None:
        line = _CHUNK_LINE.fullmatch(self._stream.readline(MAX_CHUNK_LINE_BYTES))
        if line is None:
            raise BadBody("a chunk has no size")
        self._in_chunk = int(line[1], 16)
        if not self._in_chunk:
            self._end_chunks()

    def _end_chunks(self) -> None:
        self._more_chunks = False
        try:
            read_fields(self._stream)
        except BadHead as error:
            raise BadBody(str(error)) from None
