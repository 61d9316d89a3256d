"""The WebSocket handshake (RFC 6455, section 4). Pure.

No extension is offered back, whatever the client asks for: permessage-deflate would cost a
compressor a connection, and a frame of 200 KB could unfold to 450 MB.
"""

import base64
import hashlib

GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
VERSION = "13"


def switching_protocols(key: str) -> bytes:
    """The answer to a client's `Sec-WebSocket-Key`."""
    digest = hashlib.sha1(key.encode("latin-1") + GUID, usedforsecurity=False).digest()
    return (
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Accept: " + base64.b64encode(digest) + b"\r\n\r\n"
    )
