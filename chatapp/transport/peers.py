"""The processes of one chat, as the transport knows them: ids and addresses.

A session belongs to the process that opened it, and its id begins with the id of that process:

    n3.q0Jx3cYQ1Yw8m2mT6l9s
"""

from collections.abc import Callable
from dataclasses import dataclass

SEPARATOR = "."


@dataclass(frozen=True, slots=True)
class Peers:
    """`own` is the id of this process, without a dot. `address_of(node)` is where another process
    listens for requests that are passed on; None if it is unknown or gone. `now()` is the time in
    seconds since 1970, the same for all, and `key` their secret."""

    own: str
    key: bytes
    address_of: Callable[[str], tuple[str, int] | None]
    now: Callable[[], float]

    def owner_of(self, session: str) -> str | None:
        """The id of the other process to which a session belongs, by its id."""
        node, separator, _ = session.partition(SEPARATOR)
        return node if separator and node and node != self.own else None
