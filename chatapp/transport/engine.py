"""The connections of one server: opening, receiving, closing.

Requests come from `engineio_endpoint.py`, bytes of a socket from `socket_transport.py`.
"""

import secrets
from collections.abc import Callable, Collection, Iterable
from time import monotonic

from chatapp.transport.allowance import EventLimits
from chatapp.transport.client_timeout import LATE_SECONDS
from chatapp.transport.connection import Connection
from chatapp.transport.counters import Counters
from chatapp.transport.dispatch import Dispatch
from chatapp.transport.fanout import FanOut
from chatapp.transport.greenlet_pool import GreenletPool
from chatapp.transport.heartbeat import Heartbeat
from chatapp.transport.http.connection_limits import ConnectionLimits
from chatapp.transport.http.origins import Environ, Origins
from chatapp.transport.loop_scheduler import LoopScheduler
from chatapp.transport.peers import SEPARATOR
from chatapp.transport.receiver import MessageReceiver
from chatapp.transport.send_buffer import SendBuffer
from chatapp.transport.wire import packets
from chatapp.transport.wire.frames import (
    BINARY,
    CLOSE,
    GOING_AWAY,
    NORMAL,
    PING,
    POLICY,
    PROTOCOL_ERROR,
    TEXT,
    TOO_LARGE,
    IncomingMessage,
    ProtocolError,
    close_code,
    pong_frame,
    text_frame,
)
from chatapp.transport.wire.packets import Packet

TRANSPORTS = ("websocket", "polling")
PING_INTERVAL_SECONDS = 25.0
PING_TIMEOUT_SECONDS = 20.0
"""Both are the defaults of Engine.IO's own server."""
ID_BYTES = 15
"""Randomness of an id: 20 characters, as in Engine.IO's own server."""
INBOX_BYTES = 64 * 1024
HANDSHAKE_SECONDS = 10.0
"""Seconds a client may take to connect, to upgrade, or to send its request."""
SLOW_READER = "slow reader"
CLOSED_BY_CLIENT = "transport close"
SERVER_DISCONNECT = "server disconnect"
PARSE_ERROR = "parse error"
_IGNORED = (packets.PONG, packets.UPGRADE, packets.NOOP)
"""Packets without content: any input already shows that the client is alive."""
_PING_FRAME = text_frame(packets.PING)


class Engine:
    def __init__(
        self,
        *,
        origins: Iterable[str] = (),
        session_cookies: Iterable[str] = ("session",),
        transports: Collection[str] = TRANSPORTS,
        ping_interval: float = PING_INTERVAL_SECONDS,
        ping_timeout: float = PING_TIMEOUT_SECONDS,
        connections: int = 0,
        connections_per_address: int = 0,
        max_message_bytes: int = 128 * 1024,
        handshake_seconds: float = HANDSHAKE_SECONDS,
        node: str | None = None,
    ) -> None:
        """`node` is the id of this process, if there are several."""
        self._of_node = f"{node}{SEPARATOR}" if node else ""
        self.origins = Origins(origins, session_cookies)
        self.transports = transports
        self.ping_interval = ping_interval
        self.ping_timeout = ping_timeout
        self.max_message_bytes = max_message_bytes
        self.handshake_seconds = handshake_seconds
        self.workers = GreenletPool()
        self.scheduler = LoopScheduler(self.workers)
        self.limits = EventLimits()
        self.counters = Counters()
        self.counters.closed[SLOW_READER] = 0  # visible to monitoring before the first one
        self.fan_out = FanOut(self.counters, self.scheduler.arrivals.flushed)
        self.dispatch = Dispatch(
            self.fan_out,
            self.workers,
            self.counters,
            accept=self.accept,
            leave=self._leave,
            hang_up=self._closed_by_client,
            abort=self._abort,
        )
        self.sockets: dict[str, Connection] = {}
        """All connections by `id`."""
        self.by_sid: dict[str, Connection] = {}
        self.keep_environ: Callable[[], bool] = lambda: False
        """Whether Flask handlers may need the environment of the first request."""
        self.stopping = False
        self.inbox = memoryview(bytearray(INBOX_BYTES))
        """Shared by all connections: it is emptied before the next read."""
        self._backlogged: set[Connection] = set()
        self.on_cross_site: Callable[[str], object] = lambda _address: None
        """Called with the address when a request from another site is refused."""
        self.capacity = ConnectionLimits(connections, connections_per_address)
        self._heartbeat = Heartbeat(
            interval=self.ping_interval,
            timeout=self.ping_timeout,
            handshake=handshake_seconds,
            ping=lambda connection: self.fan_out.send(connection, _PING_FRAME),
            lose=lambda connection, reason: self.close(connection, reason, GOING_AWAY, reason),
            check=self._check_slow_readers,
        )

    @property
    def silent_seconds(self) -> float:
        """How long nothing may be heard of a client, and so a poll take, at most."""
        return self.ping_interval + self.ping_timeout

    # Opening

    def open(self, environ: Environ) -> Connection | None:
        """A connection for the client that sent this request; None if the limits are reached."""
        address = environ.get("REMOTE_ADDR", "")
        if self.stopping or not self.limits.arrive(address) or not self.capacity.take(address):
            self.counters.turned_away += 1
            return None
        id = self._of_node + _new_id()
        connection = Connection(id, _new_id(), address, _lasting_environ(environ))
        connection.receiver = MessageReceiver(
            connection, self.dispatch, self.scheduler, self.limits
        )
        self.sockets[connection.id] = self.by_sid[connection.sid] = connection
        self._heartbeat.watch(connection)
        return connection

    def accept(self, connection: Connection) -> bool:
        """Admit the connection. Returns False if it no longer exists."""
        if connection.id not in self.sockets:
            return False
        connection.open = True
        self.fan_out.admit(connection)
        self._heartbeat.accepted(connection)
        if not self.keep_environ():
            connection.environ = None
        return True

    # Receiving

    def received(self, connection: Connection, messages: list[IncomingMessage]) -> None:
        """Process control frames, and pass packets to the connection's receiver."""
        connection.heard = True
        if self.stopping or connection.id not in self.sockets:
            return
        for_receiver: list[Packet] = []
        for message in messages:
            opcode, payload = message.opcode, message.payload
            if opcode == TEXT:
                kind = payload[:1]
                if kind == packets.MESSAGE:
                    for_receiver.append(self._with_attachments(connection, packets.parse(payload)))
                elif kind == packets.CLOSE:
                    for_receiver.append(packets.Close())
                elif kind in _IGNORED:
                    connection.receiver.charge(1)
                else:
                    for_receiver.append(packets.NOT_A_PACKET)
            elif opcode == TOO_LARGE:
                packet = packets.parse_too_large(payload)
                for_receiver.append(self._with_attachments(connection, packet))
            elif opcode == BINARY:
                connection.receiver.charge(1)
                if not connection.attachments:
                    for_receiver.append(packets.UNANNOUNCED)
                connection.attachments -= 1
            elif opcode == PING:
                connection.receiver.charge(1)
                self.fan_out.send(connection, pong_frame(payload))
            elif opcode == CLOSE:
                connection.receiver.take(for_receiver)
                self._closed_by_client(connection, _code_for(payload))
                return
        connection.receiver.take(for_receiver)

    def _with_attachments(self, connection: Connection, packet: Packet) -> Packet:
        if isinstance(packet, packets.RejectedEvent):
            connection.attachments += packet.attachments
        return packet

    # Leaving the namespace

    def _leave(self, connection: Connection) -> None:
        """It is no longer accepted, and times out unless its client closes it."""
        connection.open = False
        connection.left = True
        self.fan_out.leave_all(connection)
        connection.transport.left()
        self._heartbeat.expect_handshake(connection)
        self.workers.run_soon(lambda: self._tell_disconnected(connection, "client disconnect"))

    # Closing

    def close(
        self, connection: Connection, reason: str, code: int = NORMAL, text: str = ""
    ) -> None:
        """Send pending frames, and close."""
        if self._remove(connection, reason):
            frames = connection.pending
            if frames:
                connection.transport.write(frames, b"".join(frames))
                frames.clear()
            connection.transport.close(code, text)

    def _closed_by_client(self, connection: Connection, code: int = NORMAL) -> None:
        if self._remove(connection, CLOSED_BY_CLIENT):
            connection.transport.hang_up(code)

    def _abort(self, connection: Connection, why: str) -> None:
        if connection.open:
            self.tell_closing(connection, why)
        self.close(connection, PARSE_ERROR, PROTOCOL_ERROR, why)

    def lost(self, connection: Connection, reason: str) -> None:
        self._remove(connection, reason)
        connection.transport.drop()

    def tell_closing(
        self, connection: Connection, reason: str, retry_after: float | None = None
    ) -> None:
        """`retry_after`: another process takes the client, after these seconds."""
        when = {} if retry_after is None else {"retry_after": retry_after}
        frame = text_frame(packets.event_packet("closing", {"reason": reason, **when}))
        self.fan_out.send(connection, frame)

    def _remove(self, connection: Connection, reason: str) -> bool:
        if self.sockets.pop(connection.id, None) is None:
            return False
        was_open = connection.open
        connection.open = False
        connection.gone = True
        connection.why_gone = reason
        self._heartbeat.forget(connection)
        self.capacity.leave(connection.address)
        self.fan_out.leave_all(connection)
        connection.receiver.forget()
        self.counters.closed["client disconnect" if connection.left else reason] += 1
        if was_open:
            self.workers.run_soon(lambda: self._tell_disconnected(connection, reason))
        elif not connection.left:
            del self.by_sid[connection.sid]
        return True

    def _tell_disconnected(self, connection: Connection, reason: str) -> None:
        self.dispatch.disconnected(connection, reason)
        del self.by_sid[connection.sid]

    # Slow readers

    def begin_backlog(self, connection: Connection) -> SendBuffer:
        self._backlogged.add(connection)
        return SendBuffer(monotonic())

    def end_backlog(self, connection: Connection) -> None:
        self._backlogged.discard(connection)

    def disconnect_slow_reader(self, connection: Connection) -> None:
        """Discard the backlog, tell the client the reason, and close."""
        connection.transport.drop_backlog()
        connection.pending.clear()
        self.tell_closing(connection, SLOW_READER)
        self.close(connection, SLOW_READER, POLICY, SLOW_READER)

    def _check_slow_readers(self, now: float, late: float) -> None:
        """Called once a second while there are connections. Stalls of the server itself are not
        blamed on clients."""
        self.counters.lateness.add(late)
        if late > LATE_SECONDS:
            return
        for connection in list(self._backlogged):
            if connection.id in self.sockets and connection.transport.is_stalled(now):
                self.disconnect_slow_reader(connection)


def _new_id() -> str:
    return secrets.token_urlsafe(ID_BYTES)


def _lasting_environ(environ: Environ) -> Environ:
    """The part of the environment that may outlive its request: texts, and the Flask app."""
    return {
        key: value
        for key, value in environ.items()
        if isinstance(value, str) or key in ("flask.app", "wsgi.version")
    }


def _code_for(farewell: bytes) -> int:
    """The code for the answer to a client's close frame."""
    try:
        return close_code(farewell)
    except ProtocolError as error:
        return error.code
