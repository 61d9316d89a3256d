"""Accounts for tests that need no server: a directory in memory, a clock that is set by hand."""

import itertools
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from chatapp.config import Access
from chatapp.domain.errors import ReadOnly
from chatapp.domain.future import Future
from chatapp.domain.notes import Note, no_audit
from chatapp.domain.rates import RateLimiter
from chatapp.features.accounts.account_store import Expel, TakeName
from chatapp.features.accounts.manager import AccountManager
from chatapp.features.accounts.sign_in.attempts import LoginAttempts
from chatapp.features.accounts.sign_in.passwords import Passwords
from chatapp.features.accounts.sign_in.sessions import Visitor
from chatapp.tables.table import Change, Conflict, Key, Row, TableStore

HERE = Visitor(address="192.0.2.1", device="A browser")
PASSWORD = "correct horse battery"
QUICK_KIB = 64
"""Hashes of tests need not be slow."""


class MemoryDirectory(TableStore):
    """Tables without a disk. `slow` keeps what is written pending until `settle()` or `refuse()`;
    `commits` is how often something was written.
    """

    def __init__(self) -> None:
        super().__init__()
        self.slow = False
        self.commits = 0
        self._waiting: list[Future[None]] = []

    def settle(self) -> None:
        """The disk has what was written."""
        waiting, self._waiting = self._waiting, []
        for written in waiting:
            written.resolve(None)

    def settle_one(self) -> None:
        """The disk has the first of what was written."""
        self._waiting.pop(0).resolve(None)

    def refuse(self) -> None:
        """The disk is full."""
        waiting, self._waiting = self._waiting, []
        for written in waiting:
            written.fail(ReadOnly("The disk is full."))

    def conflict(self) -> None:
        """Another process has changed what the writes were decided on."""
        waiting, self._waiting = self._waiting, []
        for written in waiting:
            written.fail(Conflict())

    def follow(self, table: str, key: str, value: Any) -> None:
        """Another process has written this row."""
        self._follow([(table, key, msgspec.Raw(msgspec.json.encode(value)))])

    def _stored(self, name: str) -> Iterable[tuple[str, msgspec.Raw]]:
        return ()

    def _write_rows(self, rows: Sequence[Row], _bases: Sequence[Key]) -> Future[None]:
        self.commits += 1
        written: Future[None] = Future()
        self._waiting.append(written)
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

    def __call__(self, actor: str, action: str, **details: str | int | None) -> Future[Any]:
        self.append((actor, action))
        return Future.of(None)


def make_accounts(
    directory: Any = None,
    *,
    access: Access = "open",
    clock: Callable[[], datetime] | None = None,
    expel: Expel = lambda _key: None,
    note: Note = no_audit,
    sign_ups: RateLimiter | None = None,
    is_banned: Callable[[str], bool] = lambda _id: False,
    ban_unchanged: Callable[[str], Change] | None = None,
    take_name: TakeName = lambda _is_taken: None,
) -> AccountManager:
    secrets = (f"secret-{number:032}" for number in itertools.count(1))
    return AccountManager(
        directory or MemoryDirectory(),
        Passwords(run=at_once, memory_kib=QUICK_KIB),
        LoginAttempts(),
        access=lambda: access,
        clock=clock or Clock(),
        secret=lambda: next(secrets),
        expel=expel,
        note=note,
        sign_ups=sign_ups,
        is_banned=is_banned,
        ban_unchanged=ban_unchanged,
        take_name=take_name,
    )
