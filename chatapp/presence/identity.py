"""Who is connecting: a guest by name, a script by token, or whoever the page's session says."""

import secrets
from collections.abc import Callable
from typing import Any

from chatapp.config import Access
from chatapp.errors import NameTaken, Unauthorized
from chatapp.limits import checked_name
from chatapp.model import Person
from chatapp.wire import Auth, decoder


class Identity:
    """Turns a handshake into a `Person`, or refuses it.

    `of_session(environ)` is the visitor whose cookie came with the handshake, if any;
    `is_account(name)` says whether a name is a registered one.
    """

    def __init__(
        self,
        access: Access,
        *,
        of_session: Callable[[dict[str, Any]], Person | None],
        is_account: Callable[[str], bool],
    ) -> None:
        self._access = access
        self._of_session = of_session
        self._is_account = is_account
        self._decode = decoder(Auth)

    def __call__(self, auth: bytes, environ: dict[str, Any]) -> Person:
        said = self._decode(auth)
        if said.token is not None:
            raise Unauthorized("This token is not known here.")
        if said.name is not None:
            return self._guest(said.name, said.key)
        person = self._of_session(environ)
        if person is None:
            raise Unauthorized('Say who you are: connect with auth {"name": "…"}.')
        return person

    def _guest(self, wanted: str, key: str | None) -> Person:
        if self._access == "members":
            raise Unauthorized("This chat is for its members; sign in first.")
        name = checked_name(wanted)
        if self._is_account(name):
            raise NameTaken(f"{name!r} belongs to an account; sign in, or choose another name.")
        return Person(name=name, key=key or secrets.token_urlsafe(24))
