"""A Flask-SocketIO object whose handlers, emits and rooms use our transport.

socketio = app.extensions["socketio"]

@socketio.on("say")
def say(text): ...

socketio.emit("said", "hello", to="general")
socketio.run(app)
"""

import inspect
import logging
from collections.abc import Callable
from typing import Any

import flask_socketio
from socketio.exceptions import ConnectionRefusedError

from chatapp.transport.compat.socketio_server import SocketIOServer
from chatapp.transport.engine import Engine

log = logging.getLogger(__name__)


class FlaskSocketIO(flask_socketio.SocketIO):  # type: ignore[misc]
    server: SocketIOServer

    def __init__(
        self,
        engine: Engine,
        *,
        init_app: Callable[[Any], None],
        run: Callable[[str, int], None],
        stop: Callable[[], None],
    ) -> None:
        """`init_app`, `run` and `stop` are those of `Realtime`."""
        super().__init__()
        self.server = server = SocketIOServer(engine)
        self.async_mode = self.server.async_mode
        self._init_app = init_app
        self._run = run
        self._stop = stop
        engine.keep_environ = lambda: server.has_handlers
        engine.dispatch.fallback = server.handle_event
        engine.dispatch.on_connect.insert(0, server.handle_connect)
        engine.dispatch.on_disconnect.insert(0, server.handle_disconnect)
        engine.dispatch.on_ack = server.manager.acked

    def init_app(self, app: Any, **_: Any) -> None:
        self._init_app(app)

    def run(self, app: Any, host: str = "127.0.0.1", port: int = 5000, **_: Any) -> None:
        self._run(host, port)

    def stop(self) -> None:
        self._stop()

    def on(self, message: str, namespace: str | None = None) -> Any:
        register = super().on(message, namespace)

        def decorator(handler: Any) -> Any:
            register(_strict_connect(handler) if message == "connect" else handler)
            return handler

        return decorator


def _strict_connect(handler: Any) -> Callable[[Any], Any]:
    """Wraps a connect handler so that it is called once, and its failure is a refusal.

    Flask-SocketIO calls it again without auth after a TypeError, and accepts the connection if an
    error handler returns a value.
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
