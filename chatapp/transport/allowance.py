"""Rate limits of events, for each person and each address. Every event has a weight.

An allowance refills at `per_second`, up to `burst`; each event takes its weight from it. Events
that arrive while it is empty are refused. Refusing is cheap but not free, so it costs a little as
well. A client that continues gets into debt, and the server stops reading from it until the debt is
paid. So a flood costs no more than the allowance permits, and a client that was slightly too fast
waits only briefly.

All connections of a person share one allowance. All connections of an address share another, as
large as those of several people. If an address has used up its allowance, each person there keeps a
small part of their own, because somebody else may have caused it. Allowances outlive connections:
reconnecting does not reset them.
"""

from collections.abc import Callable
from time import monotonic

from chatapp.domain.addresses import network_of
from chatapp.domain.rates import Rate, times
from chatapp.transport.connection import Connection

REFUSED_WEIGHT = 1.0
"""The weight of an event that was refused."""
DEBT_SECONDS = 1.0
"""The server stops reading from a connection whose debt takes longer than this to refill."""
MAX_DEBT_SECONDS = 2.0
"""Refused events add no debt beyond this."""
CONNECTIONS_A_PERSON = 10
"""The allowance of an address is that of its maximum of connections divided by this many people."""
RESERVED_FRACTION = 1 / 50
"""The fraction of a person's allowance that remains when their address has used up its own."""
CLEANUP_SIZE = 1_000
"""Number of allowances kept before full ones are discarded."""


class Allowance:
    """The remaining allowance of one person or address; below zero it is a debt."""

    __slots__ = ("left", "updated_at")

    def __init__(self, left: float, now: float) -> None:
        self.left = left
        self.updated_at = now


class Allowances:
    """The allowances of all people, or of all addresses. Without a `rate` there is no limit."""

    def __init__(
        self,
        rate: Rate | None = None,
        *,
        refused_weight: float = REFUSED_WEIGHT,
        now: Callable[[], float] = monotonic,
    ) -> None:
        self._refused_weight = refused_weight
        self._now = now
        self._allowances: dict[str, Allowance] = {}
        self._cleanup_size = CLEANUP_SIZE
        self.rate = rate

    def take(self, key: str, weight: float) -> float:
        """Charge `weight`. Returns 0 if the event is allowed, otherwise the seconds until the next
        one is."""
        rate = self.rate
        if rate is None:
            return 0.0
        allowance = self._filled(key, rate)
        if allowance.left > 0:
            allowance.left -= weight
            return 0.0
        lowest = min(allowance.left, -MAX_DEBT_SECONDS * rate.per_second)
        allowance.left = max(lowest, allowance.left - min(weight, self._refused_weight))
        return (REFUSED_WEIGHT - allowance.left) / rate.per_second

    def debt(self, key: str) -> float:
        """Seconds for which the server should not read from them."""
        rate = self.rate
        if rate is None or key not in self._allowances:
            return 0.0
        owed = -self._filled(key, rate).left / rate.per_second
        return owed if owed > DEBT_SECONDS else 0.0

    def __len__(self) -> int:
        return len(self._allowances)

    def _filled(self, key: str, rate: Rate) -> Allowance:
        now = self._now()
        allowance = self._allowances.get(key)
        if allowance is None:
            if len(self._allowances) >= self._cleanup_size:
                self._forget_full(now, rate)
            allowance = self._allowances[key] = Allowance(rate.burst, now)
            return allowance
        filled = allowance.left + (now - allowance.updated_at) * rate.per_second
        allowance.left = min(filled, rate.burst)
        allowance.updated_at = now
        return allowance

    def _forget_full(self, now: float, rate: Rate) -> None:
        """Discard full allowances: a new one would be full as well."""
        self._allowances = {
            key: one
            for key, one in self._allowances.items()
            if one.left + (now - one.updated_at) * rate.per_second < rate.burst
        }
        self._cleanup_size = max(CLEANUP_SIZE, 2 * len(self._allowances))


class EventLimits:
    """Charges connections for their events, both to the person and to the address."""

    def __init__(self, now: Callable[[], float] = monotonic) -> None:
        self._people = Allowances(now=now)
        self._addresses = Allowances(now=now)
        self._reserved = Allowances(now=now)
        self._arrivals = Allowances(refused_weight=0, now=now)

    def limit(self, events: Rate | None, connections_per_address: int) -> None:
        """Set the limit of a person; the limit of an address follows from its number of
        connections."""
        people = connections_per_address / CONNECTIONS_A_PERSON
        self._people.rate = events
        self._addresses.rate = times(events, people)
        self._reserved.rate = times(events, RESERVED_FRACTION)
        self._arrivals.rate = (
            Rate(burst=connections_per_address, per_second=people) if people else None
        )

    def arrive(self, address: str) -> bool:
        """Whether the address may open another connection now."""
        return not self._arrivals.take(network_of(address), 1)

    def charge(self, connection: Connection, weight: float) -> float:
        """0 if the event is allowed, otherwise the seconds until the next one is."""
        if wait := self._people.take(connection.payer, weight):
            return wait
        wait = self._addresses.take(connection.network, weight)
        return wait and self._reserved.take(connection.payer, weight)

    def debt(self, connection: Connection) -> float:
        """Seconds for which the server should not read from this connection."""
        payer, network = connection.payer, connection.network
        shared = min(self._addresses.debt(network), self._reserved.debt(payer))
        return max(self._people.debt(payer), shared)
