"""Normalizes addresses, hosts and origins, and finds this machine's own addresses.

An address comes from a socket, a proxy's header or a person: with a port or a zone, in brackets,
in capitals, or as an IPv4 address mapped to IPv6. Limits, bans and comparisons need one spelling,
so every address is normalized where it enters the program.
"""

import re
import socket
from functools import lru_cache
from ipaddress import IPv6Address, ip_address

_HALF = len("2001:0db8:0000:0000")
_WITH_PORT = re.compile(r"\[([^\]]*)\](?::\d*)?|([^:]*):\d*")
_DEFAULT_PORTS = {"http": ":80", "https": ":443"}
_MAX_CHARACTERS = 100
"""The longest text worth parsing: an address with port, zone and brackets is shorter."""
_CACHE_SIZE = 4096
"""Size of the caches: every connection normalizes its address several times."""


def normal_address(text: str) -> str | None:
    """`198.51.100.9` of `198.51.100.9:6123`, `::1` of `[0::1%lo]:80`; None if it is not an
    address."""
    return _normal_address(text) if len(text) <= _MAX_CHARACTERS else None


@lru_cache(_CACHE_SIZE)
def _normal_address(text: str) -> str | None:
    text = text.strip().strip('"')
    found = _WITH_PORT.fullmatch(text)
    if found is not None:
        text = found[1] if found[2] is None else found[2]
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return str(mapped or address)


@lru_cache(_CACHE_SIZE)
def network_of(address: str) -> str:
    """The network that one client can use freely: an IPv4 address, or an IPv6 /64.

    An IPv6 client usually has a whole /64 and can choose any address in it (RFC 6177, RFC 4291
    section 2.5.4). So limits count networks, not addresses.
    """
    found = normal_address(address)
    if found is None or ":" not in found:
        return found or address
    return IPv6Address(found).exploded[:_HALF]


def normal_host(host: str, scheme: str) -> str:
    """A `Host` header in lower case, without its scheme's default port."""
    host = host.strip().lower().removesuffix(_DEFAULT_PORTS.get(scheme, ""))
    if host.isascii():
        return host
    try:
        return host.encode("idna").decode()
    except UnicodeError:
        return host


def normal_origin(origin: str) -> str:
    """A page's origin as browsers write it."""
    scheme, separator, host = origin.strip().partition("://")
    scheme = scheme.lower()
    return f"{scheme}://{normal_host(host, scheme)}" if separator else origin


_ROUTES = (
    (socket.AF_INET, ("192.0.2.1", "192.168.255.255", "10.255.255.255", "172.31.255.255")),
    (socket.AF_INET6, ("2001:db8::1",)),
)
"""Targets, one for each possible route: the internet (RFC 5737, RFC 3849) and the private networks
of RFC 1918."""


def own_addresses() -> list[str]:
    """The addresses at which other machines can reach this one, most likely first.

    Connecting a datagram socket makes the system choose its route and local address; nothing is
    sent.
    """
    found = [_address_toward(family, target) for family, all in _ROUTES for target in all]
    return [address for address in dict.fromkeys(found) if address and _is_reachable(address)]


def _address_toward(family: socket.AddressFamily, target: str) -> str | None:
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect((target, 9))
            return str(probe.getsockname()[0])
    except OSError:
        return None  # no such route


def _is_reachable(address: str) -> bool:
    known = ip_address(address.partition("%")[0])
    return not (known.is_loopback or known.is_unspecified or known.is_link_local)
