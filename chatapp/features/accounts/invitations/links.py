"""Secret links: for the first admin, for invited people, for a new password.

Only the secret's digest is kept. A link has a number of uses and an expiry; a use is written
together with the change that it was used for.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Literal

import msgspec

from chatapp.domain.clock import timestamp
from chatapp.domain.errors import NotFound
from chatapp.domain.future import Future
from chatapp.features.accounts.model import SecretLink, digest
from chatapp.tables.table import Change, TableStore

SETUP_LIFETIME = timedelta(hours=1)
"""For so long, a link to become the owner is not revoked by the start of another process."""


class DeadLink(NotFound):
    """A link that no longer works."""

    def __init__(self, why: Literal["gone", "used", "expired"], message: str) -> None:
        super().__init__(message)
        self.why = why


class Links:
    def __init__(
        self, directory: TableStore, *, clock: Callable[[], datetime], secret: Callable[[], str]
    ) -> None:
        self._table = directory.table("links", SecretLink)
        self._clock = clock
        self._secret = secret

    def make(self, link: SecretLink) -> Future[str]:
        """Create a link and return its secret."""
        secret = self._secret()
        return self._table.put(digest(secret), link).then(lambda _: secret)

    def find(self, kind: str, secret: str) -> SecretLink:
        """The link with this secret; raises `NotFound` if it does not exist or no longer works."""
        link = self._table.get(digest(secret))
        if link is None or link.kind != kind:
            raise DeadLink("gone", "This link no longer works. Ask for a new one.")
        if link.uses < 1:
            raise DeadLink("used", "This link has been used already. Ask for a new one.")
        if not self._works(link):
            raise DeadLink("expired", "This link has expired. Ask for a new one.")
        return link

    def used(self, secret: str, link: SecretLink) -> Change:
        """The change that counts one use. A used-up invitation is kept, for its error message."""
        is_over = link.uses <= 1 and link.kind != "invite"
        left = None if is_over else msgspec.structs.replace(link, uses=link.uses - 1)
        return self._table.change(digest(secret), left, expected=link)

    def all(self, kind: str) -> list[tuple[str, SecretLink]]:
        """The links of a kind that still work, with their ids for revoking."""
        return [
            (_id(key), link)
            for key, link in self._table.items()
            if link.kind == kind and self._works(link)
        ]

    def revoke(self, id: str) -> Future[None]:
        for key, _ in list(self._table.items()):
            if _id(key) == id:
                return self._table.delete(key)
        raise NotFound("This link no longer exists.")

    def revoke_all(self, kind: str, account: str | None = None) -> None:
        """Revoke all links of this kind for this account."""
        for key, link in list(self._table.items()):
            if link.kind == kind and link.account == account:
                self._table.delete(key)

    def revoke_setups(self, process: str | None) -> None:
        """Revoke the links of this process to become the owner, and old ones of others: somebody
        may have just read one."""
        old = timestamp(self._clock() - SETUP_LIFETIME)
        for key, link in list(self._table.items()):
            if link.kind == "setup" and (link.process == process or link.created_at < old):
                self._table.delete(key)

    def expiry(self, lifetime: timedelta) -> str:
        return timestamp(self._clock() + lifetime)

    def now(self) -> str:
        return timestamp(self._clock())

    def _works(self, link: SecretLink) -> bool:
        return link.uses > 0 and (link.expires_at is None or self.now() < link.expires_at)


def _id(key: str) -> str:
    return key[:16]
