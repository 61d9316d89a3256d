"""Events that are handled through Flask-SocketIO's own API: `on`, `on_event`, namespaces.

Each gets the Flask context that it expects. They cost accordingly; what is hot is registered
with `Realtime.receive` instead.
"""

import inspect
import logging
from collections.abc import Callable
from typing import Any

import msgspec
from socketio.exceptions import ConnectionRefusedError

from chatapp.realtime.connection import Connection, Refused
from chatapp.realtime.dispatch import Values
from chatapp.realtime.packets import Event
from chatapp.realtime.socketio_server import Server

log = logging.getLogger(__name__)


class FlaskEvents:
    def __init__(self, server: Server) -> None:
        self._server = server

    @property
    def are_handled(self) -> bool:
        """Whether there are any such handlers."""
        return bool(self._server.handlers or self._server.namespace_handlers)

    def handle(self, connection: Connection, event: Event) -> Values | None:
        """The ack's values; None if nobody handles such an event."""
        payloads = [msgspec.json.decode(event.payload)] if event.payload else []
        result = self._server._trigger_event(event.name, "/", connection.sid, *payloads)
        if result is self._server.not_handled:
            return None
        if isinstance(result, tuple):
            return Values(result)
        return Values() if result is None else Values((result,))

    def connect(self, connection: Connection, auth: bytes, environ: dict[str, Any]) -> None:
        decoded = msgspec.json.decode(auth) if auth else None
        try:
            accepted = self._server._trigger_event("connect", "/", connection.sid, environ, decoded)
        except ConnectionRefusedError as refused:
            raise Refused(refused.error_args) from None
        if accepted is False:
            raise Refused(ConnectionRefusedError().error_args)

    def disconnect(self, connection: Connection, reason: str) -> None:
        self._server.manager.forget(connection)
        self._server._trigger_event("disconnect", "/", connection.sid, reason)


def strict_connect(handler: Any) -> Callable[[Any], Any]:
    """A connect handler that is called once, as it wants to be, and whose failure is a refusal.

    Flask-SocketIO calls it again without auth after a TypeError, and takes what an error
    handler returns for a yes.
    """
    wants_auth = bool(inspect.signature(handler).parameters)

    def connect(auth: Any) -> Any:
        try:
            return handler(auth) if wants_auth else handler()
        except ConnectionRefusedError:
            raise
        except Exception:
            log.exception("A connect handler failed.")
            raise ConnectionRefusedError("Something went wrong on the server.") from None

    return connect
