"""Ports that nobody listens on, for servers that the tests start."""

import itertools
import random
import socket

LOWEST, HIGHEST = 10_000, 32_000
"""Below the range from which the system takes the ports of outgoing connections. A port of that
range could be handed to a client while its server is down for a restart; the client would then
connect to itself, and the server could not come back."""

RUN = 500
"""Each run of the tests goes round in as many ports of its own. Two runs at the same time would
otherwise take each other's ports while a server is down for a restart."""

_first = random.randrange(LOWEST, HIGHEST, RUN)
_ports = itertools.cycle(range(_first, _first + RUN))


def free_port() -> int:
    """A port on 127.0.0.1 that can be listened on now, and after a restart too."""
    return next(port for port in _ports if _is_free(port))


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
