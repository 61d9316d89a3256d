"""What admins do: invite, give roles, ban, help with a lost password.

Each act says who does it, and is refused where their role does not reach. Whoever it
concerns loses their open connections and comes back as who they are now, if they may.
"""

from datetime import timedelta

from chatapp.accounts.model import Account, Ban, Link, Role, Session
from chatapp.accounts.registry import Registry
from chatapp.accounts.rights import By, name_of, require_another_owner, require_power_over
from chatapp.accounts.sessions import session_id
from chatapp.errors import BadPayload, NotAllowed, NotFound, TooLong
from chatapp.pending import Pending

INVITE_DAYS = 7
MAX_INVITE_DAYS = 365
MAX_INVITE_USES = 1000
RESET_LIFETIME = timedelta(hours=24)
MAX_REASON_CHARACTERS = 200


class PeopleManager:
    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    # Who is there

    def all(self) -> list[Account]:
        return self._registry.all()

    def find(self, name: str) -> Account:
        return self._registry.find(name)

    def sessions(self, account: Account) -> list[tuple[str, Session]]:
        """An account's sessions with their ids, the last used first."""
        return [(session_id(sid), session) for sid, session in self._registry.sessions.of(account)]

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
                return self._registry.links.revoke(id)
        raise NotFound("This invite is gone already.")

    # What somebody is

    def give_role(self, by: By, name: str, role: Role) -> Pending[Account]:
        account = self._registry.find(name)
        require_power_over(by, account.role)
        require_power_over(by, role)
        if role != "owner":
            require_another_owner(self._registry, account)
        return self._changed(self._registry.change(name, role=role))

    def ban(self, by: By, name: str, reason: str) -> Pending[Account]:
        """Nobody gets in with this account, and its name stays taken."""
        account = self._registry.find(name)
        require_power_over(by, account.role)
        require_another_owner(self._registry, account)
        if by and by.key == account.key:
            raise NotAllowed("You cannot ban yourself.")
        ban = Ban(reason=_checked_reason(reason), by=name_of(by), at=self._registry.now())
        self._registry.links.revoke_all("reset", account.key)
        banned = self._registry.change(name, ban=ban)
        return banned.then(self._sign_out_everywhere)

    def unban(self, by: By, name: str) -> Pending[Account]:
        require_power_over(by, self._registry.find(name).role)
        return self._registry.change(name, ban=None)

    def remove(self, by: By, name: str) -> Pending[None]:
        """The account is gone and its name is free. What it wrote stays in the log."""
        account = self._registry.find(name)
        require_power_over(by, account.role)
        require_another_owner(self._registry, account)
        return self._registry.remove(account)

    # Getting in and out

    def reset_link(self, by: By, name: str) -> Pending[str]:
        """The secret of a link with which an account gets a new password; older ones end."""
        account = self._registry.find(name)
        require_power_over(by, account.role)
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
        self._registry.sign_out_everywhere(account)

    # Steps

    def _changed(self, change: Pending[Account]) -> Pending[Account]:
        def expel(account: Account) -> Account:
            self._registry.expel(account)
            return account

        return change.then(expel)

    def _sign_out_everywhere(self, account: Account) -> Account:
        self._registry.sign_out_everywhere(account)
        return account


def _checked_reason(reason: str) -> str:
    reason = " ".join(reason.split())
    if len(reason) > MAX_REASON_CHARACTERS:
        raise TooLong(f"A reason has at most {MAX_REASON_CHARACTERS} characters.")
    return reason
