"""Passes a request whose session belongs to another process on to that process.

    client ── any process ── the session's owner, on its internal address
       │           │ 1 the request's head, signed │
       │           ├─────────────────────────────►│
       │           │ 2 "100 Continue", at once    │
       │           │◄─────────────────────────────┤
       │  3 body   │                              │
       ├──────────►├─────────────────────────────►│
       │           │ 4 the answer                 │
       │◄──────────┤◄─────────────────────────────┤

The second step tells an owner that works from one that hangs: a poll may wait for long. After it, a
WebSocket is a tunnel.
"""

import logging
import re
import socket as plain
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any, BinaryIO
from urllib.parse import quote

import gevent
from gevent import socket

from chatapp.transport.client_timeout import ClientTimeout
from chatapp.transport.http.http_server import HANDLER, RequestHandler
from chatapp.transport.http.listening import MAX_KERNEL_BYTES
from chatapp.transport.http.origins import Environ
from chatapp.transport.http.tunnel import Tunnel
from chatapp.transport.peers import Peers
from chatapp.transport.wire import passed_on
from chatapp.transport.wire.frames import HARD_LIMIT
from chatapp.transport.wire.passed_on import Client
from chatapp.transport.wire.request_head import BadHead, read_fields

ACCEPT_SECONDS = 5.0
"""Seconds after which an owner that has not accepted a request is taken for lost."""
SILENT_SECONDS = (25, 5, 4)
"""Keepalive of a tunnel: begin after 25 s, probe every 5 s, give up after 4 probes (tcp(7))."""
READ_BYTES = 16 * 1024
"""Read size of a body, not less than the owner's."""
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
MAX_LINE_BYTES = 1024

_STATUS = re.compile(rb"HTTP/1\.1 ([0-9]{3} [ -~]*)\r\n")
_WRITTEN_ANEW = frozenset(
    f"HTTP_{name}"
    for name in (
        *("HOST", "CONNECTION", "KEEP_ALIVE", "TE", "TRAILER", "TRANSFER_ENCODING", "UPGRADE"),
        *("EXPECT", "PROXY_CONNECTION", "PROXY_AUTHORIZATION", "CONTENT_LENGTH"),
        passed_on.KEY.removeprefix("HTTP_"),
    )
)
"""Headers of one hop (RFC 9110, section 7.6.1), and those that are set here."""

log = logging.getLogger(__name__)


class OwnerLost(Exception):
    """The session's owner is unknown, gone or silent."""


class Forwarder:
    """`answer_seconds` is how long an owner that has accepted a request may take to answer."""

    def __init__(self, peers: Peers, *, answer_seconds: float) -> None:
        self._peers = peers
        self._answer_seconds = answer_seconds
        self._tunnels: set[Tunnel] = set()
        self._under_way = 0
        self._refused_by: set[str] = set()
        self.outcomes: Counter[str] = Counter(polling=0, websocket=0, lost=0)
        """Number of requests passed on, and of those whose owner was lost."""

    @property
    def sockets(self) -> int:
        """Open files, besides those of the requests themselves."""
        return self._under_way + 2 * len(self._tunnels)

    def owner_of(self, session: str) -> str | None:
        return self._peers.owner_of(session)

    def ask(self, environ: Environ, node: str) -> tuple[str, bytes]:
        """The owner's answer: status and body. Raises `OwnerLost`, and `BadBody` or `TooSlow` if
        the client's body is broken."""
        with self._accepted(environ, node, "polling") as owner:
            _send_body(owner, environ)
            try:
                with ClientTimeout(self._answer_seconds), owner.makefile("rb") as stream:
                    return _read_answer(stream)
            except (OSError, BadHead, gevent.Timeout) as error:
                raise self._lost() from error

    def tunnel(self, environ: Environ, node: str) -> None:
        """Give the request's socket to a tunnel. Raises `OwnerLost`."""
        handler: RequestHandler = environ[HANDLER]
        with self._accepted(environ, node, "websocket") as owner:
            _keep_alive(owner)
            owner.setblocking(False)
            upstream = plain.socket(fileno=owner.detach())
        client, early = handler.detach_socket()
        tunnel = Tunnel(client, upstream, self._tunnels.discard)
        self._tunnels.add(tunnel)
        tunnel.start(early)

    def close(self) -> None:
        """End all tunnels. Their sessions are lost; their clients come back with new ones."""
        for tunnel in list(self._tunnels):
            tunnel.close()

    @contextmanager
    def _accepted(self, environ: Environ, node: str, kind: str) -> Iterator[Any]:
        """A connection to the owner, which has accepted the request."""
        self._under_way += 1
        try:
            with closing(self._connected(node)) as owner:
                self._begin(owner, node, _head(self._peers, environ))
                owner.settimeout(self._answer_seconds)
                self.outcomes[kind] += 1
                yield owner
        finally:
            self._under_way -= 1

    def _connected(self, node: str) -> Any:
        address = self._peers.address_of(node)
        if address is None:
            raise self._lost()
        try:
            return socket.create_connection(address, ACCEPT_SECONDS)
        except OSError as error:
            raise self._lost() from error

    def _begin(self, owner: Any, node: str, head: bytes) -> None:
        """Send the head. Raises `OwnerLost` unless the owner accepts it."""
        owner.settimeout(None)
        try:
            with ClientTimeout(ACCEPT_SECONDS):
                owner.sendall(head)
                accepted = _receive(owner, len(CONTINUE)) == CONTINUE
        except (OSError, gevent.Timeout) as error:
            raise self._lost() from error
        if not accepted:
            self._say_refused(node)
            raise self._lost()

    def _say_refused(self, node: str) -> None:
        """Once for each process: a client can repeat its request as often as it likes."""
        if node not in self._refused_by:
            self._refused_by.add(node)
            log.warning("%s refuses what is passed on to it: do all have the same secret?", node)

    def _lost(self) -> OwnerLost:
        self.outcomes["lost"] += 1
        return OwnerLost()


def _head(peers: Peers, environ: Environ) -> bytes:
    """The request line and the headers, signed."""
    method = environ["REQUEST_METHOD"]
    path = quote(environ["PATH_INFO"].encode("latin-1"))
    target = f"{path}?{environ['QUERY_STRING']}"
    client = Client(environ["REMOTE_ADDR"], environ["wsgi.url_scheme"])
    headers = {
        "Host": environ.get("HTTP_HOST", ""),
        "Connection": "Upgrade" if "HTTP_UPGRADE" in environ else "close",
        passed_on.NAME: passed_on.sign(peers.key, peers.now(), method, target, client),
        **{_name(key): value for key, value in environ.items() if _is_passed_on(key)},
        **_framing(environ),
    }
    lines = [f"{method} {target} HTTP/1.1", *(f"{name}: {headers[name]}" for name in headers)]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


def _is_passed_on(key: str) -> bool:
    return key.startswith("HTTP_") and key not in _WRITTEN_ANEW


def _name(key: str) -> str:
    return key.removeprefix("HTTP_").replace("_", "-").title()


def _framing(environ: Environ) -> dict[str, str]:
    if "HTTP_TRANSFER_ENCODING" in environ:
        return {"Transfer-Encoding": "chunked"}
    if environ["REQUEST_METHOD"] == "POST":
        return {"Content-Length": environ.get("CONTENT_LENGTH") or "0"}
    return {"Upgrade": "websocket"} if "HTTP_UPGRADE" in environ else {}


def _send_body(owner: Any, environ: Environ) -> None:
    """Send the body as it arrives. Of one that is too large, only as much as the owner reads."""
    is_chunked = "HTTP_TRANSFER_ENCODING" in environ
    if int(environ.get("CONTENT_LENGTH") or 0) > HARD_LIMIT:
        return
    size = 0
    while size <= HARD_LIMIT + READ_BYTES:
        data = environ["wsgi.input"].read1(READ_BYTES)
        size += len(data)
        try:
            owner.sendall(b"%x\r\n%s\r\n" % (len(data), data) if is_chunked else data)
        except OSError:  # The owner has answered before the end.
            return
        if not data:
            return


def _read_answer(stream: BinaryIO) -> tuple[str, bytes]:
    status = _STATUS.fullmatch(stream.readline(MAX_LINE_BYTES))
    if status is None:
        raise BadHead("the owner's answer is malformed")
    fields = {name.lower(): value for name, value in read_fields(stream)}
    length = int(fields.get("content-length", "0"))
    body = stream.read(length)
    if len(body) < length:
        raise BadHead("the owner's answer ends too early")
    return status[1].decode("latin-1"), body


def _receive(sock: Any, size: int) -> bytes:
    """`size` bytes, or those until the end."""
    data = b""
    while len(data) < size and (part := sock.recv(size - len(data))):
        data += part
    return data


def _keep_alive(sock: Any) -> None:
    """Notice when the owner is gone without a word, and buffer little in the kernel: the owner has
    to notice when the client is slow."""
    idle, every, probes = SILENT_SECONDS
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, MAX_KERNEL_BYTES)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    if hasattr(socket, "TCP_KEEPIDLE"):  # not on macOS
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, idle)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, every)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT, probes)
