"""A line to a server that a test can cut: a TCP relay, with sockets that end without a goodbye."""

import contextlib
import random
import socket
import struct
import threading
from collections.abc import Callable
from typing import Self

RESET = struct.pack("ii", 1, 0)
"""SO_LINGER with 0 seconds: close sends a reset and forgets what was on its way (socket(7))."""

Filter = Callable[[bytes], bytes]


def _unchanged(data: bytes) -> bytes:
    return data


class Relay:
    """Listens on a port of its own and hands everything on to `port`, both ways.

    What has `swallowed` in it is not handed on, as by a proxy that does not know it. `filtered()`
    makes a filter for a line, through which goes all that its server sends.
    """

    def __init__(
        self,
        port: int,
        *,
        host: str = "127.0.0.1",
        swallowed: bytes | None = None,
        filtered: Callable[[], Filter] = lambda: _unchanged,
    ) -> None:
        self._swallowed = swallowed
        self._filtered = filtered
        self.has_swallowed = False
        self._upstream = ("127.0.0.1", port)
        self._listener = socket.create_server((host, 0))
        self.port: int = self._listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._lines: set[tuple[socket.socket, socket.socket]] = set()
        self._frozen: set[tuple[socket.socket, socket.socket]] = set()
        self._lock = threading.Lock()
        self._passes = threading.Event()
        self._passes.set()
        self._ends = False

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ends = True
        self.heal()
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

    def sever(self) -> None:
        """Nothing gets through any more, on new lines neither, and nobody is told: as if a cable
        was pulled out. After `heal()`, what was sent meanwhile arrives."""
        self._passes.clear()

    def heal(self) -> None:
        self._passes.set()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:  # also of a client that has gone before it was accepted (accept(2))
                if self._ends:
                    return
                continue
            threading.Thread(target=self._carry, args=(client,), daemon=True).start()

    def _carry(self, client: socket.socket) -> None:
        self._passes.wait()
        try:
            server = socket.create_connection(self._upstream)
        except OSError:
            self._reset(client)
            return
        line = (client, server)
        for end in line:
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with self._lock:
            self._lines.add(line)
        if self._ends:
            self._break(line)
        back = threading.Thread(
            target=self._pipe, args=(line, server, client, self._filtered()), daemon=True
        )
        back.start()
        self._pipe(line, client, server, _unchanged)

    def _pipe(
        self,
        line: tuple[socket.socket, socket.socket],
        source: socket.socket,
        sink: socket.socket,
        filtered: Filter,
    ) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                self._passes.wait()
                if line in self._frozen:
                    continue
                if self._swallowed is None or self._swallowed not in data:
                    sink.sendall(filtered(data))
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
