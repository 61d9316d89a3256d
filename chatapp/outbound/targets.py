"""Where a URL leads: its host is resolved once, and the connection goes to that address."""

import socket
from string import printable
from urllib.parse import SplitResult, quote, urljoin

import idna
import msgspec

from chatapp.outbound.calls import Call, OutboundError
from chatapp.outbound.public_addresses import is_public
from chatapp.outbound.urls import PORTS, parts_of


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """`path` is what the request asks for, with its query; `address` what is connected to."""

    is_https: bool
    host: str
    port: int
    path: str
    address: str

    @property
    def host_header(self) -> str:
        name = f"[{self.host}]" if ":" in self.host else self.host
        return (
            name
            if self.port == PORTS["https" if self.is_https else "http"]
            else (f"{name}:{self.port}")
        )


def target_of(url: str, call: Call) -> Target:
    """Raises `OutboundError` if the call may not go there."""
    parts = parts_of(url)
    host, port = _host(parts), parts.port or PORTS[parts.scheme]
    is_allowed = not call.allowed.isdisjoint((host, f"{host}:{port}"))
    if not is_allowed and call.ports is not None and port not in call.ports:
        raise OutboundError("bad_url", f"Port {port} is not called.")
    path = quote(parts.path or "/", safe=printable)
    return Target(
        is_https=parts.scheme == "https",
        host=host,
        port=port,
        path=f"{path}?{quote(parts.query, safe=printable)}" if parts.query else path,
        address=_address(host, port, must_be_public=not is_allowed),
    )


def joined(base: str, url: str) -> str:
    """A URL as a page at `base` means it."""
    try:
        return urljoin(base, url)
    except ValueError:
        raise OutboundError("bad_url", "That is no valid URL.") from None


def _host(parts: SplitResult) -> str:
    host = parts.hostname or ""
    if host.isascii():
        return host
    try:
        return idna.encode(host, uts46=True).decode()
    except idna.IDNAError:
        raise OutboundError("bad_url", f"{host!r} is no name of a host.") from None


def _address(host: str, port: int, *, must_be_public: bool) -> str:
    """One of the host's addresses, of which all must be public."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise OutboundError("not_found", f"There is no host {host}.") from None
    addresses = [str(address[0]) for *_, address in found]
    if must_be_public and not all(map(is_public, addresses)):
        raise OutboundError("not_public", f"{host} is not a host on the internet.")
    return addresses[0]
