"""How a socket leaves the HTTP server: after the upgrade, pywsgi and its greenlet let go of it.

And what else a HTTP server needs on an open port: requests that do not finish within ten
seconds are dropped, idle keep-alive connections are closed, nobody has any number of them, and
nonsense gets a 400 and at most one line in the log. When there are as many sockets as there may
be, who comes waits in the kernel's queue, and a request is the last one of its connection.
"""

from __future__ import annotations

import logging
import socket
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import gevent
from gevent.pool import Pool
from gevent.pywsgi import WSGIHandler, WSGIServer

from chatapp.realtime.admission import Seats
from chatapp.realtime.request_head import RequestHead

REQUEST_SECONDS = 10.0
"""How long a client may take to send a request's head."""
KEEP_ALIVE_SECONDS = 75.0
"""How long a connection may wait for its next request."""
CROWDED_SECONDS = 1.0
"""… and how long where sockets are running out."""
FULL_SECONDS = 0.1
"""After so long it is looked again whether there is room for one more."""
STALL_SECONDS = KEEP_ALIVE_SECONDS + 1
"""How long anything else may stand still: a body on its way in, an answer on its way out."""
HANDLER = "chatapp.http_handler"
"""Where the WSGI environment has the handler of the request."""
TOO_MANY = (
    b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\nConnection: close\r\n"
    b"Content-Length: 21\r\n\r\nToo many connections."
)

log = logging.getLogger(__name__)


class Handler(WSGIHandler):
    """A request's handler that can give its socket away."""

    server: Listener
    MessageClass = RequestHead  # type: ignore[assignment]
    ignored_socket_errors: tuple[Any, ...] = (*WSGIHandler.ignored_socket_errors, "timed out")

    def __init__(self, sock: Any, address: Any, server: Any) -> None:
        sock.settimeout(STALL_SECONDS)
        super().__init__(sock, address, server)

    def handle(self) -> None:
        with suppress(OSError):  # nobody is there to be told that the request was bad
            super().handle()
        self.environ = None  # it has the handler; together they would wait for the collector

    def get_environ(self) -> dict[str, Any]:
        environ: dict[str, Any] = super().get_environ()
        environ[HANDLER] = self
        return environ

    def give_socket(self) -> tuple[socket.socket, bytes]:
        """The plain, non-blocking socket, and what was read ahead. The handler ends after this."""
        self.socket.setblocking(False)
        early = self.rfile.peek()
        sock = socket.socket(fileno=self.socket.detach())
        sock.setblocking(False)
        self.socket = None  # type: ignore[assignment]  # pywsgi's own sign for the end
        self.close_connection = True
        return sock, early

    def stop_reading(self) -> None:
        """Of a body that does not come, pywsgi would otherwise wait for the rest."""
        with suppress(OSError):  # it may have gone already
            self.socket.shutdown(socket.SHUT_RD)

    def read_requestline(self) -> str:
        patience = self.server.keep_alive_seconds if self.requestline else REQUEST_SECONDS
        try:
            with gevent.Timeout(patience):
                line: str = super().read_requestline()
                return line
        except gevent.Timeout:
            return ""

    def read_request(self, raw_requestline: str) -> Any:
        with gevent.Timeout(REQUEST_SECONDS, ValueError("too slow")):
            return super().read_request(raw_requestline)

    def _handle_client_error(self, ex: Exception) -> tuple[str, bytes]:
        log.info("Refused a bad request from %s: %s", self.client_address, ex)
        return "400", b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-length: 0\r\n\r\n"

    def log_request(self) -> None:
        """Nobody reads a line a request."""


class Listener(WSGIServer):
    """At most `most` sockets, those that were given away (`handed_over()`) among them; and of an
    address as many that were not as `visitors` has seats."""

    handler_class = Handler

    def __init__(
        self,
        sock: socket.socket,
        application: Any,
        *,
        environ: dict[str, Any],
        most: int,
        handed_over: Callable[[], int],
        visitors: Seats,
    ) -> None:
        self._handlers = Pool()
        super().__init__(
            sock, application, spawn=self._handlers, log=None, error_log=log, environ=environ
        )
        self.full = self._is_full  # type: ignore[method-assign]  # the pool's own has no end
        self._most = most
        self._handed_over = handed_over
        self._visitors = visitors

    def handle(self, sock: Any, address: Any) -> None:
        host = address[0]
        if not self._visitors.take(host):
            with suppress(OSError):  # it may not want to hear it
                sock.send(TOO_MANY)
            return
        try:
            super().handle(sock, address)
        finally:
            self._visitors.leave(host)

    @property
    def keep_alive_seconds(self) -> float:
        return CROWDED_SECONDS if self._open() > self._most * 3 // 4 else KEEP_ALIVE_SECONDS

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
