"""The doors of reading: `read`, `prefs`, `arrange`. A person's other devices hear at once."""

from collections.abc import Callable

from chatapp.doors import Ack, door
from chatapp.model import Person, Room
from chatapp.pending import Pending
from chatapp.presence.events import Attendance
from chatapp.reading.manager import Reading, ReadingManager, Unread
from chatapp.reading.order import RoomOrder
from chatapp.realtime import Connection, Realtime
from chatapp.wire import Arrange, Prefs, Read


def register(
    realtime: Realtime,
    reading: ReadingManager,
    order: RoomOrder,
    find_room: Callable[[Person, str], Room],
    attendance: Attendance,
) -> None:
    """`find_room(person, name)` raises `NoSuchRoom` where they may not see it."""

    def read(connection: Connection, payload: Read) -> Pending[Ack]:
        find_room(connection.person, payload.room)
        marked = reading.mark(connection.person, payload)
        return marked.then(lambda unread: told(connection, unread))

    def prefs(connection: Connection, payload: Prefs) -> Pending[Ack]:
        find_room(connection.person, payload.room)
        kept = reading.prefer(connection.person, payload)
        return kept.then(lambda now: preferred(connection, payload.room, now))

    def arrange(connection: Connection, payload: Arrange) -> Pending[Ack]:
        names = [find_room(connection.person, name).name for name in payload.rooms]
        return order.arrange(connection.person, names).then(lambda now: arranged(connection, now))

    def told(connection: Connection, unread: Unread) -> Ack:
        attendance.tell_others(connection, "read", unread)
        return {"ok": True, "read": unread}

    def preferred(connection: Connection, room: str, now: Reading) -> Ack:
        news = {"room": room, "level": now.level, "favourite": now.favourite}
        attendance.tell_others(connection, "prefs", news)
        return {"ok": True, "prefs": news}

    def arranged(connection: Connection, now: list[str]) -> Ack:
        attendance.tell_others(connection, "order", {"rooms": now})
        return {"ok": True, "rooms": now}

    realtime.receive("read", door(Read, read))
    realtime.receive("prefs", door(Prefs, prefs))
    realtime.receive("arrange", door(Arrange, arrange))
