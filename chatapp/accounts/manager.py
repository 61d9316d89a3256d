"""The rules of accounts: who may be called what, who gets in, who is the first admin.

What is written is durable when the returned `Pending` is there; until then it is in
`_coming`, so that two who register one name at the same moment do not both get it.
Hashing a password lets other greenlets run: what was true before it is asked again after.
"""

import hashlib
import hmac
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from itertools import chain
from typing import Any, Protocol, TypeVar

import msgspec

from chatapp.accounts.attempts import LoginAttempts
from chatapp.accounts.model import ADMINISTRATORS, Account, Role, Session, SetupToken
from chatapp.accounts.passwords import Passwords, checked_password, hashable
from chatapp.clock import timestamp
from chatapp.config import Access
from chatapp.errors import BadPayload, ChatError, NameTaken, NotFound, Unauthorized
from chatapp.limits import checked_name, name_key
from chatapp.model import Person
from chatapp.pending import Pending

SESSION_LIFETIME = timedelta(days=30)
ADMIN_NAME = "admin"
"""The account that CHATAPP_ADMIN_PASSWORD makes."""
MIN_GUEST_KEY_CHARACTERS = 16
MAX_GUEST_KEY_CHARACTERS = 128
MAX_DEVICE_CHARACTERS = 200

_SETUP_KEY = "token"

T = TypeVar("T")


class Directory(Protocol):
    """What accounts need of the storage. Reads see what is durable."""

    def get(self, table: str, key: str, type: type[T]) -> T | None: ...
    def items(self, table: str, type: type[T]) -> Iterable[tuple[str, T]]: ...
    def put(self, table: str, key: str, value: Any) -> Pending[None]: ...
    def delete(self, table: str, key: str) -> Pending[None]: ...


class Visitor(msgspec.Struct, frozen=True):
    """From where somebody signs in: the client's address, and what its browser calls itself."""

    address: str
    device: str


class SignedIn(msgspec.Struct, frozen=True):
    """An account, and the session that a browser now has with it."""

    account: Account
    sid: str


class AccountManager:
    """People and their secrets. Knows no requests: a session is any mapping."""

    def __init__(
        self,
        directory: Directory,
        passwords: Passwords,
        attempts: LoginAttempts,
        *,
        access: Access,
        clock: Callable[[], datetime],
        secret: Callable[[], str],
    ) -> None:
        self.access = access
        self._directory = directory
        self._passwords = passwords
        self._attempts = attempts
        self._clock = clock
        self._secret = secret
        self._coming: dict[str, Account] = {}

    # Who is it?

    def person_of(self, session: Mapping[str, Any]) -> Person | None:
        """Whom a browser's session belongs to; None is nobody, or nobody any more.

        An account's session is `{"sid"}`, a guest's `{"name", "key"}`.
        """
        if "sid" in session:
            account = self.account_of(session)
            return None if account is None else _person(account)
        if "name" in session and "key" in session:
            try:
                return self.guest(session["name"], session["key"])
            except ChatError:
                return None
        return None

    def account_of(self, session: Mapping[str, Any]) -> Account | None:
        """The account that a browser is signed in to."""
        sid = session.get("sid")
        known = self._directory.get("sessions", sid, type=Session) if sid else None
        if known is None or self._is_over(known):
            return None
        return self._account(known.account)

    def guest(self, name: str, key: str) -> Person:
        """A person without an account, where the chat is open to them.

        The key is the client's own secret: who brings the same one is the same person.
        """
        if self.access != "open":
            raise Unauthorized("This chat is for members. Sign in first.")
        if not MIN_GUEST_KEY_CHARACTERS <= len(key) <= MAX_GUEST_KEY_CHARACTERS:
            raise BadPayload(
                f"A key has {MIN_GUEST_KEY_CHARACTERS} to {MAX_GUEST_KEY_CHARACTERS} characters."
            )
        name = checked_name(name)
        if self.is_registered(name):
            raise NameTaken(f"{name} has an account here. Sign in, or choose another name.")
        return Person(name=name, key=key, role="guest")

    def is_registered(self, name: str) -> bool:
        """Whether an account has this name, in any spelling, or is about to."""
        key = name_key(name)
        return key in self._coming or self._account(key) is not None

    def registered_name(self, name: str) -> str | None:
        """The name as its account writes it; None where no account has it."""
        account = self._account(name_key(name))
        return None if account is None else account.name

    # Signing in and out

    def sign_in(self, name: str, password: str, visitor: Visitor) -> Pending[SignedIn]:
        """A session for who knows the password.

        An unknown name is answered as a wrong password is, in words and in time.
        """
        key = name_key(name)
        self._attempts.count(key, visitor.address)
        account = self._account(key)
        hashed = account.password if account else None
        if not self._passwords.matches(hashed, hashable(password)) or account is None:
            raise Unauthorized("The name or the password is wrong.")
        self._attempts.forget(key, visitor.address)
        if self._passwords.is_outdated(account.password):
            self._rehash(account, password)
        return self._open_session(account, visitor)

    def sign_out(self, session: Mapping[str, Any]) -> Pending[None]:
        if "sid" not in session:
            return Pending.of(None)
        return self._directory.delete("sessions", session["sid"])

    # Accounts

    def create(self, name: str, password: str, role: Role = "member") -> Pending[Account]:
        """A new account. Its name is taken from now on, in every spelling."""
        return self._create(checked_name(name), checked_password(password), role)

    def has_admin(self) -> bool:
        known = (account for _, account in self._directory.items("accounts", type=Account))
        return any(
            account.role in ADMINISTRATORS for account in chain(self._coming.values(), known)
        )

    # The first admin

    def make_admin(self, password: str) -> Pending[str | None]:
        """Make the account `admin` with the password that the settings give, if there is none.

        Where there is one, it stays as it is: the setting is for the first start, and an old
        value in some unit file must not undo a newer password. The outcome is None, or a
        sentence for the log when the setting was of no use.
        """
        admin = self._account(name_key(ADMIN_NAME))
        if admin is None:
            return self._create(ADMIN_NAME, hashable(password), "owner").then(lambda _: None)
        if admin.role in ADMINISTRATORS and self._passwords.matches(admin.password, password):
            return Pending.of(None)
        return Pending.of(
            f"CHATAPP_ADMIN_PASSWORD is not used: there is an account {ADMIN_NAME} already, "
            "and it keeps its own password and role."
        )

    def setup_token(self) -> Pending[str | None]:
        """A new one-time token for the first admin, or None where there is an admin.

        An older token is worth nothing from then on.
        """
        if self.has_admin():
            return Pending.of(None)
        token = self._secret()
        setup = SetupToken(digest=_digest(token), created_at=self._now())
        return self._directory.put("setup", _SETUP_KEY, setup).then(lambda _: token)

    def is_setup_token(self, token: str) -> bool:
        setup = self._directory.get("setup", _SETUP_KEY, type=SetupToken)
        return (
            setup is not None
            and hmac.compare_digest(setup.digest, _digest(token))
            and not self.has_admin()
        )

    def set_up(self, token: str, name: str, password: str, visitor: Visitor) -> Pending[SignedIn]:
        """Make the owner, and sign in. The token is used up by that."""
        name, password = checked_name(name), checked_password(password)
        self._require_setup_token(token)
        hashed = self._passwords.hash(password)
        self._require_setup_token(token)
        account = self._new_account(name, hashed, "owner")
        self._add(account)
        self._directory.delete("setup", _SETUP_KEY)
        return self._open_session(account, visitor)

    # Steps

    def _create(self, name: str, password: str, role: Role) -> Pending[Account]:
        account = self._new_account(name, self._passwords.hash(password), role)
        return self._add(account).then(lambda _: account)

    def _new_account(self, name: str, hashed: str, role: Role) -> Account:
        if self.is_registered(name):
            raise NameTaken(f"Somebody here is called {name} already. Choose another name.")
        return Account(name=name, role=role, password=hashed, created_at=self._now())

    def _add(self, account: Account) -> Pending[None]:
        written = self._directory.put("accounts", account.key, account)
        self._coming[account.key] = account
        written.when_done(lambda _: self._coming.__delitem__(account.key))
        return written

    def _rehash(self, account: Account, password: str) -> None:
        hashed = self._passwords.hash(password)
        if self._account(account.key) == account:
            renewed = msgspec.structs.replace(account, password=hashed)
            self._directory.put("accounts", account.key, renewed)

    def _open_session(self, account: Account, visitor: Visitor) -> Pending[SignedIn]:
        sid = self._secret()
        session = Session(
            account=account.key,
            created_at=self._now(),
            address=visitor.address,
            device=visitor.device[:MAX_DEVICE_CHARACTERS],
        )
        opened = self._directory.put("sessions", sid, session)
        return opened.then(lambda _: SignedIn(account, sid))

    def _require_setup_token(self, token: str) -> None:
        if not self.is_setup_token(token):
            raise NotFound("This link is not valid, or was used already.")

    def _account(self, key: str) -> Account | None:
        return self._directory.get("accounts", key, type=Account)

    def _is_over(self, session: Session) -> bool:
        return self._clock() - datetime.fromisoformat(session.created_at) > SESSION_LIFETIME

    def _now(self) -> str:
        return timestamp(self._clock())


def _person(account: Account) -> Person:
    return Person(name=account.name, key=f"account:{account.key}", role=account.role)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode(errors="surrogatepass")).hexdigest()
