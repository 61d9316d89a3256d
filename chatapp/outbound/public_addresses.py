"""Which addresses are those of other people's public machines.

The standard library knows most of IANA's special-purpose registries
(https://www.iana.org/assignments/iana-ipv6-special-registry/), but counts as global what carries an
IPv4 address inside (6to4, NAT64), which may be a private one.
"""

import ipaddress
from ipaddress import IPv4Address, IPv6Address, ip_network

_UNICAST = ip_network("2000::/3")
"""All that is routed of IPv6. NAT64, IPv4-compatible and site-local addresses lie outside."""
_SPECIAL = tuple(
    map(
        ip_network,
        (
            "192.88.99.0/24",  # relays of 6to4
            "2001::/23",  # Teredo and other protocols
            "2001:db8::/32",  # documentation
            "2002::/16",  # 6to4
            "3fff::/20",  # documentation
        ),
    )
)


def is_public(text: str) -> bool:
    """Whether this is the address of a machine on the internet; False for what is no address."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    return _is_routed(address) and not any(address in network for network in _SPECIAL)


def _is_routed(address: IPv4Address | IPv6Address) -> bool:
    if not address.is_global or address.is_multicast:
        return False
    return isinstance(address, IPv4Address) or (address in _UNICAST and address.scope_id is None)
