"""Who is in which room, and how a frame gets to all of them.

A broadcast appends one finished frame to the pending list of each member, and that is all
that it does a member: some 30 nanoseconds. Once a turn of the event loop everything
pending is flushed, with one system call a connection. Connections with the same frames
pending, which in a burst are nearly all, share the joined bytes too.

Frames leave in the order of the calls, on every connection.
"""

from collections.abc import Iterable

from gevent.hub import get_hub

from chatapp.realtime.connection import Connection
from chatapp.realtime.tally import Tally

EVERYONE = ""
"""The room that all accepted connections are in. It is not written on them."""

Members = dict[Connection, list[bytes]]
"""The members of a room with their pending lists, in the order of arrival."""


class FanOut:
    def __init__(self, tally: Tally) -> None:
        self._tally = tally
        self._loop = get_hub().loop
        self._rooms: dict[str, Members] = {}
        self._touched_rooms: dict[str, Members] = {}
        self._touched: set[Connection] = set()
        self._flush_is_due = False

    def admit(self, connection: Connection) -> None:
        self._rooms.setdefault(EVERYONE, {})[connection] = connection.pending

    def enter(self, connection: Connection, room: str) -> None:
        if connection.gone:
            return
        connection.rooms.add(room)
        self._rooms.setdefault(room, {})[connection] = connection.pending

    def leave(self, connection: Connection, room: str) -> None:
        connection.rooms.discard(room)
        self._remove(connection, room)

    def leave_all(self, connection: Connection) -> None:
        """As it goes. What it was in stays written on it."""
        for room in (EVERYONE, *connection.rooms):
            self._remove(connection, room)

    def members(self, room: str) -> Iterable[Connection]:
        return self._rooms.get(room, {}).keys()

    def rooms(self) -> Iterable[str]:
        return self._rooms.keys()

    def has_hearers(self, room: str, skip: Connection | None) -> bool:
        """Whether somebody else than `skip` is in the room."""
        members = self._rooms.get(room)
        return members is not None and (len(members) > 1 or skip not in members)

    def broadcast(self, frame: bytes, room: str, skip: Connection | None = None) -> None:
        """To all in the room but `skip`."""
        members = self._rooms.get(room)
        if not members:
            return
        for pending in members.values():
            pending.append(frame)
        self._touched_rooms[room] = members
        if not self._flush_is_due:
            self._flush_soon()
        if skip in members:
            skip.pending.pop()  # cheaper than to compare each member with it
        self._tally.deliveries += len(members)

    def send(self, connection: Connection, frame: bytes) -> None:
        if connection.gone:
            return
        connection.pending.append(frame)
        self._tally.deliveries += 1
        self._touched.add(connection)
        if not self._flush_is_due:
            self._flush_soon()

    def touch(self, connection: Connection) -> None:
        """Its pending list changed."""
        self._touched.add(connection)
        if not self._flush_is_due:
            self._flush_soon()

    def flush(self) -> None:
        """Send what is pending, now."""
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
