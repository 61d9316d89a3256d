"""Tokens, which scripts use instead of a password.

A token belongs to an account, allows only what its scopes say, and is shown once: only its digest
is kept. Revoking it closes the connections that used it.

    read     connect, be in rooms while connected, receive messages, read history, search; required
             for everything else over a socket
    post     send, schedule, forward, edit and delete messages, begin and close polls; show that one
             types
    react    add and remove reactions, vote in polls
    files    upload files, and remove one's uploads
    rooms    create, change and delete rooms and their members
    write    all of the last four, and read marks, pins, status, and everything else that an account
             stores or shows
    admin    the account's rights as an admin: mute, kick, ban
    metrics  read `/metrics` from another machine, whatever the account's role
    agent    call the tools of agents, and nothing else: no socket, no other request
    draft    with `agent`: write drafts, which a person approves
"""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

import msgspec

from chatapp.domain.clock import timestamp
from chatapp.domain.errors import BadPayload, NotFound, Unauthorized
from chatapp.domain.future import Future
from chatapp.domain.limits import checked_title
from chatapp.domain.scopes import OF_AGENTS, SCOPES, Scope
from chatapp.features.accounts.model import digest
from chatapp.tables.table import TableStore

PREFIX = "chatapp_"
"""Identifies tokens for people and for programs that search for leaked secrets."""
ID_CHARACTERS = 12
USED_EVERY = timedelta(hours=1)
"""Writing every use would add a line for each connection."""


class Token(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Table `tokens`, by the token's SHA-256. `title` says what it is for. `used_at` is the last
    use, with the precision of `USED_EVERY`; None if it was never used."""

    account: str
    title: str
    scopes: tuple[Scope, ...]
    created_at: str
    expires_at: str | None = None
    used_at: str | None = None


class Tokens:
    def __init__(
        self, directory: TableStore, *, clock: Callable[[], datetime], secret: Callable[[], str]
    ) -> None:
        self.table = directory.table("tokens", Token)
        self._clock = clock
        self._secret = secret

    def create(
        self, account: str, title: str, scopes: tuple[str, ...], days: int | None
    ) -> Future[str]:
        """Create a token for the account with this key. It is returned only this once."""
        allowed, now = checked_scopes(scopes), self._clock()
        secret = PREFIX + self._secret()
        token = Token(
            account=account,
            title=checked_title(title),
            scopes=allowed,
            created_at=timestamp(now),
            expires_at=None if days is None else timestamp(now + timedelta(days=days)),
        )
        return self.table.put(digest(secret), token).then(lambda _: secret)

    def find(self, secret: str) -> Token:
        """The token, if it still works; raises `Unauthorized`."""
        token = self.table.get(digest(secret))
        if token is None or (token.expires_at and token.expires_at <= timestamp(self._clock())):
            raise Unauthorized("This token is unknown or has expired.")
        return token

    def use(self, secret: str) -> Token:
        """As `find`, and note that the token is used now."""
        token, now = self.find(secret), self._clock()
        if token.used_at is None or token.used_at <= timestamp(now - USED_EVERY):
            used = msgspec.structs.replace(token, used_at=timestamp(now))
            self.table.put(digest(secret), used, expected=token)
        return token

    def all(self, account: str | None = None) -> list[tuple[str, Token]]:
        """The tokens of one account or of all, with the ids for revoking them."""
        return [
            (key[:ID_CHARACTERS], token)
            for key, token in self.table.items()
            if account in (None, token.account)
        ]

    def named(self, id: str) -> Token:
        """The token with this id; raises `NotFound`."""
        for known, token in self.all():
            if known == id:
                return token
        raise NotFound(f"There is no token {id!r}.")

    def revoke(self, id: str) -> tuple[Token, Future[None]]:
        """Revoke a token and return it; raises `NotFound`."""
        for key, token in list(self.table.items()):
            if key[:ID_CHARACTERS] == id:
                return token, self.table.delete(key)
        raise NotFound(f"There is no token {id!r}.")

    def revoke_all(self, account: str) -> None:
        for id, _ in self.all(account):
            self.revoke(id)


def checked_scopes(scopes: Iterable[str]) -> tuple[Scope, ...]:
    """These scopes, in the order of `SCOPES`; raises `BadPayload`."""
    given = set(scopes)
    if not given or not given <= set(SCOPES):
        raise BadPayload(f"The scopes of a token are {', '.join(SCOPES)}.")
    if given & OF_AGENTS and not {"agent"} <= given <= OF_AGENTS:
        raise BadPayload("The token of an agent has the scope 'agent', or 'agent' and 'draft'.")
    return tuple(scope for scope in SCOPES if scope in given)
