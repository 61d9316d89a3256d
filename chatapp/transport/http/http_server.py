"""The HTTP server: pywsgi, with sockets that can be handed over to WebSockets.

It drops request heads that take longer than ten seconds and bodies that arrive too slowly, closes
idle keep-alive connections, limits connections per address, and answers a malformed request with
400 and at most one log line. When all sockets are in use, new clients wait in the kernel's queue;
when few are left, connections are closed after one request. If the server is going to close a
connection, the response says so.
"""

from __future__ import annotations

import logging
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from string import printable
from typing import Any
from urllib.parse import quote

import gevent
from gevent.pool import Pool
from gevent.pywsgi import WSGIHandler, WSGIServer

from chatapp.domain.addresses import normal_address, normal_host
from chatapp.transport.client_timeout import ClientTimeout
from chatapp.transport.http.connection_limits import ConnectionLimits
from chatapp.transport.wire.request_body import BadBody, RequestBody
from chatapp.transport.wire.request_head import RequestHead, tokens

REQUEST_SECONDS = 10.0
"""Seconds a client may take to send a request's head."""
KEEP_ALIVE_SECONDS = 75.0
"""Seconds a connection may wait for its next request."""
FULL_SECONDS = 0.1
"""Interval at which a full server checks whether it can accept again."""
STALL_SECONDS = KEEP_ALIVE_SECONDS + 1
"""Seconds that any other read or write on a socket may take."""
ACCEPTED_A_TURN = 8
"""New sockets accepted in one turn of the event loop, so that a crowd does not delay other
clients; more where arrivals have more time."""
ACCEPT_SECONDS = 0.0004
"""About what a new socket costs until its request is answered."""
MAX_SKIPPED_BYTES = 64 * 1024
"""A request body that no handler has read is skipped up to this size, to keep the connection."""
LINGER_SECONDS = 2.0
LINGER_BYTES = 4_000_000
"""How long, and how much, a client may still send while it reads its last response."""
HANDLER = "chatapp.http_handler"
"""The key of the request's handler in the WSGI environment."""
TOO_MANY = (
    b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\nConnection: close\r\n"
    b"Content-Length: 21\r\n\r\nToo many connections."
)

log = logging.getLogger(__name__)


class RequestHandler(WSGIHandler):
    """A request handler that can give its socket away."""

    server: HTTPServer
    headers: RequestHead  # type: ignore[assignment]
    wsgi_input: RequestBody  # type: ignore[assignment]
    content_length: int | None  # type: ignore[assignment]
    response_headers: list[tuple[bytes, bytes]]  # type: ignore[assignment]
    ignored_socket_errors: tuple[Any, ...] = (
        *WSGIHandler.ignored_socket_errors,
        "timed out",
        BadBody.SIGN,
    )

    def __init__(self, sock: Any, address: Any, server: Any) -> None:
        sock.settimeout(STALL_SECONDS)
        super().__init__(sock, address, server)

    def handle(self) -> None:
        with suppress(OSError):  # the client no longer reads the answer to a bad request
            super().handle()
        self.environ = None  # it holds the handler: a cycle for the garbage collector

    def detach_socket(self) -> tuple[socket.socket, bytes]:
        """The plain, non-blocking socket, and bytes already read. The handler ends after this."""
        self.socket.setblocking(False)
        early = self.rfile.peek()
        sock = socket.socket(fileno=self.socket.detach())
        sock.setblocking(False)
        self.socket = None  # type: ignore[assignment]  # pywsgi's own sign for the end
        self.close_connection = True
        return sock, early

    # The request

    def handle_one_request(self) -> Any:
        result = super().handle_one_request()
        if self.close_connection and self.socket is not None and not self._can_read_next():
            self._linger()
        return result

    def read_requestline(self) -> str:
        seconds = KEEP_ALIVE_SECONDS if self.requestline else REQUEST_SECONDS
        try:
            with self._client_timeout(seconds):
                line: str = super().read_requestline()
                return line if line != "\r\n" else super().read_requestline()  # RFC 9112, 2.2
        except gevent.Timeout:
            return ""

    def read_request(self, raw_requestline: str) -> Any:
        with self._client_timeout(REQUEST_SECONDS, ValueError("too slow")):
            head = RequestHead(raw_requestline.encode("latin-1"), self.rfile)
        self.headers = head
        self.command, self.path, self.request_version = head.method, head.path, head.version
        self.content_length = head.content_length
        self.close_connection = head.is_last
        return True

    @contextmanager
    def _client_timeout(self, seconds: float, error: Exception | None = None) -> Iterator[None]:
        """For reading. The socket's own timeout would count time in which the server did not
        read."""
        self.socket.settimeout(None)
        try:
            with ClientTimeout(seconds, error):
                yield
        finally:
            self.socket.settimeout(STALL_SECONDS)

    def get_environ(self) -> dict[str, Any]:
        environ: dict[str, Any] = super().get_environ()
        self.wsgi_input = RequestBody(
            self.rfile,
            length=self.headers.content_length,
            chunked=self.headers.is_chunked,
            begin=self._say_continue if self._is_asked_to_begin() else None,
            sock=self.socket,
        )
        environ["REMOTE_ADDR"] = normal_address(environ["REMOTE_ADDR"]) or environ["REMOTE_ADDR"]
        if "HTTP_HOST" in environ:
            environ["HTTP_HOST"] = normal_host(environ["HTTP_HOST"], environ["wsgi.url_scheme"])
        if not environ["QUERY_STRING"].isascii():  # one character a byte, perhaps not UTF-8
            environ["QUERY_STRING"] = quote(environ["QUERY_STRING"], printable, "latin-1")
        environ["wsgi.input"] = self.wsgi_input
        environ["wsgi.input_terminated"] = True
        environ[HANDLER] = self
        return environ

    def _is_asked_to_begin(self) -> bool:
        return "100-continue" in tokens(self.headers.get("expect"))

    def _say_continue(self) -> None:
        self.socket.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")

    def _handle_client_error(self, ex: Exception) -> tuple[str, bytes]:
        log.info("Refused a bad request from %s: %s", self.client_address, ex)
        return "400", b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-length: 0\r\n\r\n"

    # The answer

    def finalize_headers(self) -> None:
        """Set the Connection header, and act on it."""
        super().finalize_headers()
        self.close_connection = (
            self.close_connection
            or self.server.is_crowded
            or self._ends_with_the_connection()
            or not self._can_read_next()
        )
        headers = [header for header in self.response_headers if header[0].lower() != b"connection"]
        if self.close_connection:
            headers.append((b"Connection", b"close"))
        elif self.request_version == "HTTP/1.0":
            headers.append((b"Connection", b"keep-alive"))
        self.response_headers = headers

    def _ends_with_the_connection(self) -> bool:
        """Whether only the end of the connection marks the end of the response."""
        return (
            not self.response_use_chunked
            and not any(name.lower() == b"content-length" for name, _ in self.response_headers)
            and self.code not in (204, 304)
        )

    def handle_one_response(self) -> None:
        super().handle_one_response()
        if not self.close_connection:
            try:
                self.wsgi_input.skip()
            except OSError:
                self.close_connection = True

    def _can_read_next(self) -> bool:
        """Whether the next request can be read now."""
        return self.wsgi_input.can_be_skipped(MAX_SKIPPED_BYTES)

    def _linger(self) -> None:
        """Read what the client still sends: closing with unread input resets the connection, and
        the client would lose the response."""
        left = LINGER_BYTES
        with suppress(OSError, gevent.Timeout), ClientTimeout(LINGER_SECONDS):
            self.socket.shutdown(socket.SHUT_WR)
            while left > 0 and (data := self.socket.recv(64 * 1024)):
                left -= len(data)

    def log_request(self) -> None:
        """No line per request."""


class HTTPServer(WSGIServer):
    """Accepts up to `most` sockets, including those `handed_over()`; `request_limits` limits the
    others per address. `accept_seconds()` is how long new sockets may take in this turn."""

    handler_class = RequestHandler

    def __init__(
        self,
        sock: socket.socket,
        application: Any,
        *,
        environ: dict[str, Any],
        most: int,
        handed_over: Callable[[], int],
        request_limits: ConnectionLimits,
        accept_seconds: Callable[[], float],
    ) -> None:
        self._handlers = Pool()
        self._accept_seconds = accept_seconds
        super().__init__(
            sock, application, spawn=self._handlers, log=None, error_log=log, environ=environ
        )
        self.full = self._is_full  # type: ignore[method-assign]  # the pool's own limit is infinite
        self._most = most
        self._handed_over = handed_over
        self._request_limits = request_limits

    @property
    def max_accept(self) -> int:  # type: ignore[override]
        """How many sockets gevent accepts in this turn."""
        return max(ACCEPTED_A_TURN, int(self._accept_seconds() / ACCEPT_SECONDS))

    def handle(self, sock: Any, address: Any) -> None:
        host = address[0]
        if not self._request_limits.take(host):
            with suppress(OSError):  # it may be gone already
                sock.send(TOO_MANY)
            return
        try:
            super().handle(sock, address)
        finally:
            self._request_limits.leave(host)

    @property
    def is_crowded(self) -> bool:
        """Whether sockets are running out, so that no keep-alive is allowed."""
        return self._open() > self._most * 3 // 4

    def _is_full(self) -> bool:
        if self._open() < self._most:
            return False
        gevent.spawn_later(FULL_SECONDS, self._accept_again)
        return True

    def _accept_again(self) -> None:
        if self.started:
            self.start_accepting()

    def _open(self) -> int:
        return len(self._handlers) + self._handed_over()
