"""Engine.IO's requests: a handshake, polls, posts, and the switch to a WebSocket.

GET  ?EIO=4&transport=polling              opens a session
GET  ?EIO=4&transport=polling&sid=…        waits for packets
POST ?EIO=4&transport=polling&sid=…        brings packets
GET  ?EIO=4&transport=websocket            opens a session on a WebSocket
GET  ?EIO=4&transport=websocket&sid=…      moves a session to a WebSocket
"""

import random
from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qs

import gevent

from chatapp.realtime import packets
from chatapp.realtime.admission import Environ, is_cross_site
from chatapp.realtime.connection import Connection
from chatapp.realtime.engine import Engine, StartResponse
from chatapp.realtime.frames import (
    HARD_LIMIT,
    HEAD_BYTES,
    TEXT,
    TOO_LARGE,
    FrameReader,
    Message,
    ProtocolError,
    text_frame,
)
from chatapp.realtime.handoff import HANDLER, Handler
from chatapp.realtime.handshake import VERSION, switching_protocols
from chatapp.realtime.polling import MAX_BODY_BYTES, Polling, split
from chatapp.realtime.websocket import WebSocket

RETRY_AFTER_SECONDS = (2, 10)
"""When those should come again for whom there is no room, spread so that they do not all."""

Header = tuple[str, str]


class Answer(Exception):
    """An HTTP answer, raised where it is known that there is no other."""

    def __init__(self, status: str, body: bytes = b"", *headers: Header) -> None:
        super().__init__(status)
        self.status = status
        self.body = body
        self.headers = headers


class HttpDoor:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def handle(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
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
                *self._engine._cors_headers(environ),
            ],
        )
        return [answer.body]

    def _answer(self, environ: Environ) -> Answer | None:
        """None if there is no more to say in HTTP: the socket is a WebSocket now."""
        if is_cross_site(environ, self._engine._cors_allowed_origins(environ)):
            self._engine.on_cross_site(environ.get("REMOTE_ADDR", ""))
            raise Answer("403 Forbidden", _problem(3, "Not an accepted origin"))
        if environ["REQUEST_METHOD"] == "OPTIONS":
            return Answer("200 OK", b"ok")
        query = {key: values[0] for key, values in parse_qs(environ["QUERY_STRING"]).items()}
        transport = query.get("transport", "polling")
        if transport not in self._engine.transports or "j" in query:
            raise Answer("400 Bad Request", _problem(0, "Transport unknown"))
        if query.get("EIO") != "4":
            raise Answer("400 Bad Request", _problem(5, "Unsupported protocol version"))
        if "sid" not in query:
            return self._begin(environ, transport)
        return self._go_on(environ, transport, query["sid"])

    # A new session

    def _begin(self, environ: Environ, transport: str) -> Answer | None:
        if environ["REQUEST_METHOD"] != "GET":
            raise Answer("400 Bad Request", _problem(2, "Bad handshake method"))
        key = _websocket_key(environ) if transport == "websocket" else ""
        connection = self._engine.open(environ)
        if connection is None:
            seconds = str(random.randint(*RETRY_AFTER_SECONDS))  # noqa: S311 - not a secret
            raise Answer(
                "503 Service Unavailable", b"Too many connections.", ("Retry-After", seconds)
            )
        can_upgrade = transport == "polling" and "websocket" in self._engine.transports
        hello = packets.open_packet(
            connection.id,
            ["websocket"] if can_upgrade else [],
            self._engine.ping_interval,
            self._engine.ping_timeout,
            self._engine.max_message_bytes,
        )
        connection.transport = Polling(self._engine, connection)
        if transport == "polling":
            return Answer("200 OK", hello)
        handler: Handler = environ[HANDLER]
        try:
            handler.socket.sendall(switching_protocols(key) + text_frame(hello))
        except OSError:
            self._engine.lost(connection, "transport error")
            raise
        self._hand_over(handler, connection, FrameReader(self._engine.max_message_bytes), [])
        return None

    # A session that there is

    def _go_on(self, environ: Environ, transport: str, id: str) -> Answer | None:
        connection = self._engine.sockets.get(id)
        if connection is None:
            raise Answer("400 Bad Request", _problem(1, "Session ID unknown"))
        polling = connection.transport
        if not isinstance(polling, Polling) or (polling.upgrading and transport == "websocket"):
            raise Answer("400 Bad Request", _problem(3, "Already upgraded"))
        if transport == "websocket":
            self._upgrade(environ, connection, polling)
            return None
        match environ["REQUEST_METHOD"]:
            case "GET":
                return Answer("200 OK", polling.wait_for_packets())
            case "POST":
                return self._post(environ, connection)
        raise Answer("405 Method Not Allowed", b"", ("Allow", "GET, POST, OPTIONS"))

    def _post(self, environ: Environ, connection: Connection) -> Answer:
        length = environ.get("CONTENT_LENGTH", "")
        if not length.isdecimal() or int(length) > HARD_LIMIT:
            raise Answer("413 Content Too Large", b"", ("Connection", "close"))
        try:
            with gevent.Timeout(self._engine.handshake_seconds):
                body = _read_body(environ["wsgi.input"], int(length))
        except gevent.Timeout:
            environ[HANDLER].stop_reading()
            raise Answer("408 Request Timeout", b"", ("Connection", "close")) from None
        except OSError:  # it has gone in the middle of it
            raise Answer("400 Bad Request", b"", ("Connection", "close")) from None
        try:
            body.decode()
        except UnicodeDecodeError:
            raise Answer("400 Bad Request", _problem(3, "Not UTF-8")) from None
        is_whole = len(body) == int(length)
        messages = (
            split(body, self._engine.max_message_bytes) if is_whole else [Message(TOO_LARGE, body)]
        )
        connection.receiver.wait_until_clear()
        self._engine.received(connection, messages)
        return Answer("200 OK", b"ok")

    def _upgrade(self, environ: Environ, connection: Connection, polling: Polling) -> None:
        key = _websocket_key(environ)
        handler: Handler = environ[HANDLER]
        reader = FrameReader(self._engine.max_message_bytes)
        following: list[Message] | None = None
        polling.begin_upgrade()
        try:
            with gevent.Timeout(self._engine.handshake_seconds):
                handler.socket.sendall(switching_protocols(key))
                following = _probe(handler, reader)
        except (OSError, ProtocolError, gevent.Timeout):
            pass  # the client stays with polling
        finally:
            polling.upgrading = False
        if following is None or connection.id not in self._engine.sockets:
            handler.close_connection = True
        else:
            self._hand_over(handler, connection, reader, following, polling.take_all())

    def _hand_over(
        self,
        handler: Handler,
        connection: Connection,
        reader: FrameReader,
        messages: list[Message],
        unsent: Iterable[bytes] = (),
    ) -> None:
        """From now on the connection has its socket for itself."""
        sock, early = handler.give_socket()
        websocket = connection.transport = WebSocket(self._engine, connection, sock, reader)
        if frames := list(unsent):
            websocket.write(frames, b"".join(frames))
        self._engine.received(connection, messages)
        if early:
            websocket.read(early)


def _problem(code: int, message: str) -> bytes:
    """The codes are those of Engine.IO's own server."""
    return packets.encode_json({"code": code, "message": message})


def _websocket_key(environ: Environ) -> str:
    key: str = environ.get("HTTP_SEC_WEBSOCKET_KEY", "")
    if environ.get("HTTP_UPGRADE", "").lower() != "websocket" or not key:
        raise Answer("400 Bad Request", _problem(3, "Not a WebSocket upgrade"))
    if environ.get("HTTP_SEC_WEBSOCKET_VERSION") != VERSION:
        raise Answer("426 Upgrade Required", b"", ("Sec-WebSocket-Version", VERSION))
    if HANDLER not in environ:
        raise Answer("501 Not Implemented", b"WebSockets need the server's own listener.")
    return key


def _probe(handler: Handler, reader: FrameReader) -> list[Message] | None:
    """The messages after a client's switch to its WebSocket; None if it did not switch."""
    expected = [packets.PROBE, packets.UPGRADE]
    while data := handler.socket.recv(4096):
        messages = reader.feed(data)
        while messages:
            message = messages.pop(0)
            if message.opcode != TEXT or message.payload != expected.pop(0):
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
