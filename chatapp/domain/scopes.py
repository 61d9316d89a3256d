"""What a token allows. Only tokens can have fewer than all scopes."""

from collections.abc import Iterable
from typing import Literal, get_args

Scope = Literal[
    "read", "post", "react", "files", "rooms", "write", "admin", "metrics", "agent", "draft"
]
SCOPES: tuple[Scope, ...] = get_args(Scope)

PARTS_OF_WRITE: frozenset[Scope] = frozenset(["post", "react", "files", "rooms"])
"""What `write` includes; each of them can be given by itself."""
OF_AGENTS: frozenset[Scope] = frozenset(["agent", "draft"])
"""What the token of an agent can have, and no other: its brakes hold at no other door."""


def granted(scopes: Iterable[Scope]) -> tuple[Scope, ...]:
    """All scopes that these include, in the order of `SCOPES`."""
    given = set(scopes)
    if "write" in given:
        given |= PARTS_OF_WRITE
    return tuple(scope for scope in SCOPES if scope in given)
