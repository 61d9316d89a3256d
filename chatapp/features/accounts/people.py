"""What admins do with accounts: invite, change roles, reset passwords, remove.

Each action names its actor, is refused if the actor's role does not allow it, and is written to
the audit log. The open connections of the person concerned are closed; they reconnect with their
new rights, if they may. (Bans are in `moderation`, because guests can be banned too.)
"""

from collections.abc import Callable
from datetime import timedelta
from heapq import nsmallest

from chatapp.domain.errors import BadPayload, NotAllowed, NotFound
from chatapp.domain.future import Future
from chatapp.domain.model import Message
from chatapp.domain.notes import Note
from chatapp.domain.rights import By, is_author, name_of, require_power_over
from chatapp.features.accounts.account_store import AccountStore
from chatapp.features.accounts.model import Account, Role, SecretLink, as_person
from chatapp.features.accounts.sign_in.tokens import Token
from chatapp.protocol.values import Profile

INVITE_DAYS = 7
MAX_INVITE_DAYS = 365
MAX_INVITE_USES = 1000
RESET_LIFETIME = timedelta(hours=24)


class PeopleManager:
    """`tell(profile)` sends a changed profile to everyone online.

    `forget(id)` removes an account's data from the other features.
    """

    def __init__(
        self,
        registry: AccountStore,
        note: Note,
        *,
        tell: Callable[[Profile], object] = lambda _profile: None,
        forget: Callable[[str], object] = lambda _id: None,
    ) -> None:
        self.registry = registry
        self._note = note
        self._tell = tell
        self._forget = forget

    # Finding accounts

    def named(self, part: str, *, after: str, limit: int) -> list[Account]:
        """Accounts with `part` in their name, in alphabetical order, after the key `after`."""
        matching = (key for key in self.registry.keys_containing(part) if key > after)
        accounts = map(self.registry.account, nsmallest(limit, matching))
        return [account for account in accounts if account is not None]

    def count(self) -> int:
        return sum(1 for _ in self.registry.keys_containing(""))

    def author(self, message: Message) -> Account | None:
        """The account that wrote a message; None for a guest, or if the account was removed."""
        if message.by is not None:
            return self.registry.by_id(message.by)
        account = self.registry.named(message.sender)
        return account if account and is_author(as_person(account), message) else None

    def shown(self, name: str) -> str:
        """The display name of a person, with or without an account."""
        account = self.registry.named(name)
        return (account.display_name if account else "") or name

    def name_in_log(self, called: str) -> str:
        """The name in the log of whom people call this: the name in any spelling, or a display name
        that only one account has."""
        for name in (called, called.removeprefix("@")):
            if account := self.registry.named(name):
                return account.name
        wanted = called.casefold().strip()
        alike = map(self.registry.account, self.registry.keys_containing(called))
        names = [one.name for one in alike if one and one.display_name.casefold() == wanted]
        return names[0] if len(names) == 1 else called

    # Invitations

    def invite(
        self, by: By, *, role: Role = "member", uses: int = 1, days: int = INVITE_DAYS
    ) -> Future[str]:
        """Create an invitation for up to `uses` people within `days` days; returns its secret."""
        require_power_over(by, role)
        if not 1 <= uses <= MAX_INVITE_USES:
            raise BadPayload(f"An invitation is for 1 to {MAX_INVITE_USES} people.")
        _check_days(days)
        self._note(name_of(by), "invite", role=role, uses=uses, days=days)
        links = self.registry.links
        return links.make(
            SecretLink(
                kind="invite",
                by=name_of(by),
                maker=by.id if by else None,
                role=role,
                uses=uses,
                made_for=uses,
                created_at=self.registry.now(),
                expires_at=links.expiry(timedelta(days=days)),
            )
        )

    def invite_to(self, by: By, name: str, *, days: int = INVITE_DAYS) -> Future[str]:
        """Create an invitation for the person of an imported account, which gives them exactly that
        account; returns its secret. Older ones to it no longer work."""
        account = self.registry.find(name)
        require_power_over(by, account.role)
        if not account.is_unclaimed:
            raise NotAllowed(f"Somebody has {account.name} already.")
        _check_days(days)
        self._note(name_of(by), "invite", name=account.name, days=days)
        links = self.registry.links
        links.revoke_all("invite", account.key)
        return links.make(
            SecretLink(
                kind="invite",
                by=name_of(by),
                maker=by.id if by else None,
                role=account.role,
                account=account.key,
                made_for=1,
                created_at=self.registry.now(),
                expires_at=links.expiry(timedelta(days=days)),
            )
        )

    def invites(self) -> list[tuple[str, SecretLink]]:
        """The invitations that still work, with their ids, newest first."""
        invites = (
            (id, link)
            for id, link in self.registry.links.all("invite")
            if self.registry.may_creator_give(link, link.role) and self.registry.is_open(link)
        )
        return sorted(invites, key=lambda one: one[1].created_at, reverse=True)

    def revoke_invite(self, by: By, id: str) -> Future[None]:
        for known, link in self.invites():
            if known == id:
                require_power_over(by, link.role)
                self._note(name_of(by), "revoke-invite", role=link.role)
                return self.registry.links.revoke(id)
        raise NotFound("This invitation no longer exists.")

    # Roles

    def give_role(self, by: By, name: str, role: Role) -> Future[Account]:
        account = self.registry.find(name)
        require_power_over(by, account.role)
        require_power_over(by, role)
        if account.limits is not None and role != "bot":
            raise NotAllowed(f"{account.name} is somebody's bot, and stays a bot.")
        basis = self.registry.require_another_owner(account) if role != "owner" else []
        self._note(name_of(by), "role", name=account.name, role=role)
        self.registry.links.revoke_all("reset", account.key)
        changed = self.registry.change(name, *basis, role=role)
        changed.add_done_callback(lambda _: self.registry.expel(account))
        return changed

    def remove(self, by: By, name: str) -> Future[None]:
        """Remove an account, also from all rooms. Its name is never reused. Its messages stay in
        the log, without an account."""
        account = self.registry.find(name)
        require_power_over(by, account.role)
        basis = self.registry.require_another_owner(account)
        self._note(name_of(by), "remove-account", name=account.name)
        removed = self.registry.remove(account, *basis)

        def gone(_: None) -> None:
            self._forget(account.id)
            self.clear_profile(account)

        return removed.then(gone)

    def clear_profile(self, account: Account) -> None:
        """Tell everyone that this profile no longer exists."""
        self._tell(Profile(name=account.name))

    # Resetting passwords, ending sessions

    def reset_link(self, by: By, name: str) -> Future[str]:
        """Create a password reset link and return its secret; older ones no longer work."""
        account = self.registry.find(name)
        require_power_over(by, account.role)
        self._note(name_of(by), "reset-link", name=account.name)
        links = self.registry.links
        links.revoke_all("reset", account.key)
        return links.make(
            SecretLink(
                kind="reset",
                by=name_of(by),
                maker=by.id if by else None,
                account=account.key,
                created_at=self.registry.now(),
                expires_at=links.expiry(RESET_LIFETIME),
            )
        )

    def end_sessions(self, by: By, name: str) -> None:
        account = self.registry.find(name)
        require_power_over(by, account.role)
        self._note(name_of(by), "end-sessions", name=account.name)
        self.registry.sign_out_everywhere(account)

    # Tokens

    def create_token(
        self, by: By, name: str, title: str, scopes: tuple[str, ...], days: int | None = None
    ) -> Future[str]:
        """Create a token for an account; with `days` None it does not expire."""
        account = self.registry.find(name)
        require_power_over(by, account.role)
        made = self.registry.tokens.create(account.key, title, scopes, days)
        self._note(name_of(by), "token", name=account.name, title=title, scopes=" ".join(scopes))
        return made

    def tokens(self) -> list[tuple[str, Token]]:
        tokens = self.registry.tokens.all()
        return sorted(tokens, key=lambda one: one[1].created_at, reverse=True)

    def revoke_token(self, by: By, id: str) -> Future[None]:
        """Revoke a token and close the connections of its account; other clients reconnect."""
        account = self.registry.find(self.registry.tokens.named(id).account)
        require_power_over(by, account.role)
        token, revoked = self.registry.tokens.revoke(id)
        self._note(name_of(by), "revoke-token", name=account.name, title=token.title)
        revoked.add_done_callback(lambda _: self.registry.expel(account))
        return revoked


def _check_days(days: int) -> None:
    if not 1 <= days <= MAX_INVITE_DAYS:
        raise BadPayload(f"An invitation is valid for 1 to {MAX_INVITE_DAYS} days.")
