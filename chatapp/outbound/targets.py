"""Where a URL leads: its host is resolved once, and the connection goes to that address."""

import socket
from concurrent.futures import Future
from string import printable
from threading import Thread
from typing import Any
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


def target_of(url: str, call: Call, seconds: float) -> Target:
    """Looks the host up for at most so many `seconds`. Raises `OutboundError` if the call may not
    go there."""
    parts = parts_of(url)
    host, port, is_allowed = _place(parts, call.ports, call.allowed)
    path = quote(parts.path or "/", safe=printable)
    return Target(
        is_https=parts.scheme == "https",
        host=host,
        port=port,
        path=f"{path}?{quote(parts.query, safe=printable)}" if parts.query else path,
        address=_address(host, port, seconds, must_be_public=not is_allowed),
    )


def check_without_lookup(
    url: str, *, ports: tuple[int, ...] | None, allowed: frozenset[str]
) -> None:
    """Raises `OutboundError` for a URL that says itself that it may not be called: by its port, or
    by an address in place of a name. What a name leads to is found out when it is called."""
    host, port, is_allowed = _place(parts_of(url), ports, allowed)
    if is_allowed:
        return
    name = host.rstrip(".").lower()
    if name == "localhost" or name.endswith(".localhost"):
        raise _not_public(host)
    _require_public(host, _numeric(host, port))


def _place(
    parts: SplitResult, ports: tuple[int, ...] | None, allowed: frozenset[str]
) -> tuple[str, int, bool]:
    """The host, its port, and whether it may be called wherever it is."""
    host, port = _host(parts), parts.port or PORTS[parts.scheme]
    is_allowed = not allowed.isdisjoint((host, f"{host}:{port}"))
    if not is_allowed and ports is not None and port not in ports:
        raise OutboundError("bad_port", f"Port {port} is not called.")
    return host, port, is_allowed


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


def _address(host: str, port: int, seconds: float, *, must_be_public: bool) -> str:
    """One of the host's addresses, of which all must be public."""
    try:
        found = _numeric(host, port) or _looked_up(host, port, seconds)
    except TimeoutError:
        raise OutboundError("timeout", f"Looking up {host} took too long.") from None
    except (OSError, UnicodeError):
        raise OutboundError("not_found", f"There is no host {host}.") from None
    if must_be_public:
        _require_public(host, found)
    return str(found[0][-1][0])


def _numeric(host: str, port: int) -> list[Any]:
    """The addresses of a host that is one, in whatever form; none of a name."""
    try:
        return list(
            socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
        )
    except (OSError, UnicodeError):
        return []


def _looked_up(host: str, port: int, seconds: float) -> list[Any]:
    """What `getaddrinfo` answers, which has no time limit of its own: a look-up that takes too
    long ends in its thread, when the system gives it up, within a minute."""
    looking: Future[list[Any]] = Future()

    def look() -> None:
        try:
            looking.set_result(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except (OSError, UnicodeError) as error:
            looking.set_exception(error)

    Thread(target=look, daemon=True).start()
    return looking.result(seconds)


def _require_public(host: str, found: list[Any]) -> None:
    """`found` is what `getaddrinfo` answers."""
    if not all(is_public(str(address[0])) for *_, address in found):
        raise _not_public(host)


def _not_public(host: str) -> OutboundError:
    return OutboundError("not_public", f"{host} is not a host on the internet.")
