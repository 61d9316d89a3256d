"""The socket that the server listens on: a new one, or one that systemd hands over.

With a socket that belongs to systemd, a restart refuses nobody: whoever comes in between
waits in the kernel's queue. A unit for that, and one for the server that it starts:

    [Socket]                        [Service]
    ListenStream=8080               ExecStart=/usr/bin/chatapp serve
"""

import os
import resource
import socket
import sys
from collections.abc import Mapping
from contextlib import suppress

BACKLOG = 1024
"""Connections that the kernel may hold while a crowd arrives."""
MAX_KERNEL_BYTES = 64 * 1024
"""That the kernel takes in advance for a client that does not read. Otherwise it is megabytes, and
as long as the kernel takes them nobody can see that the client is slow."""

_SYSTEM_DEFAULT = 0
"""For TCP_NOTSENT_LOWAT: no bound, by tcp(7)."""
_KEPT_FILES = 64
"""For the log, the index, the pages that are being sent."""

_TCP = (socket.AF_INET, socket.AF_INET6)
_FIRST_INHERITED_FD = 3
"""By sd_listen_fds(3)."""


def bind(host: str, port: int) -> socket.socket:
    """A new listening socket. Raises OSError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return _prepared(socket.create_server((host, port), family=family, backlog=BACKLOG))


class Unusable(Exception):
    """What was handed over is not what a server can listen on. The message is one line."""


def inherited(environ: Mapping[str, str]) -> socket.socket | None:
    """The listening socket that systemd opened for this process, if there is one.

    Raises `Unusable`.
    """
    count = environ.get("LISTEN_FDS", "0")
    if environ.get("LISTEN_PID") != str(os.getpid()) or count == "0":
        return None
    if count != "1":
        raise Unusable(f"systemd hands over {count} sockets; the chat listens on one.")
    try:
        sock = socket.socket(fileno=_FIRST_INHERITED_FD)
        listens = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN)
    except OSError as error:
        raise Unusable(f"What systemd hands over is no socket: {error.strerror}.") from None
    if sock.family not in _TCP or not listens:
        sock.detach()
        raise Unusable("The socket of systemd has to be one for TCP that listens (Accept=no).")
    sock.set_inheritable(False)
    return _prepared(sock)


def _prepared(sock: socket.socket) -> socket.socket:
    """Its settings are inherited by what is accepted: small packets do not wait for company."""
    sock.setblocking(False)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if hasattr(socket, "TCP_NOTSENT_LOWAT"):
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, MAX_KERNEL_BYTES)
    return sock


def take_all(sock: socket.socket) -> None:
    """Has the kernel take in advance what there is: these are the last words to this client.

    They are a few: the client finds them when it reads again, long after we have closed.
    """
    if hasattr(socket, "TCP_NOTSENT_LOWAT"):
        with suppress(OSError):  # it may have gone already
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, _SYSTEM_DEFAULT)


def raise_file_limit() -> int:
    """Each connection is an open file; what the system allows at most is just enough."""
    allowed, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    with suppress(ValueError, OSError):  # macOS says "unlimited", and does not mean it
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
        allowed = most
    return sys.maxsize if allowed == resource.RLIM_INFINITY else allowed


def most_sockets(files: int) -> int:
    """How many of so many files may be sockets of clients. The log must always have some left."""
    return files - max(_KEPT_FILES, files // 10)
