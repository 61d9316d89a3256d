"""A connection's long polling: GET requests wait for packets, POST requests send some.

For clients that have not upgraded yet, and for those that never can. Packets sent between two polls
are kept in a backlog. While the client is upgrading, a poll is answered quickly, so that nothing is
in flight when it switches; it still carries the backlog, because the upgrade may fail.
"""

from gevent.event import Event

from chatapp.transport.connection import Connection
from chatapp.transport.engine import Engine
from chatapp.transport.send_buffer import SendBuffer
from chatapp.transport.wire.frames import (
    HEAD_BYTES,
    NOT_KEPT,
    TEXT,
    TOO_LARGE,
    IncomingMessage,
    check_utf8,
    payload_of,
    text_frame,
)
from chatapp.transport.wire.packets import BINARY_MARK, CLOSE, NOOP, SEPARATOR

PYTHONS_PACKETS_A_POLL = 16
"""Maximum that python-engineio's client accepts. Other clients have no limit."""

SHORT_POLL_SECONDS = 0.1
"""Duration of a poll while its client is upgrading, as in the original server, or after it has
left."""


class Polling:
    name = "polling"

    __slots__ = (
        "_backlog",
        "_closed",
        "_connection",
        "_engine",
        "_poll",
        "is_posted_to",
        "upgrading",
    )

    def __init__(self, engine: Engine, connection: Connection) -> None:
        self._engine = engine
        self._connection = connection
        self._backlog: SendBuffer | None = None
        self._poll: Event | None = None  # set to end the waiting poll
        self._closed = False
        self.upgrading = False
        self.is_posted_to = False
        """Whether a POST is being read, or waits until its packets can be handled."""

    @property
    def unsent_bytes(self) -> int:
        return 0 if self._backlog is None else self._backlog.bytes

    def write(self, frames: list[bytes], data: bytes) -> None:
        if self._closed:
            return
        if self._backlog is None:
            self._backlog = self._engine.begin_backlog(self._connection)
        self._backlog.add(frames)
        self._end_poll()
        if self._backlog.is_too_large:
            self._engine.disconnect_slow_reader(self._connection)

    def is_stalled(self, now: float) -> bool:
        """Between two polls, a client cannot read. The heartbeat limits how long that may take, and
        `is_too_large` limits the backlog."""
        return False

    @property
    def is_polled(self) -> bool:
        return self._poll is not None

    def wait_for_packets(self, most: int | None = None) -> bytes:
        """The body of a poll's answer: the backlog, or up to `most` packets of it."""
        if self._backlog is None and not self._closed:
            poll = self._poll = Event()
            is_short = self.upgrading or self._connection.left
            poll.wait(SHORT_POLL_SECONDS if is_short else None)
            self._poll = None
        packets = [payload_of(frame) for frame in self._take(most or len(self._backlog or ()))]
        return SEPARATOR.join(packets) or NOOP

    def take_all(self) -> list[bytes]:
        """Remove and return all frames of the backlog."""
        return self._take(len(self._backlog or ()))

    def _take(self, count: int) -> list[bytes]:
        backlog = self._backlog
        if backlog is None:
            return []
        frames = [bytes(frame) for frame in backlog.first(count)]
        backlog.taken(sum(map(len, frames)))
        if not backlog:
            self._backlog = None
            self._engine.end_backlog(self._connection)
        self._connection.receiver.drained()
        return frames

    def drop_backlog(self) -> None:
        self.take_all()

    def begin_upgrade(self) -> None:
        self.upgrading = True
        self._end_poll()

    def resume_reading(self) -> None:
        """The next POST itself waits for the receiver."""

    def left(self) -> None:
        """python-engineio's client does not always announce that it closes."""
        self._end_poll()

    def close(self, code: int, reason: str) -> None:
        if not self._closed:
            farewell = text_frame(CLOSE)
            self.write([farewell], farewell)
            self.drop()

    def hang_up(self, code: int) -> None:
        self.drop()

    @property
    def is_closed(self) -> bool:
        return self._closed and self._poll is None

    def drop(self) -> None:
        self._closed = True
        self._engine.end_backlog(self._connection)  # if no poll is waiting, none will come
        self._end_poll()

    def _end_poll(self) -> None:
        if self._poll is not None:
            self._poll.set()


class PayloadReader:
    """Turns the bytes of a POST into messages, as `FrameReader` does for a WebSocket."""

    def __init__(self, max_message: int) -> None:
        self._max = max_message
        self._incomplete = b""  # the incomplete packet; only its head if it is too large
        self._is_too_large = False

    def feed(self, data: bytes) -> list[IncomingMessage]:
        """The packets completed by `data`. Raises `ProtocolError`."""
        first, *others = data.split(SEPARATOR)
        self._add(first)
        messages: list[IncomingMessage] = []
        for other in others:
            messages += self.end()
            self._add(other)
        return messages

    def end(self) -> list[IncomingMessage]:
        """The packet read so far, which a separator or the end of the body has completed. Raises
        `ProtocolError`."""
        packet, self._incomplete = self._incomplete, b""
        too_large, self._is_too_large = self._is_too_large, False
        if packet.startswith(BINARY_MARK):
            return [NOT_KEPT]
        if too_large:
            return [IncomingMessage(TOO_LARGE, packet)]
        check_utf8(packet)
        return [IncomingMessage(TEXT, packet)]

    def _add(self, part: bytes) -> None:
        if self._is_too_large:
            return
        self._incomplete += part
        if len(self._incomplete) > self._max:
            self._incomplete = self._incomplete[:HEAD_BYTES]
            self._is_too_large = True
