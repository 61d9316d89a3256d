"""The names of guests, each used by one person at all processes of a chat.

A guest's name is a row of the table `guests` while they are connected: who they are, and to which
processes. It is claimed before their connection is accepted, by a write that fails if another
process has claimed the name meanwhile. A process releases a name with the last connection of its
guest; the names of a process that has died are released by another one, or are taken over.
"""

import time
from collections import Counter
from collections.abc import Callable, Collection
from typing import Any

import msgspec

from chatapp.domain.errors import ChatError, NameTaken, ReadOnly, Unavailable
from chatapp.domain.future import Future
from chatapp.domain.limits import name_key
from chatapp.domain.model import Person
from chatapp.tables.rerun import rerun
from chatapp.tables.table import Conflict, TableStore

TABLE = "guests"
SWEEP_SECONDS = 10.0
"""How often the names of dead processes are released, and releases that failed are repeated."""
NEW_SECONDS = 10.0
"""By then, all others know of a process that has started."""
MAX_TRIES = 10
RETRY_SECONDS = 5
"""After this time, a client tries again whose name could not be claimed."""


class GuestName(msgspec.Struct, frozen=True):
    name: str
    id: str
    processes: tuple[str, ...]

    def is_of(self, person: Person) -> bool:
        return (self.id, self.name) == (person.id, person.name)


class GuestNames:
    """`process` names this one, `others()` the others that run, None while that is not known.

    `person(name)` is who is connected to this process with a name, or None; `lost(person)` closes
    their connections, because another process has given their name away. `begins(id)` is called
    before a guest connects who was connected to no process.
    """

    def __init__(
        self,
        store: TableStore,
        process: str,
        others: Callable[[], Collection[str] | None],
        *,
        person: Callable[[str], Person | None],
        lost: Callable[[Person], object],
        begins: Callable[[str], object] = lambda _id: None,
        later: Callable[[float, Callable[[], None]], Any],
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._table = store.table(TABLE, GuestName)
        self._process = process
        self._others = others
        self._person = person
        self._lost = lost
        self._begins = begins
        self._names: Counter[str] = Counter()
        """How many names each guest has, by their id."""
        self._beginning: set[str] = set()
        """The keys of pending claims of guests who are connected nowhere."""
        self._later = later
        self._pending: dict[str, tuple[Person, Future[None]]] = {}
        """The claims that are on their way, by the key of the name."""
        self._now = now
        self._first_seen: dict[str, float] = {}
        """When a process was first in a row of this table: it may not be known to run yet."""
        for _, row in self._table.items():
            self._names[row.id] += 1
            self._note_processes(row)
        self._table.on_change(self._has_changed)
        later(SWEEP_SECONDS, self._sweep)

    def claim(self, person: Person) -> Future[None] | None:
        """None if the name is theirs already; raises `NameTaken`, at once or by the future.

        If nobody is connected with the name after the future's callbacks have run, it is released.
        """
        key = name_key(person.name)
        if key in self._pending:
            other, claimed = self._pending[key]
            if not _are_same(other, person):
                raise _taken(other.name)
            return claimed
        if self.is_here(person):
            return None
        claimed = Future()
        written = rerun(lambda: self._add_process(key, person), MAX_TRIES)
        self._pending[key] = person, claimed
        written.add_done_callback(lambda _: self._claim_written(key, written))
        return claimed

    def is_here(self, person: Person) -> bool:
        """Whether they are connected to this process with their name, or have been just now."""
        row = self._table.get(name_key(person.name))
        return row is not None and row.is_of(person) and self._process in row.processes

    def release_unused(self, name: str) -> None:
        """Release a name, unless somebody is connected to this process with it, or about to be."""
        key = name_key(name)
        row = self._table.get(key)
        is_ours = row is not None and self._process in row.processes
        if is_ours and key not in self._pending and self._person(name) is None:
            released = self._remove_processes(key, {self._process})
            released.add_done_callback(lambda _: self._released(key, released))

    # Writing

    def _add_process(self, key: str, person: Person) -> Future[None]:
        """Raises `NameTaken`."""
        row = self._table.get(key)
        users = [one for one in row.processes if self._uses(one, key)] if row else []
        if row is not None and users and not row.is_of(person):
            raise _taken(row.name)
        own_names = 1 if row is not None and row.id == person.id else 0
        if users or self._names[person.id] > own_names:
            self._beginning.discard(key)
        else:
            self._beginning.add(key)
        processes = tuple(sorted({*users, self._process}))
        new = GuestName(person.name, person.id, processes)
        return self._table.put(key, new, expected=row)

    def _uses(self, process: str, key: str) -> bool:
        """Whether a process that is in the row of a name may still have its guest."""
        if process == self._process:
            return self._person(key) is not None
        return self._may_run(process)

    def _may_run(self, process: str) -> bool:
        others = self._others()
        is_new = self._now() - self._first_seen.get(process, -NEW_SECONDS) < NEW_SECONDS
        return others is None or process in others or process == self._process or is_new

    def _note_processes(self, row: GuestName) -> None:
        for process in row.processes:
            self._first_seen.setdefault(process, self._now())

    def _claim_written(self, key: str, written: Future[None]) -> None:
        person, claimed = self._pending.pop(key)
        is_beginning = key in self._beginning
        self._beginning.discard(key)
        try:
            written.result()
        except ChatError as error:
            claimed.fail(_for_a_client(error))
            return
        if is_beginning and self._person(person.name) is None:
            self._begins(person.id)
        claimed.resolve(None)
        self._later(0, lambda: self.release_unused(person.name))

    def _remove_processes(self, key: str, gone: Collection[str]) -> Future[None]:
        row = self._table.get(key)
        if row is None:
            return Future.of(None)
        rest = tuple(process for process in row.processes if process not in gone)
        if not rest:
            return self._table.delete(key, expected=row)
        return self._table.put(key, GuestName(row.name, row.id, rest), expected=row)

    def _released(self, key: str, released: Future[None]) -> None:
        """The name may have been claimed by the same guest at another process meanwhile."""
        try:
            released.result()
        except Conflict:
            self.release_unused(key)
        except ChatError:
            pass  # The database is away: the next sweep releases it.

    # Following

    def _has_changed(self, key: str, old: GuestName | None, new: GuestName | None) -> None:
        self._count_names(old, -1)
        self._count_names(new, +1)
        if new is not None:
            self._note_processes(new)
        if key in self._pending or (new is not None and self._process in new.processes):
            return
        if self._person(key) is not None:
            self._later(0, lambda: self._claim_back(key))

    def _count_names(self, row: GuestName | None, change: int) -> None:
        if row is not None:
            self._names[row.id] += change
            if not self._names[row.id]:
                del self._names[row.id]

    def _claim_back(self, key: str) -> None:
        """Others took this process for dead, and it is not."""
        person = self._person(key)
        if person is None or not person.is_guest:
            return
        try:
            claimed = self.claim(person)
        except NameTaken:
            self._lost(person)
            return
        if claimed is not None:
            claimed.add_done_callback(lambda _: self._claimed_back(person, claimed))

    def _claimed_back(self, person: Person, claimed: Future[None]) -> None:
        try:
            claimed.result()
        except NameTaken:
            self._lost(person)
        except ChatError:
            self._later(SWEEP_SECONDS, lambda: self._claim_back(name_key(person.name)))

    def _sweep(self) -> None:
        self._later(SWEEP_SECONDS, self._sweep)
        is_first = self._process == min((self._process, *(self._others() or ())))
        for key, row in self._table.items():
            if self._process in row.processes:
                self.release_unused(key)
            elif is_first and not all(map(self._may_run, row.processes)):
                gone = [process for process in row.processes if not self._may_run(process)]
                self._remove_processes(key, gone)


def _are_same(one: Person, other: Person) -> bool:
    return (one.id, one.name) == (other.id, other.name)


def _for_a_client(error: ChatError) -> ChatError:
    """That nothing can be written is a reason to try to connect again later."""
    if isinstance(error, ReadOnly):
        return Unavailable(error.message, retry_after=RETRY_SECONDS)
    return error


def _taken(name: str) -> NameTaken:
    return NameTaken(f"Someone called {name!r} is already online; choose another name.")
