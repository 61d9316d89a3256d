"""What was decided about whom, until when: one table of the directory, and what is in force."""

from collections.abc import Callable

import msgspec

from chatapp.pending import Pending
from chatapp.table import Directory


class Decision(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What was decided about somebody, by whom and why. Times are seconds of the epoch."""

    whom: str
    by: str
    reason: str
    since: float
    until: float | None = None

    def time_left(self, now: float) -> str:
        """For a sentence: ` for another 5 min`, or nothing where it is for good."""
        if self.until is None:
            return ""
        return f" for another {max(1, round((self.until - now) / 60))} min"


class Ledger:
    def __init__(self, store: Directory, table: str, now: Callable[[], float]) -> None:
        self._store = store
        self._table = table
        self._now = now
        self._decisions: dict[str, Decision] = dict(store.items(table, type=Decision))

    def in_force(self, key: str) -> Decision | None:
        decision = self._decisions.get(key)
        if decision is None or (decision.until is not None and decision.until <= self._now()):
            return None
        return decision

    def all_in_force(self) -> dict[str, Decision]:
        return {key: known for key, known in self._decisions.items() if self.in_force(key)}

    def decide(self, key: str, decision: Decision) -> Pending[None]:
        kept = self._store.put(self._table, key, decision)
        return kept.then(lambda _: self._decisions.update({key: decision}))

    def lift(self, key: str) -> Pending[None]:
        lifted = self._store.delete(self._table, key)
        return lifted.then(lambda _: self._forget(key))

    def _forget(self, key: str) -> None:
        self._decisions.pop(key, None)
