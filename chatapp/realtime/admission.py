"""Who may come in: from which page, and how many at once.

Browsers say in `Origin` which page a request comes from, on every WebSocket and every POST.
A request that carries a cookie, as a browser's does, but no origin, is refused there: it is
either forged or from a client that should not have that cookie.
"""

import sys
from collections import Counter
from typing import Any

from chatapp.addresses import place_of

Environ = dict[str, Any]

_OWN_PAGE = ("same-origin", "none")


def is_cross_site(environ: Environ, allowed: list[str] | None) -> bool:
    """Whether a page that has no business here sent this. `allowed` None allows all."""
    if allowed is None:
        return False
    origin = environ.get("HTTP_ORIGIN")
    if origin is not None:
        return origin not in allowed
    site = environ.get("HTTP_SEC_FETCH_SITE")
    if site is not None:
        return site not in _OWN_PAGE
    can_change = environ["REQUEST_METHOD"] == "POST" or "HTTP_UPGRADE" in environ
    return can_change and "HTTP_COOKIE" in environ


class Seats:
    """Counts connections, in all and by address. A limit of 0 is no limit.

    Whoever has one IPv6 address has 2^64 of them (RFC 6177): those count as one.
    """

    def __init__(self, most: int, most_per_address: int) -> None:
        self._there_are = sys.maxsize
        self.limit(most, most_per_address)
        self._taken: Counter[str] = Counter()
        self.count = 0

    def limit(self, most: int, most_per_address: int) -> None:
        """From now on. Who has a seat keeps it."""
        self._most = most
        self._most_per_address = most_per_address

    def cap(self, there_are: int) -> None:
        """There are no more, whatever the limit."""
        self._there_are = there_are

    def take(self, address: str) -> bool:
        """Whether there is room for one more from this address; then it is taken."""
        if self.count >= min(self._most or sys.maxsize, self._there_are):
            return False
        place = place_of(address)
        if self._most_per_address and self._taken[place] >= self._most_per_address:
            return False
        self._taken[place] += 1
        self.count += 1
        return True

    def leave(self, address: str) -> None:
        place = place_of(address)
        self.count -= 1
        self._taken[place] -= 1
        if not self._taken[place]:
            del self._taken[place]
