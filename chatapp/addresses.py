"""What is one place on the net: whoever has it can come from any address of it.

An IPv6 connection usually has a /64 of its own, with more addresses than anybody can count
(RFC 6177, RFC 4291 section 2.5.4). So limits count places, not addresses.
"""

from ipaddress import IPv6Address

_HALF = len("2001:0db8:0000:0000")


def place_of(address: str) -> str:
    """An IPv4 address; of an IPv6 one the half that says where, not who."""
    if ":" not in address:
        return address
    try:
        found = IPv6Address(address.partition("%")[0])
    except ValueError:
        return address
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return found.exploded[:_HALF]
