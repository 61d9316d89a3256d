"""What streams of all rooms are told, and when, in turns of the event loop that a test decides."""

from typing import Any

from chatapp.domain.errors import Unavailable
from chatapp.domain.model import Event, Person, Room
from chatapp.features.streams.following_rooms import LiveRooms, StreamListener
from chatapp.features.streams.places import Places
from chatapp.transport import Connection

ANA = Person(name="ana", id="the key of ana")


class Chat:
    """A log, the rooms, the connections and the event loop, as far as streams know them."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.rooms = {name: Room(name=name, title=name) for name in ("general", "tea")}
        self.channels: dict[str, list[Connection]] = {}
        self.told: dict[Connection, list[str]] = {}
        self.closed: dict[Connection, str] = {}
        self.due: list[Any] = []
        self.is_damaged = False
        self.streams = LiveRooms(
            self, self, self, Places(b"a secret"), as_told=lambda event: event, soon=self.due.append
        )

    def append(self, text: str, room: str = "general") -> None:
        seq = 1 + sum(each.room == room for each in self.events)
        event = Event(room=room, seq=seq, sender="bo", at="", type="message", text=text)
        self.events.append(event)
        self.streams.event_appended(event, None)

    def add(self) -> Connection:
        connection = Connection("id", "sid", "127.0.0.1", {})
        self.told[connection] = []
        self.streams.add(connection, StreamListener(ANA))
        return connection

    def run(self) -> None:
        while self.due:
            self.due.pop(0)()

    # The log

    @property
    def last_n(self) -> int:
        return len(self.events)

    def following(self, n: int, *, limit: int) -> list[tuple[int, Event]]:
        if self.is_damaged:
            raise Unavailable("A part of the history cannot be read.")
        return list(enumerate(self.events, 1))[n : n + limit]

    def head(self, room: str) -> int:
        return sum(each.room == room for each in self.events)

    # The rooms

    def all(self) -> list[Room]:
        return list(self.rooms.values())

    def any(self, name: str) -> Room:
        return self.rooms[name]

    def visible_to(self, _person: Person) -> list[Room]:
        return self.all()

    def may_see(self, _person: Person, room: Room) -> bool:
        return room.deleted_at is None

    def sees_every_public_room(self, _person: Person) -> bool:
        return True

    # The connections

    def enter(self, connection: Connection, room: str) -> None:
        self.channels.setdefault(room, []).append(connection)

    def members(self, room: str) -> list[Connection]:
        return self.channels.get(room, [])

    def broadcast(self, _event: str, payload: Any, room: str, _origin: str | None) -> None:
        for connection in self.members(room):
            self.told[connection].append(payload.data.text)

    def close(self, connection: Connection, reason: str) -> None:
        self.closed[connection] = reason


def test_a_stream_that_joins_between_an_event_and_its_turn_is_told_of_it_once():
    chat = Chat()
    first = chat.add()
    chat.append("one", room="tea")
    second = chat.add()  # It has read "one" itself.
    chat.append("two")
    chat.run()

    assert chat.told == {first: ["one", "two"], second: ["two"]}


def test_a_burst_is_told_in_order_by_one_turn():
    chat = Chat()
    stream = chat.add()
    for number in range(500):
        chat.append(f"{number}")

    assert len(chat.due) == 1
    chat.run()
    assert chat.told[stream] == [f"{number}" for number in range(500)]


def test_a_channel_of_public_rooms_stands_for_each_of_them():
    chat = Chat()
    chat.add()

    assert len(chat.channels) == 1


def test_streams_end_when_the_log_cannot_be_read():
    chat = Chat()
    stream = chat.add()
    chat.is_damaged = True
    chat.append("unreadable")
    chat.run()

    assert chat.closed == {stream: "A part of the history cannot be read."}
