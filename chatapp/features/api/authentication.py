"""Who sends a request to the API: a program by its token or its guest's key, a page by its session.

The same secret is the same person as over Socket.IO, with the same bans and limits. Only a session
needs a CSRF token, because a browser sends its cookie by itself.
"""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from chatapp.domain.addresses import network_of
from chatapp.domain.errors import ChatError, NameTaken, NotAllowed, Unauthorized
from chatapp.domain.model import Person
from chatapp.domain.rights import check_scope
from chatapp.domain.scopes import Scope
from chatapp.features.accounts.manager import AccountManager
from chatapp.features.api.caller import Caller
from chatapp.features.handlers import too_fast
from chatapp.protocol.agents import AGENT_ROOT
from chatapp.web.authorization import BearerToken, parsed
from chatapp.web.csrf import SAFE_METHODS, Forged, check_forgery

Environ = dict[str, Any]

UNKNOWN_WEIGHT = 1.0
"""What an address pays for a request of somebody unknown."""


class Authentication:
    """`session_of(environ)` reads the browser's session. `admit(person, address)` raises
    `Unauthorized` if they are banned; `is_free(name, id)`: whether nobody else is online with this
    name. `charge(caller, weight)` returns the seconds to wait, or 0. `turned_away(address)` is
    called for each request that is refused here."""

    def __init__(
        self,
        accounts: AccountManager,
        *,
        session_of: Callable[[Environ], Mapping[str, Any]],
        admit: Callable[[Person, str], None],
        is_free: Callable[[str, str], bool],
        charge: Callable[[Caller, float], float],
        turned_away: Callable[[str], object],
    ) -> None:
        self._accounts = accounts
        self._session_of = session_of
        self._admit = admit
        self._is_free = is_free
        self._charge = charge
        self._turned_away = turned_away

    def caller(self, environ: Environ) -> Caller:
        """Raises `Unauthorized` for somebody unknown, and `NotAllowed` for a banned person, a token
        without the scope `read` (for the tools of agents: `agent`), or a page without its CSRF
        token."""
        address = environ.get("REMOTE_ADDR", "")
        try:
            return self._known(environ, address)
        except ChatError as error:
            if isinstance(error, Unauthorized | NotAllowed | Forged):
                self._turned_away(address)
            nobody = Caller(Person(name="", id=f"unknown:{network_of(address)}"), address)
            if seconds := self._charge(nobody, UNKNOWN_WEIGHT):
                raise too_fast(seconds) from None
            raise

    def _known(self, environ: Environ, address: str) -> Caller:
        person = msgspec.structs.replace(self._person(environ), place=network_of(address))
        needed: Scope = "agent" if environ["PATH_INFO"].startswith(AGENT_ROOT) else "read"
        check_scope(person, needed)
        try:
            self._admit(person, address)
        except Unauthorized as banned:
            raise NotAllowed(banned.message) from None
        return Caller(person, address)

    def _person(self, environ: Environ) -> Person:
        if header := environ.get("HTTP_AUTHORIZATION"):
            shown = parsed(header)
            if isinstance(shown, BearerToken):
                return self._accounts.bearer(shown.secret)
            return self._guest(shown.name, shown.key)
        session = self._session_of(environ)
        person = self._accounts.person_of(session)
        if person is None:
            raise Unauthorized("Send `Authorization: Bearer TOKEN`, or `Guest NAME:KEY`.")
        if environ["REQUEST_METHOD"] not in SAFE_METHODS:
            try:
                check_forgery(session, environ.get("HTTP_X_CSRF_TOKEN", ""))
            except Forged:
                raise Forged("Send the `csrf_token` of a page as `X-CSRF-Token`.") from None
        return person

    def _guest(self, name: str, key: str) -> Person:
        person = self._accounts.guest(name, key)
        if not self._is_free(person.name, person.id):
            raise NameTaken(f"Someone called {person.name} is already online.")
        return person
