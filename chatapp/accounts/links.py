"""Links with a secret in them: for the first admin, for invited people, for a new password.

Only the secret's digest is kept. A link works as often and as long as it says; a use is
counted before the next one is looked at, also while it is still on its way to the disk.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

import msgspec

from chatapp.accounts.digest import digest
from chatapp.accounts.model import Link
from chatapp.clock import timestamp
from chatapp.errors import NotFound
from chatapp.pending import Pending
from chatapp.table import Directory, Table


class Links:
    def __init__(
        self, directory: Directory, *, clock: Callable[[], datetime], secret: Callable[[], str]
    ) -> None:
        self._table = Table(directory, "links", Link)
        self._clock = clock
        self._secret = secret

    def make(self, link: Link) -> Pending[str]:
        """The secret of a new link."""
        secret = self._secret()
        return self._table.put(digest(secret), link).then(lambda _: secret)

    def find(self, kind: str, secret: str) -> Link:
        """The link with this secret; raises `NotFound` where there is none that still works."""
        link = self._table.latest(digest(secret))
        if link is None or link.kind != kind or not self._works(link):
            raise NotFound("This link does not work any more. Ask for a new one.")
        return link

    def use(self, secret: str) -> Pending[None]:
        """One use less. Ask `find` right before."""
        key = digest(secret)
        link = self._table.latest(key)
        if link is None or link.uses <= 1:
            return self._table.delete(key)
        return self._table.put(key, msgspec.structs.replace(link, uses=link.uses - 1))

    def all(self, kind: str) -> list[tuple[str, Link]]:
        """The links of a kind that still work, with the ids by which they are revoked."""
        return [
            (_id(key), link)
            for key, link in self._table.items()
            if link.kind == kind and self._works(link)
        ]

    def revoke(self, id: str) -> Pending[None]:
        for key, _ in list(self._table.items()):
            if _id(key) == id:
                return self._table.delete(key)
        raise NotFound("There is no such link any more.")

    def revoke_all(self, kind: str, account: str | None = None) -> None:
        """No link of this kind, for this account, works from now on."""
        for key, link in list(self._table.items()):
            if link.kind == kind and link.account == account:
                self._table.delete(key)

    def expiry(self, lifetime: timedelta) -> str:
        return timestamp(self._clock() + lifetime)

    def now(self) -> str:
        return timestamp(self._clock())

    def _works(self, link: Link) -> bool:
        return link.expires_at is None or self.now() < link.expires_at


def _id(key: str) -> str:
    return key[:16]
