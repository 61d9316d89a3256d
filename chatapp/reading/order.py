"""In which order somebody wants to see the rooms, the same on all their devices."""

from chatapp.errors import BadPayload
from chatapp.model import Person
from chatapp.pending import Pending
from chatapp.reading.reader import reader_key
from chatapp.table import Directory

TABLE = "order"


class RoomOrder:
    def __init__(self, store: Directory) -> None:
        self._store = store
        self._orders: dict[str, list[str]] = dict(store.items(TABLE, type=list[str]))

    def place(self, person: Person, room: str) -> int | None:
        """Where they want the room, counted from 0; None where they did not say."""
        order = self._orders.get(reader_key(person), [])
        return order.index(room) if room in order else None

    def arrange(self, person: Person, rooms: list[str]) -> Pending[list[str]]:
        """These rooms in this order; others come after them."""
        if len(set(rooms)) < len(rooms):
            raise BadPayload("A room can stand in one place only.")
        key = reader_key(person)
        self._orders[key] = rooms
        return self._store.put(TABLE, key, rooms).then(lambda _: rooms)
