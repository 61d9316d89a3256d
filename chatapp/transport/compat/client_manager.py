"""python-socketio's view of the connections and rooms, for code that uses its API.

The state is in `fanout.py` and `engine.py`; this class reads it from there. The only namespace is
`/`.
"""

from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import msgspec
import socketio

from chatapp.transport.connection import Connection
from chatapp.transport.engine import Engine
from chatapp.transport.fanout import EVERYONE
from chatapp.transport.wire.frames import text_frame
from chatapp.transport.wire.packets import AckPacket, asking_event_packet, event_packet


class ClientManager(socketio.Manager):  # type: ignore[misc]
    def __init__(self, engine: Engine) -> None:
        super().__init__()
        self.engine = engine
        self.callbacks: dict[str, dict[int, Callable[..., object]]] = {}
        self._ids = count(1)

    def emit(  # noqa: PLR0917 - python-socketio's signature
        self,
        event: str,
        data: Any,
        namespace: str,
        room: str | list[str] | None = None,
        skip_sid: str | list[str] | None = None,
        callback: Any = None,
        to: str | list[str] | None = None,
        **_: Any,
    ) -> None:
        payloads = data if isinstance(data, tuple) else () if data is None else (data,)
        skipped = [skip_sid] if isinstance(skip_sid, str) else skip_sid or []
        frame = text_frame(event_packet(event, *payloads))
        for connection in self._addressed(to or room):
            if connection.sid in skipped:
                continue
            if callback is not None:
                id = self._generate_ack_id(connection.sid, callback)
                frame = text_frame(asking_event_packet(id, event, *payloads))
            self.engine.fan_out.send(connection, frame)

    def acked(self, connection: Connection, ack: AckPacket) -> None:
        """A client answers an emit that has a callback, or one that has none."""
        callback = self.callbacks.get(connection.sid, {}).pop(ack.id, None)
        if callback is None:
            return
        try:
            values = msgspec.json.decode(ack.values, type=list)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return
        callback(*values)

    def forget(self, connection: Connection) -> None:
        self.callbacks.pop(connection.sid, None)

    def get_namespaces(self) -> list[str]:
        return ["/"]

    def get_participants(self, namespace: str, room: Any) -> Iterator[tuple[str, str]]:
        return ((connection.sid, connection.id) for connection in self._addressed(room))

    def is_connected(self, sid: str, namespace: str) -> bool:
        connection = self.engine.by_sid.get(sid)
        return connection is not None and connection.open

    can_disconnect = is_connected

    def sid_from_eio_sid(self, eio_sid: str, namespace: str) -> str | None:
        connection = self.engine.sockets.get(eio_sid)
        return connection.sid if connection else None

    def eio_sid_from_sid(self, sid: str, namespace: str) -> str | None:
        connection = self.engine.by_sid.get(sid)
        return connection.id if connection else None

    def enter_room(self, sid: str, namespace: str, room: str, eio_sid: Any = None) -> None:
        connection = self.engine.by_sid.get(sid)
        if connection is None:
            raise ValueError("sid is not connected to requested namespace")
        self.engine.fan_out.enter(connection, room)

    def leave_room(self, sid: str, namespace: str, room: str) -> None:
        connection = self.engine.by_sid.get(sid)
        if connection is not None:
            self.engine.fan_out.leave(connection, room)

    def close_room(self, room: str, namespace: str) -> None:
        for connection in list(self.engine.fan_out.members(room)):
            self.engine.fan_out.leave(connection, room)

    def get_rooms(self, sid: str, namespace: str) -> list[str]:
        connection = self.engine.by_sid.get(sid)
        return [sid, *connection.rooms] if connection else []

    def _generate_ack_id(self, sid: str, callback: Callable[..., object]) -> int:
        id = next(self._ids)
        self.callbacks.setdefault(sid, {})[id] = callback
        return id

    def _addressed(self, to: str | list[str] | None) -> list[Connection]:
        """The members of a room, or the connection with that sid; each connection only once."""
        found: dict[Connection, None] = {}
        for room in [EVERYONE] if to is None else [to] if isinstance(to, str) else to:
            if room in self.engine.by_sid:
                found[self.engine.by_sid[room]] = None
            found.update(dict.fromkeys(self.engine.fan_out.members(room)))
        return list(found)
