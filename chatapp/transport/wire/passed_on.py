"""The header of a request that one process of a chat passes on to another one.

    X-Chatapp-Passed-On: 1764433207 198.51.100.7 https 5b0d…
                         time       client       scheme HMAC-SHA256, in hex

The HMAC is over the method, the target and the first three values. The key is secret and the same
for all processes, so that nobody else can name a client's address. A header is valid for a minute:
after that, one that was overheard is of no use.
"""

import hmac
import re
from typing import NamedTuple

NAME = "X-Chatapp-Passed-On"
KEY = "HTTP_X_CHATAPP_PASSED_ON"
"""The header in a WSGI environment."""
VALID_SECONDS = 60

_VALUE = re.compile(r"(\d{1,12}) ([0-9a-zA-Z.:%]{1,100}) (https?) ([0-9a-f]{64})", re.A)


class Client(NamedTuple):
    """Who sent the request, as the first process sees it."""

    address: str
    scheme: str


def sign(key: bytes, now: float, method: str, target: str, client: Client) -> str:
    """The header's value. `now` is in seconds since 1970, `target` the path with its query."""
    time = str(int(now))
    return f"{time} {client.address} {client.scheme} {_hmac(key, method, target, time, *client)}"


def verify(key: bytes, now: float, method: str, target: str, value: str) -> Client | None:
    """Who sent the request; None if the value is not from a process of this chat, or too old."""
    found = _VALUE.fullmatch(value)
    if found is None or abs(now - int(found[1])) > VALID_SECONDS:
        return None
    time, address, scheme, code = found.groups()
    if not hmac.compare_digest(code, _hmac(key, method, target, time, address, scheme)):
        return None
    return Client(address, scheme)


def _hmac(key: bytes, *parts: str) -> str:
    """None of the parts can contain a newline."""
    message = "\n".join(("passed on", *parts)).encode("latin-1")
    return hmac.digest(key, message, "sha256").hex()
