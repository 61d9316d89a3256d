"""Ports that nobody listens on, for servers that the tests start."""

import atexit
import itertools
import random
import socket

LOWEST, HIGHEST = 10_000, 32_000
"""Below the range from which the system takes the ports of outgoing connections. A port of that
range could be handed to a client while its server is down for a restart; the client would then
connect to itself, and the server could not come back."""

REFUSED_BY_BROWSERS = frozenset([10_080])
"""Of this range; from the Fetch standard, "bad port"."""

RUN = 500
"""Each process of tests goes round in as many ports of its own. Two at the same time would
otherwise take each other's ports while a server is down for a restart."""


def free_port() -> int:
    """A port on 127.0.0.1 that can be listened on now, and after a restart too."""
    return next(port for port in _ports if port not in REFUSED_BY_BROWSERS and _is_free(port))


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def claim_run() -> socket.socket:
    """Bound to the first port of a run: as long as it is, no other process takes that run."""
    firsts = list(range(LOWEST, HIGHEST, RUN))
    random.shuffle(firsts)
    for first in firsts:
        claim = socket.socket()
        try:
            claim.bind(("127.0.0.1", first))
        except OSError:
            claim.close()
        else:
            return claim
    raise OSError("No run of ports is free for these tests.")


_claim = claim_run()
atexit.register(_claim.close)
_first = _claim.getsockname()[1]
_ports = itertools.cycle(range(_first + 1, _first + RUN))
