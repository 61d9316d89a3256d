"""Stores accounts, their sessions and their links. The rules are in `manager.py`."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import msgspec

from chatapp.domain.bots import BotLimits
from chatapp.domain.clock import timestamp
from chatapp.domain.errors import NameTaken, NotAllowed, NotFound
from chatapp.domain.future import Future
from chatapp.domain.limits import name_key
from chatapp.domain.rights import COMMAND_LINE, RETENTION, WEBHOOKS, has_power_over, is_admin
from chatapp.features.accounts.invitations.links import Links
from chatapp.features.accounts.model import Account, Retired, Role, SecretLink, digest
from chatapp.features.accounts.sign_in.sessions import Sessions
from chatapp.features.accounts.sign_in.tokens import Tokens
from chatapp.tables.table import Change, TableStore
from chatapp.text.confusables import Confusables
from chatapp.text.tokens import Names
from chatapp.text.words import begins_a_word

ID_BYTES = 8

Expel = Callable[[str], None]
"""Closes the connections of the person with this id, so that they have to authenticate again."""
TakeName = Callable[[Callable[[str], bool]], None]
"""Closes the connections of guests whose names now belong to an account."""


NO_PEOPLE = (COMMAND_LINE, RETENTION, WEBHOOKS)


class AccountStore:
    """`is_banned(id)`: whether the account is banned now. With `ban_unchanged(id)` among its
    changes, a write only succeeds if that has not changed."""

    def __init__(
        self,
        directory: TableStore,
        *,
        clock: Callable[[], datetime],
        secret: Callable[[], str],
        expel: Expel,
        take_name: TakeName = lambda _is_taken: None,
        is_banned: Callable[[str], bool] = lambda _id: False,
        ban_unchanged: Callable[[str], Change] | None = None,
    ) -> None:
        self.sessions = Sessions(directory, clock=clock, secret=secret)
        self.links = Links(directory, clock=clock, secret=secret)
        self.tokens = Tokens(directory, clock=clock, secret=secret)
        self._accounts = directory.table("accounts", Account)
        self._retired = directory.table("retired", Retired)
        self._lookalikes = Confusables()
        self._keys: dict[str, str] = {}
        """The keys of the accounts by their ids."""
        self.names = Names()
        """Names that can be mentioned. Names of removed accounts stay, so that their beginning is
        not read as a shorter name."""
        for key, account in self.keyed():
            self._follow(key, None, account)
        self._accounts.on_change(self._follow)
        for name in NO_PEOPLE:
            self._lookalikes.retire(name_key(name), name)
        for key, retired in self._retired.items():
            self._lookalikes.retire(key, retired.name)
        self._retired.on_change(self._follow_retired)
        self._clock = clock
        self._secret = secret
        self._expel = expel
        self._take_name = take_name
        self._is_banned = is_banned
        self._ban_unchanged = ban_unchanged

    # Finding

    def account(self, key: str) -> Account | None:
        """By `Account.key`."""
        return self._accounts.get(key)

    def named(self, name: str) -> Account | None:
        """The account of this name, in any spelling."""
        return self._accounts.get(name_key(name))

    def by_id(self, id: str) -> Account | None:
        key = self._keys.get(id)
        return None if key is None else self._accounts.get(key)

    def limits_of(self, id: str) -> BotLimits | None:
        """The limits of the bot with this id; None if it has none, or is no bot."""
        account = self.by_id(id)
        return account.limits if account is not None and account.role == "bot" else None

    def owner_of(self, id: str) -> str | None:
        """The id of the owner of the bot with this id; None if it has none, or is no bot."""
        limits = self.limits_of(id)
        return None if limits is None else limits.owner

    def owner_name(self, bot: Account) -> str:
        """The name of a bot's owner; empty if it has none, or is no bot."""
        owner = self.by_id(self.owner_of(bot.id) or "")
        return owner.name if owner else ""

    def has_lost_owner(self, account: Account) -> bool:
        """Whether this is a bot whose owner has no account any more, or is a bot now."""
        owner = self.owner_of(account.id)
        if owner is None:
            return False
        person = self.by_id(owner)
        return person is None or person.role == "bot"

    def bots_of(self, owner: str) -> list[Account]:
        """The bots of the account with this id."""
        return [one for _, one in self.keyed() if one.limits and one.limits.owner == owner]

    def on_change(self, tell: Callable[[str, Account | None, Account | None], object]) -> None:
        """As `Table.on_change`, of the accounts."""
        self._accounts.on_change(tell)

    def is_bot(self, id: str) -> bool:
        """Whether this is the account of a program."""
        account = self.by_id(id)
        return account is not None and account.role == "bot"

    def find(self, name: str) -> Account:
        """By name, in any spelling; raises `NotFound`."""
        account = self.named(name)
        if account is None:
            raise NotFound(f"There is no account called {name[:60]!r}.")
        return account

    def all(self) -> list[Account]:
        return [account for _, account in sorted(self.keyed(), key=lambda one: one[0])]

    def count(self) -> int:
        return len(self._accounts)

    def keyed(self) -> Iterator[tuple[str, Account]]:
        """All accounts with their table keys; computing many keys again would be slow."""
        return self._accounts.items()

    def keys_containing(self, part: str) -> Iterator[str]:
        """The keys of accounts that have `part` in their name or display name, in any spelling."""
        return self._lookalikes.keys_containing(part)

    def shown_like(self, typed: str) -> list[str]:
        """The names of accounts whose display name has words with this beginning."""
        accounts = (self.account(key) for key in self.keys_containing(typed))
        return [one.name for one in accounts if one and begins_a_word(one.display_name, typed)]

    def is_taken(self, name: str) -> bool:
        """Whether an account has or had this name, in any spelling."""
        key = name_key(name)
        return key in self._accounts or key in self._retired or key in map(name_key, NO_PEOPLE)

    def has(self, name: str) -> bool:
        """Whether there is an account of this name, in any spelling."""
        return name_key(name) in self._accounts

    def require_distinct_name(self, name: str, key: str = "") -> None:
        """Raises `NameTaken` if a name looks like that of an account other than `key`."""
        if not name:
            return
        for other in self._lookalikes.of(name) - {key}:
            raise NameTaken(f"{name} looks like @{other}. Choose another name.")

    def has_admin(self) -> bool:
        return any(is_admin(account) for _, account in self._accounts.items())

    def require_another_owner(self, account: Account) -> list[Change]:
        """Raises `NotAllowed` if there is no other owner who can sign in.

        Call this before an owner is banned or removed, or gets another role, and write that change
        together with the returned ones: they fail if the other owner is no longer one.
        """
        if account.role != "owner":
            return []
        for key, other in self._accounts.items():
            if other.role == "owner" and other.id != account.id and not self._is_banned(other.id):
                basis = [self._accounts.unchanged(key, other)]
                return basis + ([self._ban_unchanged(other.id)] if self._ban_unchanged else [])
        raise NotAllowed(f"{account.name} is the only owner. Make someone else an owner first.")

    def may_creator_give(self, link: SecretLink, role: Role) -> bool:
        """Whether the link's creator still has the right to give this role, or to manage it."""
        if link.maker is None and link.by == COMMAND_LINE:
            return True
        maker = self._maker(link)
        return maker is not None and not self._is_banned(maker.id) and has_power_over(maker, role)

    def is_open(self, link: SecretLink) -> bool:
        """Whether an invitation makes an account, or is to one that nobody has claimed."""
        if link.account is None:
            return True
        account = self.account(link.account)
        return account is not None and account.is_unclaimed

    def _maker(self, link: SecretLink) -> Account | None:
        if link.maker is not None:
            return self.by_id(link.maker)
        account = self.named(link.by)  # An older version kept the name only.
        return account if account and account.created_at <= link.created_at else None

    # Changing

    def add(
        self,
        name: str,
        hashed: str,
        role: Role,
        *others: Change,
        also: Callable[[str], Change] | None = None,
        **profile: Any,
    ) -> tuple[Account, Future[None]]:
        """Create an account, and write it together with `others`, and with `also(id)`."""
        if self.is_taken(name):
            raise NameTaken(f"The name {name} is taken. Choose another name.")
        self.require_distinct_name(name)
        account = Account(
            id=self._new_id(),
            name=name,
            role=role,
            password=hashed,
            created_at=self.now(),
            **profile,
        )
        self.require_distinct_name(account.display_name)
        added = self._accounts.write(
            self._accounts.change(account.key, account, expected=None),
            self._retired.unchanged(account.key, None),
            *others,
            *([also(account.id)] if also else []),
        )
        self._take_names(added, name, account.display_name)
        return account, added

    def retire(self, name: str, *, also: Callable[[str], Change]) -> tuple[Retired, Future[None]]:
        """Take a name for a former member of another chat, and write it together with
        `also(id)`."""
        if self.is_taken(name):
            raise NameTaken(f"The name {name} is taken. Choose another name.")
        self.require_distinct_name(name)
        retired = Retired(name=name, id=self._new_id(), removed_at=self.now())
        key = name_key(name)
        written = self._retired.write(
            self._accounts.unchanged(key, None),
            self._retired.change(key, retired, expected=None),
            also(retired.id),
        )
        self._take_names(written, name)
        return retired, written

    def change(self, name: str, *others: Change, **fields: Any) -> Future[Account]:
        """Change the account as it is now: it may have changed while a password was hashed."""
        account = self.find(name)
        changed = msgspec.structs.replace(account, **fields)
        written = self._accounts.write(
            self._accounts.change(account.key, changed, expected=account), *others
        )
        if changed.display_name and "display_name" in fields:
            self._take_names(written, changed.display_name)
        return written.then(lambda _: changed)

    def remove(self, account: Account, *others: Change) -> Future[None]:
        self.sign_out_everywhere(account)
        self.links.revoke_all("reset", account.key)
        self.tokens.revoke_all(account.key)
        retired = Retired(name=account.name, id=account.id, removed_at=self.now())
        return self._accounts.write(
            self._accounts.change(account.key, None, expected=account),
            self._retired.change(account.key, retired),
            *others,
        )

    def sign_out_everywhere(self, account: Account, *, keep: str | None = None) -> None:
        """End every session of an account except the one with the sid `keep`."""
        for sid, _ in self.sessions.of(account):
            if sid != keep:
                self.sessions.end(sid)
        self.expel(account)

    def expel(self, account: Account) -> None:
        self._expel(account.id)

    def _take_names(self, written: Future[None], *names: str) -> None:
        """Once it is written, close the connections of guests with these names, or similar ones."""
        written.then(lambda _: self.take_names(*names))

    def take_names(self, *names: str) -> None:
        """Close the connections of guests with these names, or similar ones."""
        self._take_name(self._lookalikes.like(*names))

    def _new_id(self) -> str:
        while (id := digest(self._secret())[: 2 * ID_BYTES]) in self._keys:
            continue
        return id

    def _follow(self, key: str, old: Account | None, new: Account | None) -> None:
        """Update the other lookups when an account changes."""
        self._lookalikes.know(key, *((new.name, new.display_name) if new else ()))
        if old is not None:
            self._keys.pop(old.id, None)
        if new is not None:
            self._keys[new.id] = key
            self.names.add(new.name)

    def _follow_retired(self, key: str, _old: Retired | None, new: Retired | None) -> None:
        if new is not None:
            self._lookalikes.retire(key, new.name)

    def now(self) -> str:
        return timestamp(self._clock())
