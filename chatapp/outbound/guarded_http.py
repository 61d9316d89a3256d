"""Makes a call: one connection for each request, to an address that was checked.

It blocks, so it runs on a thread of the helper process. `http.client` follows no redirects, knows
no proxies and no cookies, and limits a head to 100 lines of 64 KB.
"""

import http.client
import socket
import ssl
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property

import certifi

from chatapp.outbound.calls import Call, OutboundError, Reply
from chatapp.outbound.deadlines import Deadlines
from chatapp.outbound.targets import Target, joined, target_of

AGENT = "chatapp (link previews and webhooks)"
CHUNK = 16 * 1024
REDIRECTS = {301, 302, 303, 307, 308}
GZIP_OR_ZLIB = zlib.MAX_WBITS | 32
"""zlib's way to say: find out which of the two it is."""


class GuardedHttp:
    """Makes calls, from any thread. `trust` has the certificates that are believed; by default
    those of certifi, which take longer to read than most calls."""

    def __init__(self, trust: ssl.SSLContext | None = None) -> None:
        self._trust = trust
        self._deadlines = Deadlines()

    def call(self, wanted: Call) -> Reply:
        """The answer. Raises `OutboundError`."""
        end = time.monotonic() + wanted.seconds
        url = wanted.url
        for _ in range(wanted.redirects + 1):
            target = target_of(url, wanted, _left(end))
            with self._connected(target, end) as connection:
                reply = _asked(connection, target, wanted, url, end)
            if reply.status not in REDIRECTS or wanted.redirects == 0:
                return reply
            if wanted.method != "GET" or "location" not in reply.headers:
                return reply
            url = joined(url, reply.headers["location"])
        raise OutboundError("redirected", f"It redirects more than {wanted.redirects} times.")

    @contextmanager
    def _connected(self, target: Target, end: float) -> Iterator[http.client.HTTPConnection]:
        """A connection that is cut off at `end`, whatever the other side does meanwhile."""
        connection = http.client.HTTPConnection(target.host, target.port)
        try:
            plain = socket.create_connection((target.address, target.port), timeout=_left(end))
            connection.sock = plain
            with self._deadlines.until(end, plain):
                if target.is_https:
                    connection.sock = self._context.wrap_socket(plain, server_hostname=target.host)
                yield connection
        except ssl.SSLError as error:
            raise _late(end) or OutboundError(
                "unreachable", f"{target.host} has no certificate that is trusted ({error.reason})."
            ) from None
        except http.client.HTTPException as error:
            raise _late(end) or OutboundError(
                "bad_answer", f"{target.host} does not speak HTTP ({type(error).__name__})."
            ) from None
        except OSError as error:
            raise _late(end) or OutboundError(
                "unreachable", f"{target.host} cannot be reached ({error.strerror or error})."
            ) from None
        finally:
            connection.close()

    @cached_property
    def _context(self) -> ssl.SSLContext:
        return self._trust or ssl.create_default_context(cafile=certifi.where())


def _asked(
    connection: http.client.HTTPConnection, target: Target, wanted: Call, url: str, end: float
) -> Reply:
    headers = {
        "User-Agent": AGENT,
        "Accept-Encoding": "gzip",
        **wanted.headers,
        "Host": target.host_header,
        "Connection": "close",
    }
    connection.request(wanted.method, target.path, wanted.body or None, headers)
    with connection.getresponse() as answer:
        names = {name.lower(): value for name, value in answer.getheaders()}
        is_wanted = wanted.types is None or names.get("content-type", "").startswith(wanted.types)
        is_last = answer.status not in REDIRECTS or wanted.redirects == 0
        body = _body(answer, names, wanted) if is_wanted and is_last else b""
    _left(end)  # a connection without a length that was cut off looks complete
    return Reply(status=answer.status, url=url, headers=names, body=body)


def _body(answer: http.client.HTTPResponse, headers: dict[str, str], wanted: Call) -> bytes:
    """The body, decoded; a compressed one is never unpacked beyond the limit."""
    coding = headers.get("content-encoding", "identity").lower()
    if coding not in {"identity", "gzip", "deflate"}:
        raise OutboundError("bad_answer", f"The answer is packed as {coding[:20]!r}, unasked.")
    unpack = None if coding == "identity" else zlib.decompressobj(GZIP_OR_ZLIB)
    body, missing = bytearray(), answer.length or 0
    while chunk := answer.read1(CHUNK):
        missing -= len(chunk)
        if unpack is None:
            body += chunk
        else:
            body += _unpacked(unpack, chunk, wanted.max_bytes + 1 - len(body))
        if len(body) > wanted.max_bytes:
            if wanted.cut:
                return bytes(body[: wanted.max_bytes])
            raise OutboundError("too_big", f"The answer has more than {wanted.max_bytes:,} bytes.")
    if missing > 0:
        raise OutboundError("bad_answer", "The answer broke off.")
    return bytes(body)


def _unpacked(unpack: "zlib._Decompress", chunk: bytes, at_most: int) -> bytes:
    try:
        return unpack.decompress(chunk, at_most)
    except zlib.error:
        raise OutboundError("bad_answer", "The answer cannot be unpacked.") from None


def _left(end: float) -> float:
    """The seconds until `end`, for a socket."""
    left = end - time.monotonic()
    if left <= 0:
        raise OutboundError("timeout", "The answer took too long.")
    return left


def _late(end: float) -> OutboundError | None:
    """An error after the end comes from cutting off."""
    if time.monotonic() < end:
        return None
    return OutboundError("timeout", "The answer took too long.")
