"""Realtime: what the rest of the house calls. A Flask-SocketIO with a fast lane.

    realtime = Realtime(app)
    realtime.on_connect(let_in)                      # may raise Refused({...})
    realtime.receive("message", post, pipelined=True)
    realtime.broadcast("message", message, room="general", skip=connection)
    realtime.listen("127.0.0.1", 8080)
    realtime.serve_forever()

Everything runs on the greenlets of one thread. Other threads hand their results over with
the event loop's `run_callback_threadsafe`.
"""

import socket
import sys
from collections.abc import Callable, Iterable
from time import monotonic
from typing import Any

import flask_socketio
import gevent
from gevent.event import Event as GeventEvent
from prometheus_client import CollectorRegistry

from chatapp.realtime import metrics
from chatapp.realtime.admission import Seats
from chatapp.realtime.connection import Connection
from chatapp.realtime.dispatch import Answer, ConnectHandler, DisconnectHandler, Handler
from chatapp.realtime.flask_events import FlaskEvents, strict_connect
from chatapp.realtime.frames import GOING_AWAY, NORMAL, text_frame
from chatapp.realtime.handoff import Listener
from chatapp.realtime.listening import bind, most_sockets, raise_file_limit
from chatapp.realtime.packets import DISCONNECT, Refusal, event_packet
from chatapp.realtime.socketio_server import Server

STOP_SECONDS = 5.0
"""How long a stop waits for answers that are under way, and then for the last frames to leave."""

REQUESTS_A_CONNECTION = 8
"""How many sockets for requests one may have beside each connection: browsers open six."""

REQUESTS_SECONDS = 0.5
"""How long it waits for web requests after that."""


class Realtime(flask_socketio.SocketIO):  # type: ignore[misc]
    server: Server

    def __init__(
        self,
        app: Any = None,
        *,
        origins: Iterable[str] = (),
        transports: Iterable[str] = ("websocket", "polling"),
        connections: int = 0,
        connections_per_address: int = 0,
        behind_proxies: bool = False,
        **options: Any,
    ) -> None:
        """`origins` are allowed besides the server's own; a limit of 0 connections is none.

        `behind_proxies` all requests come from the same few addresses.
        `options` are those of engineio.Server, and `max_message_bytes`, `handshake_seconds`.
        """
        super().__init__()
        self.server = Server(
            origins=origins,
            transports=list(transports),
            connections=connections,
            connections_per_address=connections_per_address,
            **options,
        )
        self.async_mode = self.server.async_mode
        self._engine = self.server.eio
        flask_events = FlaskEvents(self.server)
        self._engine.keep_environ = lambda: flask_events.are_handled
        self._dispatch = self._engine.dispatch
        self._dispatch.fallback = flask_events.handle
        self._dispatch.on_connect.append(flask_events.connect)
        self._dispatch.on_disconnect.append(flask_events.disconnect)
        self._dispatch.on_ack = self.server.manager.acked
        self._fan_out = self._engine.fan_out
        self._behind_proxies = behind_proxies
        self._visitors = Seats(0, self._visits(connections_per_address))
        self._listener: Listener | None = None
        self._stopped = GeventEvent()
        if app is not None:
            self.init_app(app)

    def init_app(self, app: Any) -> None:
        app.extensions["socketio"] = self
        self.sockio_mw = flask_socketio._SocketIOMiddleware(self.server, app)
        app.wsgi_app = self.sockio_mw
        self._app = app

    # Events

    def receive(self, event: str, handler: Answer, *, pipelined: bool = False) -> None:
        """`handler(connection, raw_json_payload)` answers the event; see `receiver.py`."""
        self._dispatch.handlers[event] = Handler(handler, pipelined)

    def on_connect(self, handler: ConnectHandler) -> None:
        """`handler(connection, raw_json_auth, environ)` lets in, or raises `Refused`."""
        self._dispatch.on_connect.append(handler)

    def on_disconnect(self, handler: DisconnectHandler) -> None:
        """`handler(connection, reason)` hears of each accepted connection's end, once."""
        self._dispatch.on_disconnect.append(handler)

    @property
    def events(self) -> Iterable[str]:
        """The names that `receive` was called with."""
        return self._dispatch.handlers.keys()

    @property
    def on_refused(self) -> Callable[[Refusal], object]:
        """Assign what answers the events that the transport refuses: from the reason, the ack."""
        return self._dispatch.on_refused

    @on_refused.setter
    def on_refused(self, answer: Callable[[Refusal], object]) -> None:
        self._dispatch.on_refused = answer

    @property
    def on_crash(self) -> Callable[[Exception], object]:
        """Assign what answers the events whose handler raised: from the error, the ack."""
        return self._dispatch.on_crash

    @on_crash.setter
    def on_crash(self, answer: Callable[[Exception], object]) -> None:
        self._dispatch.on_crash = answer

    def on_error(self, tell: Callable[[Connection, str, Exception], object]) -> None:
        """`tell(connection, event, error)` hears of every event that ends with an error."""
        self._dispatch.on_error = tell

    def on_cross_site(self, tell: Callable[[str], object]) -> None:
        """`tell(address)` hears when a page of another site is refused."""
        self._engine.on_cross_site = tell

    def expect(self, *errors: type[Exception]) -> None:
        """These are answers, not accidents: they go to `on_crash`, but not to the log."""
        self._dispatch.expected += errors

    # Connections and rooms

    def enter(self, connection: Connection, room: str) -> None:
        self._fan_out.enter(connection, room)

    def leave(self, connection: Connection, room: str) -> None:
        self._fan_out.leave(connection, room)

    def members(self, room: str) -> Iterable[Connection]:
        return self._fan_out.members(room)

    def broadcast(
        self, event: str, payload: object, room: str, skip: Connection | None = None
    ) -> None:
        """To all in the room but `skip`. Encoded once, or not at all where nobody hears it."""
        if self._fan_out.has_hearers(room, skip):
            self._fan_out.broadcast(text_frame(event_packet(event, payload)), room, skip)

    def send(self, connection: Connection, event: str, payload: object) -> None:
        self._fan_out.send(connection, text_frame(event_packet(event, payload)))

    def close(self, connection: Connection, reason: str, *, for_good: bool = False) -> None:
        """Tell the client why, and close. `for_good`: it shall not come back by itself."""
        self._engine.tell_closing(connection, reason)
        if for_good:
            self._fan_out.send(connection, text_frame(DISCONNECT))
        self._engine.close(connection, self.reason.SERVER_DISCONNECT, NORMAL, reason)

    @property
    def connections(self) -> int:
        return len(self._engine.sockets)

    def limit_connections(self, most: int, most_per_address: int) -> None:
        """For those who come from now on; 0 is no limit."""
        self._engine.seats.limit(most, most_per_address)
        self._visitors.limit(0, self._visits(most_per_address))

    def _visits(self, connections_per_address: int) -> int:
        return 0 if self._behind_proxies else connections_per_address * REQUESTS_A_CONNECTION

    def register_metrics(self, registry: CollectorRegistry) -> None:
        """Connections, events, deliveries, refusals, what waits for slow clients."""
        metrics.register(registry, self._engine)

    # Serving

    def listen(
        self, host: str, port: int, *, inherited: socket.socket | None = None
    ) -> tuple[str, int]:
        """Accept connections, and say where: port 0 is any free one. Raises OSError.

        An `inherited` socket (see `listening.py`) is used instead of a new one.
        """
        most = most_sockets(raise_file_limit())
        self._engine.seats.cap(most * 9 // 10)
        # Not the log: Flask writes its log there, and would write what it writes, and so on.
        errors = {"wsgi.errors": sys.stderr}
        self._listener = self.wsgi_server = Listener(
            inherited or bind(host, port),
            self._app.wsgi_app,
            environ=errors,
            most=most,
            handed_over=lambda: len(self._engine.sockets),
            visitors=self._visitors,
        )
        self._listener.start()
        address: tuple[str, int] = self._listener.socket.getsockname()[:2]
        return address

    def serve_forever(self) -> None:
        """Until `stop()`."""
        self._stopped.wait()

    def run(self, app: Any, host: str = "127.0.0.1", port: int = 5000, **_: Any) -> None:
        self.listen(host, port)
        self.serve_forever()

    def stop(self, reason: str = "server stopped") -> None:
        """Accept nothing new, answer what is under way, tell everybody, close, and return."""
        if self._engine.stopping:
            return
        self._engine.stopping = True
        if self._listener is not None:
            self._listener.close()
        connections = list(self._engine.sockets.values())
        _wait(lambda: all(connection.receiver.is_idle for connection in connections))
        for connection in connections:
            self._engine.tell_closing(connection, reason)
            self._engine.close(connection, self.reason.SERVER_DISCONNECT, GOING_AWAY, reason)
        _wait(lambda: all(connection.transport.is_closed for connection in connections))
        if self._listener is not None:
            self._listener.stop(timeout=REQUESTS_SECONDS)
        self._stopped.set()

    @property
    def is_stopping(self) -> bool:
        return self._engine.stopping

    def on(self, message: str, namespace: str | None = None) -> Any:
        register = super().on(message, namespace)

        def decorator(handler: Any) -> Any:
            register(strict_connect(handler) if message == "connect" else handler)
            return handler

        return decorator


def _wait(condition: Callable[[], bool]) -> None:
    deadline = monotonic() + STOP_SECONDS
    while not condition() and monotonic() < deadline:
        gevent.sleep(0.01)
