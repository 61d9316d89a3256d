"""python-socketio's view of the connections and rooms, for those who use its API.

The truth is in `fanout.py` and `engine.py`; this answers python-socketio's questions from
there. There is one namespace, `/`.
"""

from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import msgspec
import socketio

from chatapp.realtime.connection import Connection
from chatapp.realtime.engine import Engine
from chatapp.realtime.fanout import EVERYONE
from chatapp.realtime.frames import text_frame
from chatapp.realtime.packets import Ack, asking_event_packet, event_packet


class Rooms(socketio.Manager):  # type: ignore[misc]
    def __init__(self) -> None:
        super().__init__()
        self.engine: Engine
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

    def acked(self, connection: Connection, ack: Ack) -> None:
        """A client answers what was emitted with a callback, or pretends to."""
        callback = self.callbacks.get(connection.sid, {}).pop(ack.id, None)
        if callback is None:
            return
        try:
            values = msgspec.json.decode(ack.values, type=list)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return
        callback(*values)

    def forget(self, connection: Connection) -> None:
        """It will not answer any more."""
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
        """A room's members, or the one whose sid it is; of several, each once."""
        found: dict[Connection, None] = {}
        for room in [EVERYONE] if to is None else [to] if isinstance(to, str) else to:
            if room in self.engine.by_sid:
                found[self.engine.by_sid[room]] = None
            found.update(dict.fromkeys(self.engine.fan_out.members(room)))
        return list(found)
