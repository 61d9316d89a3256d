"""The rooms and their labels in the terminal: direct rooms are labelled by their members."""

from collections.abc import Callable, Iterable, Iterator

from chatapp.client.terminal.people_names import PeopleNames
from chatapp.protocol.values import RoomInfo


class KnownRooms:
    """The visible rooms, by name. `me()` is the person's own name, once it is known."""

    def __init__(self, people: PeopleNames, me: Callable[[], str], *names: str) -> None:
        self._people = people
        self._me = me
        self._others: dict[str, list[str]] = {}
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

    def forget(self, name: str) -> None:
        self._names.discard(name)

    def shown(self, name: str) -> str:
        others = self._others.get(name)
        return ", ".join(map(self._people.shown, others)) if others else name

    def title(self, room: RoomInfo) -> str:
        """A room's label with the name to type: `Tea time (tea)`, `Zoë Z. (@zoe)`."""
        others = self._others.get(room.name)
        if others:
            return ", ".join(map(self._people.with_name, others))
        return f"{room.title} ({room.name})"

    def join_command(self, name: str) -> str:
        others = self._others.get(name, [])
        return f"/dm {others[0]}" if len(others) == 1 else f"/join {name}"
