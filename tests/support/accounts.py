"""Accounts for tests that need no server: a directory in memory, a clock that is set by hand."""

import itertools
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from chatapp.accounts.attempts import LoginAttempts
from chatapp.accounts.manager import AccountManager
from chatapp.accounts.passwords import Passwords
from chatapp.accounts.registry import Expel
from chatapp.accounts.sessions import Visitor
from chatapp.config import Access
from chatapp.notes import Note, not_noted
from chatapp.pending import Pending
from chatapp.rates import Pace

HERE = Visitor(address="192.0.2.1", device="A browser")
PASSWORD = "correct horse battery"
QUICK_KIB = 64
"""Hashes of tests need not be slow."""


class MemoryDirectory:
    """The verbs of `storage.Directory`. `slow` keeps what is written pending until `settle()`."""

    def __init__(self) -> None:
        self.slow = False
        self._tables: dict[tuple[str, str], Any] = {}
        self._waiting: list[Callable[[], None]] = []

    def get(self, table: str, key: str, type: type[Any]) -> Any:
        return self._tables.get((table, key))

    def items(self, table: str, type: type[Any]) -> Iterable[tuple[str, Any]]:
        return [(key, value) for (of, key), value in self._tables.items() if of == table]

    def put(self, table: str, key: str, value: Any) -> Pending[None]:
        return self._do(lambda: self._tables.__setitem__((table, key), value))

    def delete(self, table: str, key: str) -> Pending[None]:
        return self._do(lambda: self._tables.pop((table, key), None))

    def settle(self) -> None:
        waiting, self._waiting = self._waiting, []
        for write in waiting:
            write()

    def _do(self, write: Callable[[], object]) -> Pending[None]:
        written: Pending[None] = Pending()

        def settle() -> None:
            write()
            written.resolve(None)

        self._waiting.append(settle)
        if not self.slow:
            self.settle()
        return written


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, time: timedelta) -> None:
        self.now += time


def at_once(function: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
    """Runs what belongs into a thread right here."""
    return function(*arguments)


class Notes(list[tuple[str, str]]):
    """Who did what, in place of an audit log."""

    def __call__(self, actor: str, action: str, **details: str | int | None) -> Pending[Any]:
        self.append((actor, action))
        return Pending.of(None)


def make_accounts(
    directory: Any = None,
    *,
    access: Access = "open",
    clock: Callable[[], datetime] | None = None,
    expel: Expel = lambda _key: None,
    note: Note = not_noted,
    sign_ups: Pace | None = None,
) -> AccountManager:
    secrets = (f"secret-{number:032}" for number in itertools.count(1))
    return AccountManager(
        directory or MemoryDirectory(),
        Passwords(run=at_once, memory_kib=QUICK_KIB),
        LoginAttempts(),
        access=access,
        clock=clock or Clock(),
        secret=lambda: next(secrets),
        expel=expel,
        note=note,
        sign_ups=sign_ups,
    )
