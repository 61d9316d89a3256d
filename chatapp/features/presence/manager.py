"""Tracks who is online.

A person is online while they have a connection, and in a room while one of their connections is in
it: a second tab neither joins nor leaves. Changes are collected and sent at most once a second for
each room, so that 3,000 arrivals do not cause 9,000,000 packets; in a large room less often, so
that its changes remove about 500 packets a second.

People of other processes are here as well (`remote_presence.py`): all connections of a person to
another process count as one, an `Elsewhere`.
"""

from bisect import bisect_left, bisect_right, insort
from collections import Counter
from collections.abc import Callable, Collection, Hashable, Iterable
from typing import Any, NamedTuple

from chatapp.domain.errors import NameTaken
from chatapp.domain.limits import name_key
from chatapp.domain.model import Person
from chatapp.protocol.pushes import PresenceChange
from chatapp.protocol.values import State

BATCH_SECONDS = 1.0
PACKETS_A_SECOND = 500
"""The number of people in a room who are announced about changes in one second."""
MEMBERS_AT_ONCE = 100
"""The number of members that `join` lists; it also has their count."""
STATES: tuple[State, ...] = ("busy", "online", "idle", "away")
"""The order in which the states of several devices count: the first one is the person's."""


class Elsewhere(NamedTuple):
    """The connections of a person to another process, as one."""

    process: str


class OnlinePerson:
    """A person who is online, with their connections and the state of each."""

    __slots__ = ("person", "rooms", "states")

    def __init__(self, person: Person) -> None:
        self.person = person
        self.states: dict[Hashable, State] = {}
        self.rooms: set[str] = set()

    @property
    def state(self) -> State:
        """`busy` if any device is, else the most active state."""
        return first_state(self.states.values())


class RoomPresence:
    """The people in a room with their numbers of connections; kept sorted for `join`."""

    __slots__ = ("_sorted", "connections", "states")

    def __init__(self) -> None:
        self.connections: Counter[str] = Counter()
        self.states: dict[str, State] = {}
        """The states of people who are not simply online."""
        self._sorted: list[tuple[str, str]] = []

    def add(self, name: str, state: State) -> bool:
        """Add a connection; returns whether it is the first."""
        self.connections[name] += 1
        if self.connections[name] > 1:
            return False
        insort(self._sorted, (name.casefold(), name))
        self.say(name, state)
        return True

    def remove(self, name: str) -> bool:
        """Remove a connection; returns whether it was the last."""
        self.connections[name] -= 1
        if self.connections[name]:
            return False
        del self.connections[name]
        del self._sorted[bisect_left(self._sorted, (name.casefold(), name))]
        self.states.pop(name, None)
        return True

    def say(self, name: str, state: State) -> None:
        if state == "online":
            self.states.pop(name, None)
        else:
            self.states[name] = state

    def names(self, after: str | None, limit: int) -> list[str]:
        """A page in alphabetical order, after a name, which need not be in the room."""
        begin = 0 if after is None else bisect_right(self._sorted, (after.casefold(), after))
        return [name for _, name in self._sorted[begin : begin + limit]]


class PresenceManager:
    """Counts connections by person and room.

    `later(seconds, step)` calls `step` later; `tell(presence)` broadcasts a change to its room. A
    connection is anything hashable.
    """

    def __init__(
        self,
        *,
        later: Callable[[float, Callable[[], None]], Any],
        tell: Callable[[PresenceChange], None],
    ) -> None:
        self._later = later
        self._tell = tell
        self._here: dict[str, OnlinePerson] = {}
        self._rooms: dict[str, RoomPresence] = {}
        self._changes: dict[str, dict[str, int]] = {}
        self._unseen: dict[str, set[str]] = {}
        """Names with collected changes since the last call of `members`."""
        self._seen: dict[str, set[str]] = {}
        self._changed_states: dict[str, set[str]] = {}

    def arrive(self, connection: Hashable, person: Person) -> None:
        """Add a person's connection; raises `NameTaken` while somebody else uses the name."""
        here = self._here.setdefault(name_key(person.name), OnlinePerson(person))
        if not _are_same(here.person, person):
            raise NameTaken(
                f"Someone called {here.person.name!r} is already online; choose another name."
            )
        self._change_state(here, connection, "online")

    def depart(self, connection: Hashable, person: Person) -> None:
        """Remove a connection, which has already left its rooms."""
        here = self._here[name_key(person.name)]
        if len(here.states) == 1:
            del self._here[name_key(person.name)]
        else:
            self._change_state(here, connection, None)

    def is_free(self, name: str, id: str) -> bool:
        """Whether a person with this id could use `name` now."""
        here = self._here.get(name_key(name))
        return here is None or _are_same(here.person, Person(name=name, id=id))

    def person(self, name: str) -> Person | None:
        """The person who is online with this name, in any spelling."""
        here = self._here.get(name_key(name))
        return here.person if here is not None else None

    def person_here(self, name: str) -> Person | None:
        """The person who is connected to this process with this name."""
        return self.person(name) if self.devices(name) else None

    def connections(self, person: Person) -> list[Any]:
        """A person's connections to this process."""
        return list(self.devices(person.name))

    def devices(self, name: str) -> dict[Any, State]:
        """The connections to this process of the person with this name, each with its state."""
        here = self._here.get(name_key(name))
        states = here.states.items() if here is not None else ()
        return {device: state for device, state in states if type(device) is not Elsewhere}

    def elsewhere(self, name: str) -> list[Elsewhere]:
        """The other processes at which the person with this name is."""
        here = self._here.get(name_key(name))
        return [one for one in here.states if type(one) is Elsewhere] if here is not None else []

    def state_of(self, name: str) -> State | None:
        """The state of the person with this name, in any spelling; None while they are offline."""
        here = self._here.get(name_key(name))
        return here.state if here is not None else None

    def say(self, connection: Hashable, person: Person, state: State) -> None:
        """Set the state of one of a person's connections."""
        self._change_state(self._here[name_key(person.name)], connection, state)

    def states(self, room: str, names: Iterable[str]) -> dict[str, State]:
        """The states of those among `names` in this room who are not simply online."""
        states = self._rooms[room].states if room in self._rooms else {}
        return {name: states[name] for name in names if name in states}

    def enter(self, person: Person, room: str) -> None:
        """Note that one more of the person's connections is in a room."""
        present = self._rooms.setdefault(room, RoomPresence())
        here = self._here.get(name_key(person.name))
        if present.add(person.name, here.state if here else "online"):
            if here:
                here.rooms.add(room)
            self._note(room, person.name, +1)

    def leave(self, person: Person, room: str) -> None:
        """Note that one of the person's connections has left a room."""
        present = self._rooms[room]
        if present.remove(person.name):
            if here := self._here.get(name_key(person.name)):
                here.rooms.discard(room)
            self._note(room, person.name, -1)
        if not present.connections:
            del self._rooms[room]

    def members(
        self, room: str, *, after: str | None = None, limit: int = MEMBERS_AT_ONCE
    ) -> list[str]:
        """A page of the names of people in a room, in alphabetical order, after a name.

        The caller sees collected changes before they are sent. So a change among them that is
        undone before the next broadcast must still be sent.
        """
        if unseen := self._unseen.pop(room, None):
            changes = self._changes[room]
            self._seen.setdefault(room, set()).update(name for name in unseen if changes[name])
        present = self._rooms.get(room)
        return present.names(after, limit) if present else []

    def count(self, room: str) -> int:
        present = self._rooms.get(room)
        return len(present.connections) if present else 0

    @property
    def rooms(self) -> list[str]:
        return list(self._rooms)

    @property
    def people(self) -> int:
        return len(self._here)

    def _change_state(self, here: OnlinePerson, connection: Hashable, state: State | None) -> None:
        """Set a connection's state; None removes the connection."""
        before = here.state
        if state is None:
            here.states.pop(connection, None)
        else:
            here.states[connection] = state
        if here.state != before:
            name = here.person.name
            for room in here.rooms:
                self._rooms[room].say(name, here.state)
                self._changes_of(room)
                self._changed_states.setdefault(room, set()).add(name)

    def _note(self, room: str, name: str, change: int) -> None:
        changes = self._changes_of(room)
        changes[name] = changes.get(name, 0) + change
        self._unseen.setdefault(room, set()).add(name)

    def _changes_of(self, room: str) -> dict[str, int]:
        """The collected changes of a room, with a broadcast scheduled."""
        if room not in self._changes:
            self._changes[room] = {}
            seconds = max(BATCH_SECONDS, self.count(room) / PACKETS_A_SECOND)
            self._later(seconds, lambda: self._broadcast_changes(room))
        return self._changes[room]

    def _broadcast_changes(self, room: str) -> None:
        """Broadcast a room's changes. People who joined and left in between are skipped unless
        seen."""
        changes = self._changes.pop(room)
        seen = self._seen.pop(room, ())
        self._unseen.pop(room, None)
        present = self._rooms.get(room)
        here = present.connections if present else {}
        announced = [name for name, change in changes.items() if change or name in seen]
        joined = [name for name in announced if name in here]
        left = [name for name in announced if name not in here]
        states = {
            name: self._here[name_key(name)].state
            for name in self._changed_states.pop(room, ())
            if name in here
        }
        if joined or left or states:
            self._tell(
                PresenceChange(
                    room=room, joined=joined, left=left, count=self.count(room), states=states
                )
            )


def first_state(states: Collection[State]) -> State:
    """The state of a person whose devices have these states."""
    if len(states) == 1:
        return next(iter(states))
    return next((state for state in STATES if state in states), "online")


def _are_same(one: Person, other: Person) -> bool:
    return (one.id, one.name) == (other.id, other.name)
