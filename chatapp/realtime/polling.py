"""A connection's polling requests: a GET that waits for packets, a POST that brings some.

For clients that have not upgraded yet, and for those that never can. What is sent between
two polls is kept in a backlog. While the client is upgrading, a poll is answered soon, so that
nothing is under way when it switches over; with what there is to send, for the new line may
never work.
"""

from gevent.event import Event

from chatapp.realtime.backlog import Backlog
from chatapp.realtime.connection import Connection
from chatapp.realtime.engine import Engine
from chatapp.realtime.frames import HEAD_BYTES, TEXT, TOO_LARGE, Message, payload_of, text_frame
from chatapp.realtime.packets import CLOSE, NOOP, SEPARATOR

MAX_BODY_BYTES = 1_000_000
"""Of a POST. JavaScript clients keep to `maxPayload`, which is less; others may not know it."""

MAX_PACKETS_A_POLL = 16
"""python-engineio's client takes no more at once."""

UPGRADING_SECONDS = 0.1
"""As long waits a poll of a client that is upgrading, as in the original server."""


class Polling:
    name = "polling"

    __slots__ = (
        "_backlog",
        "_closed",
        "_connection",
        "_engine",
        "_poll",
        "upgrading",
    )

    def __init__(self, engine: Engine, connection: Connection) -> None:
        self._engine = engine
        self._connection = connection
        self._backlog: Backlog | None = None
        self._poll: Event | None = None  # set to end the poll that waits
        self._closed = False
        self.upgrading = False

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
            self._engine.give_up(self._connection)

    def is_hopeless(self, now: float) -> bool:
        return self._backlog is not None and self._backlog.is_hopeless(now)

    def wait_for_packets(self) -> bytes:
        """The body of a poll's answer."""
        self._end_poll()
        if self._backlog is None and not self._closed:
            poll = self._poll = Event()
            poll.wait(UPGRADING_SECONDS if self.upgrading else None)
            if self._poll is poll:
                self._poll = None
        return SEPARATOR.join(map(payload_of, self._take(MAX_PACKETS_A_POLL))) or NOOP

    def take_all(self) -> list[bytes]:
        """The frames that wait to be sent; they are the caller's from now on."""
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
        return frames

    def drop_backlog(self) -> None:
        self.take_all()

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
            farewell = text_frame(CLOSE)
            self.write([farewell], farewell)
            self._closed = True
            self._engine.end_backlog(self._connection)  # if no poll comes for it, none ever will

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
