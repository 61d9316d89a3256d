"""python-socketio's server on our engine, for those who use its API. One namespace, `/`."""

from typing import Any

import socketio

from chatapp.realtime.engine import Engine
from chatapp.realtime.frames import text_frame
from chatapp.realtime.http_door import HttpDoor
from chatapp.realtime.packets import DISCONNECT
from chatapp.realtime.rooms import Rooms


class Server(socketio.Server):  # type: ignore[misc]
    eio: Engine
    manager: Rooms

    def __init__(self, **options: Any) -> None:
        super().__init__(client_manager=Rooms(), async_handlers=False, **options)
        self.manager.engine = self.eio
        self.eio.door = HttpDoor(self.eio).handle

    def on(self, event: str, handler: Any = None, namespace: str | None = None) -> Any:
        if namespace not in (None, "/"):
            raise ValueError(f"there is no namespace {namespace!r}, only '/'")
        return super().on(event, handler, namespace)

    def get_environ(self, sid: str, namespace: str | None = None) -> dict[str, Any] | None:
        connection = self.eio.by_sid.get(sid)
        return connection.environ if connection else None

    def disconnect(
        self, sid: str, namespace: str | None = None, ignore_queue: bool = False
    ) -> None:
        """For good: the client is told not to come back by itself."""
        connection = self.eio.by_sid.get(sid)
        if connection is not None:
            self.eio.fan_out.send(connection, text_frame(DISCONNECT))
            self.eio.close(connection, self.reason.SERVER_DISCONNECT)

    def _engineio_server_class(self) -> type[Engine]:
        return Engine
