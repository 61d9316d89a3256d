"""Rooms, their members, and broadcasts to them.

A broadcast appends one encoded frame to the pending list of each member, and does nothing else per
member: about 30 nanoseconds. Once per turn of the event loop, all pending frames are flushed with
one system call per connection. Connections with the same pending frames, which in a burst are
nearly all, also share the joined bytes.

Every connection receives its frames in the order of the calls.
"""

from collections.abc import Callable, Iterable
from time import monotonic

from gevent.hub import get_hub

from chatapp.transport.connection import Connection
from chatapp.transport.counters import Counters

EVERYONE = ""
"""The room of all accepted connections. It is not in `Connection.rooms`."""

Members = dict[Connection, list[bytes]]
"""The members of a room with their pending lists, in order of arrival."""


class FanOut:
    def __init__(
        self, counters: Counters, flushed: Callable[[float], object] = lambda _seconds: None
    ) -> None:
        """`flushed(seconds)` is called with the duration of each flush."""
        self._counters = counters
        self._flushed = flushed
        self._loop = get_hub().loop
        self._rooms: dict[str, Members] = {}
        self._touched_rooms: dict[str, Members] = {}
        self._touched: set[Connection] = set()
        self._flush_is_due = False

    def admit(self, connection: Connection) -> None:
        self._rooms.setdefault(EVERYONE, {})[connection] = connection.pending

    def enter(self, connection: Connection, room: str) -> None:
        if connection.gone or connection.left:
            return
        connection.rooms.add(room)
        self._rooms.setdefault(room, {})[connection] = connection.pending

    def leave(self, connection: Connection, room: str) -> None:
        connection.rooms.discard(room)
        self._remove(connection, room)

    def leave_all(self, connection: Connection) -> None:
        """Leave all rooms, when the connection ends. `Connection.rooms` keeps them."""
        for room in (EVERYONE, *connection.rooms):
            self._remove(connection, room)

    def members(self, room: str) -> Iterable[Connection]:
        return self._rooms.get(room, {}).keys()

    def rooms(self) -> Iterable[str]:
        return self._rooms.keys()

    def has_other_members(self, room: str, skip: Connection | None) -> bool:
        """Whether the room has a member other than `skip`."""
        members = self._rooms.get(room)
        return members is not None and (len(members) > 1 or skip not in members)

    def broadcast(self, frame: bytes, room: str, skip: Connection | None = None) -> None:
        """Send to all members of the room except `skip`."""
        members = self._rooms.get(room)
        if not members:
            return
        for pending in members.values():
            pending.append(frame)
        self._touched_rooms[room] = members
        if not self._flush_is_due:
            self._flush_soon()
        if skip in members:
            skip.pending.pop()  # cheaper than comparing each member with it
        self._counters.deliveries += len(members)

    def send(self, connection: Connection, frame: bytes) -> None:
        if connection.gone:
            return
        connection.pending.append(frame)
        self._counters.deliveries += 1
        self._touched.add(connection)
        if not self._flush_is_due:
            self._flush_soon()

    def touch(self, connection: Connection) -> None:
        """Flush the connection: its pending list has changed."""
        self._touched.add(connection)
        if not self._flush_is_due:
            self._flush_soon()

    def flush(self) -> None:
        began = monotonic()
        self._flush_is_due = False
        touched_rooms, self._touched_rooms = self._touched_rooms, {}
        touched, self._touched = self._touched, set()
        same: list[bytes] = []
        joined = b""
        for connections in (*touched_rooms.values(), touched):
            for connection in tuple(connections):
                frames = connection.pending
                if not frames:
                    continue
                if len(frames) == 1:
                    data = frames[0]
                elif frames == same:
                    data = joined
                else:
                    data = joined = b"".join(frames)
                    same = frames.copy()
                connection.transport.write(frames, data)
                frames.clear()
        self._flushed(monotonic() - began)

    def _flush_soon(self) -> None:
        self._flush_is_due = True
        self._loop.run_callback(self.flush)

    def _remove(self, connection: Connection, room: str) -> None:
        members = self._rooms.get(room)
        if members is None or members.pop(connection, None) is None:
            return
        if connection.pending:
            self._touched.add(connection)
        if not members:
            del self._rooms[room]
