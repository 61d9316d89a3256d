"""Plain Socket.IO clients that leave no socket behind.

python-engineio's client forgets a WebSocket that is not answered in time, as on a busy machine,
without closing it. The server takes it for somebody who is still there, and whose name is taken;
and the warning of the interpreter, which finds it open, fails whatever test is running then.
"""

from typing import Any

import socketio
import websocket


class _WebSocket(websocket.WebSocket):
    """Forgotten is closed."""

    def __del__(self) -> None:
        self.shutdown()  # type: ignore[no-untyped-call]


class Client(socketio.Client):  # type: ignore[misc]
    def __init__(self, **options: Any) -> None:
        super().__init__(websocket_extra_options={"class_": _WebSocket}, **options)


class SimpleClient(socketio.SimpleClient):  # type: ignore[misc]
    client_class = Client
