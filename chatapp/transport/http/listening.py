"""The socket that the server listens on: a new one, or one inherited from systemd.

With a socket that systemd owns, a restart refuses no client: new connections wait in the kernel's
queue. The socket unit, and the service that it starts:

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
"""Connections that the kernel may queue."""
MAX_KERNEL_BYTES = 64 * 1024
"""Unsent bytes that the kernel accepts for one client. By default it accepts megabytes, and as long
as it does, the server cannot see that a client is slow."""

_SYSTEM_DEFAULT = 0
"""For TCP_NOTSENT_LOWAT: no limit, see tcp(7)."""
_RESERVED_FILES = 64
"""Files reserved for the log, the index, and static files."""
MIN_FILES = 256
"""Minimum of open files; with fewer, hardly anybody could connect."""

_TCP = (socket.AF_INET, socket.AF_INET6)
FIRST_INHERITED_FD = 3
"""See sd_listen_fds(3)."""


def bind(host: str, port: int) -> socket.socket:
    """A new listening socket. Raises OSError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return _prepared(socket.create_server((host, port), family=family, backlog=BACKLOG))


class Unusable(Exception):
    """The system cannot provide a socket or enough files. The message is one line."""


def inherited(environ: Mapping[str, str]) -> socket.socket | None:
    """The listening socket that systemd opened for this process, or None.

    Raises `Unusable`.
    """
    count = environ.get("LISTEN_FDS", "0")
    if environ.get("LISTEN_PID") != str(os.getpid()) or count == "0":
        return None
    if count != "1":
        raise Unusable(f"systemd passed {count} sockets; the chat needs exactly one.")
    try:
        sock = socket.socket(fileno=FIRST_INHERITED_FD)
        listens = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN)
    except OSError as error:
        raise Unusable(f"systemd did not pass a socket: {error.strerror}.") from None
    if sock.family not in _TCP or not listens:
        sock.detach()
        raise Unusable("systemd must pass a listening TCP socket (Accept=no).")
    sock.set_inheritable(False)
    return _prepared(sock)


def _prepared(sock: socket.socket) -> socket.socket:
    """Accepted sockets inherit these settings. TCP_NODELAY: small packets are sent at once."""
    sock.setblocking(False)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if hasattr(socket, "TCP_NOTSENT_LOWAT"):
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, MAX_KERNEL_BYTES)
    return sock


def flush_to_kernel(sock: socket.socket) -> None:
    """Let the kernel take all remaining output: the last frames for this client.

    They are small, and the client finds them when it reads again, long after we have closed.
    """
    if hasattr(socket, "TCP_NOTSENT_LOWAT"):
        with suppress(OSError):  # it may be gone already
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, _SYSTEM_DEFAULT)


def raise_file_limit() -> int:
    """Raise the limit of open files as far as the system allows. Returns it."""
    allowed, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    with suppress(ValueError, OSError):  # macOS reports "unlimited", but rejects it
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
        allowed = most
    return sys.maxsize if allowed == resource.RLIM_INFINITY else allowed


def check_file_limit() -> None:
    """Raises `Unusable` if the system allows too few open files."""
    files = raise_file_limit()
    if files < MIN_FILES:
        raise Unusable(
            f"The system allows {files} open files, and each connection is one; the chat needs "
            f"{MIN_FILES} at least (ulimit -n, or LimitNOFILE= of systemd)."
        )


def max_sockets(files: int) -> int:
    """The share of `files` that clients' sockets may use. The rest is reserved for the log."""
    return files - max(_RESERVED_FILES, files // 10)
