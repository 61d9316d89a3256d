"""Who is connecting: a guest by name, a script by token, or whoever the page's session says."""

import secrets
from collections.abc import Callable, Mapping
from typing import Any

from chatapp.accounts.manager import AccountManager
from chatapp.errors import Unauthorized
from chatapp.model import Person
from chatapp.wire import Auth, decoder

KEY_BYTES = 24

SessionOf = Callable[[Mapping[str, Any]], Mapping[str, Any]]
"""The browser's session that came with a request, from the request's environ."""


class Identity:
    """Turns a handshake, its auth and its environ, into a `Person`, or refuses it."""

    def __init__(self, accounts: AccountManager, session_of: SessionOf) -> None:
        self._accounts = accounts
        self._session_of = session_of
        self._decode = decoder(Auth)

    def __call__(self, auth: bytes, environ: Mapping[str, Any]) -> Person:
        said = self._decode(auth)
        if said.token is not None:
            return self._accounts.bearer(said.token)
        if said.name is not None:
            return self._accounts.guest(said.name, said.key or secrets.token_urlsafe(KEY_BYTES))
        person = self._accounts.person_of(self._session_of(environ))
        if person is None:
            raise Unauthorized('Say who you are: connect with auth {"name": "…"}.')
        return person
