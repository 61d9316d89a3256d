"""Ports that nobody listens on, for servers that the tests start."""

import random
import socket

LOWEST, HIGHEST = 20_000, 32_000
"""Below the range from which the system takes the ports of outgoing connections. A port of that
range could be handed to a client while its server is down for a restart; the client would then
connect to itself, and the server could not come back."""


def free_port() -> int:
    """A port on 127.0.0.1 that can be listened on now, and after a restart too."""
    while True:
        port = random.randint(LOWEST, HIGHEST)
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
