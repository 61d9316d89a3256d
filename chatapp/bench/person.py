"""A simulated person: a WebSocket with the minimum of Socket.IO."""

import json
import os
import socket
import time
from typing import Any

READ_BYTES = 256 * 1024
CONNECT_SECONDS = 20.0
MARK = b'"text":"at '
"""Every message of the crowd starts with the time at which it was sent."""
FIELD_BYTES = 17
PING = b"\x81\x012"
"""A complete frame. Its bytes cannot occur inside a text frame: no UTF-8 character starts with
0x81, and 0x01 is not in the texts."""


class SimulatedPerson:
    """A connected person in their room; from then on, the socket does not block."""

    def __init__(self, address: tuple[str, int], name: str, room: str) -> None:
        self.room = room
        self._asked = 1
        self._socket = socket.create_connection(address, timeout=CONNECT_SECONDS)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket.sendall(
            b"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: localhost\r\n"
            b"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            b"Sec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n\r\n"
        )
        self._read_until(b'"maxPayload"')
        self._send("40" + json.dumps({"name": name}))
        self._read_until(b'40{"sid"')
        self._send(f'421["join",{json.dumps({"room": room})}]')
        self._read_until(b"431[")
        self._socket.setblocking(False)

    def fileno(self) -> int:
        return self._socket.fileno()

    def say(self, text: str) -> None:
        payload = {"room": self.room, "text": f"at {time.time():{FIELD_BYTES}.6f} {text}"}
        self._ask("message", payload)

    def type(self) -> None:
        self._emit("typing", {"room": self.room})

    def look_back(self) -> None:
        self._ask("history", {"room": self.room})

    def listen(self) -> list[float]:
        """Read what has arrived; returns the delays of other people's messages in seconds."""
        data = self._socket.recv(READ_BYTES)
        if not data:
            raise ConnectionError("the server closed a connection")
        if PING in data:
            self._send("3")
        now, delays = time.time(), []
        at = data.find(b'["message",')
        while at >= 0:
            text = data.find(MARK, at)
            sent = data[text + len(MARK) : text + len(MARK) + FIELD_BYTES]
            if text >= 0 and len(sent) == FIELD_BYTES:
                delays.append(now - float(sent))
            at = data.find(b'["message",', at + 1)
        return delays

    def leave(self) -> None:
        self._socket.close()

    def _ask(self, event: str, payload: dict[str, Any]) -> None:
        self._asked += 1
        self._send(f"42{self._asked}{json.dumps([event, payload])}")

    def _emit(self, event: str, payload: dict[str, Any]) -> None:
        self._send(f"42{json.dumps([event, payload])}")

    def _send(self, packet: str) -> None:
        self._socket.sendall(masked_frame(packet.encode()))

    def _read_until(self, end: bytes) -> None:
        data = b""
        while end not in data:
            more = self._socket.recv(READ_BYTES)
            if not more:
                raise ConnectionError(f"the server refused: {data[-200:]!r}")
            data += more


def masked_frame(data: bytes) -> bytes:
    """A text frame of a client, masked (RFC 6455, 5.2)."""
    size = len(data)
    head = bytes([0x81, 0x80 | size]) if size < 126 else b"\x81\xfe" + size.to_bytes(2, "big")
    key = os.urandom(4)
    pad = (key * (size // 4 + 1))[:size]
    mixed = int.from_bytes(data, "big") ^ int.from_bytes(pad, "big")
    return head + key + mixed.to_bytes(size, "big")
