"""Decisions about people with an optional end, in one table, and those in force."""

from collections.abc import Callable, Iterable

import msgspec

from chatapp.domain.addresses import network_of
from chatapp.domain.future import Future
from chatapp.domain.limits import name_key
from chatapp.domain.model import Person
from chatapp.tables.table import Change, TableStore


class Decision(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A decision about somebody, with its actor and reason. Times are Unix seconds."""

    whom: str
    by: str
    reason: str
    since: float
    until: float | None = None

    def time_left(self, now: float) -> str:
        """For a sentence: ` for another 5 min`, or empty if it is permanent."""
        if self.until is None:
            return ""
        return f" for another {max(1, round((self.until - now) / 60))} min"


class TimedDecisions:
    """Decisions by subject: see `of_person`, `of_guests` and `of_address`."""

    def __init__(self, store: TableStore, table: str, now: Callable[[], float]) -> None:
        self._table = store.table(table, Decision)
        self._now = now

    def __bool__(self) -> bool:
        """Whether there is any decision, in force or expired."""
        return len(self._table) > 0

    def in_force(self, key: str) -> Decision | None:
        decision = self._table.get(key)
        if decision is None or (decision.until is not None and decision.until <= self._now()):
            return None
        return decision

    def first_in_force(self, keys: Iterable[str]) -> Decision | None:
        return next(filter(None, map(self.in_force, keys)), None)

    def all_in_force(self) -> dict[str, Decision]:
        return {key: decision for key, decision in self._table.items() if self.in_force(key)}

    def decide(self, key: str, decision: Decision, *basis: Change) -> Future[None]:
        """Applies at once. Fails unless the changes in `basis` succeed."""
        return self._table.write(self._table.change(key, decision), *basis)

    def unchanged(self, key: str) -> Change:
        """A change that fails if this decision has changed meanwhile."""
        return self._table.unchanged(key, self._table.get(key))

    def lift(self, key: str) -> Future[None]:
        return self._table.delete(key)

    def forget(self, key: str) -> None:
        """Remove the decision of a subject that no longer exists."""
        if key in self._table:
            self.lift(key)


def of_account(id: str) -> str:
    return f"name:{id}"


def of_guests(name: str) -> tuple[str, str]:
    """The keys of a guest by name, in any spelling: today's, and that of older versions.

    Older versions did not distinguish guests from accounts; today, a guest's name never matches an
    id.
    """
    key = name_key(name)
    return f"guest:{key}", f"name:{key}"


def of_person(person: Person) -> tuple[str, ...]:
    return of_guests(person.name) if person.is_guest else (of_account(person.id),)


def of_address(address: str) -> str:
    """An IPv6 address is banned with its whole network: one customer has more than can be
    banned."""
    return of_network(network_of(address))


def of_network(network: str) -> str:
    """As `addresses.network_of` names it."""
    return f"address:{network}"
