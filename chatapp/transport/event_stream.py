"""A connection that only listens: events as the body of an HTTP response that does not end.

    frame of the fan-out ── StreamFormat ── bytes of the response ── socket
                             once for all streams of a format

The fan-out knows no difference between a stream and a WebSocket; so a stream costs as little, is
closed with a reason when its client reads too slowly, and is reached by whatever closes a person's
connections. Input ends a stream: HTTP has no use for it. A client that has vanished is noticed by
the kernel, because TCP has to acknowledge the beats.
"""

import socket
from collections.abc import Callable

from gevent.event import Event

from chatapp.transport.connection import Connection
from chatapp.transport.engine import CLOSED_BY_CLIENT, Engine
from chatapp.transport.socket_transport import SocketTransport
from chatapp.transport.wire.frames import payload_of
from chatapp.transport.wire.packets import PING, Packet, encode_json

KEPT_BYTES = 1_000_000
"""Frames whose encodings a format remembers."""

Encode = Callable[[str, bytes], bytes]
"""Takes the name of an event and its payload as JSON; returns the bytes of the response, which are
empty for an event that streams leave out."""

_EVENT = b'42["'


class StreamFormat:
    """Encodes frames of the fan-out for all streams of one format. `beat` shows that the server is
    there.

    `chunked` responses are for clients that know HTTP/1.1: libraries hand each chunk on at once.
    """

    def __init__(self, encode: Encode, beat: bytes, *, chunked: bool) -> None:
        self._encode = encode
        self._chunked = chunked
        self._beat = self._framed(beat)
        self.end = b"0\r\n\r\n" if chunked else b""
        """The end of the response."""
        self._encoded: dict[bytes, bytes] = {}
        self._size = 0
        self._last: list[bytes] = []
        self._last_joined = b""

    def encode(self, event: str, payload: object) -> bytes:
        """One event, as it comes over a WebSocket."""
        return self._framed(self._encode(event, encode_json(payload)))

    def joined(self, frames: list[bytes]) -> bytes:
        """The same for all streams with the same frames, which in a burst are nearly all."""
        if frames != self._last:
            self._last_joined = b"".join(map(self._of, frames))
            self._last = frames.copy()
        return self._last_joined

    def _of(self, frame: bytes) -> bytes:
        encoded = self._encoded.get(frame)
        if encoded is None:
            self._size += len(frame)
            if self._size > KEPT_BYTES:
                self._encoded.clear()
                self._size = len(frame)
            encoded = self._encoded[frame] = self._of_packet(payload_of(frame))
        return encoded

    def _of_packet(self, packet: bytes) -> bytes:
        if packet == PING:
            return self._beat
        if not packet.startswith(_EVENT):
            return b""
        name, _, rest = packet[len(_EVENT) :].partition(b'"')
        return self._framed(self._encode(name.decode(), rest[1:-1]))

    def _framed(self, data: bytes) -> bytes:
        return b"%x\r\n%s\r\n" % (len(data), data) if data and self._chunked else data


class EventStream(SocketTransport):
    """The transport of a connection that sends no packets, so it is the receiver too."""

    name = "stream"
    is_clear = True
    is_idle = True
    unanswered = 0

    __slots__ = ("_format", "_sent")

    def __init__(
        self, engine: Engine, connection: Connection, sock: socket.socket, format: StreamFormat
    ) -> None:
        super().__init__(engine, connection, sock)
        self._format = format
        self._sent: Event | None = None  # set when nothing is unsent
        _give_up_unacknowledged(sock, engine.silent_seconds)

    # Sending

    def write(self, frames: list[bytes], data: bytes) -> None:
        self._connection.heard = True  # as far as the server can know: see `TCP_USER_TIMEOUT`
        if encoded := self._format.joined(frames):
            self.send([encoded], encoded)

    def wait_until_sent(self) -> None:
        """Block until the client has read what was sent, or the connection has ended."""
        while self.unsent_bytes and not self._connection.gone:
            self._sent = Event()
            self._sent.wait()
        self._sent = None

    def drained(self) -> None:
        if self._sent is not None and not self.unsent_bytes:
            self._sent.set()

    # Receiving

    def read(self, data: bytes) -> None:
        self._engine.lost(self._connection, CLOSED_BY_CLIENT)

    def take(self, packets: list[Packet]) -> None:
        """There are none."""

    def charge(self, weight: float) -> None:
        """There is nothing to charge for."""

    def wait_until_clear(self) -> None:
        """It always is."""

    # Ending

    def farewell(self, code: int, reason: str) -> bytes:
        return self._format.end

    def forget(self) -> None:
        if self._sent is not None:
            self._sent.set()


def _give_up_unacknowledged(sock: socket.socket, seconds: float) -> None:
    if hasattr(socket, "TCP_USER_TIMEOUT"):
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, int(seconds * 1000))
