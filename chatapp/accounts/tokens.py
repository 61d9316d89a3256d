"""Tokens: what a script shows instead of a password.

A token belongs to an account, may do only what its scopes say, and is shown once: only its
digest is kept. Revoking it closes the connections that it made.

    read     come in, be in rooms, hear, read back, search; nothing of the next two goes without
    write    post, change and delete messages; make and change rooms
    admin    what the account may do as an admin: mute, kick, ban
    metrics  read `/metrics` from another machine, whatever the account's role
"""

from collections.abc import Callable
from datetime import datetime, timedelta

import msgspec

from chatapp.accounts.digest import digest
from chatapp.clock import timestamp
from chatapp.errors import BadPayload, NotFound, Unauthorized
from chatapp.limits import checked_title
from chatapp.model import SCOPES, Scope
from chatapp.pending import Pending
from chatapp.table import Directory, Table

PREFIX = "chatapp_"
"""Tells people, and programs that look for leaked secrets, what this is."""
ID_CHARACTERS = 12


class Token(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Table `tokens`, by the token's SHA-256. `title` says what it is for."""

    account: str
    title: str
    scopes: tuple[Scope, ...]
    created_at: str
    expires_at: str | None = None


class Tokens:
    def __init__(
        self, directory: Directory, *, clock: Callable[[], datetime], secret: Callable[[], str]
    ) -> None:
        self._table = Table(directory, "tokens", Token)
        self._clock = clock
        self._secret = secret

    def create(
        self, account: str, title: str, scopes: tuple[str, ...], days: int | None
    ) -> Pending[str]:
        """A new token of an account, by its key. The only time that it is seen."""
        wrong = [scope for scope in scopes if scope not in SCOPES]
        if wrong or not scopes:
            raise BadPayload(f"A token's scopes are some of {', '.join(SCOPES)}.")
        now = self._clock()
        secret = PREFIX + self._secret()
        token = Token(
            account=account,
            title=checked_title(title),
            scopes=tuple(scope for scope in SCOPES if scope in scopes),
            created_at=timestamp(now),
            expires_at=None if days is None else timestamp(now + timedelta(days=days)),
        )
        return self._table.put(digest(secret), token).then(lambda _: secret)

    def find(self, secret: str) -> Token:
        """The token, if it still works; raises `Unauthorized`."""
        token = self._table.get(digest(secret))
        if token is None or (token.expires_at and token.expires_at <= timestamp(self._clock())):
            raise Unauthorized("This token is not known here, or has ended.")
        return token

    def all(self, account: str | None = None) -> list[tuple[str, Token]]:
        """The tokens, of one account or of all, with the ids by which they are revoked."""
        return [
            (key[:ID_CHARACTERS], token)
            for key, token in self._table.items()
            if account in (None, token.account)
        ]

    def revoke(self, id: str) -> tuple[Token, Pending[None]]:
        """The token that works no more from now on; raises `NotFound`."""
        for key, token in list(self._table.items()):
            if key[:ID_CHARACTERS] == id:
                return token, self._table.delete(key)
        raise NotFound(f"There is no token {id!r}.")

    def revoke_all(self, account: str) -> None:
        for id, _ in self.all(account):
            self.revoke(id)
