"""Engine.IO's requests: a handshake, polls, posts, and the switch to a WebSocket.

GET  ?EIO=4&transport=polling              opens a session
GET  ?EIO=4&transport=polling&sid=…        waits for packets
POST ?EIO=4&transport=polling&sid=…        sends packets
GET  ?EIO=4&transport=websocket            opens a session on a WebSocket
GET  ?EIO=4&transport=websocket&sid=…      moves a session to a WebSocket
"""

import random
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import parse_qs

import gevent

from chatapp.transport.client_timeout import ClientTimeout
from chatapp.transport.connection import Connection
from chatapp.transport.engine import CLOSED_BY_CLIENT, PARSE_ERROR, Engine
from chatapp.transport.http.forwarding import Forwarder, OwnerLost
from chatapp.transport.http.http_server import HANDLER, RequestHandler
from chatapp.transport.http.origins import Environ
from chatapp.transport.http.polling import PYTHONS_PACKETS_A_POLL, PayloadReader, Polling
from chatapp.transport.websocket import WebSocket
from chatapp.transport.wire import packets
from chatapp.transport.wire.frames import (
    HARD_LIMIT,
    PING,
    POLICY,
    TEXT,
    TOO_BIG,
    FrameReader,
    IncomingMessage,
    ProtocolError,
    close_frame,
    pong_frame,
    text_frame,
)
from chatapp.transport.wire.handshake import VERSION, chosen_protocol, is_key, switching_protocols
from chatapp.transport.wire.request_body import BadBody, TooSlow
from chatapp.transport.wire.request_head import tokens

RETRY_AFTER_SECONDS = (2, 10)
"""A random number of seconds for `Retry-After`, so that refused clients do not all return at
once."""

READ_BYTES = 16 * 1024
"""Read size of a POST."""

_PROBE, _UPGRADE = IncomingMessage(TEXT, packets.PROBE), IncomingMessage(TEXT, packets.UPGRADE)

PATH = "/socket.io/"
"""The prefix of all Engine.IO requests."""
UNKNOWN_SESSION = "Session ID unknown"

Header = tuple[str, str]
StartResponse = Callable[[str, list[Header]], object]
WSGIApp = Callable[[Environ, StartResponse], Iterable[bytes]]


class HTTPAnswer(Exception):
    """An HTTP answer, raised where no other is possible."""

    def __init__(self, status: str, body: bytes = b"", *headers: Header) -> None:
        super().__init__(status)
        self.status = status
        self.body = body
        self.headers = headers


class EngineIOEndpoint:
    """Answers requests for `PATH`; `app`, a Flask app, answers all others.

    The `forwarder` passes those on whose session belongs to another process.
    """

    def __init__(self, engine: Engine, app: Any, forwarder: Forwarder | None = None) -> None:
        self._engine = engine
        self._forwarder = forwarder
        self._flask_app = app
        self._others: WSGIApp = app.wsgi_app

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        if not environ["PATH_INFO"].startswith(PATH):
            return self._others(environ, start_response)
        environ["flask.app"] = self._flask_app
        return self.handle(environ, start_response)

    def handle(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        try:
            answer = self._answer(environ)
        except HTTPAnswer as early:
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
                *self._engine.origins.headers(environ),
            ],
        )
        return [answer.body]

    def _answer(self, environ: Environ) -> HTTPAnswer | None:
        """None if the socket has become a WebSocket."""
        if self._engine.origins.is_cross_site(environ):
            self._engine.on_cross_site(environ.get("REMOTE_ADDR", ""))
            raise HTTPAnswer("403 Forbidden", _problem(3, "Not an accepted origin"))
        if environ["REQUEST_METHOD"] == "OPTIONS":
            return HTTPAnswer("200 OK", b"ok")
        query = {key: values[0] for key, values in parse_qs(environ["QUERY_STRING"]).items()}
        transport = query.get("transport", "")
        if transport not in self._engine.transports or "j" in query:
            raise HTTPAnswer("400 Bad Request", _problem(0, "Transport unknown"))
        if query.get("EIO") != "4":
            raise HTTPAnswer("400 Bad Request", _problem(5, "Unsupported protocol version"))
        if "sid" not in query:
            return self._open_session(environ, transport)
        return self._continue_session(environ, transport, query["sid"])

    # A new session

    def _open_session(self, environ: Environ, transport: str) -> HTTPAnswer | None:
        if environ["REQUEST_METHOD"] != "GET":
            raise HTTPAnswer("400 Bad Request", _problem(2, "Bad handshake method"))
        switching = _switch(environ) if transport == "websocket" else b""
        connection = self._engine.open(environ)
        if connection is None:
            seconds = str(random.randint(*RETRY_AFTER_SECONDS))  # noqa: S311 - not a secret
            raise HTTPAnswer(
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
            return HTTPAnswer("200 OK", hello)
        handler: RequestHandler = environ[HANDLER]
        try:
            handler.socket.sendall(switching + text_frame(hello))
        except OSError:
            self._engine.lost(connection, "transport error")
            raise
        self._hand_over(handler, connection, FrameReader(self._engine.max_message_bytes), [])
        return None

    # An existing session

    def _continue_session(self, environ: Environ, transport: str, id: str) -> HTTPAnswer | None:
        connection = self._engine.sockets.get(id)
        if connection is None:
            return self._continue_elsewhere(environ, transport, id)
        polling = connection.transport
        if transport == "websocket":
            if isinstance(polling, Polling) and not polling.upgrading:
                self._upgrade(environ, connection, polling)
            else:
                _refuse_second_websocket(environ)
            return None
        if not isinstance(polling, Polling):
            raise HTTPAnswer("400 Bad Request", _problem(3, "Already upgraded"))
        match environ["REQUEST_METHOD"]:
            case "GET":
                return self._poll(environ, connection, polling)
            case "POST":
                return self._only_post(environ, connection, polling)
        raise _method_not_allowed()

    def _continue_elsewhere(self, environ: Environ, transport: str, id: str) -> HTTPAnswer | None:
        """If its owner is gone, so is the session: the client opens a new one."""
        node = self._forwarder.owner_of(id) if self._forwarder else None
        if self._forwarder is None or node is None:
            raise HTTPAnswer("400 Bad Request", _problem(1, UNKNOWN_SESSION))
        try:
            return self._pass_on(environ, transport, node, self._forwarder)
        except OwnerLost:
            raise HTTPAnswer("400 Bad Request", _problem(1, UNKNOWN_SESSION)) from None

    def _pass_on(
        self, environ: Environ, transport: str, node: str, forwarder: Forwarder
    ) -> HTTPAnswer | None:
        if transport == "websocket":
            _switch(environ)
            forwarder.tunnel(environ, node)
            return None
        if environ["REQUEST_METHOD"] not in ("GET", "POST"):
            raise _method_not_allowed()
        try:
            return HTTPAnswer(*forwarder.ask(environ, node))
        except TooSlow:
            raise HTTPAnswer("408 Request Timeout") from None
        except BadBody:
            raise HTTPAnswer("400 Bad Request") from None

    def _poll(self, environ: Environ, connection: Connection, polling: Polling) -> HTTPAnswer:
        if polling.is_polled:
            self._engine.close(connection, "transport error")
            raise HTTPAnswer("400 Bad Request", _problem(3, "Another poll is waiting"))
        connection.heard = True
        is_python = "python" in environ.get("HTTP_USER_AGENT", "").lower()
        return HTTPAnswer(
            "200 OK", polling.wait_for_packets(PYTHONS_PACKETS_A_POLL if is_python else None)
        )

    def _only_post(self, environ: Environ, connection: Connection, polling: Polling) -> HTTPAnswer:
        """One at a time, as the protocol says: several would be mixed up."""
        if polling.is_posted_to:
            raise HTTPAnswer("400 Bad Request", _problem(3, "Another post is under way"))
        polling.is_posted_to = True
        try:
            return self._post(environ, connection)
        finally:
            polling.is_posted_to = False

    def _post(self, environ: Environ, connection: Connection) -> HTTPAnswer:
        """An incomplete body ends the session: its client could not know which packets arrived."""
        try:
            self._read_packets(environ, connection)
        except TooSlow:
            self._engine.close(connection, "transport error")
            raise HTTPAnswer("408 Request Timeout") from None
        except BadBody:
            self._engine.close(connection, "transport error")
            raise HTTPAnswer("400 Bad Request") from None
        except ProtocolError as error:
            self._engine.close(connection, PARSE_ERROR, error.code, str(error))
        if connection.gone and connection.why_gone != CLOSED_BY_CLIENT:
            raise HTTPAnswer("400 Bad Request", _problem(3, connection.why_gone))
        return HTTPAnswer("200 OK", b"ok")

    def _read_packets(self, environ: Environ, connection: Connection) -> None:
        """Process each packet as soon as it is complete; the client waits for earlier ones."""
        if int(environ.get("CONTENT_LENGTH") or 0) > HARD_LIMIT:
            raise self._too_large(connection)
        reader = PayloadReader(self._engine.max_message_bytes)
        size = 0
        while data := environ["wsgi.input"].read(READ_BYTES):
            size += len(data)
            if size > HARD_LIMIT:
                raise self._too_large(connection)
            self._process(connection, reader.feed(data))
            if connection.gone:
                return
        self._process(connection, reader.end())

    def _process(self, connection: Connection, messages: list[IncomingMessage]) -> None:
        connection.receiver.wait_until_clear()
        self._engine.received(connection, messages)
        gevent.sleep(0)  # let other connections run; more bytes may have arrived meanwhile

    def _too_large(self, connection: Connection) -> HTTPAnswer:
        self._engine.close(connection, "transport error", TOO_BIG)
        return HTTPAnswer("413 Content Too Large")

    def _upgrade(self, environ: Environ, connection: Connection, polling: Polling) -> None:
        switching = _switch(environ)
        handler: RequestHandler = environ[HANDLER]
        reader = FrameReader(self._engine.max_message_bytes)
        following: list[IncomingMessage] | None = None
        polling.begin_upgrade()
        try:
            with ClientTimeout(self._engine.handshake_seconds):
                handler.socket.sendall(switching)
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
        handler: RequestHandler,
        connection: Connection,
        reader: FrameReader,
        messages: list[IncomingMessage],
        unsent: Iterable[bytes] = (),
    ) -> None:
        """Give the request's socket to the connection."""
        sock, early = handler.detach_socket()
        websocket = connection.transport = WebSocket(self._engine, connection, sock, reader)
        if frames := list(unsent):
            websocket.write(frames, b"".join(frames))
        self._engine.received(connection, messages)
        if early:
            websocket.read(early)


def _method_not_allowed() -> HTTPAnswer:
    return HTTPAnswer("405 Method Not Allowed", b"", ("Allow", "GET, POST, OPTIONS"))


def _problem(code: int, message: str) -> bytes:
    """The codes are those of Engine.IO's own server."""
    return packets.encode_json({"code": code, "message": message})


def _switch(environ: Environ) -> bytes:
    """The response that turns this request's connection into a WebSocket."""
    key = environ.get("HTTP_SEC_WEBSOCKET_KEY", "")
    is_asked_for = (
        environ["REQUEST_METHOD"] == "GET"
        and environ.get("SERVER_PROTOCOL") != "HTTP/1.0"
        and "websocket" in tokens(environ.get("HTTP_UPGRADE", ""))
        and "upgrade" in tokens(environ.get("HTTP_CONNECTION", ""))
    )
    if not is_asked_for or not is_key(key) or _has_body(environ):
        raise HTTPAnswer("400 Bad Request", _problem(3, "Not a WebSocket upgrade"))
    if environ.get("HTTP_SEC_WEBSOCKET_VERSION") != VERSION:
        raise HTTPAnswer("426 Upgrade Required", b"", ("Sec-WebSocket-Version", VERSION))
    if HANDLER not in environ:
        raise HTTPAnswer("501 Not Implemented", b"WebSockets need the server's own listener.")
    return switching_protocols(key, chosen_protocol(environ.get("HTTP_SEC_WEBSOCKET_PROTOCOL", "")))


def _refuse_second_websocket(environ: Environ) -> None:
    """A session has one WebSocket. Like the original server, accept this one and close it: some
    clients treat any status other than 101 as a network error."""
    switching = _switch(environ)
    handler: RequestHandler = environ[HANDLER]
    handler.socket.sendall(switching + close_frame(POLICY, "Already upgraded"))
    handler.close_connection = True


def _has_body(environ: Environ) -> bool:
    return environ.get("CONTENT_LENGTH", "0") != "0" or "HTTP_TRANSFER_ENCODING" in environ


def _probe(handler: RequestHandler, reader: FrameReader) -> list[IncomingMessage] | None:
    """The messages after a client's switch to its WebSocket; None if it did not switch.

    Most clients send a probe first; some switch at once.
    """
    while data := handler.socket.recv(4096):
        messages = reader.feed(data)
        while messages:
            message = messages.pop(0)
            if message.opcode == PING:
                handler.socket.sendall(pong_frame(message.payload))
            elif message == _PROBE:
                handler.socket.sendall(text_frame(packets.PROBED))
            else:
                return messages if message == _UPGRADE else None
    return None
