"""Ports that nobody listens on, for servers that the tests start."""

import itertools
import os
import random
import socket

LOWEST, HIGHEST = 10_000, 32_000
"""Below the range from which the system takes the ports of outgoing connections. A port of that
range could be handed to a client while its server is down for a restart; the client would then
connect to itself, and the server could not come back."""

RUN = 500
"""Each process of tests goes round in as many ports of its own. Two at the same time would
otherwise take each other's ports while a server is down for a restart."""

WORKERS = 2
"""So many share one run (`make test`); each has windows that the other never takes."""

_worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % WORKERS
_first = random.randrange(LOWEST + _worker * RUN, HIGHEST, WORKERS * RUN)
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
