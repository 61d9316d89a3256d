"""The rooms, and who may see them.

Rooms are found through the person who asks: one that is not yours cannot be found, and
its name tells nobody that it exists. Who is in a room just now is kept by `presence`.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, Protocol

from chatapp.clock import timestamp
from chatapp.errors import NoSuchRoom, NotAllowed, NotFound, RoomExists
from chatapp.limits import checked_name, checked_room_name, checked_title, name_key
from chatapp.model import GENERAL, Person, Room
from chatapp.pending import Pending
from chatapp.wire import Create

TABLE = "rooms"


class RoomStore(Protocol):
    """What the manager needs of the directory."""

    def items(self, table: str, type: Any) -> Iterator[tuple[str, Any]]: ...
    def put(self, table: str, key: str, value: Any) -> Pending[None]: ...


class RoomManager:
    """Finds and makes rooms. `is_account` says whether a name is a registered one."""

    def __init__(
        self,
        store: RoomStore,
        *,
        clock: Callable[[], datetime],
        is_account: Callable[[str], bool],
    ) -> None:
        self._store = store
        self._clock = clock
        self._is_account = is_account
        self._rooms = {GENERAL: Room(name=GENERAL, title="General")}
        self._rooms |= dict(store.items(TABLE, type=Room))
        self._being_made: set[str] = set()

    def visible_to(self, person: Person) -> list[Room]:
        """The rooms that a person may enter, `general` first, then by title."""
        visible = [room for room in self._rooms.values() if self.may_see(person, room)]
        return sorted(visible, key=lambda room: (room.name != GENERAL, room.title.casefold()))

    def find(self, person: Person, name: str) -> Room:
        """The room of this name, if this person may see it; raises `NoSuchRoom`."""
        room = self._rooms.get(name) or self._rooms.get(name.casefold())
        if room is None or not self.may_see(person, room):
            raise NoSuchRoom(f"There is no room called {name[:60]!r}.")
        return room

    def may_see(self, person: Person, room: Room) -> bool:
        if room.kind == "public":
            return True
        return person.role != "guest" and name_key(person.name) in room.members

    def create(self, person: Person, wanted: Create) -> Pending[Room]:
        """Make a room; it is there when the directory has it on disk."""
        name = checked_room_name(wanted.room)
        title = checked_title(wanted.title or wanted.room)
        members = self._invited(person, wanted)
        if name in self._rooms or name in self._being_made:
            raise RoomExists(f"There is a room called {name!r} already.")
        room = Room(
            name=name,
            title=title,
            kind=wanted.kind,
            created_by=person.name,
            created_at=timestamp(self._clock()),
            members=members,
        )
        self._being_made.add(name)
        kept = self._store.put(TABLE, name, room)
        kept.when_done(lambda _: self._being_made.discard(name))
        return kept.then(lambda _: self._opened(room))

    def _invited(self, person: Person, wanted: Create) -> tuple[str, ...]:
        """Who may see the new room, as name keys; nobody in particular if it is public."""
        if wanted.kind == "public":
            return ()
        if person.role == "guest":
            raise NotAllowed(
                "Private rooms are for people with an account; guests' names are free."
            )
        names = [checked_name(name) for name in wanted.members]
        for name in names:
            if not self._is_account(name):
                raise NotFound(f"Nobody with an account is called {name!r}.")
        return tuple(dict.fromkeys(name_key(name) for name in [person.name, *names]))

    def _opened(self, room: Room) -> Room:
        self._rooms[room.name] = room
        return room
