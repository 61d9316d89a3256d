"""The HTTP door of Engine.IO, and the connections that came in through it.

python-engineio's server with its request handling, sockets and tasks replaced; what stays
are its settings, its ids and its rules for origins, so that python-socketio finds what it
expects.
"""

import base64
import hashlib
import random
from collections.abc import Callable, Iterable
from time import monotonic
from typing import Any
from urllib.parse import parse_qs

import engineio
import gevent

from chatapp.realtime import packets
from chatapp.realtime.admission import Environ, Seats, is_cross_site
from chatapp.realtime.backlog import Backlog
from chatapp.realtime.connection import Connection
from chatapp.realtime.dispatch import Dispatch
from chatapp.realtime.fanout import FanOut
from chatapp.realtime.frames import (
    CLOSE,
    GOING_AWAY,
    HARD_LIMIT,
    HEAD_BYTES,
    NORMAL,
    PING,
    POLICY,
    TEXT,
    TOO_LARGE,
    FrameReader,
    Message,
    ProtocolError,
    close_code,
    pong_frame,
    text_frame,
)
from chatapp.realtime.handoff import HANDLER
from chatapp.realtime.heartbeat import Heartbeat
from chatapp.realtime.metrics import Tally
from chatapp.realtime.packets import Packet, encode_json
from chatapp.realtime.polling import MAX_BODY_BYTES, Polling, split
from chatapp.realtime.receiver import MessageReceiver
from chatapp.realtime.websocket import WebSocket
from chatapp.realtime.workers import Workers

HANDSHAKE_SECONDS = 10.0
"""Within which a client has to be connected, or upgraded, or have sent its request."""
SLOW_READER = "slow reader"
RETRY_AFTER_SECONDS = (2, 10)
"""When those should come again for whom there is no room, spread so that they do not all."""

_WEBSOCKET_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_PING_FRAME = text_frame(packets.PING)

StartResponse = Callable[[str, list[tuple[str, str]]], object]


class Answer(Exception):
    """An HTTP answer, raised from where it is known."""

    def __init__(self, status: str, body: bytes, *headers: tuple[str, str]) -> None:
        super().__init__(status)
        self.status = status
        self.body = body
        self.headers = list(headers)


class Engine(engineio.Server):  # type: ignore[misc]
    sockets: dict[str, Connection]

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
        self.workers = Workers()
        self.tally = Tally()
        self.fan_out = FanOut(self.tally)
        self.dispatch = Dispatch(self.fan_out, self.workers, self.tally)
        self.dispatch.accept = self._accept
        self.dispatch.hang_up = self.close
        self.by_sid: dict[str, Connection] = {}
        self.keep_environ: Callable[[], bool] = lambda: False
        """Whether a Flask handler may ask for the environment of the first request."""
        self.stopping = False
        self._behind: set[Connection] = set()
        self._seats = Seats(connections, connections_per_address)
        self._max_message = max_message_bytes
        self._handshake_seconds = handshake_seconds
        self._heartbeat = Heartbeat(
            interval=self.ping_interval,
            handshake=handshake_seconds,
            ping=lambda connection: self.fan_out.send(connection, _PING_FRAME),
            lose=lambda connection, reason: self.close(connection, reason, GOING_AWAY, reason),
            look=self._look,
        )

    def _look(self, now: float, late: float) -> None:
        self.tally.late(late)
        self._give_up_the_hopeless(now)

    # Requests

    def handle_request(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        try:
            answer = self._answer(environ)
        except Answer as early:
            answer = early
        if answer is None:
            return []
        start_response(
            answer.status,
            [
                ("Content-Type", "text/plain; charset=UTF-8"),
                ("Content-Length", str(len(answer.body))),
                ("Cache-Control", "no-store"),
                *answer.headers,
                *self._cors_headers(environ),
            ],
        )
        return [answer.body]

    def _answer(self, environ: Environ) -> Answer | None:
        """None if the request was answered otherwise: its socket is a WebSocket now."""
        if is_cross_site(environ, self._cors_allowed_origins(environ)):
            raise Answer("403 Forbidden", _problem(3, "Not an accepted origin"))
        method = environ["REQUEST_METHOD"]
        if method == "OPTIONS":
            return Answer("200 OK", b"ok")
        query = {key: values[0] for key, values in parse_qs(environ["QUERY_STRING"]).items()}
        transport = query.get("transport", "polling")
        if transport not in self.transports or "j" in query:
            raise Answer("400 Bad Request", _problem(0, "Transport unknown"))
        if query.get("EIO") != "4":
            raise Answer("400 Bad Request", _problem(5, "Unsupported protocol version"))
        if method not in ("GET", "POST"):
            raise Answer("405 Method Not Allowed", b"", ("Allow", "GET, POST, OPTIONS"))
        if "sid" not in query:
            if method != "GET":
                raise Answer("400 Bad Request", _problem(2, "Bad handshake method"))
            return self._open(environ, transport)
        connection = self.sockets.get(query["sid"])
        if connection is None:
            raise Answer("400 Bad Request", _problem(1, "Session ID unknown"))
        if not isinstance(connection.transport, Polling):
            raise Answer("400 Bad Request", _problem(3, "Already upgraded"))
        if transport == "websocket":
            return self._upgrade(environ, connection, connection.transport)
        if method == "POST":
            return self._post(environ, connection)
        return Answer("200 OK", connection.transport.wait_for_packets())

    def _open(self, environ: Environ, transport: str) -> Answer | None:
        accept_key = _accept_key(environ) if transport == "websocket" else ""
        address = environ.get("REMOTE_ADDR", "")
        if self.stopping or not self._seats.take(address):
            self.tally.turned_away += 1
            seconds = str(random.randint(*RETRY_AFTER_SECONDS))  # noqa: S311 - not a secret
            raise Answer(
                "503 Service Unavailable", b"Too many connections.", ("Retry-After", seconds)
            )
        connection = Connection(self.generate_id(), self.generate_id(), address, _lasting(environ))
        connection.receiver = MessageReceiver(connection, self.dispatch)
        self.sockets[connection.id] = self.by_sid[connection.sid] = connection
        self._heartbeat.watch(connection)
        hello = packets.open_packet(
            connection.id,
            ["websocket"] if transport == "polling" and "websocket" in self.transports else [],
            self.ping_interval,
            self.ping_timeout,
            self._max_message,
        )
        if transport == "polling":
            connection.transport = Polling(self, connection)
            return Answer("200 OK", hello)
        handler = environ[HANDLER]
        try:
            handler.socket.sendall(_switching_protocols(accept_key) + text_frame(hello))
        except OSError:
            self._remove(connection, "transport error")
            raise
        sock, early = handler.give_socket()
        reader = FrameReader(self._max_message)
        connection.transport = WebSocket(self, connection, sock, reader)
        self._feed(connection, reader, early)
        return None

    def _upgrade(self, environ: Environ, connection: Connection, polling: Polling) -> Answer | None:
        accept_key = _accept_key(environ)
        if polling.upgrading:
            raise Answer("400 Bad Request", _problem(3, "Already upgrading"))
        handler = environ[HANDLER]
        reader = FrameReader(self._max_message)
        polling.begin_upgrade()
        left: list[Message] | None = None
        try:
            with gevent.Timeout(self._handshake_seconds):
                handler.socket.sendall(_switching_protocols(accept_key))
                left = _probe(handler, reader)
        except (OSError, ProtocolError, gevent.Timeout):
            pass  # the client stays with polling
        finally:
            polling.upgrading = False
        if left is None or connection.id not in self.sockets:
            handler.close_connection = True
            return None
        sock, early = handler.give_socket()
        frames = polling.take_all()
        connection.transport = WebSocket(self, connection, sock, reader)
        if frames:
            connection.transport.write(frames, b"".join(frames))
        self.received(connection, left)
        self._feed(connection, reader, early)
        return None

    def _post(self, environ: Environ, connection: Connection) -> Answer:
        length = environ.get("CONTENT_LENGTH", "")
        if not length.isdecimal() or int(length) > HARD_LIMIT:
            raise Answer("413 Content Too Large", b"", ("Connection", "close"))
        with gevent.Timeout(
            self._handshake_seconds, Answer("408 Request Timeout", b"", ("Connection", "close"))
        ):
            body = _read_body(environ["wsgi.input"], int(length))
        if len(body) == int(length):
            messages = split(body, self._max_message)
        else:
            messages = [Message(TOO_LARGE, body)]
        try:
            body.decode()
        except UnicodeDecodeError:
            raise Answer("400 Bad Request", _problem(3, "Not UTF-8")) from None
        connection.receiver.wait_until_clear()
        self.received(connection, messages)
        return Answer("200 OK", b"ok")

    # Packets

    def received(self, connection: Connection, messages: list[Message]) -> None:
        """Sort what a client sent: what concerns the connection, and what its receiver handles."""
        connection.heard = True
        if self.stopping:
            return
        for_receiver: list[Packet] = []
        for opcode, payload in messages:
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

    def _feed(self, connection: Connection, reader: FrameReader, early: bytes) -> None:
        if early:
            try:
                self.received(connection, reader.feed(early))
            except ProtocolError as error:
                self.close(connection, "transport error", error.code, str(error))

    # Connections

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

    def _give_up_the_hopeless(self, now: float) -> None:
        for connection in list(self._behind):
            if connection.id in self.sockets and connection.transport.is_hopeless(now):
                self.give_up(connection)

    def tell_closing(self, connection: Connection, reason: str) -> None:
        frame = text_frame(packets.event_packet("closing", {"reason": reason}))
        self.fan_out.send(connection, frame)

    def _remove(self, connection: Connection, reason: str) -> bool:
        if self.sockets.pop(connection.id, None) is None:
            return False
        was_open = connection.open
        connection.open = False
        self._heartbeat.forget(connection)
        self._seats.leave(connection.address)
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


def _problem(code: int, message: str) -> bytes:
    """The codes are those of Engine.IO's own server."""
    return encode_json({"code": code, "message": message})


def _accept_key(environ: Environ) -> str:
    key = environ.get("HTTP_SEC_WEBSOCKET_KEY", "")
    if environ.get("HTTP_UPGRADE", "").lower() != "websocket" or not key:
        raise Answer("400 Bad Request", _problem(3, "Not a WebSocket upgrade"))
    if environ.get("HTTP_SEC_WEBSOCKET_VERSION") != "13":
        raise Answer("426 Upgrade Required", b"", ("Sec-WebSocket-Version", "13"))
    if HANDLER not in environ:
        raise Answer("501 Not Implemented", b"WebSockets need the server's own listener.")
    digest = hashlib.sha1(key.encode("latin-1") + _WEBSOCKET_GUID, usedforsecurity=False).digest()
    return base64.b64encode(digest).decode()


def _switching_protocols(accept_key: str) -> bytes:
    return (
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Accept: {accept_key}\r\n\r\n"
    ).encode()


def _probe(handler: Any, reader: FrameReader) -> list[Message] | None:
    """The messages after a client's switch to its WebSocket; None if it did not switch."""
    expected = [packets.PROBE, packets.UPGRADE]
    while data := handler.socket.recv(4096):
        messages = reader.feed(data)
        while messages:
            opcode, payload = messages.pop(0)
            if opcode != TEXT or payload != expected.pop(0):
                return None
            if not expected:
                return messages
            handler.socket.sendall(text_frame(packets.PROBED))
    return None


def _read_body(stream: Any, length: int) -> bytes:
    """The whole body; of one that is too large only the head, the rest is read past."""
    if length <= MAX_BODY_BYTES:
        body: bytes = stream.read(length)
        return body
    head: bytes = stream.read(HEAD_BYTES)
    while stream.read(64 * 1024):
        pass
    return head
