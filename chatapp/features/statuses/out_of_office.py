"""Tells who writes to people that they are out of office: whom a message mentions, or who is in the
direct room in which it is.

The cost grows with the number of names in a text, or of people in a direct room, not with the
number of people.
"""

from collections.abc import Callable, Iterable, Iterator, Set
from itertools import islice

from chatapp.domain.limits import name_key
from chatapp.domain.model import Event, Message, Person, Room
from chatapp.protocol.values import PersonStatus, Profile

MAX_PEOPLE = 20
"""Of one answer."""


class OutOfOffice:
    """`room(name)` is any room; `may_see(person, room)`: whether they can see it;
    `mentioned_keys(text)`: the name keys mentioned in a text;
    `find(key)`: the person with this name; `status_of(id)`: their status now; `profiles(names)`:
    the profiles of accounts by name."""

    def __init__(
        self,
        *,
        room: Callable[[str], Room],
        may_see: Callable[[Person, Room], bool],
        mentioned_keys: Callable[[str], Set[str]],
        find: Callable[[str], Person | None],
        status_of: Callable[[str], PersonStatus | None],
        profiles: Callable[[Iterable[str]], dict[str, Profile]],
    ) -> None:
        self._room = room
        self._may_see = may_see
        self._mentioned_keys = mentioned_keys
        self._find = find
        self._status_of = status_of
        self._profiles = profiles

    def told(self, message: Event | Message) -> list[Profile]:
        """Those who were written to and are out of office, without the author."""
        names = dict.fromkeys(islice(self._addressed(message), MAX_PEOPLE))
        return list(self._profiles(names).values())

    def _addressed(self, message: Event | Message) -> Iterator[str]:
        room = self._room(message.room)
        if room.kind == "direct":
            for id, name in room.members.items():
                if id != message.by and self._is_out(id):
                    yield name
        for person in self._mentioned(message):
            if self._may_see(person, room) and self._is_out(person.id):
                yield person.name

    def _mentioned(self, message: Event | Message) -> Iterable[Person]:
        if "@" not in (message.text or ""):
            return ()
        keys = sorted(self._mentioned_keys(message.text or "") - {name_key(message.sender)})
        return filter(None, map(self._find, keys))

    def _is_out(self, id: str) -> bool:
        status = self._status_of(id)
        return status is not None and status.out_of_office
