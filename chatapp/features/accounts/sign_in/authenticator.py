"""Authenticates connections: guests by name, scripts by token, pages by their session."""

import secrets
from collections.abc import Callable, Mapping
from typing import Any

from chatapp.domain.errors import Unauthorized
from chatapp.domain.model import Person
from chatapp.features.accounts.manager import AccountManager
from chatapp.protocol.codec import decoder
from chatapp.protocol.requests import Auth

KEY_BYTES = 24

SessionOf = Callable[[Mapping[str, Any]], Mapping[str, Any]]
"""Reads the browser's session from a request's environ."""


def authenticator(
    accounts: AccountManager, session_of: SessionOf
) -> Callable[[bytes, Mapping[str, Any]], Person]:
    """Turns a handshake, its auth and its environ, into a `Person`, or refuses it."""
    decode = decoder(Auth)

    def authenticate(auth: bytes, environ: Mapping[str, Any]) -> Person:
        said = decode(auth)
        if said.token is not None:
            return accounts.bearer(said.token)
        if said.name is not None:
            return accounts.guest(said.name, said.key or secrets.token_urlsafe(KEY_BYTES))
        person = accounts.person_of(session_of(environ))
        if person is None:
            raise Unauthorized('Give a name: connect with auth {"name": "…"}.')
        return person

    return authenticate
