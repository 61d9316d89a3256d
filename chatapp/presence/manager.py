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
from chatapp.wire import State

GATHER_SECONDS = 1.0
STATES: tuple[State, ...] = ("busy", "online", "idle", "away")
"""Which of several devices' states is the person's: the first of these."""


class Presence(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the members of a room are told: who came, who left, how many there are now.

    `states` are those that changed.
    """

    room: str
    joined: list[str]
    left: list[str]
    count: int
    states: dict[str, State] = {}


class Here:
    """A person who is here, with their connections and what each says that they are doing."""

    __slots__ = ("person", "states")

    def __init__(self, person: Person) -> None:
        self.person = person
        self.states: dict[Hashable, State] = {}

    @property
    def state(self) -> State:
        """`busy` if any device says so, else what the most awake one says."""
        states = set(self.states.values())
        return next((state for state in STATES if state in states), "online")


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
        self._here: dict[str, Here] = {}
        self._rooms: dict[str, Counter[str]] = {}
        self._news: dict[str, dict[str, int]] = {}
        self._half_told: dict[str, set[str]] = {}
        self._restless: dict[str, set[str]] = {}

    def arrive(self, connection: Hashable, person: Person) -> None:
        """A connection is a person's; raises `NameTaken` while somebody else has the name."""
        here = self._here.setdefault(name_key(person.name), Here(person))
        if not _are_same(here.person, person):
            raise NameTaken(
                f"Somebody called {here.person.name!r} is here already; choose another name."
            )
        self._change_state(here, connection, "online")

    def depart(self, connection: Hashable, person: Person) -> None:
        """The connection is gone. It has left its rooms before."""
        here = self._here[name_key(person.name)]
        if len(here.states) == 1:
            del self._here[name_key(person.name)]
        else:
            self._change_state(here, connection, None)

    def is_free(self, name: str, key: str) -> bool:
        """Whether a person with this key could come as `name` now."""
        here = self._here.get(name_key(name))
        return here is None or _are_same(here.person, Person(name=name, key=key))

    def connections(self, person: Person) -> list[Any]:
        """All connections of a person."""
        here = self._here.get(name_key(person.name))
        return list(here.states) if here is not None else []

    def state_of(self, name: str) -> State | None:
        """What somebody is doing, in any spelling of the name; None while they are not here."""
        here = self._here.get(name_key(name))
        return here.state if here is not None else None

    def say(self, connection: Hashable, person: Person, state: State) -> None:
        """What a person is doing at one of their connections."""
        self._change_state(self._here[name_key(person.name)], connection, state)

    def states(self, room: str) -> dict[str, State]:
        """Those in a room who are not simply online."""
        known = {name: self._here[name_key(name)].state for name in self._rooms.get(room, ())}
        return {name: state for name, state in known.items() if state != "online"}

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
        """The names of who is in a room, by alphabet.

        Who asks sees news that is not told yet: for those, a change that is undone before the
        others hear of it is no longer none.
        """
        if news := self._news.get(room):
            half_told = self._half_told.setdefault(room, set())
            half_told.update(name for name, change in news.items() if change)
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

    def _change_state(self, here: Here, connection: Hashable, state: State | None) -> None:
        """A connection says something else, or, with None, is gone."""
        before = here.state
        if state is None:
            here.states.pop(connection, None)
        else:
            here.states[connection] = state
        if here.state != before:
            name = here.person.name
            for room in [room for room, names in self._rooms.items() if name in names]:
                self._news_of(room)
                self._restless.setdefault(room, set()).add(name)

    def _note(self, room: str, name: str, change: int) -> None:
        news = self._news_of(room)
        news[name] = news.get(name, 0) + change

    def _news_of(self, room: str) -> dict[str, int]:
        """What is gathered about a room, to be told in a while."""
        if room not in self._news:
            self._news[room] = {}
            self._later(GATHER_SECONDS, lambda: self._spread(room))
        return self._news[room]

    def _spread(self, room: str) -> None:
        """Tell a room its news: who came and left again in between, unseen, is none."""
        news = self._news.pop(room)
        half_told = self._half_told.pop(room, ())
        here = self._rooms.get(room, ())
        told = [name for name, change in news.items() if change or name in half_told]
        joined = [name for name in told if name in here]
        left = [name for name in told if name not in here]
        states = {
            name: self._here[name_key(name)].state
            for name in self._restless.pop(room, ())
            if name in here
        }
        if joined or left or states:
            self._tell(
                Presence(room=room, joined=joined, left=left, count=self.count(room), states=states)
            )


def _are_same(one: Person, other: Person) -> bool:
    return (one.key, one.name) == (other.key, other.name)
