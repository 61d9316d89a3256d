"""The people of the other processes of a chat, in this process's presence.

Each process tells the others, once a second, how its people have changed: their rooms, their
states, that they came or went. Each of these changes has a version. Who has another version than a
process says it is at, has missed something and asks for a snapshot.

    Changes          what changed, from the version before to this one
    Snapshot         everyone; the answer to AskForSnapshot
    Alive            the version; every ten seconds, and the answer to Hello
    Hello            of a process that has just started, or has missed messages
    AskForSnapshot   of the process that it names
    Goodbye          of a process that is about to stop

A process that is silent for 30 seconds is dead. Its people stay for another 15, also those of one
that said goodbye: whoever has come to another process by then was never gone. While nothing comes
through at all, no time passes.

Thousands of people are merged into the presence in slices, so that nobody else waits for it.
"""

from collections import deque
from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from chatapp.domain.errors import NameTaken
from chatapp.domain.limits import name_key
from chatapp.domain.model import Person, Role
from chatapp.features.presence.manager import Elsewhere, PresenceManager, first_state
from chatapp.ports import Broker
from chatapp.protocol.values import State

TOPIC = "presence"
TICK_SECONDS = 1.0
ALIVE_TICKS = 10
SILENT_TICKS = 30
GRACE_TICKS = 15
SLICE_PEOPLE = 200
"""How many people are merged in one turn of the event loop."""


class Here(msgspec.Struct, frozen=True, array_like=True):
    """A person as one process has them."""

    id: str
    name: str
    role: Role
    state: State
    rooms: tuple[str, ...]

    @property
    def person(self) -> Person:
        return Person(id=self.id, name=self.name, role=self.role)


People = dict[str, Here]
"""By the key of their name."""


class Changes(msgspec.Struct, frozen=True, tag="changes"):
    process: str
    version: int
    people: dict[str, Here | None]


class Snapshot(msgspec.Struct, frozen=True, tag="snapshot"):
    process: str
    version: int
    people: People


class Alive(msgspec.Struct, frozen=True, tag="alive"):
    process: str
    version: int


class Hello(msgspec.Struct, frozen=True, tag="hello"):
    process: str
    version: int


class AskForSnapshot(msgspec.Struct, frozen=True, tag="ask"):
    process: str
    version: int
    whom: str


class Goodbye(msgspec.Struct, frozen=True, tag="goodbye"):
    process: str
    version: int


News = Changes | Snapshot | Alive | Hello | AskForSnapshot | Goodbye

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(News).decode


class RemoteProcess:
    """What is known of another process."""

    __slots__ = ("merged", "people", "silent_ticks", "version")

    def __init__(self, version: int) -> None:
        self.version = version
        self.people: People = {}
        self.merged: People = {}
        """Those of them that are in our presence."""
        self.silent_ticks = 0


class RemotePresence:
    """`process` names this process; `later(seconds, step)` calls `step` later.

    `departed(person)` is called when the last connection of a person anywhere has ended, and it
    was not to this process.
    """

    def __init__(
        self,
        presence: PresenceManager,
        broker: Broker,
        process: str,
        *,
        later: Callable[[float, Callable[[], None]], Any],
        departed: Callable[[Person], object],
    ) -> None:
        self._presence = presence
        self._broker = broker
        self._process = process
        self._later = later
        self._departed = departed
        self._others: dict[str, RemoteProcess] = {}
        self._published: People = {}
        """Our people, as the others have heard of them."""
        self._version = 0
        self._changed: set[str] = set()
        self._answers: set[type[Alive | Snapshot | Hello]] = {Hello}
        """What to tell at the next tick."""
        self._unmerged: deque[tuple[str, str]] = deque()
        """Processes and keys of names whose changes are not in our presence yet."""
        self._is_merging = False
        self._ticks = 0
        self._is_stopping = False
        broker.subscribe(TOPIC, self._hear)
        broker.on_gap(lambda: self._answers.add(Hello))
        later(TICK_SECONDS, self._tick)

    def note(self, person: Person) -> None:
        """Something has changed about a person's connections to this process."""
        self._changed.add(name_key(person.name))

    def make_way(self, person: Person) -> None:
        """A person has the right to their name: whoever else had it at another process is gone,
        and we have not heard of it yet."""
        other = self._presence.person(person.name)
        if other is None or (other.id, other.name) == (person.id, person.name):
            return
        if not self._presence.devices(person.name):
            for device in self._presence.elsewhere(person.name):
                self._unmerge(device.process, name_key(person.name))

    def stop(self) -> None:
        """Say goodbye, before our people's connections end one after the other."""
        if not self._is_stopping:
            self._publish_changes()
            self._is_stopping = True
            self._publish(Goodbye(self._process, self._version))

    # Once a second

    def _tick(self) -> None:
        if self._is_stopping:
            return
        self._later(TICK_SECONDS, self._tick)
        if not self._broker.is_up:
            return
        self._ticks += 1
        if self._ticks % ALIVE_TICKS == 0:
            self._answers.add(Alive)
        self._publish_changes()
        self._answer()
        self._merge_delayed()
        for process, other in list(self._others.items()):
            other.silent_ticks += 1
            if other.silent_ticks >= SILENT_TICKS + GRACE_TICKS:
                self._bury(process)

    def _publish_changes(self) -> None:
        """As changes, unless everyone is going to get a snapshot."""
        changed, self._changed = self._changed, set()
        changes: dict[str, Here | None] = {}
        for key in changed:
            here = self._here(key)
            if here != self._published.get(key):
                changes[key] = here
        if changes:
            self._version += 1
            _apply(self._published, changes)
            if Snapshot not in self._answers:
                self._publish(Changes(self._process, self._version, changes))

    def _answer(self) -> None:
        answers, self._answers = self._answers, set()
        if Snapshot in answers:
            self._publish(Snapshot(self._process, self._version, self._published))
        if Hello in answers:
            self._publish(Hello(self._process, self._version))
        elif Alive in answers and Snapshot not in answers:
            self._publish(Alive(self._process, self._version))

    def _here(self, key: str) -> Here | None:
        """A person as they are connected to this process."""
        devices = self._presence.devices(key)
        person = self._presence.person(key)
        if not devices or person is None:
            return None
        rooms = set[str]().union(*(connection.rooms for connection in devices))
        state = first_state(devices.values())
        return Here(person.id, person.name, person.role, state, tuple(sorted(rooms)))

    def _publish(self, news: News) -> None:
        self._broker.publish(TOPIC, _encode(news))

    # What others tell

    def _hear(self, payload: bytes) -> None:
        if self._is_stopping:
            return
        news = _decode(payload)
        other = self._others.get(news.process)
        if other is None:
            if isinstance(news, Goodbye):
                return
            other = self._others[news.process] = RemoteProcess(-1 if news.version else 0)
        other.silent_ticks = 0
        match news:
            case Changes() if news.version == other.version + 1:
                other.version = news.version
                _apply(other.people, news.people)
                self._merge(news.process, news.people)
            case Snapshot() if news.version >= other.version:
                gone = other.people.keys() - news.people.keys()
                other.version, other.people = news.version, news.people
                self._merge(news.process, [*news.people, *gone])
            case Goodbye():
                other.silent_ticks = SILENT_TICKS
                return
            case Hello():
                self._answers.add(Alive)
            case AskForSnapshot() if news.whom == self._process:
                self._answers.add(Snapshot)
        if news.version > other.version:
            self._publish(AskForSnapshot(self._process, self._version, news.process))

    def _merge(self, process: str, keys: Iterable[str]) -> None:
        self._unmerged.extend((process, key) for key in keys)
        if not self._is_merging:
            self._merge_slice()

    def _merge_slice(self) -> None:
        for _ in range(min(SLICE_PEOPLE, len(self._unmerged))):
            self._merge_one(*self._unmerged.popleft())
        self._is_merging = bool(self._unmerged)
        if self._is_merging:
            self._later(0, self._merge_slice)

    def _merge_one(self, process: str, key: str) -> None:
        other = self._others.get(process)
        if other is None:
            return
        before, now = other.merged.get(key), other.people.get(key)
        if before is not None and (now is None or now.person != before.person):
            self._unmerge(process, key)
            before = None
        if now is None or now == before:
            return
        if before is None and not self._arrive(process, now):
            return
        self._move(process, now, before.rooms if before is not None else ())
        other.merged[key] = now

    def _arrive(self, process: str, here: Here) -> bool:
        """Whether they can have their name; else it is tried again."""
        try:
            self._presence.arrive(Elsewhere(process), here.person)
        except NameTaken:
            return False
        return True

    def _move(self, process: str, here: Here, rooms: tuple[str, ...]) -> None:
        """Into the state and the rooms that they are in, out of the other `rooms`."""
        self._presence.say(Elsewhere(process), here.person, here.state)
        for room in here.rooms:
            if room not in rooms:
                self._presence.enter(here.person, room)
        for room in rooms:
            if room not in here.rooms:
                self._presence.leave(here.person, room)

    def _unmerge(self, process: str, key: str) -> None:
        here = self._others[process].merged.pop(key, None)
        if here is None:
            return
        for room in here.rooms:
            self._presence.leave(here.person, room)
        self._presence.depart(Elsewhere(process), here.person)
        if self._presence.state_of(here.name) is None:
            self._departed(here.person)

    def _merge_delayed(self) -> None:
        """Those whose names were in use."""
        if self._is_merging:
            return
        for process, other in self._others.items():
            if len(other.merged) != len(other.people):
                self._merge(process, [key for key in other.people if key not in other.merged])

    def _bury(self, process: str) -> None:
        """All of its people leave, but for those who are elsewhere meanwhile."""
        other = self._others[process]
        other.people, other.version = {}, -1  # if it comes back, everyone is new
        self._merge(process, list(other.merged))
        if not other.merged:
            del self._others[process]


def _apply(people: People, changes: dict[str, Here | None]) -> None:
    for key, here in changes.items():
        if here is None:
            people.pop(key, None)
        else:
            people[key] = here
