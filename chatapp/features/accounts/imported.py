"""Accounts for the people of another chat: nobody can sign in to one before its person follows an
invitation to it (`PeopleManager.invite_to`)."""

from collections.abc import Callable
from typing import Protocol

from chatapp.domain.errors import NameTaken
from chatapp.domain.future import Future
from chatapp.domain.limits import name_key
from chatapp.features.accounts.account_store import AccountStore
from chatapp.features.accounts.manager import ADMIN_NAME
from chatapp.features.accounts.model import Role
from chatapp.tables.table import Change
from chatapp.text.tokens import EVERYONE

_RESERVED = frozenset([ADMIN_NAME, *EVERYONE])
"""The first admin's name, and those that mention everybody in a room."""
NOTHING = ""
"""The password of an account that nobody has claimed."""


class PersonElsewhere(Protocol):
    """A person in another chat."""

    email: str
    is_bot: bool


class ImportedAccounts:
    """`format` says which chat they come from."""

    def __init__(self, registry: AccountStore, format: str) -> None:
        self._registry = registry
        self._format = format

    def named(self, name: str) -> tuple[str, str] | None:
        """The id and the name of an account, by its name in any spelling."""
        account = self._registry.named(name)
        return (account.id, account.name) if account else None

    def has_id(self, id: str) -> bool:
        return self._registry.by_id(id) is not None

    def is_free(self, name: str) -> bool:
        """Whether a new account can have this name, which looks like no other one."""
        if name_key(name) in _RESERVED or self._registry.is_taken(name):
            return False
        try:
            self._registry.require_distinct_name(name)
        except NameTaken:
            return False
        return True

    def add(
        self,
        person: PersonElsewhere,
        name: str,
        display_name: str,
        kept: Callable[[str], Change],
    ) -> Future[str]:
        role: Role = "bot" if person.is_bot else "member"
        account, added = self._registry.add(
            name,
            NOTHING,
            role,
            also=kept,
            display_name=display_name,
            imported=self._format,
            email=person.email,
        )
        return added.then(lambda _: account.id)

    def retire(self, name: str, kept: Callable[[str], Change]) -> Future[str]:
        retired, written = self._registry.retire(name, also=kept)
        return written.then(lambda _: retired.id)
