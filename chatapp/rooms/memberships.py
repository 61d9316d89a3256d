"""Which public rooms somebody with an account has joined, so that all their devices are in them.

A guest's rooms last as long as the connection: a guest's name is anybody's tomorrow.
"""

from chatapp.limits import name_key
from chatapp.model import GENERAL, Person, Room
from chatapp.table import Directory

TABLE = "joined"


class Memberships:
    def __init__(self, store: Directory) -> None:
        self._store = store
        self._joined: dict[str, set[str]] = {
            key: set(rooms) for key, rooms in store.items(TABLE, type=list[str])
        }

    def homes(self, person: Person, visible: list[Room]) -> list[str]:
        """The rooms, of those that a person may see, that a new connection is in."""
        joined = set() if person.is_guest else self._joined.get(name_key(person.name), set())
        return [
            room.name
            for room in visible
            if room.name == GENERAL or room.kind != "public" or room.name in joined
        ]

    def has_joined(self, key: str, room: str) -> bool:
        """Whether the account of this name key has joined a public room."""
        return room in self._joined.get(key, ())

    def join(self, person: Person, room: str) -> None:
        self._change(person, {room}, set())

    def leave(self, person: Person, room: str) -> None:
        self._change(person, set(), {room})

    def _change(self, person: Person, more: set[str], fewer: set[str]) -> None:
        if person.is_guest:
            return
        key = name_key(person.name)
        before = self._joined.get(key, set())
        after = (before | more) - fewer
        if after != before:
            self._joined[key] = after
            self._store.put(TABLE, key, sorted(after))
