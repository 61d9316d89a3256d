"""The real server on a socket that the test holds, as systemd holds one for a service.

https://www.freedesktop.org/software/systemd/man/latest/sd_listen_fds.html
"""

import socket
import sys
from collections.abc import Mapping
from pathlib import Path

from tests.support.server import Server

_HAND_OVER = """
import os, sys
os.dup2(int(sys.argv[1]), 3)
os.set_inheritable(3, True)
os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS=sys.argv[2])
os.execv(sys.executable, [sys.executable, "-m", "chatapp", "serve"])
"""


def command_on(listener: socket.socket, count: int = 1) -> tuple[str, ...]:
    """The command that people use, with the socket as file 3 and word that there are `count`."""
    return (sys.executable, "-c", _HAND_OVER, str(listener.fileno()), str(count))


class HandedOver(Server):
    """A chat on a socket that stays open while the chat restarts, or is dead."""

    def __init__(self, folder: Path, host: str, settings: Mapping[str, str] | None = None) -> None:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._listener = socket.create_server(
            (host, 0), family=family, dualstack_ipv6=host == "::", backlog=512
        )
        super().__init__(folder, settings, command=command_on(self._listener))
        self.port = self._listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.passed_fds = (self._listener.fileno(),)

    def close(self) -> None:
        super().close()
        self._listener.close()
