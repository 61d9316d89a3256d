"""A server that says to each connection just the bytes that a test wants, over a real socket."""

import socket
import socketserver
import threading
from collections.abc import Callable, Iterator

import pytest

Say = Callable[[socket.socket, bytes], None]
"""What the server does with a connection and the head of its request."""


class Host(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, say: Say) -> None:
        self.heads: list[bytes] = []
        self.say = say
        super().__init__(("127.0.0.1", 0), _Connection)

    @property
    def place(self) -> str:
        return f"127.0.0.1:{self.server_address[1]}"

    @property
    def url(self) -> str:
        return f"http://{self.place}/page"


class _Connection(socketserver.BaseRequestHandler):
    server: Host

    def handle(self) -> None:
        head = b""
        while b"\r\n\r\n" not in head and (chunk := self.request.recv(65536)):
            head += chunk
        self.server.heads.append(head)
        try:
            self.server.say(self.request, head)
        except OSError:
            return  # the other side has had enough


@pytest.fixture
def host() -> Iterator[Callable[[Say], Host]]:
    hosts = []

    def start(say: Say) -> Host:
        server = Host(say)
        threading.Thread(target=server.serve_forever, args=[0.01], daemon=True).start()
        hosts.append(server)
        return server

    yield start
    for server in hosts:
        server.shutdown()
        server.server_close()


def saying(answer: bytes) -> Say:
    return lambda connection, _: connection.sendall(answer)


def page(body: bytes, *headers: str, status: str = "200 OK") -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body
