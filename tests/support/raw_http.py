"""Requests as no browser would send them: bytes to a socket, and the status that comes back."""

import socket
from contextlib import suppress

from tests.support.server import Server
from tests.support.waiting import DEADLINE_SECONDS


def exchange(server: Server, request: bytes, *, enough: bytes | None = None) -> bytes:
    """What the server answers until it hangs up, or has said `enough`.

    It need not read a request to its end.
    """
    answer = b""
    with (
        socket.create_connection(("127.0.0.1", server.port), DEADLINE_SECONDS) as connection,
        suppress(ConnectionResetError, BrokenPipeError),
    ):
        connection.sendall(request)
        while chunk := connection.recv(65536):
            answer += chunk
            if enough is not None and enough in answer:
                break
    return answer


def request(
    server: Server,
    method: str,
    path: bytes,
    headers: list[tuple[bytes, bytes]] | None = None,
    body: bytes = b"",
) -> bytes:
    """A whole request, however odd its parts are."""
    lines = [
        b"%s %s HTTP/1.1" % (method.encode(), path),
        b"Host: 127.0.0.1:%d" % server.port,
        b"Connection: close",
        b"Content-Length: %d" % len(body),
        *(b"%s: %s" % header for header in headers or []),
    ]
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


def status_of(answer: bytes) -> int | None:
    """None where the server hung up without an answer."""
    return int(answer.split(b" ", 2)[1]) if answer.startswith(b"HTTP/") else None
