"""A balancer without sticky sessions: each request goes to the next server, whoever sends it."""

import contextlib
import itertools
import re
import socket
import threading
from collections.abc import Iterator
from typing import Self

HEAD_END = b"\r\n\r\n"
_CONNECTION = re.compile(rb"\r\nConnection:[^\r]*", re.I)


class Balancer:
    """Listens on a port of its own, `url`. A connection carries one request, or one WebSocket.

    `answers` are the statuses of all requests with a session, `(transport, status)`.
    """

    def __init__(self, *ports: int) -> None:
        self._ports = ports
        self._turns = itertools.count()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port: int = self._listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.answers: list[tuple[str, int]] = []
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._ends = False

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ends = True
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        with self._lock:
            for each in self._open:
                with contextlib.suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)

    def _accept(self) -> None:
        while not self._ends:
            with contextlib.suppress(OSError):
                client, _ = self._listener.accept()
                threading.Thread(target=self._carry, args=(client,), daemon=True).start()

    def _carry(self, client: socket.socket) -> None:
        with contextlib.suppress(OSError), contextlib.ExitStack() as stack:
            stack.enter_context(self._noted(client))
            head = _read_head(client)
            if not head:
                return
            server = self._next_server()
            stack.enter_context(self._noted(server))
            for end in (client, server):
                end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            server.sendall(_alone(head))
            back = threading.Thread(target=_pipe, args=(client, server), daemon=True)
            back.start()
            answer = _read_head(server)
            if answer and b"sid=" in head:
                transport = "websocket" if b"transport=websocket" in head else "polling"
                self.answers.append((transport, int(answer.split(b" ", 2)[1])))
            client.sendall(answer)
            _pipe(server, client)
            client.shutdown(socket.SHUT_RD)
            back.join()

    def _next_server(self) -> socket.socket:
        """One that does not accept is skipped."""
        first = next(self._turns) % len(self._ports)
        for port in self._ports[first:] + self._ports[:first]:
            with contextlib.suppress(ConnectionRefusedError):
                return socket.create_connection(("127.0.0.1", port))
        raise ConnectionRefusedError("no server accepts")

    @contextlib.contextmanager
    def _noted(self, sock: socket.socket) -> Iterator[None]:
        with self._lock:
            self._open.add(sock)
        try:
            yield
        finally:
            with self._lock:
                self._open.discard(sock)
            sock.close()


def _alone(head: bytes) -> bytes:
    """The head of a request after which the connection ends, unless it becomes a WebSocket."""
    if b"\r\nupgrade:" in head.lower():
        return head
    return _CONNECTION.sub(b"", head).replace(b"\r\n", b"\r\nConnection: close\r\n", 1)


def _read_head(sock: socket.socket) -> bytes:
    """Until the blank line, and what came with it."""
    data = b""
    while HEAD_END not in data and (part := sock.recv(65536)):
        data += part
    return data


def _pipe(source: socket.socket, sink: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)
