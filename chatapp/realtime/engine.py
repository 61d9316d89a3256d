"""The connections of one server: how they come, what they bring, how they go.

python-engineio's server with its request handling, sockets and tasks replaced; what stays
are its settings, its ids and its rules for origins, so that python-socketio finds what it
expects.
"""

from collections.abc import Callable, Iterable
from time import monotonic
from typing import Any

import engineio

from chatapp.realtime import packets
from chatapp.realtime.admission import Environ, Seats
from chatapp.realtime.backlog import Backlog
from chatapp.realtime.connection import Connection
from chatapp.realtime.dispatch import Dispatch
from chatapp.realtime.fanout import FanOut
from chatapp.realtime.frames import (
    CLOSE,
    GOING_AWAY,
    NORMAL,
    PING,
    POLICY,
    TEXT,
    TOO_LARGE,
    Message,
    ProtocolError,
    close_code,
    pong_frame,
    text_frame,
)
from chatapp.realtime.heartbeat import Heartbeat
from chatapp.realtime.packets import Packet
from chatapp.realtime.receiver import MessageReceiver
from chatapp.realtime.tally import Tally
from chatapp.realtime.workers import Workers

StartResponse = Callable[[str, list[tuple[str, str]]], object]
Door = Callable[[Environ, StartResponse], Iterable[bytes]]

INBOX_BYTES = 64 * 1024
HANDSHAKE_SECONDS = 10.0
"""Within which a client has to be connected, or upgraded, or have sent its request."""
SLOW_READER = "slow reader"
_PING_FRAME = text_frame(packets.PING)


class Engine(engineio.Server):  # type: ignore[misc]
    sockets: dict[str, Connection]
    door: Door
    """Where requests come in, and connections of them: `http_door.py`, which stands above."""

    def __init__(
        self,
        *,
        origins: Iterable[str] = (),
        connections: int = 0,
        connections_per_address: int = 0,
        max_message_bytes: int = 128 * 1024,
        handshake_seconds: float = HANDSHAKE_SECONDS,
        **options: Any,
    ) -> None:
        super().__init__(**(options | {"async_mode": "gevent", "monitor_clients": False}))
        self._origins = tuple(origins)
        self.max_message_bytes = max_message_bytes
        self.handshake_seconds = handshake_seconds
        self.workers = Workers()
        self.tally = Tally()
        self.tally.closed[SLOW_READER] = 0  # it is there to be watched before the first one
        self.fan_out = FanOut(self.tally)
        self.dispatch = Dispatch(
            self.fan_out, self.workers, self.tally, accept=self._accept, hang_up=self.close
        )
        self.by_sid: dict[str, Connection] = {}
        self.keep_environ: Callable[[], bool] = lambda: False
        """Whether a Flask handler may ask for the environment of the first request."""
        self.stopping = False
        self.inbox = memoryview(bytearray(INBOX_BYTES))
        """Everybody is read into this: it is empty again before another one is read."""
        self._behind: set[Connection] = set()
        self.on_cross_site: Callable[[str], object] = lambda _address: None
        """Told when a page of another site is refused, and from where."""
        self.seats = Seats(connections, connections_per_address)
        self._heartbeat = Heartbeat(
            interval=self.ping_interval,
            handshake=handshake_seconds,
            ping=lambda connection: self.fan_out.send(connection, _PING_FRAME),
            lose=lambda connection, reason: self.close(connection, reason, GOING_AWAY, reason),
            look=self._look,
        )

    # They come

    def handle_request(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        return self.door(environ, start_response)

    def open(self, environ: Environ) -> Connection | None:
        """A connection for whoever sent this request; None if there is no room."""
        address = environ.get("REMOTE_ADDR", "")
        if self.stopping or not self.seats.take(address):
            self.tally.turned_away += 1
            return None
        connection = Connection(self.generate_id(), self.generate_id(), address, _lasting(environ))
        connection.receiver = MessageReceiver(connection, self.dispatch)
        self.sockets[connection.id] = self.by_sid[connection.sid] = connection
        self._heartbeat.watch(connection)
        return connection

    def _accept(self, connection: Connection) -> bool:
        """Whether the connection is still there to be accepted."""
        if connection.id not in self.sockets:
            return False
        connection.open = True
        self.fan_out.admit(connection)
        self._heartbeat.accepted(connection)
        if not self.keep_environ():
            connection.environ = None
        return True

    # They bring

    def received(self, connection: Connection, messages: list[Message]) -> None:
        """Sort what a client sent: what concerns the connection, and what its receiver handles."""
        connection.heard = True
        if self.stopping or connection.id not in self.sockets:
            return
        for_receiver: list[Packet] = []
        for message in messages:
            opcode, payload = message.opcode, message.payload
            if opcode == TEXT:
                kind = payload[:1]
                if kind == b"4":
                    for_receiver.append(packets.parse(payload))
                elif kind == packets.CLOSE:
                    for_receiver.append(packets.Disconnect())
            elif opcode == TOO_LARGE:
                for_receiver.append(packets.parse_too_large(payload))
            elif opcode == PING:
                self.fan_out.send(connection, pong_frame(payload))
            elif opcode == CLOSE:
                connection.receiver.take(for_receiver)
                self._closed_by_client(connection, payload)
                return
        connection.receiver.take(for_receiver)

    def _closed_by_client(self, connection: Connection, payload: bytes) -> None:
        try:
            code = close_code(payload)
        except ProtocolError as error:
            code = error.code
        self.close(connection, "transport close", code)

    # They go

    def close(
        self, connection: Connection, reason: str, code: int = NORMAL, text: str = ""
    ) -> None:
        """Send what is pending, and close."""
        if self._remove(connection, reason):
            frames = connection.pending
            if frames:
                connection.transport.write(frames, b"".join(frames))
                frames.clear()
            connection.transport.close(code, text)

    def lost(self, connection: Connection, reason: str) -> None:
        """There is nobody there any more."""
        self._remove(connection, reason)
        connection.transport.drop()

    def tell_closing(self, connection: Connection, reason: str) -> None:
        frame = text_frame(packets.event_packet("closing", {"reason": reason}))
        self.fan_out.send(connection, frame)

    def _remove(self, connection: Connection, reason: str) -> bool:
        if self.sockets.pop(connection.id, None) is None:
            return False
        was_open = connection.open
        connection.open = False
        connection.gone = True
        self._heartbeat.forget(connection)
        self.seats.leave(connection.address)
        self.fan_out.leave_all(connection)
        connection.receiver.forget()
        self.tally.closed[reason] += 1
        if was_open:
            self.workers.run_soon(lambda: self._tell_disconnected(connection, reason))
        else:
            del self.by_sid[connection.sid]
        return True

    def _tell_disconnected(self, connection: Connection, reason: str) -> None:
        self.dispatch.disconnected(connection, reason)
        del self.by_sid[connection.sid]

    # They do not read

    def begin_backlog(self, connection: Connection) -> Backlog:
        self._behind.add(connection)
        return Backlog(monotonic())

    def end_backlog(self, connection: Connection) -> None:
        self._behind.discard(connection)

    def give_up(self, connection: Connection) -> None:
        """It does not read what is sent. Instead of all that, it gets the reason."""
        connection.transport.drop_backlog()
        connection.pending.clear()
        self.tell_closing(connection, SLOW_READER)
        self.close(connection, SLOW_READER, POLICY, SLOW_READER)

    def _look(self, now: float, late: float) -> None:
        """Once a second, as long as there are connections."""
        self.tally.lateness.add(late)
        for connection in list(self._behind):
            if connection.id in self.sockets and connection.transport.is_hopeless(now):
                self.give_up(connection)

    # What python-socketio asks for

    def transport(self, sid: str) -> str:
        return self.sockets[sid].transport.name

    def get_session(self, sid: str) -> dict[str, Any]:
        connection = self.sockets[sid]
        if connection.session is None:
            connection.session = {}
        return connection.session

    def save_session(self, sid: str, session: dict[str, Any]) -> None:
        self.sockets[sid].session = session

    def _cors_allowed_origins(self, environ: Environ) -> list[str] | None:
        if "*" in self._origins:
            return None
        return [*super()._cors_allowed_origins(environ), *self._origins]


def _lasting(environ: Environ) -> Environ:
    """What of a request's environment may outlive the request: texts, and which app it is."""
    return {
        key: value
        for key, value in environ.items()
        if isinstance(value, str) or key in ("flask.app", "wsgi.version")
    }
