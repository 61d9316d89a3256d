"""The addresses of chats."""

import re
from ipaddress import ip_address
from urllib.parse import urlsplit

DEFAULT_URL = "http://localhost:8080"


def is_address(url: str) -> bool:
    """Whether this is the address of a chat: `https://chat.example.org`, with or without a
    slash."""
    return re.fullmatch(r"https?://[^/\s]+/?", url) is not None


def is_local(url: str) -> bool:
    """Whether the address is on this machine, which a proxy cannot reach."""
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
