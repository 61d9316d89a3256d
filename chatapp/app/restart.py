"""Starts a server again in its own process: a new chat on what the database has become."""

import os
import socket
import sys
from collections.abc import Callable

from chatapp.transport.http.listening import FIRST_INHERITED_FD


class Restart:
    """`stop` ends the server; `begin` may be called several times. `handed_over` is the socket that
    the server was given, which it closes when it stops."""

    def __init__(self, stop: Callable[[], object], handed_over: socket.socket | None) -> None:
        self._stop = stop
        self._socket = os.dup(handed_over.fileno()) if handed_over else None
        self._is_wanted = False

    def begin(self) -> None:
        if not self._is_wanted:
            self._is_wanted = True
            self._stop()

    def finish(self) -> None:
        """When everything is closed: the same command again, if that was wanted."""
        if not self._is_wanted:
            return
        if self._socket is not None:
            os.dup2(self._socket, FIRST_INHERITED_FD, inheritable=True)
        sys.stdout.flush()
        os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])  # noqa: S606 - ourselves
