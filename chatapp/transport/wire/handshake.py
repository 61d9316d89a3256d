"""The WebSocket handshake (RFC 6455, section 4).

No extension is negotiated: permessage-deflate would cost one compressor per connection, and a frame
of 200 KB could expand to 450 MB.
"""

import base64
import hashlib
import re

GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
VERSION = "13"


_KEY = re.compile(r"[A-Za-z0-9+/]{21}[AQgw]==")
"""16 bytes in base64: four bits of the last letter are unused."""
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


def is_key(text: str) -> bool:
    return _KEY.fullmatch(text) is not None


def chosen_protocol(offered: str) -> str:
    """The first of the client's subprotocols: the protocol is Engine.IO in any case, but a client
    that offers some fails if none is chosen."""
    first = offered.split(",", maxsplit=1)[0].strip()
    return first if _TOKEN.fullmatch(first) else ""


def switching_protocols(key: str, protocol: str = "") -> bytes:
    """The response to a client's `Sec-WebSocket-Key`."""
    digest = hashlib.sha1(key.encode("latin-1") + GUID, usedforsecurity=False).digest()
    lines = [
        "HTTP/1.1 101 Switching Protocols",
        "Upgrade: websocket",
        "Connection: Upgrade",
        f"Sec-WebSocket-Accept: {base64.b64encode(digest).decode()}",
    ]
    if protocol:
        lines.append(f"Sec-WebSocket-Protocol: {protocol}")
    return "\r\n".join([*lines, "", ""]).encode("latin-1")
