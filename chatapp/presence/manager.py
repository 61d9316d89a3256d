"""Who is here.

A person is here while one of their connections is, and in a room while one of their
connections is in it: the second tab neither joins nor leaves. Comings and goings are
gathered and told at most once a second and room, so that 3,000 arrivals are not 9,000,000
packets.
"""

from collections import Counter
from collections.abc import Callable, Hashable
from typing import Any

import msgspec

from chatapp.errors import NameTaken
from chatapp.limits import name_key
from chatapp.model import Person

GATHER_SECONDS = 1.0


class Presence(msgspec.Struct, frozen=True, kw_only=True):
    """What the members of a room are told: who came, who left, how many there are now."""

    room: str
    joined: list[str]
    left: list[str]
    count: int


class PresenceManager:
    """Counts connections by person and room.

    `later(seconds, step)` runs a step after a while; `tell(presence)` brings the news to a
    room. A connection is anything hashable.
    """

    def __init__(
        self,
        *,
        later: Callable[[float, Callable[[], None]], Any],
        tell: Callable[[Presence], None],
    ) -> None:
        self._later = later
        self._tell = tell
        self._here: dict[str, tuple[Person, set[Hashable]]] = {}
        self._rooms: dict[str, Counter[str]] = {}
        self._news: dict[str, dict[str, int]] = {}

    def arrive(self, connection: Hashable, person: Person) -> None:
        """A connection is a person's; raises `NameTaken` while somebody else has the name."""
        here, connections = self._here.setdefault(name_key(person.name), (person, set()))
        if (here.key, here.name) != (person.key, person.name):
            raise NameTaken(f"Somebody called {here.name!r} is here already; choose another name.")
        connections.add(connection)

    def depart(self, connection: Hashable, person: Person) -> None:
        """The connection is gone. It has left its rooms before."""
        key = name_key(person.name)
        _, connections = self._here[key]
        connections.discard(connection)
        if not connections:
            del self._here[key]

    def is_free(self, name: str, key: str) -> bool:
        """Whether a person with this key could come as `name` now."""
        here = self._here.get(name_key(name))
        return here is None or (here[0].key, here[0].name) == (key, name)

    def enter(self, person: Person, room: str) -> None:
        """One of the person's connections is in a room that it was not in."""
        names = self._rooms.setdefault(room, Counter())
        names[person.name] += 1
        if names[person.name] == 1:
            self._note(room, person.name, +1)

    def leave(self, person: Person, room: str) -> None:
        """One of the person's connections is no longer in a room that it was in."""
        names = self._rooms[room]
        names[person.name] -= 1
        if names[person.name] == 0:
            del names[person.name]
            self._note(room, person.name, -1)
        if not names:
            del self._rooms[room]

    def members(self, room: str) -> list[str]:
        """The names of who is in a room, by alphabet."""
        return sorted(self._rooms.get(room, ()), key=str.casefold)

    def count(self, room: str) -> int:
        return len(self._rooms.get(room, ()))

    @property
    def rooms(self) -> list[str]:
        """The rooms that somebody is in."""
        return list(self._rooms)

    @property
    def people(self) -> int:
        """How many different people are here."""
        return len(self._here)

    def _note(self, room: str, name: str, change: int) -> None:
        if room not in self._news:
            self._news[room] = {}
            self._later(GATHER_SECONDS, lambda: self._spread(room))
        news = self._news[room]
        news[name] = news.get(name, 0) + change

    def _spread(self, room: str) -> None:
        """Tell a room its news: who came and left again in between is none."""
        news = self._news.pop(room)
        joined = [name for name, change in news.items() if change > 0]
        left = [name for name, change in news.items() if change < 0]
        if joined or left:
            self._tell(Presence(room=room, joined=joined, left=left, count=self.count(room)))
