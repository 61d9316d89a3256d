"""Which URLs may be called, as far as they say themselves. Their hosts: targets.py."""

import re
from urllib.parse import SplitResult, urlsplit

from chatapp.outbound.calls import OutboundError

MAX_URL_CHARACTERS = 2048
PORTS = {"http": 80, "https": 443}
_STRANGE = re.compile(r"[\x00-\x20\x7f\\]")


def parts_of(url: str) -> SplitResult:
    """Raises `OutboundError` if this is no URL to call."""
    if len(url) > MAX_URL_CHARACTERS or _STRANGE.search(url):
        raise OutboundError("bad_url", "The URL is too long, or has characters that URLs have not.")
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 - raises ValueError
    except ValueError:
        raise OutboundError("bad_url", "That is no valid URL.") from None
    if parts.scheme not in PORTS or not parts.hostname:
        raise OutboundError("bad_url", "A URL begins with http:// or https://, and a host.")
    if parts.username is not None or parts.password is not None:
        raise OutboundError("bad_url", "A URL must not have a name or a password in it.")
    return parts
