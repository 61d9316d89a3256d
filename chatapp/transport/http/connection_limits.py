"""Limits of simultaneous connections, in total and per address."""

import sys
from collections import Counter

from chatapp.domain.addresses import network_of


class ConnectionLimits:
    """Counts connections, in total and per address. A limit of 0 means no limit.

    One IPv6 customer has 2^64 addresses (RFC 6177), which count as one.
    """

    def __init__(self, most: int, most_per_address: int) -> None:
        self._ceiling = sys.maxsize
        self.limit(most, most_per_address)
        self._taken: Counter[str] = Counter()
        self.count = 0

    def limit(self, most: int, most_per_address: int) -> None:
        self._most = most
        self._most_per_address = most_per_address

    def cap(self, ceiling: int) -> None:
        """An upper bound, whatever the limit."""
        self._ceiling = ceiling

    def take(self, address: str) -> bool:
        """Count one more connection from this address. Returns False if a limit is reached."""
        if self.count >= min(self._most or sys.maxsize, self._ceiling):
            return False
        network = network_of(address)
        if self._most_per_address and self._taken[network] >= self._most_per_address:
            return False
        self._taken[network] += 1
        self.count += 1
        return True

    def leave(self, address: str) -> None:
        network = network_of(address)
        self.count -= 1
        self._taken[network] -= 1
        if not self._taken[network]:
            del self._taken[network]
