"""The sessions of signed-in browsers.

A session ends after a month without use, and after half a year in any case.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

import msgspec

from chatapp.domain.clock import timestamp
from chatapp.domain.future import Future
from chatapp.features.accounts.model import Account, Session, digest
from chatapp.tables.table import Change, TableStore

IDLE_LIFETIME = timedelta(days=30)
LIFETIME = timedelta(days=180)
SEEN_EVERY = timedelta(hours=1)
"""The precision of the last use; writing every use would add a line for each page."""
MAX_DEVICE_CHARACTERS = 200


class Visitor(msgspec.Struct, frozen=True):
    """The origin of a sign-in: the client's address and its browser's name."""

    address: str
    device: str


class Sessions:
    def __init__(
        self, directory: TableStore, *, clock: Callable[[], datetime], secret: Callable[[], str]
    ) -> None:
        self._table = directory.table("sessions", Session)
        self._clock = clock
        self._secret = secret

    def begin(self, account: Account, visitor: Visitor) -> Future[str]:
        """Begin a session and return its sid."""
        sid, begun = self.new(account.key, visitor)
        return self._table.write(begun).then(lambda _: sid)

    def new(self, account: str, visitor: Visitor) -> tuple[str, Change]:
        """The sid of a new session of the account with this key, and the change that stores it."""
        sid, now = self._secret(), timestamp(self._clock())
        session = Session(
            account=account,
            created_at=now,
            seen_at=now,
            address=visitor.address,
            device=visitor.device[:MAX_DEVICE_CHARACTERS],
        )
        return sid, self._table.change(sid, session)

    def find(self, cookie: Mapping[str, Any]) -> Session | None:
        """The session of a browser's cookie, unless it has ended."""
        sid = cookie.get("sid")
        session = self._table.get(sid) if sid else None
        return None if session is None or self.is_over(session) else session

    def see(self, cookie: Mapping[str, Any], visitor: Visitor) -> None:
        """Note that a browser with this cookie is active now."""
        session = self.find(cookie)
        if session and self._age(session.seen_at) > SEEN_EVERY:
            seen_at = timestamp(self._clock())
            self._table.put(
                cookie["sid"],
                msgspec.structs.replace(session, seen_at=seen_at, address=visitor.address),
                expected=session,
            )

    def end(self, sid: str) -> Future[None]:
        return self._table.delete(sid)

    def of(self, account: Account) -> list[tuple[str, Session]]:
        """An account's sessions with their sids, most recently used first."""
        mine = [
            (sid, session)
            for sid, session in self._table.items()
            if session.account == account.key and not self.is_over(session)
        ]
        return sorted(mine, key=lambda one: one[1].seen_at, reverse=True)

    def named(self, account: Account) -> list[tuple[str, Session]]:
        """The same, with public ids in place of the sids."""
        return [(session_id(sid), session) for sid, session in self.of(account)]

    def last_seen(self) -> dict[str, str]:
        """The last use of any session, by the key of its account."""
        seen: dict[str, str] = {}
        for _, session in self._table.items():
            seen[session.account] = max(session.seen_at, seen.get(session.account, ""))
        return seen

    def forget_old(self) -> None:
        """Remove expired sessions; called at the start of a server."""
        for sid, session in list(self._table.items()):
            if self.is_over(session):
                self._table.delete(sid)

    def is_over(self, session: Session) -> bool:
        """Whether its time has passed."""
        return (
            self._age(session.seen_at) > IDLE_LIFETIME or self._age(session.created_at) > LIFETIME
        )

    def _age(self, moment: str) -> timedelta:
        return self._clock() - datetime.fromisoformat(moment)


def session_id(sid: str) -> str:
    """A session's public id: enough to end the session, not enough to use it."""
    return digest(sid)[:16]
