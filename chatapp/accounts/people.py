"""What admins do with accounts: invite, give roles, help with a lost password, remove.

Each act says who does it, is refused where their role does not reach, and is noted in the
audit log. Whoever it concerns loses their open connections and comes back as who they are
now, if they may. (To ban somebody is `moderation`'s: guests can be banned too.)
"""

from collections.abc import Callable
from datetime import timedelta
from heapq import nsmallest

from chatapp.accounts.model import Account, Link, Role, Session
from chatapp.accounts.registry import Registry
from chatapp.accounts.rights import By, name_of, require_another_owner, require_power_over
from chatapp.accounts.tokens import Token
from chatapp.errors import BadPayload, NotFound
from chatapp.notes import Note
from chatapp.pending import Pending
from chatapp.wire import Profile

INVITE_DAYS = 7
MAX_INVITE_DAYS = 365
MAX_INVITE_USES = 1000
RESET_LIFETIME = timedelta(hours=24)


class PeopleManager:
    """`tell(profile)` brings to everyone who is here how somebody is shown from now on."""

    def __init__(
        self,
        registry: Registry,
        note: Note,
        *,
        tell: Callable[[Profile], object] = lambda _profile: None,
    ) -> None:
        self._registry = registry
        self._note = note
        self._tell = tell

    # Who is there

    def all(self) -> list[Account]:
        return self._registry.all()

    def named(self, part: str, *, after: str, limit: int) -> list[Account]:
        """The first accounts by alphabet that are called like this, behind the key `after`."""
        fitting = (key for key in self._registry.called(part) if key > after)
        accounts = map(self._registry.latest, nsmallest(limit, fitting))
        return [account for account in accounts if account is not None]

    def count(self) -> int:
        return sum(1 for _ in self._registry.called(""))

    def find(self, name: str) -> Account:
        return self._registry.find(name)

    def has(self, name: str) -> bool:
        """Whether there is an account of this name, in any spelling."""
        return self._registry.is_taken(name)

    def sessions(self, account: Account) -> list[tuple[str, Session]]:
        """An account's sessions with their ids, the last used first."""
        return self._registry.sessions.named(account)

    def last_seen(self) -> dict[str, str]:
        """When a browser of each account was last here, by the account's key."""
        return self._registry.sessions.last_seen()

    def require_power_over(self, by: By, account: Account) -> None:
        """Raises `NotAllowed` unless `by` may manage this account."""
        require_power_over(by, account.role)

    # Invites

    def invite(
        self, by: By, *, role: Role = "member", uses: int = 1, days: int = INVITE_DAYS
    ) -> Pending[str]:
        """The secret of a link with which so many people make an account, within so many days."""
        require_power_over(by, role)
        if not 1 <= uses <= MAX_INVITE_USES:
            raise BadPayload(f"An invite is for 1 to {MAX_INVITE_USES} people.")
        if not 1 <= days <= MAX_INVITE_DAYS:
            raise BadPayload(f"An invite works for 1 to {MAX_INVITE_DAYS} days.")
        self._note(name_of(by), "invite", role=role, uses=uses, days=days)
        links = self._registry.links
        return links.make(
            Link(
                kind="invite",
                by=name_of(by),
                role=role,
                uses=uses,
                created_at=self._registry.now(),
                expires_at=links.expiry(timedelta(days=days)),
            )
        )

    def invites(self) -> list[tuple[str, Link]]:
        """Those that still work, with their ids, the newest first."""
        invites = self._registry.links.all("invite")
        return sorted(invites, key=lambda one: one[1].created_at, reverse=True)

    def revoke_invite(self, by: By, id: str) -> Pending[None]:
        for known, link in self.invites():
            if known == id:
                require_power_over(by, link.role)
                self._note(name_of(by), "revoke-invite", role=link.role)
                return self._registry.links.revoke(id)
        raise NotFound("This invite is gone already.")

    # What somebody is

    def give_role(self, by: By, name: str, role: Role) -> Pending[Account]:
        account = self._registry.find(name)
        require_power_over(by, account.role)
        require_power_over(by, role)
        if role != "owner":
            require_another_owner(self._registry, account)
        self._note(name_of(by), "role", name=account.name, role=role)
        changed = self._registry.change(name, role=role)
        changed.when_done(lambda _: self._registry.expel(account))
        return changed

    def remove(self, by: By, name: str) -> Pending[None]:
        """The account is gone and its name is free. What it wrote stays in the log."""
        account = self._registry.find(name)
        require_power_over(by, account.role)
        require_another_owner(self._registry, account)
        self._note(name_of(by), "remove-account", name=account.name)
        removed = self._registry.remove(account)
        return removed.then(lambda _: self._bare(account))

    def _bare(self, account: Account) -> None:
        """Nobody is shown as this any more: somebody else may be, next."""
        self._tell(Profile(name=account.name))

    # Getting in and out

    def reset_link(self, by: By, name: str) -> Pending[str]:
        """The secret of a link with which an account gets a new password; older ones end."""
        account = self._registry.find(name)
        require_power_over(by, account.role)
        self._note(name_of(by), "reset-link", name=account.name)
        links = self._registry.links
        links.revoke_all("reset", account.key)
        return links.make(
            Link(
                kind="reset",
                by=name_of(by),
                account=account.key,
                created_at=self._registry.now(),
                expires_at=links.expiry(RESET_LIFETIME),
            )
        )

    def end_sessions(self, by: By, name: str) -> None:
        account = self._registry.find(name)
        require_power_over(by, account.role)
        self._note(name_of(by), "end-sessions", name=account.name)
        self._registry.sign_out_everywhere(account)

    # Tokens

    def create_token(
        self, by: By, name: str, title: str, scopes: tuple[str, ...], days: int | None = None
    ) -> Pending[str]:
        """A new token of an account; `days` None is for good."""
        account = self._registry.find(name)
        require_power_over(by, account.role)
        made = self._registry.tokens.create(account.key, title, scopes, days)
        self._note(name_of(by), "token", name=account.name, title=title, scopes=" ".join(scopes))
        return made

    def tokens(self) -> list[tuple[str, Token]]:
        """All of them with their ids, the newest first."""
        tokens = self._registry.tokens.all()
        return sorted(tokens, key=lambda one: one[1].created_at, reverse=True)

    def revoke_token(self, by: By, id: str) -> Pending[None]:
        """The token ends, and so do the connections of its account: they come again without it."""
        token, revoked = self._registry.tokens.revoke(id)
        account = self._registry.find(token.account)
        self._note(name_of(by), "revoke-token", name=account.name, title=token.title)
        revoked.when_done(lambda _: self._registry.expel(account))
        return revoked
