"""Mentions of people who are not in the room.

In a public room they are notified, and the room becomes unread for them from that message on. In a
room that is not public they must not be told; instead, the sender learns that they were not
reached.

The cost grows with the number of names in a text, not with the number of people.
"""

from collections.abc import Callable, Iterable, Set
from itertools import islice
from typing import Any

from chatapp.domain.limits import name_key
from chatapp.domain.model import GENERAL, Event, Message, Person, Room
from chatapp.features.reading.manager import ReadingManager

MAX_PEOPLE = 20
"""Maximum of people outside the room that one message can notify."""
MAX_CONNECTIONS = 100
"""Maximum of their connections."""


class Outsiders:
    """`room(name)` is any room; `mentioned_keys(text)`: the name keys mentioned in a text;
    `find(key)`: the person with this name, with an account or online as a guest; `is_in(id, room)`:
    whether a person is a member; `may_see(person, room)`: whether they can see it;
    `connections(person)`: their connections, which have `rooms`."""

    def __init__(
        self,
        reading: ReadingManager,
        *,
        room: Callable[[str], Room],
        mentioned_keys: Callable[[str], Set[str]],
        find: Callable[[str], Person | None],
        is_in: Callable[[str, Room], bool],
        may_see: Callable[[Person, Room], bool],
        connections: Callable[[Person], Iterable[Any]],
    ) -> None:
        self._reading = reading
        self._room = room
        self._mentioned_keys = mentioned_keys
        self._find = find
        self._is_in = is_in
        self._may_see = may_see
        self._connections = connections

    def call(self, message: Event, is_new: bool) -> list[Any]:
        """The connections of the people whom a message in a public room mentions, and that did
        not receive the message itself. If it `is_new`, note the mentions."""
        room = self._room(message.room)
        if room.name == GENERAL or room.kind != "public":
            return []
        absent = [
            one
            for one in self._people(message)
            if not self._is_in(one.id, room) and self._may_see(one, room)
        ]
        for person in absent if is_new else ():
            self._reading.call(person, room.name, message.seq)
        connections = (each for person in absent for each in self._connections(person))
        unnotified = (each for each in connections if room.name not in each.rooms)
        return list(islice(unnotified, MAX_CONNECTIONS))

    def unreached(self, message: Event | Message) -> list[str]:
        """The names of mentioned accounts that cannot see the room."""
        if message.room == GENERAL or "@" not in (message.text or ""):
            return []
        room = self._room(message.room)
        if room.kind == "public":
            return []
        return [person.name for person in self._people(message) if not self._may_see(person, room)]

    def _people(self, message: Event | Message) -> list[Person]:
        keys = sorted(self._mentioned_keys(message.text or "") - {name_key(message.sender)})
        return list(islice(filter(None, map(self._find, keys)), MAX_PEOPLE))
