"""A connection's polling requests: a GET that waits for packets, a POST that brings some.

For clients that have not upgraded yet, and for those that never can. What is sent between
two polls is kept, up to the limits of a WebSocket. While the client is upgrading, a poll is
answered at once, so that nothing is under way when it switches over.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gevent.event import Event

from chatapp.realtime.frames import HEAD_BYTES, TEXT, TOO_LARGE, Message, payload_of, text_frame
from chatapp.realtime.packets import CLOSE, NOOP, SEPARATOR
from chatapp.realtime.websocket import MAX_UNSENT_BYTES, MAX_UNSENT_PACKETS

if TYPE_CHECKING:
    from chatapp.realtime.connection import Connection
    from chatapp.realtime.engine import Engine

MAX_BODY_BYTES = 1_000_000
"""Of a POST. JavaScript clients keep to `maxPayload`, which is less; others may not know it."""

MAX_PACKETS_A_POLL = 16
"""python-engineio's client takes no more at once."""


class Polling:
    name = "polling"

    __slots__ = (
        "_closed",
        "_connection",
        "_engine",
        "_poll",
        "_unsent",
        "unsent_bytes",
        "upgrading",
    )

    def __init__(self, engine: Engine, connection: Connection) -> None:
        self._engine = engine
        self._connection = connection
        self._unsent: list[bytes] = []
        self.unsent_bytes = 0
        self._poll: Event | None = None  # set to end the poll that waits
        self._closed = False
        self.upgrading = False

    def write(self, frames: list[bytes], data: bytes) -> None:
        self._unsent += frames
        self.unsent_bytes += len(data)
        if self._poll is not None and not self.upgrading:
            self._poll.set()
        elif len(self._unsent) > MAX_UNSENT_PACKETS or self.unsent_bytes > MAX_UNSENT_BYTES:
            self.take_unsent()
            self._engine.too_slow(self._connection)

    def wait_for_packets(self) -> bytes:
        """The body of a poll's answer."""
        self._end_poll()
        if not self._unsent and not self.upgrading and not self._closed:
            poll = self._poll = Event()
            poll.wait()
            if self._poll is poll:
                self._poll = None
        if self.upgrading and not self._closed:
            return NOOP
        frames = self._unsent[:MAX_PACKETS_A_POLL]
        self._unsent = self._unsent[MAX_PACKETS_A_POLL:]
        self.unsent_bytes -= sum(map(len, frames))
        return SEPARATOR.join(map(payload_of, frames)) or NOOP

    def take_unsent(self) -> list[bytes]:
        """The frames that wait to be sent; they are the caller's from now on."""
        unsent, self._unsent = self._unsent, []
        self.unsent_bytes = 0
        return unsent

    def begin_upgrade(self) -> None:
        self.upgrading = True
        self._end_poll()

    def resume_reading(self) -> None:
        """The next POST looks for itself whether the receiver is ready."""

    def close(self, code: int, reason: str) -> None:
        self.drop()

    @property
    def is_closed(self) -> bool:
        return self._closed and self._poll is None

    def drop(self) -> None:
        if not self._closed:
            self._closed = True
            self._unsent.append(text_frame(CLOSE))
            self._end_poll()

    def _end_poll(self) -> None:
        if self._poll is not None:
            self._poll.set()


def split(body: bytes, max_message: int) -> list[Message]:
    """The packets of a POST, as the messages of a WebSocket."""
    return [
        Message(TEXT, packet)
        if len(packet) <= max_message
        else Message(TOO_LARGE, packet[:HEAD_BYTES])
        for packet in body.split(SEPARATOR)
    ]
