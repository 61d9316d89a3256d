"""What presence promises: of one process, and of several that tell each other."""

import heapq
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from functools import partial
from itertools import count
from pathlib import Path
from queue import Empty, SimpleQueue
from time import monotonic
from typing import Any

import pytest

from chatapp.cluster.postgres_stream import PostgresStream
from chatapp.domain.errors import NameTaken
from chatapp.domain.future import Future
from chatapp.domain.model import Person
from chatapp.features.presence.guest_names import GuestNames
from chatapp.features.presence.manager import PresenceManager
from chatapp.features.presence.remote_presence import RemotePresence
from chatapp.features.presence.several_processes import SeveralProcesses, SingleProcess
from chatapp.ports import Presence
from chatapp.tables.directory import Directory
from chatapp.tables.shared_directory import SharedDirectory
from tests.support.brokers import Brokers

NAMES = ("here", "there")


class Loop:
    """Takes steps, at once and later, in `turn`."""

    def __init__(self) -> None:
        self.steps: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self._later: list[tuple[float, int, Callable[[], None]]] = []
        self._numbers = count()

    def later(self, seconds: float, step: Callable[[], None]) -> None:
        heapq.heappush(self._later, (monotonic() + seconds, next(self._numbers), step))

    def turn(self) -> None:
        while self._later and self._later[0][0] <= monotonic():
            heapq.heappop(self._later)[2]()
        while True:
            try:
                self.steps.get_nowait()()
            except Empty:
                return


class Process:
    def __init__(self) -> None:
        self.loop = Loop()
        self.people = PresenceManager(later=self.loop.later, tell=lambda _change: None)
        self.presence: Presence = SingleProcess()

    def join(self, broker: Any, name: str, directory: Directory) -> None:
        """Become one of several."""
        remote = RemotePresence(
            self.people, broker, name, later=self.loop.later, departed=lambda _person: None
        )
        names = GuestNames(
            directory,
            name,
            lambda: NAMES,
            person=self.people.person_here,
            lost=lambda _person: None,
            later=self.loop.later,
        )
        self.presence = SeveralProcesses(remote, names, lambda: Future.of(None))

    def connect(self, person: Person, *rooms: str) -> Future["Device"]:
        """As the handler of connections does it."""
        claimed = self.presence.claim(person) or Future.of(None)
        return claimed.then(lambda _: self._arrive(Device(person, rooms)))

    def _arrive(self, device: "Device") -> "Device":
        self.presence.arriving(device.person)
        self.people.arrive(device, device.person)
        for room in device.rooms:
            self.people.enter(device.person, room)
        self.presence.changed(device.person)
        return device

    def disconnect(self, device: "Device") -> None:
        for room in device.rooms:
            self.people.leave(device.person, room)
        self.people.depart(device, device.person)
        self.presence.changed(device.person)
        self.presence.departed(device.person)


@dataclass(frozen=True, eq=False)
class Device:
    person: Person
    rooms: tuple[str, ...]


class Chat:
    def __init__(self, processes: list[Process], brokers: Brokers) -> None:
        self.processes = processes
        self.here, self.there = processes[0], processes[-1]
        self._brokers = brokers

    def until(self, condition: Callable[[], object], what: str) -> None:
        def turned() -> object:
            for process in self.processes:
                process.loop.turn()
            return condition()

        self._brokers.until(turned, what=what)

    def settle(self, future):
        self.until(lambda: future.done, what="an answer")
        return future.result()


@pytest.fixture
def chat(brokers: Brokers, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Chat]:
    if brokers.each[0] is brokers.each[1]:
        yield Chat([Process()], brokers)
        return
    url, processes = request.getfixturevalue("database"), [Process(), Process()]
    with ExitStack() as stack:
        for process, name, broker in zip(processes, NAMES, brokers.each, strict=True):
            share = partial(PostgresStream, url, "directory")
            directory = SharedDirectory.open_shared(
                tmp_path / name, share, deliver=process.loop.steps.put
            )
            process.join(broker, name, stack.enter_context(closing(directory)))
        yield Chat(processes, brokers)


ANA = Person(name="ana", id="guest:1", role="guest")
OTHER_ANA = Person(name="Ana", id="guest:2", role="guest")
BO = Person(name="bo", id="the id of bo", role="member")


def test_people_and_their_rooms_are_known_at_each_process_until_they_go(chat):
    phone = chat.settle(chat.here.connect(ANA, "tea"))
    chat.settle(chat.there.connect(BO, "tea"))
    for process in chat.processes:
        chat.until(lambda p=process: p.people.count("tea") == 2, what="both in the room")
        assert {process.people.state_of(name) for name in ("ana", "bo")} == {"online"}

    chat.here.disconnect(phone)

    for process in chat.processes:
        chat.until(lambda p=process: p.people.count("tea") == 1, what="ana to leave")


def test_a_guests_name_is_one_persons_at_all_processes(chat):
    phone = chat.settle(chat.here.connect(ANA))
    laptop = chat.settle(chat.there.connect(ANA))

    def connect_other() -> None:
        chat.settle(chat.there.connect(OTHER_ANA))

    with pytest.raises(NameTaken):
        connect_other()
    chat.here.disconnect(phone)
    with pytest.raises(NameTaken):
        connect_other()
    chat.there.disconnect(laptop)

    def is_free() -> bool:
        try:
            connect_other()
        except NameTaken:
            return False
        return True

    chat.until(is_free, what="the name to be free")
