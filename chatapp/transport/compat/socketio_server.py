"""python-socketio's server on our engine, for code that uses its API. The only namespace is `/`.

Each handler gets the Flask context that it expects, which is slow; frequent events are registered
with `Realtime.receive` instead.
"""

from functools import partial
from typing import Any

import engineio
import msgspec
import socketio
from socketio.exceptions import ConnectionRefusedError

from chatapp.transport.compat.client_manager import ClientManager
from chatapp.transport.connection import Connection, ConnectRefused
from chatapp.transport.dispatch import Values
from chatapp.transport.engine import SERVER_DISCONNECT, Engine
from chatapp.transport.wire.frames import text_frame
from chatapp.transport.wire.packets import DISCONNECT, EventPacket


class SocketIOServer(socketio.Server):  # type: ignore[misc]
    manager: ClientManager

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        super().__init__(client_manager=ClientManager(engine), async_handlers=False)

    def on(self, event: str, handler: Any = None, namespace: str | None = None) -> Any:
        if namespace not in (None, "/"):
            raise ValueError(f"there is no namespace {namespace!r}, only '/'")
        return super().on(event, handler, namespace)

    def get_environ(self, sid: str, namespace: str | None = None) -> dict[str, Any] | None:
        connection = self._engine.by_sid.get(sid)
        return connection.environ if connection else None

    def disconnect(
        self, sid: str, namespace: str | None = None, ignore_queue: bool = False
    ) -> None:
        """Permanently: the client must not reconnect by itself."""
        connection = self._engine.by_sid.get(sid)
        if connection is not None:
            self._engine.fan_out.send(connection, text_frame(DISCONNECT))
            self._engine.close(connection, SERVER_DISCONNECT)

    # What the engine calls

    @property
    def has_handlers(self) -> bool:
        """Whether handlers are registered with `on`, `on_event` or a namespace."""
        return bool(self.handlers or self.namespace_handlers)

    def handle_event(self, connection: Connection, event: EventPacket) -> Values | None:
        """The ack's values; None if there is no handler for the event."""
        payloads = [msgspec.json.decode(event.payload)] if event.payload else []
        result = self._trigger_event(event.name, "/", connection.sid, *payloads)
        if result is self.not_handled:
            return None
        if isinstance(result, tuple):
            return Values(result)
        return Values() if result is None else Values((result,))

    def handle_connect(self, connection: Connection, auth: bytes, environ: dict[str, Any]) -> None:
        decoded = msgspec.json.decode(auth) if auth else None
        try:
            accepted = self._trigger_event("connect", "/", connection.sid, environ, decoded)
        except ConnectionRefusedError as refused:
            raise ConnectRefused(refused.error_args) from None
        if accepted is False:
            raise ConnectRefused(ConnectionRefusedError().error_args)

    def handle_disconnect(self, connection: Connection, reason: str) -> None:
        self.manager.forget(connection)
        self._trigger_event("disconnect", "/", connection.sid, reason)

    def _engineio_server_class(self) -> Any:
        return partial(EngineIOServer, self._engine)


class EngineIOServer(engineio.Server):  # type: ignore[misc]
    """The methods of an Engine.IO server that python-socketio calls, on our engine.

    It also starts tasks, sleeps and creates events with gevent.
    """

    def __init__(self, engine: Engine, **options: Any) -> None:
        super().__init__(**(options | {"async_mode": "gevent", "monitor_clients": False}))
        self._engine = engine

    def transport(self, sid: str) -> str:
        return self._engine.sockets[sid].transport.name

    def get_session(self, sid: str) -> dict[str, Any]:
        connection = self._engine.sockets[sid]
        if connection.session is None:
            connection.session = {}
        return connection.session

    def save_session(self, sid: str, session: dict[str, Any]) -> None:
        self._engine.sockets[sid].session = session
