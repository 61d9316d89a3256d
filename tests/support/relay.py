"""A line to a server that a test can cut: a TCP relay, with sockets that end without a goodbye."""

import contextlib
import random
import socket
import struct
import threading
from typing import Self

RESET = struct.pack("ii", 1, 0)
"""SO_LINGER with 0 seconds: close sends a reset and forgets what was on its way (socket(7))."""


class Relay:
    """Listens on a port of its own and hands everything on to `port`, both ways.

    What has `swallowed` in it is not handed on, as by a proxy that does not know it.
    """

    def __init__(self, port: int, *, swallowed: bytes | None = None) -> None:
        self._swallowed = swallowed
        self.has_swallowed = False
        self._upstream = ("127.0.0.1", port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._lines: set[tuple[socket.socket, socket.socket]] = set()
        self._frozen: set[tuple[socket.socket, socket.socket]] = set()
        self._lock = threading.Lock()
        self._ends = False

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ends = True
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.cut(1.0, random.Random(0))

    def cut(self, share: float, chance: random.Random) -> None:
        """Break about so many of the lines that there are."""
        with self._lock:
            lines = [line for line in self._lines if chance.random() < share]
        for line in lines:
            self._break(line)

    def freeze(self) -> None:
        """The lines that there are hand nothing on any more, and stay; new ones are sound."""
        with self._lock:
            self._frozen |= self._lines

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:  # also of a client that has gone before it was accepted (accept(2))
                if self._ends:
                    return
                continue
            try:
                server = socket.create_connection(self._upstream)
            except OSError:
                self._reset(client)
                continue
            line = (client, server)
            with self._lock:
                self._lines.add(line)
            for source, sink in (line, line[::-1]):
                threading.Thread(target=self._pipe, args=(line, source, sink), daemon=True).start()

    def _pipe(
        self, line: tuple[socket.socket, socket.socket], source: socket.socket, sink: socket.socket
    ) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                if line in self._frozen:
                    continue
                if self._swallowed is None or self._swallowed not in data:
                    sink.sendall(data)
                else:
                    self.has_swallowed = True
        self._break(line)

    def _break(self, line: tuple[socket.socket, socket.socket]) -> None:
        with self._lock:
            if line not in self._lines:
                return
            self._lines.discard(line)
        for end in line:
            self._reset(end)

    @staticmethod
    def _reset(end: socket.socket) -> None:
        with contextlib.suppress(OSError):
            end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            end.shutdown(socket.SHUT_RDWR)
        end.close()
