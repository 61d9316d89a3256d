"""The rules of accounts: names, sign-in, and the first admin.

A change is durable when the returned `Future` is done. Other greenlets run while a password is
hashed, so conditions are checked again afterwards.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import msgspec

from chatapp.config import Access
from chatapp.domain.addresses import network_of
from chatapp.domain.bots import BotLimits
from chatapp.domain.errors import BadPayload, ChatError, NameTaken, NotFound, Unauthorized
from chatapp.domain.future import Future
from chatapp.domain.limits import (
    MAX_KEY_CHARACTERS,
    MIN_KEY_CHARACTERS,
    checked_display_name,
    checked_name,
    name_key,
)
from chatapp.domain.model import Person
from chatapp.domain.notes import UNKNOWN, Note, no_audit
from chatapp.domain.rates import RateLimiter
from chatapp.domain.rights import COMMAND_LINE, By, is_admin, name_of, require_power_over
from chatapp.domain.scopes import granted
from chatapp.features.accounts.account_store import AccountStore, Expel, TakeName
from chatapp.features.accounts.invitations.links import DeadLink
from chatapp.features.accounts.model import Account, Role, SecretLink, as_person, digest
from chatapp.features.accounts.sign_in.attempts import LoginAttempts
from chatapp.features.accounts.sign_in.passwords import Passwords, checked_password, hashable
from chatapp.features.accounts.sign_in.sessions import Visitor, session_id
from chatapp.protocol.requests import ChangeProfile
from chatapp.tables.table import Change, TableStore

ADMIN_NAME = "admin"
"""The account that CHATAPP_ADMIN_PASSWORD creates."""


class SignedIn(msgspec.Struct, frozen=True):
    """An account and the browser's new session."""

    account: Account
    sid: str


class AccountManager:
    """People and their secrets. It does not depend on requests: a session cookie is any mapping."""

    def __init__(
        self,
        directory: TableStore,
        passwords: Passwords,
        attempts: LoginAttempts,
        *,
        access: Callable[[], Access],
        clock: Callable[[], datetime],
        secret: Callable[[], str],
        expel: Expel = lambda _id: None,
        take_name: TakeName = lambda _is_taken: None,
        is_banned: Callable[[str], bool] = lambda _id: False,
        ban_unchanged: Callable[[str], Change] | None = None,
        guest_id: Callable[[str], str] = digest,
        note: Note = no_audit,
        sign_ups: RateLimiter | None = None,
        process: str | None = None,
    ) -> None:
        """`access()`: who can use the chat now. `expel` and `take_name` close connections, `note`
        writes to the audit log. `is_banned` and `ban_unchanged` are for the `AccountStore`;
        `guest_id(key)` returns a guest's id.

        `sign_ups` limits new accounts per address; None means no limit. `process` names this one
        in a chat of several.
        """
        self._access = access
        self.registry = AccountStore(
            directory,
            clock=clock,
            secret=secret,
            expel=expel,
            take_name=take_name,
            is_banned=is_banned,
            ban_unchanged=ban_unchanged,
        )
        self._secret = secret
        self._guest_id = guest_id
        self._passwords = passwords
        self._attempts = attempts
        self._expel = expel
        self._note = note
        self._clock = clock
        self._sign_ups = sign_ups
        self._process = process

    @property
    def access(self) -> Access:
        """Who can use the chat now."""
        return self._access()

    # Identifying people

    def person_of(self, cookie: Mapping[str, Any]) -> Person | None:
        """The person of a browser's session; None if there is none, or if it has ended.

        An account's cookie is `{"sid"}`, a guest's `{"name", "key"}`.
        """
        if "sid" in cookie:
            account = self.account_of(cookie)
            return None if account is None else as_person(account)
        if "name" in cookie and "key" in cookie:
            try:
                return self.guest(cookie["name"], cookie["key"])
            except ChatError:
                return None
        return None

    def account_of(self, cookie: Mapping[str, Any]) -> Account | None:
        """The account that the browser is signed in to."""
        session = self.registry.sessions.find(cookie)
        account = self.registry.account(session.account) if session else None
        return None if account and self.registry.has_lost_owner(account) else account

    def guest(self, name: str, key: str) -> Person:
        """A guest, if access is open.

        The key is the client's own secret: clients with the same key are the same person.
        """
        self._require_open()
        if not MIN_KEY_CHARACTERS <= len(key) <= MAX_KEY_CHARACTERS:
            raise BadPayload(f"A key has {MIN_KEY_CHARACTERS} to {MAX_KEY_CHARACTERS} characters.")
        name = checked_name(name)
        self.check_guest(name)
        return Person(name=name, id=f"guest:{self._guest_id(key)}", role="guest")

    def check_guest(self, name: str) -> None:
        """Raises an error if no guest can have this name now."""
        self._require_open()
        if self.registry.has(name):
            raise NameTaken(f"{name} has an account here. Sign in, or choose another name.")
        if self.registry.is_taken(name):
            raise NameTaken(f"{name} was the name of a removed account. Choose another name.")
        self.registry.require_distinct_name(name)

    def _require_open(self) -> None:
        if self.access != "open":
            raise Unauthorized("This chat is for members. Sign in first.")

    def check_stay(self, person: Person) -> None:
        """Raises `Unauthorized` if a person who came in would not come in as the same any more."""
        if person.is_guest:
            if self.access != "open" or self.registry.has(person.name):
                raise Unauthorized("You are no longer in this chat. Connect again.")
            return
        account = self.registry.by_id(person.id)
        if account is None or account.role != person.role:
            raise Unauthorized("Your account has changed. Connect again.")
        self._require_owner(account)

    def bearer(self, secret: str) -> Person:
        """The person of a token: its account, limited to the token's scopes."""
        token = self.registry.tokens.use(secret)
        account = self.registry.account(token.account)
        if account is None:
            raise Unauthorized("The account of this token no longer exists.")
        self._require_owner(account)
        return msgspec.structs.replace(as_person(account), scopes=granted(token.scopes))

    def _require_owner(self, account: Account) -> None:
        if self.registry.has_lost_owner(account):
            raise Unauthorized("The owner of this bot is gone. An admin can give it another one.")

    # Signing in and out

    def sign_in(self, name: str, password: str, visitor: Visitor) -> Future[SignedIn]:
        """Check a password and begin a session.

        An unknown name gets the same answer as a wrong password, and takes as long.
        """
        key = name_key(name)
        self._attempts.count(key, visitor.address)
        account = self.registry.account(key)
        hashed = account.password if account else None
        if not self._passwords.matches(hashed, hashable(password)) or account is None:
            self._note(
                account.name if account else UNKNOWN, "failed-login", address=visitor.address
            )
            raise Unauthorized("The name or the password is wrong.")
        self._attempts.forget(key, visitor.address)
        account = self.registry.find(name)
        if account.password != hashed:
            raise Unauthorized("The password was changed just now. Sign in with the new one.")
        if self._passwords.is_outdated(account.password):
            self._rehash(account, password)
        self._note(account.name, "login", address=visitor.address)
        begun = self.registry.sessions.begin(account, visitor)
        return begun.then(lambda sid: SignedIn(account, sid))

    def sign_out(self, cookie: Mapping[str, Any]) -> Future[None]:
        """End the browser's session, and the connections that were made with it."""
        if person := self.person_of(cookie):
            self._expel(person.id)
            if not person.is_guest:
                self._note(person.name, "logout")
        return self.registry.sessions.end(cookie["sid"]) if "sid" in cookie else Future.of(None)

    # One's own account

    def end_session(self, account: Account, id: str) -> Future[None]:
        for sid, _ in self.registry.sessions.of(account):
            if session_id(sid) == id:
                self.registry.expel(account)
                return self.registry.sessions.end(sid)
        raise NotFound("This session has already ended.")

    def change_password(
        self, account: Account, old: str, new: str, visitor: Visitor, *, keep: str | None
    ) -> Future[Account]:
        """Set a new password; every session except the one with the sid `keep` ends."""
        checked_password(new)
        self._attempts.count(account.key, visitor.address)
        if not self._passwords.matches(account.password, hashable(old)):
            raise Unauthorized("The current password is wrong.")
        self._attempts.forget(account.key, visitor.address)
        self._note(account.name, "password", address=visitor.address)
        return self._set_password(account, new, keep=keep)

    # Making accounts

    def create(
        self,
        name: str,
        password: str,
        role: Role = "member",
        profile: ChangeProfile = ChangeProfile(),  # noqa: B008 - frozen
    ) -> Future[Account]:
        """Create an account. Its name is taken from now on, in every spelling."""
        name, password = checked_name(name), checked_password(password)
        created = self._create(
            name,
            password,
            role,
            display_name=checked_display_name(profile.display_name or ""),
            colour=profile.colour or None,
        )
        self._note(COMMAND_LINE, "add-account", name=name, role=role)
        return created

    def create_bot(self, by: By, name: str, limits: BotLimits | None = None) -> Future[Account]:
        """Create an account for a program, which signs in with tokens: nobody knows its
        password."""
        require_power_over(by, "bot")
        name = checked_name(name)
        created = self._create(name, self._secret(), "bot", limits=limits)
        self._note(name_of(by), "add-account", name=name, role="bot")
        return created

    def invitation(self, secret: str) -> SecretLink:
        """The invitation with this secret; raises `NotFound`."""
        return self._link_to_join("invite", secret)

    def invited(self, secret: str) -> Account | None:
        """The imported account that this invitation is to; None if it makes a new one. Raises
        `NotFound`."""
        link = self.invitation(secret)
        return self.registry.account(link.account) if link.account else None

    def join(self, secret: str, name: str, password: str, visitor: Visitor) -> Future[SignedIn]:
        """Create an account by invitation and sign in; or claim the account that it is to, whose
        name stays. It counts as one use of the invitation."""
        if self.invited(secret):
            return self._claim(secret, password, visitor)
        return self._make_by_link("invite", secret, name, password, visitor)

    def set_up(self, secret: str, name: str, password: str, visitor: Visitor) -> Future[SignedIn]:
        """Create the owner and sign in. This uses up the setup link."""
        return self._make_by_link("setup", secret, name, password, visitor)

    # A lost password

    def reset_account(self, secret: str) -> Account:
        """The account whose password this link resets; raises `NotFound`."""
        return self._resettable(self.registry.links.find("reset", secret))

    def reset(self, secret: str, password: str, visitor: Visitor) -> Future[SignedIn]:
        """Set a new password by link; all sessions end, and a new one begins."""
        checked_password(password)
        self.reset_account(secret)
        hashed = self._passwords.hash(password)
        link = self.registry.links.find("reset", secret)
        account = self._resettable(link)
        self._note(account.name, "reset", address=visitor.address)
        self.registry.sign_out_everywhere(account)
        sid, begun = self.registry.sessions.new(account.key, visitor)
        use = self.registry.links.used(secret, link)
        changed = self.registry.change(account.name, use, begun, password=hashed)
        return changed.then(lambda account: SignedIn(account, sid))

    def set_password(self, name: str, password: str) -> Future[Account]:
        """Set a new password without the old one, for the command line. All sessions end."""
        self._note(COMMAND_LINE, "password", name=name)
        return self._set_password(self.registry.find(name), checked_password(password), keep=None)

    # The first admin

    def make_admin(self, password: str) -> Future[str | None]:
        """Create the account `admin` with the password from the settings, if it does not exist.

        An existing account is not changed: the setting is for the first start, and an old value
        in a unit file must not undo a newer password. Returns None, or a sentence for the log if
        the setting had no effect.
        """
        admin = self.registry.account(name_key(ADMIN_NAME))
        if admin is None and self.registry.is_taken(ADMIN_NAME):
            return Future.of(
                f"CHATAPP_ADMIN_PASSWORD is not used: the account {ADMIN_NAME} was removed, "
                "and its name is never given again."
            )
        if admin is None:
            hashed = self._passwords.hash(hashable(password))
            admin = self.registry.account(name_key(ADMIN_NAME))  # another process may have made it
        if admin is None:
            _, written = self.registry.add(ADMIN_NAME, hashed, "owner")
            return written.then(lambda _: None)
        if is_admin(admin) and self._passwords.matches(admin.password, password):
            return Future.of(None)
        return Future.of(
            f"CHATAPP_ADMIN_PASSWORD is not used: there is an account {ADMIN_NAME} already, "
            "and it keeps its own password and role."
        )

    def setup_token(self) -> Future[str | None]:
        """A new one-time secret for the first admin, or None if there is an admin.

        Older secrets of this process no longer work.
        """
        if self.registry.has_admin():
            return Future.of(None)
        links = self.registry.links
        links.revoke_setups(self._process)
        setup = SecretLink(
            kind="setup",
            by=COMMAND_LINE,
            role="owner",
            created_at=self.registry.now(),
            process=self._process,
        )
        return links.make(setup).then(lambda secret: secret)

    def is_setup_token(self, secret: str) -> bool:
        try:
            self._link_to_join("setup", secret)
        except NotFound:
            return False
        return True

    # Steps

    def _create(self, name: str, password: str, role: Role, **profile: Any) -> Future[Account]:
        hashed = self._passwords.hash(password)
        account, written = self.registry.add(name, hashed, role, **profile)
        return written.then(lambda _: account)

    def _make_by_link(
        self, kind: str, secret: str, name: str, password: str, visitor: Visitor
    ) -> Future[SignedIn]:
        name, password = checked_name(name), checked_password(password)
        self._link_to_join(kind, secret)
        if self._sign_ups is not None:
            self._sign_ups.check(network_of(visitor.address))
        hashed = self._passwords.hash(password)
        link = self._link_to_join(kind, secret)
        sid, begun = self.registry.sessions.new(name_key(name), visitor)
        use = self.registry.links.used(secret, link)
        account, added = self.registry.add(name, hashed, link.role, use, begun)
        self._note(account.name, kind, invited_by=link.by, role=link.role, address=visitor.address)
        return added.then(lambda _: SignedIn(account, sid))

    def _claim(self, secret: str, password: str, visitor: Visitor) -> Future[SignedIn]:
        checked_password(password)
        hashed = self._passwords.hash(password)
        link = self._link_to_join("invite", secret)
        sid, begun = self.registry.sessions.new(link.account or "", visitor)
        account = self.registry.account(link.account or "")
        if account is None:
            raise NotFound("This account no longer exists.")
        use = self.registry.links.used(secret, link)
        claimed = self.registry.change(account.name, use, begun, password=hashed)
        self._note(
            account.name,
            "invite",
            invited_by=link.by,
            role=account.role,
            address=visitor.address,
        )
        return claimed.then(lambda account: SignedIn(account, sid))

    def _link_to_join(self, kind: str, secret: str) -> SecretLink:
        link = self.registry.links.find(kind, secret)
        if kind == "setup" and self.registry.has_admin():
            raise NotFound("This chat already has an admin.")
        if not self.registry.is_open(link):
            raise DeadLink("used", "This link has been used already. Ask for a new one.")
        account = self.registry.account(link.account) if link.account else None
        self._require_maker(link, account.role if account else link.role)
        return link

    def _resettable(self, link: SecretLink) -> Account:
        account = self.registry.account(link.account or "")
        if account is None:
            raise NotFound("This account no longer exists.")
        self._require_maker(link, account.role)
        return account

    def _require_maker(self, link: SecretLink, role: Role) -> None:
        """The link's creator may have lost the right since."""
        if not self.registry.may_creator_give(link, role):
            raise NotFound("The creator of this link no longer has this right.")

    def _set_password(
        self, account: Account, password: str, *, keep: str | None
    ) -> Future[Account]:
        hashed = self._passwords.hash(password)
        changed = self.registry.change(account.name, password=hashed)
        self.registry.links.revoke_all("reset", account.key)
        self.registry.sign_out_everywhere(account, keep=keep)
        return changed

    def _rehash(self, account: Account, password: str) -> None:
        """Hash the same password again with the current parameters."""
        hashed = self._passwords.hash(password)
        if self.registry.account(account.key) == account:
            self.registry.change(account.name, password=hashed)
