"""Realtime: the Socket.IO server that the rest of the chat calls.

    realtime = Realtime(app)
    realtime.on_connect(let_in)                      # may raise ConnectRefused({...})
    realtime.receive("message", post, pipelined=True)
    realtime.broadcast("message", message, "general", origin=connection.sid)
    realtime.listen("127.0.0.1", 8080)
    realtime.serve_forever()

Everything runs on greenlets of one thread. Other threads pass their results to it with the event
loop's `run_callback_threadsafe`.

`app.extensions["socketio"]` is the same server with Flask-SocketIO's API (`compat/`). It and its
libraries are imported on first use.
"""

from __future__ import annotations

import socket
import sys
from collections.abc import Callable, Iterable
from functools import cached_property
from random import uniform
from time import monotonic
from typing import TYPE_CHECKING, Any

import gevent
from gevent.event import Event as GeventEvent
from prometheus_client import CollectorRegistry
from werkzeug.local import LocalProxy

from chatapp.domain.rates import Rate
from chatapp.transport.connection import Connection
from chatapp.transport.dispatch import (
    Answer,
    ConnectHandler,
    DisconnectHandler,
    RegisteredHandler,
    crashed_answer,
    refused_answer,
    too_fast_answer,
)
from chatapp.transport.engine import SERVER_DISCONNECT, TRANSPORTS, Engine
from chatapp.transport.event_stream import EventStream, StreamFormat
from chatapp.transport.http.connection_limits import ConnectionLimits
from chatapp.transport.http.engineio_endpoint import EngineIOEndpoint
from chatapp.transport.http.forwarding import Forwarder
from chatapp.transport.http.http_server import HANDLER, HTTPServer, RequestHandler
from chatapp.transport.http.internal_endpoint import InternalEndpoint
from chatapp.transport.http.listening import bind, max_sockets, raise_file_limit
from chatapp.transport.http.origins import Environ
from chatapp.transport.metrics import TransportMetrics
from chatapp.transport.peers import Peers
from chatapp.transport.receiver import SHORT_ANSWER_BYTES, weight_of
from chatapp.transport.wire.frames import GOING_AWAY, NORMAL, text_frame
from chatapp.transport.wire.packets import DISCONNECT, RejectReason, event_packet

if TYPE_CHECKING:
    from chatapp.transport.compat.flask_server import FlaskSocketIO

STOP_SECONDS = 5.0
"""Seconds a stop waits for pending answers, and then for the last frames to be sent."""

COMERS_A_SECOND = 200
"""Clients of a process that stops, which the others can take while they serve their own."""
LONGEST_RETRY_SECONDS = 30.0

REQUESTS_A_CONNECTION = 8
"""Sockets for requests that an address may have per connection: browsers open six."""

REQUESTS_SECONDS = 0.5
"""Seconds a stop then waits for web requests."""


class Realtime:
    def __init__(
        self,
        app: Any = None,
        *,
        origins: Iterable[str] = (),
        transports: Iterable[str] = TRANSPORTS,
        connections: int = 0,
        connections_per_address: int = 0,
        behind_proxies: bool = False,
        peers: Peers | None = None,
        **options: Any,
    ) -> None:
        """`origins` are allowed besides the server's own; 0 connections means no limit. `peers` are
        the other processes of the chat, if there are several.

        With `behind_proxies`, all requests come from the same few addresses. `options` are
        `ping_interval`, `ping_timeout` and `handshake_seconds`; `max_message_bytes`, sent to
        clients as `maxPayload`; and `session_cookies`, the names of the cookies that identify a
        person: a request with one of them needs an origin.
        """
        self._engine = Engine(
            origins=origins,
            transports=list(transports),
            connections=connections,
            connections_per_address=connections_per_address,
            node=peers.own if peers else None,
            **options,
        )
        self._peers = peers
        self._forwarder = (
            Forwarder(peers, answer_seconds=self._engine.silent_seconds) if peers else None
        )
        self._dispatch = self._engine.dispatch
        self._fan_out = self._engine.fan_out
        self._behind_proxies = behind_proxies
        self._request_limits = ConnectionLimits(
            0, self._requests_per_address(connections_per_address)
        )
        self._listener: HTTPServer | None = None
        self._internal_listener: HTTPServer | None = None
        self._stopped = GeventEvent()
        self._stop_steps: list[Callable[[], object]] = []
        self.show: Callable[[Connection, Any], Any] = lambda _connection, answer: answer
        """As much of an answer as may be known at a connection: set before
        handlers are registered."""
        if app is not None:
            self.init_app(app)

    def init_app(self, app: Any) -> None:
        self._app = app
        app.wsgi_app = self._endpoint = EngineIOEndpoint(self._engine, app, self._forwarder)
        app.extensions["socketio"] = LocalProxy(lambda: self.flask_socketio)

    @cached_property
    def flask_socketio(self) -> FlaskSocketIO:
        # python-socketio imports aiohttp and requests: 16 MB that few servers need.
        from chatapp.transport.compat.flask_server import FlaskSocketIO  # noqa: PLC0415

        return FlaskSocketIO(self._engine, init_app=self.init_app, run=self.run, stop=self.stop)

    # Events

    def receive(
        self,
        event: str,
        handler: Answer,
        *,
        pipelined: bool = False,
        slow: bool = False,
        weight: float = 1.0,
    ) -> None:
        """`handler(connection, raw_json_payload)` answers the event; see `receiver.py`.

        `weight` is taken from its sender's allowance; see `allowance.py`.
        """
        self._dispatch.handlers[event] = RegisteredHandler(handler, pipelined, weight, slow)

    def on_connect(self, handler: ConnectHandler) -> None:
        """`handler(connection, raw_json_auth, environ)` accepts, or raises `ConnectRefused`."""
        self._dispatch.on_connect.append(handler)

    def on_disconnect(self, handler: DisconnectHandler) -> None:
        """`handler(connection, reason)` is called once when an accepted connection ends."""
        self._dispatch.on_disconnect.append(handler)

    @property
    def events(self) -> Iterable[str]:
        return self._dispatch.handlers.keys()

    def handler(self, event: str) -> Answer | None:
        """The handler of an event, for requests that come without a socket."""
        registered = self._dispatch.handlers.get(event)
        return registered and registered.answer

    def charge_event(self, caller: Connection, event: str, size: int) -> float:
        """Charge for an event without a socket, whose payload has `size` bytes. Returns 0 if it is
        allowed, otherwise the seconds until the next one is."""
        self._engine.counters.events += 1
        return self.charge(caller, weight_of(self._dispatch.handlers.get(event), size))

    def charge_answer(self, caller: Connection, size: int) -> None:
        """Charge for the answer to such an event, if it is a long one."""
        if size > SHORT_ANSWER_BYTES:
            self.charge(caller, size / SHORT_ANSWER_BYTES)

    def charge(self, caller: Connection, weight: float) -> float:
        """Charge somebody without a socket; as `charge_event`."""
        return self._engine.limits.charge(caller, weight)

    def answer_errors(
        self,
        *,
        refused: Callable[[RejectReason], object] = refused_answer,
        too_fast: Callable[[float], object] = too_fast_answer,
        failed: Callable[[Exception], object] = crashed_answer,
        expected: tuple[type[Exception], ...] = (),
    ) -> None:
        """The acks of events that the transport refuses, that came too fast (from the seconds to
        wait), or whose handler raised. `expected` errors are ordinary answers, and not logged."""
        self._dispatch.on_refused = refused
        self._dispatch.on_too_fast = too_fast
        self._dispatch.on_crash = failed
        self._dispatch.expected = expected

    def on_error(self, tell: Callable[[Connection, str, Exception], object]) -> None:
        """`tell(connection, event, error)` is called for every event that ends with an error."""
        self._dispatch.on_error = tell

    def on_cross_site(self, tell: Callable[[str], object]) -> None:
        """`tell(address)` is called when a request from another site is refused."""
        self._engine.on_cross_site = tell

    def on_stop(self, step: Callable[[], object]) -> None:
        """`step()` is called when the server is about to stop, before connections are closed."""
        self._stop_steps.append(step)

    # Connections and rooms

    def enter(self, connection: Connection, room: str) -> None:
        self._fan_out.enter(connection, room)

    def leave(self, connection: Connection, room: str) -> None:
        self._fan_out.leave(connection, room)

    def members(self, room: str) -> Iterable[Connection]:
        return self._fan_out.members(room)

    def broadcast(self, event: str, payload: object, room: str, origin: str | None = None) -> None:
        """Send to all members of the room except the connection with the sid `origin`, which may be
        gone. Encodes once, or not at all if nobody receives it."""
        skip = self._engine.by_sid.get(origin) if origin else None
        if self._fan_out.has_other_members(room, skip):
            self._fan_out.broadcast(text_frame(event_packet(event, payload)), room, skip)

    def send_all(self, connections: Iterable[Connection], event: str, payload: object) -> None:
        """Send to `connections`; encodes once."""
        frame = text_frame(event_packet(event, payload))
        for connection in connections:
            self._fan_out.send(connection, frame)

    def send(self, connection: Connection, event: str, payload: object) -> None:
        self._fan_out.send(connection, text_frame(event_packet(event, payload)))

    def close(self, connection: Connection, reason: str, *, for_good: bool = False) -> None:
        """Tell the client why, and close. `for_good`: it must not reconnect by itself."""
        self._engine.tell_closing(connection, reason)
        if for_good:
            self._fan_out.send(connection, text_frame(DISCONNECT))
        self._engine.close(connection, SERVER_DISCONNECT, NORMAL, reason)

    def open_stream(
        self, environ: Environ, head: bytes, format: StreamFormat
    ) -> tuple[Connection, EventStream] | None:
        """Answer a request with a stream: `head` is that of the response. The connection hears
        nothing before it enters a room. None, and no answer, if the limits are reached.

        The request must come from the server's own listener: `can_stream`.
        """
        connection = self._engine.open(environ)
        if connection is None:
            return None
        handler: RequestHandler = environ[HANDLER]
        sock, _ = handler.detach_socket()
        stream = EventStream(self._engine, connection, sock, format)
        connection.receiver = connection.transport = stream
        stream.send([head], head)
        self._engine.accept(connection)
        return connection, stream

    @staticmethod
    def can_stream(environ: Environ) -> bool:
        return HANDLER in environ

    @property
    def connections(self) -> int:
        return len(self._engine.sockets)

    def limit_events(self, rate: Rate | None, connections_per_address: int) -> None:
        """Set the limit of a person; the limit of an address follows from its connections."""
        self._engine.limits.limit(rate, connections_per_address)

    def limit_connections(self, most: int, most_per_address: int) -> None:
        """Applies to new connections; 0 means no limit."""
        self._engine.capacity.limit(most, most_per_address)
        self._request_limits.limit(0, self._requests_per_address(most_per_address))

    def _requests_per_address(self, connections_per_address: int) -> int:
        return 0 if self._behind_proxies else connections_per_address * REQUESTS_A_CONNECTION

    def register_metrics(self, registry: CollectorRegistry) -> None:
        """Connections, events, deliveries, refusals, and backlogs of slow clients."""
        passed_on = self._forwarder.outcomes if self._forwarder else None
        registry.register(TransportMetrics(self._engine, passed_on))

    # Serving

    def listen(
        self, host: str, port: int, *, inherited: socket.socket | None = None
    ) -> tuple[str, int]:
        """Accept connections. Returns the address; port 0 is any free one. Raises OSError.

        If a socket is `inherited` (see `listening.py`), it is used instead of a new one.
        """
        self._listener = self._serve_on(
            inherited or bind(host, port), self._app.wsgi_app, self._request_limits
        )
        return _address_of(self._listener)

    def listen_internally(self, host: str, port: int) -> tuple[str, int]:
        """Accept requests that other processes pass on. Returns the address. Raises OSError."""
        if self._peers is None:
            raise ValueError("there are no peers")
        self._internal_listener = self._serve_on(
            bind(host, port), InternalEndpoint(self._endpoint, self._peers), ConnectionLimits(0, 0)
        )
        return _address_of(self._internal_listener)

    def _serve_on(
        self, listener: socket.socket, app: Any, request_limits: ConnectionLimits
    ) -> HTTPServer:
        most = max_sockets(raise_file_limit())
        self._engine.capacity.cap(most * 9 // 10)
        # Not the log: Flask writes its log there, which would be an endless loop.
        errors = {"wsgi.errors": sys.stderr}
        server = HTTPServer(
            listener,
            app,
            environ=errors,
            most=most,
            handed_over=self._handed_over,
            request_limits=request_limits,
            accept_seconds=lambda: self._engine.scheduler.arrivals.seconds,
        )
        server.start()
        return server

    def _handed_over(self) -> int:
        """Open sockets that are not those of requests."""
        passed_on = self._forwarder.sockets if self._forwarder else 0
        return len(self._engine.sockets) + passed_on

    def serve_forever(self) -> None:
        self._stopped.wait()

    def run(self, host: str, port: int) -> None:
        self.listen(host, port)
        self.serve_forever()

    def stop(self, reason: str = "server stopped") -> None:
        """Accept nothing new, finish pending events, notify all clients, close, and return.

        Where other processes go on, clients are asked to come to them one after the other.
        """
        if self._engine.stopping:
            return
        self._engine.stopping = True
        for step in self._stop_steps:
            step()
        if self._listener is not None:
            self._listener.close()
        connections = list(self._engine.sockets.values())
        _wait(lambda: all(connection.receiver.is_idle for connection in connections))
        longest = min(len(connections) / COMERS_A_SECOND, LONGEST_RETRY_SECONDS)
        for connection in connections:
            retry_after = round(uniform(0, longest), 2) if self._peers else None  # noqa: S311
            self._engine.tell_closing(connection, reason, retry_after)
            self._engine.close(connection, SERVER_DISCONNECT, GOING_AWAY, reason)
        _wait(lambda: all(connection.transport.is_closed for connection in connections))
        if self._forwarder is not None:
            self._forwarder.close()
        for listener in (self._listener, self._internal_listener):
            if listener is not None:
                listener.stop(timeout=REQUESTS_SECONDS)
        self._stopped.set()

    @property
    def is_stopping(self) -> bool:
        return self._engine.stopping


def _address_of(listener: HTTPServer) -> tuple[str, int]:
    address: tuple[str, int] = listener.socket.getsockname()[:2]
    return address


def _wait(condition: Callable[[], bool]) -> None:
    deadline = monotonic() + STOP_SECONDS
    while not condition() and monotonic() < deadline:
        gevent.sleep(0.01)
