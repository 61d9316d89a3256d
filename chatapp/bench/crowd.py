"""A crowd of simulated people: they write, type, read history, join and leave."""

import itertools
import random
import select
import time
from collections.abc import Callable
from typing import NamedTuple

from chatapp.bench.person import SimulatedPerson

WORDS = ("about", "branch", "coffee", "lunch", "meeting", "review", "the", "today", "with", "you")
TYPING_PER_MESSAGE = 3
LOOKS_BACK_PER_MESSAGE = 0.1
COMINGS_AND_GOINGS_PER_SECOND = 2.0


class Heard(NamedTuple):
    """The result of `seconds` of load: the sorted delays of all deliveries, in seconds."""

    delays: list[float]
    said: int
    seconds: float
    busy: float
    """This process's share of a core; below 1, the crowd was not the bottleneck."""

    def percentile(self, share: float) -> float:
        if not self.delays:
            return float("inf")
        return self.delays[min(len(self.delays) - 1, int(len(self.delays) * share))]


class Crowd:
    """`people` spread evenly over `rooms` rooms, on one event loop in one process."""

    def __init__(self, address: tuple[str, int], rooms: list[str], seed: int = 1) -> None:
        self._address = address
        self._rooms = itertools.cycle(rooms)
        self._random = random.Random(seed)  # noqa: S311 - a crowd, not a secret
        self._names = itertools.count(1)
        self._poll = select.epoll()
        self._people: dict[int, SimulatedPerson] = {}
        self._delays: list[float] = []

    def grow(self, people: int, progress: Callable[[int], None] = lambda count: None) -> None:
        """Connect people one after another until `people` are connected."""
        while len(self._people) < people:
            self._arrive()
            self._listen(0)
            progress(len(self._people))

    def chat(self, per_second: float, seconds: float) -> Heard:
        """Generate load: `per_second` messages a second in total, and other events."""
        self._delays.clear()
        start, own = time.perf_counter(), time.process_time()
        said, typed, looked, came = 0, 0.0, 0.0, 0.0
        while (now := time.perf_counter() - start) < seconds:
            while said < now * per_second:
                self._anybody().say(" ".join(self._random.choices(WORDS, k=12)))
                said += 1
            while typed < now * per_second * TYPING_PER_MESSAGE:
                self._anybody().type()
                typed += 1
            while looked < now * per_second * LOOKS_BACK_PER_MESSAGE:
                self._anybody().look_back()
                looked += 1
            while came < now * COMINGS_AND_GOINGS_PER_SECOND:
                self._depart(self._anybody())
                self._arrive()
                came += 1
            self._listen(0.005)
        took = time.perf_counter() - start
        busy = (time.process_time() - own) / took
        return Heard(sorted(self._delays), said, took, busy)

    def close(self) -> None:
        for person in list(self._people.values()):
            self._depart(person)
        self._poll.close()

    def _anybody(self) -> SimulatedPerson:
        return self._random.choice(list(self._people.values()))

    def _arrive(self) -> None:
        person = SimulatedPerson(self._address, f"person {next(self._names)}", next(self._rooms))
        self._people[person.fileno()] = person
        self._poll.register(person.fileno(), select.EPOLLIN)

    def _depart(self, person: SimulatedPerson) -> None:
        self._poll.unregister(person.fileno())
        del self._people[person.fileno()]
        person.leave()

    def _listen(self, seconds: float) -> None:
        for fd, _ in self._poll.poll(seconds, 1024):
            self._delays += self._people[fd].listen()
