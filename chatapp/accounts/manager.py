"""The rules of accounts: who may be called what, who gets in, who is the first admin.

What is written is durable when the returned `Pending` is there. Hashing a password lets
other greenlets run: what was true before it is asked again after.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import msgspec

from chatapp.accounts.attempts import LoginAttempts
from chatapp.accounts.model import ADMINISTRATORS, Account, Link, Role, Session
from chatapp.accounts.passwords import Passwords, checked_password, hashable
from chatapp.accounts.registry import Expel, Registry, person_key
from chatapp.accounts.rights import COMMAND_LINE
from chatapp.accounts.sessions import Visitor, session_id
from chatapp.addresses import place_of
from chatapp.config import Access
from chatapp.errors import BadPayload, ChatError, NameTaken, NotFound, Unauthorized
from chatapp.limits import (
    MAX_KEY_CHARACTERS,
    MIN_KEY_CHARACTERS,
    checked_display_name,
    checked_name,
    name_key,
)
from chatapp.model import Person
from chatapp.notes import UNKNOWN, Note, not_noted
from chatapp.pending import Pending
from chatapp.rates import Pace
from chatapp.table import Directory
from chatapp.wire import ChangeProfile

ADMIN_NAME = "admin"
"""The account that CHATAPP_ADMIN_PASSWORD makes."""


class SignedIn(msgspec.Struct, frozen=True):
    """An account, and the session that a browser now has with it."""

    account: Account
    sid: str


class AccountManager:
    """People and their secrets. Knows no requests: a session cookie is any mapping."""

    def __init__(
        self,
        directory: Directory,
        passwords: Passwords,
        attempts: LoginAttempts,
        *,
        access: Access,
        clock: Callable[[], datetime],
        secret: Callable[[], str],
        expel: Expel = lambda _key: None,
        note: Note = not_noted,
        sign_ups: Pace | None = None,
    ) -> None:
        """`expel` closes a person's connections, `note` is the audit log.

        `sign_ups` is how many accounts may be made from one address; None is any number.
        """
        self.access = access
        self.registry = Registry(directory, clock=clock, secret=secret, expel=expel)
        self._passwords = passwords
        self._attempts = attempts
        self._expel = expel
        self._note = note
        self._clock = clock
        self._sign_ups = sign_ups

    # Who is it?

    def person_of(self, cookie: Mapping[str, Any]) -> Person | None:
        """Whom a browser's session belongs to; None is nobody, or nobody any more.

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
        """The account that a browser is signed in to."""
        session = self.registry.sessions.find(cookie)
        return self.registry.account(session.account) if session else None

    def guest(self, name: str, key: str) -> Person:
        """A person without an account, where the chat is open to them.

        The key is the client's own secret: who brings the same one is the same person.
        """
        if self.access != "open":
            raise Unauthorized("This chat is for members. Sign in first.")
        if not MIN_KEY_CHARACTERS <= len(key) <= MAX_KEY_CHARACTERS:
            raise BadPayload(f"A key has {MIN_KEY_CHARACTERS} to {MAX_KEY_CHARACTERS} characters.")
        name = checked_name(name)
        if self.is_registered(name):
            raise NameTaken(f"{name} has an account here. Sign in, or choose another name.")
        self.registry.require_own_look(name)
        return Person(name=name, key=key, role="guest")

    def bearer(self, secret: str) -> Person:
        """Who shows a token: its account, as far as the token's scopes reach."""
        token = self.registry.tokens.find(secret)
        account = self.registry.account(token.account)
        if account is None:
            raise Unauthorized("The account of this token does not exist any more.")
        return msgspec.structs.replace(as_person(account), scopes=token.scopes)

    def is_registered(self, name: str) -> bool:
        """Whether an account has this name, in any spelling, or is about to."""
        return self.registry.is_taken(name)

    def registered_name(self, name: str) -> str | None:
        """The name as its account writes it; None where no account has it."""
        account = self.registry.account(name_key(name))
        return None if account is None else account.name

    def has_admin(self) -> bool:
        return self.registry.has_admin()

    def role_of(self, name: str) -> Role | None:
        """The role of the account of this name, in any spelling; None where there is none."""
        account = self.registry.account(name_key(name))
        return None if account is None else account.role

    # Signing in and out

    def sign_in(self, name: str, password: str, visitor: Visitor) -> Pending[SignedIn]:
        """A session for who knows the password.

        An unknown name is answered as a wrong password is, in words and in time.
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
            raise Unauthorized("The password was changed just now.")
        if self._passwords.is_outdated(account.password):
            self._rehash(account, password)
        self._note(account.name, "login", address=visitor.address)
        return self._enter(account, visitor)

    def sign_out(self, cookie: Mapping[str, Any]) -> Pending[None]:
        """End the browser's session, and the connections that were made with it."""
        if person := self.person_of(cookie):
            self._expel(person.key)
            if not person.is_guest:
                self._note(person.name, "logout")
        return self.registry.sessions.end(cookie["sid"]) if "sid" in cookie else Pending.of(None)

    def see(self, cookie: Mapping[str, Any], visitor: Visitor) -> None:
        """A browser with this cookie is here now."""
        self.registry.sessions.see(cookie, visitor)

    # One's own account

    def sessions(self, account: Account) -> list[tuple[str, Session]]:
        """An account's sessions with their ids, the last used first."""
        return self.registry.sessions.named(account)

    def end_session(self, account: Account, id: str) -> Pending[None]:
        for sid, _ in self.registry.sessions.of(account):
            if session_id(sid) == id:
                self.registry.expel(account)
                return self.registry.sessions.end(sid)
        raise NotFound("This session has ended already.")

    def end_other_sessions(self, account: Account, *, keep: str) -> None:
        """End every session of an account but the one with the sid `keep`."""
        self.registry.sign_out_everywhere(account, keep=keep)

    def change_password(
        self, account: Account, old: str, new: str, visitor: Visitor, *, keep: str | None
    ) -> Pending[Account]:
        """A new password; every session but the one with the sid `keep` ends."""
        checked_password(new)
        self._attempts.count(account.key, visitor.address)
        if not self._passwords.matches(account.password, hashable(old)):
            raise Unauthorized("The present password is wrong.")
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
    ) -> Pending[Account]:
        """A new account. Its name is taken from now on, in every spelling."""
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

    def invitation(self, secret: str) -> Link:
        """The invite with this secret; raises `NotFound`."""
        return self.registry.links.find("invite", secret)

    def join(self, secret: str, name: str, password: str, visitor: Visitor) -> Pending[SignedIn]:
        """An account for who was invited, and sign in. That is one use of the invite."""
        return self._make_by_link("invite", secret, name, password, visitor)

    def set_up(self, secret: str, name: str, password: str, visitor: Visitor) -> Pending[SignedIn]:
        """Make the owner, and sign in. The setup link is used up by that."""
        return self._make_by_link("setup", secret, name, password, visitor)

    # A lost password

    def reset_account(self, secret: str) -> Account:
        """Whose password the link with this secret resets; raises `NotFound`."""
        link = self.registry.links.find("reset", secret)
        account = self.registry.account(link.account or "")
        if account is None:
            raise NotFound("This account does not exist any more.")
        return account

    def reset(self, secret: str, password: str, visitor: Visitor) -> Pending[SignedIn]:
        """A new password for who has the link; all sessions end, and a new one begins."""
        checked_password(password)
        self.reset_account(secret)
        hashed = self._passwords.hash(password)
        account = self.reset_account(secret)
        self._note(account.name, "reset", address=visitor.address)
        self.registry.links.use(secret)
        self.registry.sign_out_everywhere(account)
        self.registry.change(account.name, password=hashed)
        return self._enter(account, visitor)

    def set_password(self, name: str, password: str) -> Pending[Account]:
        """A new password without the old one: for the command line. All sessions end."""
        self._note(COMMAND_LINE, "password", name=name)
        return self._set_password(self.registry.find(name), checked_password(password), keep=None)

    # The first admin

    def make_admin(self, password: str) -> Pending[str | None]:
        """Make the account `admin` with the password that the settings give, if there is none.

        Where there is one, it stays as it is: the setting is for the first start, and an old
        value in some unit file must not undo a newer password. The outcome is None, or a
        sentence for the log when the setting was of no use.
        """
        admin = self.registry.account(name_key(ADMIN_NAME))
        if admin is None:
            return self._create(ADMIN_NAME, hashable(password), "owner").then(lambda _: None)
        if admin.role in ADMINISTRATORS and self._passwords.matches(admin.password, password):
            return Pending.of(None)
        return Pending.of(
            f"CHATAPP_ADMIN_PASSWORD is not used: there is an account {ADMIN_NAME} already, "
            "and it keeps its own password and role."
        )

    def setup_token(self) -> Pending[str | None]:
        """A new one-time secret for the first admin, or None where there is an admin.

        An older one is worth nothing from then on.
        """
        if self.has_admin():
            return Pending.of(None)
        links = self.registry.links
        links.revoke_all("setup")
        setup = Link(kind="setup", by=COMMAND_LINE, role="owner", created_at=self.registry.now())
        return links.make(setup).then(lambda secret: secret)

    def is_setup_token(self, secret: str) -> bool:
        try:
            self._link_to_join("setup", secret)
        except NotFound:
            return False
        return True

    # Steps

    def _create(self, name: str, password: str, role: Role, **profile: Any) -> Pending[Account]:
        hashed = self._passwords.hash(password)
        account, written = self.registry.add(name, hashed, role, **profile)
        return written.then(lambda _: account)

    def _make_by_link(
        self, kind: str, secret: str, name: str, password: str, visitor: Visitor
    ) -> Pending[SignedIn]:
        name, password = checked_name(name), checked_password(password)
        self._link_to_join(kind, secret)
        if self._sign_ups is not None:
            self._sign_ups.check(place_of(visitor.address), self._clock().timestamp())
        hashed = self._passwords.hash(password)
        link = self._link_to_join(kind, secret)
        account, _ = self.registry.add(name, hashed, link.role)
        self._note(account.name, kind, invited_by=link.by, role=link.role, address=visitor.address)
        self.registry.links.use(secret)
        return self._enter(account, visitor)

    def _link_to_join(self, kind: str, secret: str) -> Link:
        link = self.registry.links.find(kind, secret)
        if kind == "setup" and self.has_admin():
            raise NotFound("This chat has an admin already.")
        return link

    def _enter(self, account: Account, visitor: Visitor) -> Pending[SignedIn]:
        """A new session. What was put before it is on the disk before it, too."""
        return self.registry.sessions.begin(account, visitor).then(
            lambda sid: SignedIn(account, sid)
        )

    def _set_password(
        self, account: Account, password: str, *, keep: str | None
    ) -> Pending[Account]:
        hashed = self._passwords.hash(password)
        changed = self.registry.change(account.name, password=hashed)
        self.registry.links.revoke_all("reset", account.key)
        self.registry.sign_out_everywhere(account, keep=keep)
        return changed

    def _rehash(self, account: Account, password: str) -> None:
        """The same password, hashed with the parameters of today."""
        hashed = self._passwords.hash(password)
        if self.registry.account(account.key) == account:
            self.registry.change(account.name, password=hashed)


def as_person(account: Account) -> Person:
    """Who an account is in the chat."""
    return Person(name=account.name, key=person_key(account), role=account.role)
