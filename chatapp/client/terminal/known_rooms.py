"""The rooms and their labels in the terminal: conversations without a name are labelled by their
members."""

from collections.abc import Callable, Iterable, Iterator

from msgspec import UNSET

from chatapp.client.terminal.people_names import PeopleNames
from chatapp.domain.groups import in_short
from chatapp.protocol.values import RoomInfo


class KnownRooms:
    """The visible rooms, by name. `me()` is the person's own name, once it is known."""

    def __init__(self, people: PeopleNames, me: Callable[[], str], *names: str) -> None:
        self._people = people
        self._me = me
        self._others: dict[str, list[str]] = {}
        """The other people of conversations."""
        self._titles: dict[str, str] = {}
        """Of groups that have a name."""
        self._groups: set[str] = set()
        self._names = set(names)

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._names))

    def __contains__(self, name: str) -> bool:
        return name in self._names

    def learn(self, rooms: Iterable[RoomInfo]) -> None:
        """Add rooms, and look up the names of the people in direct ones."""
        rooms = list(rooms)
        for room in rooms:
            self.hear(room)
        self._people.learn(name for room in rooms for name in self._others.get(room.name, ()))

    def hear(self, room: RoomInfo) -> None:
        self._names.add(room.name)
        if room.kind == "direct":
            self._others[room.name] = [name for name in room.invited if name != self._me()]
            self._titles.pop(room.name, None)
            if room.group is not UNSET:
                self._groups.add(room.name)
                self._titles |= {room.name: room.title} if room.group.named else {}

    def forget(self, name: str) -> None:
        self._names.discard(name)

    def shown(self, name: str) -> str:
        if title := self._titles.get(name):
            return title
        others = self._others.get(name)
        return in_short([self._people.shown(other) for other in others]) if others else name

    def title(self, room: RoomInfo) -> str:
        """A room's label with the name to type: `Tea time (tea)`, `Zoë Z. (@zoe)`."""
        others = self._others.get(room.name)
        if others and room.name not in self._titles:
            return ", ".join(map(self._people.with_name, others))
        return f"{room.title} ({room.name})"

    def join_command(self, name: str) -> str:
        others = self._others.get(name, [])
        is_of_two = len(others) == 1 and name not in self._groups
        return f"/dm {others[0]}" if is_of_two else f"/join {name}"
