"""Everyone who has an account, with their sessions and links: what the rules work on."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import msgspec

from chatapp.accounts.links import Links
from chatapp.accounts.lookalikes import Looks
from chatapp.accounts.model import ADMINISTRATORS, Account, Role
from chatapp.accounts.sessions import Sessions
from chatapp.accounts.tokens import Tokens
from chatapp.clock import timestamp
from chatapp.errors import NameTaken, NotFound
from chatapp.limits import name_key
from chatapp.pending import Pending
from chatapp.table import Directory, Table

Expel = Callable[[str], None]
"""Closes the connections of the person with this key: they have to show again who they are."""


class Registry:
    def __init__(
        self,
        directory: Directory,
        *,
        clock: Callable[[], datetime],
        secret: Callable[[], str],
        expel: Expel,
    ) -> None:
        self.sessions = Sessions(directory, clock=clock, secret=secret)
        self.links = Links(directory, clock=clock, secret=secret)
        self.tokens = Tokens(directory, clock=clock, secret=secret)
        self._accounts = Table(directory, "accounts", Account)
        self._looks = Looks()
        for key, account in self.keyed():
            self._looks.know(key, account.name, account.display_name)
        self._clock = clock
        self._expel = expel

    # Finding

    def account(self, key: str) -> Account | None:
        """By `Account.key`; one that may come in, so not before it is durable."""
        return self._accounts.get(key)

    def latest(self, key: str) -> Account | None:
        """As it will be, if the disk lets it."""
        return self._accounts.latest(key)

    def find(self, name: str) -> Account:
        """By name, in any spelling; raises `NotFound`."""
        account = self._accounts.latest(name_key(name))
        if account is None:
            raise NotFound(f"Nobody here has an account called {name[:60]!r}.")
        return account

    def all(self) -> list[Account]:
        """By alphabet."""
        return [account for _, account in sorted(self.keyed(), key=lambda one: one[0])]

    def keyed(self) -> Iterator[tuple[str, Account]]:
        """With their keys, as the table has them: of many, they take a while to make anew."""
        return self._accounts.items()

    def called(self, part: str) -> Iterator[str]:
        """The keys of those with this in their name or display name, in any spelling."""
        return self._looks.called(part)

    def is_taken(self, name: str) -> bool:
        """Whether an account has this name, in any spelling, or is about to."""
        return self._accounts.latest(name_key(name)) is not None

    def require_own_look(self, name: str, key: str = "") -> None:
        """Raises `NameTaken` if a name could be taken for that of another account than `key`."""
        if not name:
            return
        for other in self._looks.of(name) - {key}:
            raise NameTaken(f"{name} could be taken for @{other}. Choose another name.")

    def has_admin(self) -> bool:
        return any(account.role in ADMINISTRATORS for _, account in self._accounts.items())

    def is_last_owner(self, account: Account) -> bool:
        return account.role == "owner" and not any(
            other.role == "owner" and other.key != account.key
            for _, other in self._accounts.items()
        )

    # Changing

    def add(
        self, name: str, hashed: str, role: Role, **profile: Any
    ) -> tuple[Account, Pending[None]]:
        if self.is_taken(name):
            raise NameTaken(f"Somebody here is called {name} already. Choose another name.")
        self.require_own_look(name)
        account = Account(name=name, role=role, password=hashed, created_at=self.now(), **profile)
        self.require_own_look(account.display_name)
        return account, self._put(account)

    def change(self, name: str, **fields: Any) -> Pending[Account]:
        """Asks for the account anew: it may have changed while a password was hashed."""
        changed = msgspec.structs.replace(self.find(name), **fields)
        return self._put(changed).then(lambda _: changed)

    def remove(self, account: Account) -> Pending[None]:
        self.sign_out_everywhere(account)
        self.links.revoke_all("reset", account.key)
        self.tokens.revoke_all(account.key)
        return self._look_again(account.key, self._accounts.delete(account.key))

    def sign_out_everywhere(self, account: Account, *, keep: str | None = None) -> None:
        """End every session of an account but the one with the sid `keep`."""
        for sid, _ in self.sessions.of(account):
            if sid != keep:
                self.sessions.end(sid)
        self.expel(account)

    def expel(self, account: Account) -> None:
        self._expel(person_key(account))

    def _put(self, account: Account) -> Pending[None]:
        return self._look_again(account.key, self._accounts.put(account.key, account))

    def _look_again(self, key: str, written: Pending[None]) -> Pending[None]:
        """A look is taken as soon as it is wanted, and free again if the disk refuses."""

        def look(_: object) -> None:
            account = self._accounts.latest(key)
            names = (account.name, account.display_name) if account else ()
            self._looks.know(key, *names)

        look(None)
        written.when_done(look)
        return written

    def now(self) -> str:
        return timestamp(self._clock())


def person_key(account: Account) -> str:
    """The key of the `Person` that an account is in the chat."""
    return f"account:{account.key}"
