"""Browsers that are signed in: begun, seen, ended.

A session ends when it was not seen for a month, and after half a year in any case.
"""

import hashlib
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

import msgspec

from chatapp.accounts.model import Account, Session
from chatapp.clock import timestamp
from chatapp.pending import Pending
from chatapp.table import Directory, Table

IDLE_LIFETIME = timedelta(days=30)
LIFETIME = timedelta(days=180)
SEEN_EVERY = timedelta(hours=1)
"""How exactly the last use is known: each one written would be a line for each page."""
MAX_DEVICE_CHARACTERS = 200


class Visitor(msgspec.Struct, frozen=True):
    """From where somebody signs in: the client's address, and what its browser calls itself."""

    address: str
    device: str


class Sessions:
    def __init__(
        self, directory: Directory, *, clock: Callable[[], datetime], secret: Callable[[], str]
    ) -> None:
        self._table = Table(directory, "sessions", Session)
        self._clock = clock
        self._secret = secret

    def begin(self, account: Account, visitor: Visitor) -> Pending[str]:
        """A new session's sid."""
        sid, now = self._secret(), timestamp(self._clock())
        session = Session(
            account=account.key,
            created_at=now,
            seen_at=now,
            address=visitor.address,
            device=visitor.device[:MAX_DEVICE_CHARACTERS],
        )
        return self._table.put(sid, session).then(lambda _: sid)

    def find(self, cookie: Mapping[str, Any]) -> Session | None:
        """The session that a browser's cookie names, unless it has ended."""
        sid = cookie.get("sid")
        session = self._table.latest(sid) if sid else None
        return None if session is None or self._is_over(session) else session

    def see(self, cookie: Mapping[str, Any], visitor: Visitor) -> None:
        """A browser with this cookie is here now."""
        session = self.find(cookie)
        if session and self._age(session.seen_at) > SEEN_EVERY:
            seen_at = timestamp(self._clock())
            self._table.put(
                cookie["sid"],
                msgspec.structs.replace(session, seen_at=seen_at, address=visitor.address),
            )

    def end(self, sid: str) -> Pending[None]:
        return self._table.delete(sid)

    def of(self, account: Account) -> list[tuple[str, Session]]:
        """An account's sessions with their sids, the last seen first."""
        mine = [
            (sid, session)
            for sid, session in self._table.items()
            if session.account == account.key and not self._is_over(session)
        ]
        return sorted(mine, key=lambda one: one[1].seen_at, reverse=True)

    def named(self, account: Account) -> list[tuple[str, Session]]:
        """The same, with what pages call them instead of their sids."""
        return [(session_id(sid), session) for sid, session in self.of(account)]

    def last_seen(self) -> dict[str, str]:
        """The last use of any session, by the key of its account."""
        seen: dict[str, str] = {}
        for _, session in self._table.items():
            seen[session.account] = max(session.seen_at, seen.get(session.account, ""))
        return seen

    def forget_old(self) -> None:
        """Clear away what has ended by itself; for the start of a server."""
        for sid, session in list(self._table.items()):
            if self._is_over(session):
                self._table.delete(sid)

    def _is_over(self, session: Session) -> bool:
        return (
            self._age(session.seen_at) > IDLE_LIFETIME or self._age(session.created_at) > LIFETIME
        )

    def _age(self, moment: str) -> timedelta:
        return self._clock() - datetime.fromisoformat(moment)


def session_id(sid: str) -> str:
    """What a page calls a session: enough to end it, not enough to be it."""
    return hashlib.sha256(sid.encode()).hexdigest()[:16]
