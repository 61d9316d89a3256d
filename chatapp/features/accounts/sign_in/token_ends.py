"""Ends the connections of an account when one of its tokens expires.

A token is looked at when a connection begins, and a stream or a socket may stay open for months.
Nobody knows which connection came by which token, so all of the account are closed, as after a
revocation; those with something else to show come in again. Every process closes its own.
"""

from collections.abc import Callable

from chatapp.domain.clock import Clock, timestamp
from chatapp.domain.due_times import DueTimes, Later
from chatapp.features.accounts.sign_in.tokens import Token, Tokens


class TokenEnds:
    """`expel(account)` closes the connections of the account with this key. Begins with
    `start()`."""

    def __init__(
        self, tokens: Tokens, *, expel: Callable[[str], object], clock: Clock, later: Later
    ) -> None:
        self._tokens = tokens
        self._expel = expel
        self._clock = clock
        self._due = DueTimes(self._end, clock=clock, later=later, is_on=lambda: True)

    def start(self) -> None:
        self._tokens.table.on_change(lambda key, _old, new: self._note(key, new))
        for key, token in self._tokens.table.items():
            self._note(key, token)

    def _note(self, key: str, token: Token | None) -> None:
        until = token and token.expires_at
        self._due.set(key, until if until and until > timestamp(self._clock()) else None)

    def _end(self, key: str, _at: str) -> None:
        if token := self._tokens.table.get(key):
            self._expel(token.account)
