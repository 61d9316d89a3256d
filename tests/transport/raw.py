"""Clients that say exactly what a test wants said, also what no decent client says."""

import base64
import json
import os
import socket
from typing import Any

from chatapp.transport.wire.frames import CLOSE, CONTINUATION, PING, TEXT, payload_of
from tests.support.waiting import DEADLINE_SECONDS

MASK = b"\x5a\xc3\x0f\x96"
"""Always the same, so that tests that are made of frames have the same names in every process."""


def masked(first: int, payload: bytes, *, mask: bytes | None = None) -> bytes:
    """One frame as a client sends it; `first` is its first byte."""
    mask = MASK if mask is None else mask
    length = len(payload)
    if length < 126:
        head = bytes((first, 0x80 | length))
    elif length < 1 << 16:
        head = bytes((first, 0x80 | 126)) + length.to_bytes(2, "big")
    else:
        head = bytes((first, 0x80 | 127)) + length.to_bytes(8, "big")
    key = int.from_bytes((mask * (length // 4 + 1))[:length], "big")
    return head + mask + (int.from_bytes(payload, "big") ^ key).to_bytes(length, "big")


def text(payload: bytes | str) -> bytes:
    return masked(0x80 | TEXT, payload.encode() if isinstance(payload, str) else payload)


def fragments(payload: bytes, size: int) -> bytes:
    """A text message in frames of `size` bytes."""
    parts = [payload[at : at + size] for at in range(0, len(payload), size)]
    return b"".join(
        masked((TEXT if i == 0 else CONTINUATION) | (0x80 if i == len(parts) - 1 else 0), part)
        for i, part in enumerate(parts)
    )


class RawClient:
    """A socket that has become a WebSocket, not yet a Socket.IO connection."""

    def __init__(
        self,
        address: tuple[str, int],
        headers: dict[str, str] | None = None,
        receive_buffer: int | None = None,
        query: str = "",
    ) -> None:
        self.socket = socket.socket()
        if receive_buffer is not None:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.settimeout(DEADLINE_SECONDS)
        self._buffer = b""
        try:
            self.head = self._shake_hands(address, headers or {}, query)
        except BaseException:
            self.socket.close()
            raise
        self.status = int(self.head.split(" ", 2)[1])

    def _shake_hands(self, address: tuple[str, int], headers: dict[str, str], query: str) -> str:
        self.socket.connect(address)
        fields = {
            "Host": f"{address[0]}:{address[1]}",
            "Upgrade": "websocket",
            "Connection": "Upgrade",
            "Sec-WebSocket-Key": base64.b64encode(os.urandom(16)).decode(),
            "Sec-WebSocket-Version": "13",
        } | headers
        lines = [
            f"GET /socket.io/?EIO=4&transport=websocket{query} HTTP/1.1",
            *(f"{name}: {value}" for name, value in fields.items()),
        ]
        self.socket.sendall("\r\n".join([*lines, "", ""]).encode())
        return self._read_head()

    def _read_head(self) -> str:
        while b"\r\n\r\n" not in self._buffer:
            self._fill()
        head, self._buffer = self._buffer.split(b"\r\n\r\n", 1)
        return head.decode("latin-1")

    def _fill(self) -> None:
        data = self.socket.recv(65536)
        if not data:
            raise EOFError("closed by the server")
        self._buffer += data

    def join(self, auth: Any = None) -> "RawClient":
        """Become a Socket.IO connection."""
        assert self.packet().startswith(b"0")
        self.say(b"40" + (json.dumps(auth).encode() if auth is not None else b""))
        assert self.packet().startswith(b'40{"sid"')
        return self

    def say(self, packet: bytes | str) -> None:
        self.socket.sendall(text(packet))

    def frame(self, seconds: float = DEADLINE_SECONDS) -> tuple[int, bytes]:
        """The next frame: opcode and payload. EOFError if there is no more."""
        self.socket.settimeout(seconds)
        while True:
            if len(self._buffer) >= 2:
                short = self._buffer[1]
                head = {126: 4, 127: 10}.get(short, 2)
                if len(self._buffer) >= head:
                    length = int.from_bytes(self._buffer[2:head], "big") if head > 2 else short
                    if len(self._buffer) >= head + length:
                        whole = self._buffer[: head + length]
                        self._buffer = self._buffer[head + length :]
                        assert whole[0] & 0x70 == 0, "reserved bits"
                        assert whole[0] & 0x80, "a fragment"
                        return whole[0] & 0x0F, payload_of(whole)
            self._fill()

    def packet(self, seconds: float = DEADLINE_SECONDS) -> bytes:
        """The payload of the next text frame that is not a ping of Engine.IO's."""
        while True:
            opcode, payload = self.frame(seconds)
            assert opcode == TEXT, (opcode, payload)
            if payload != b"2":
                return payload

    def close_code(self, seconds: float = DEADLINE_SECONDS) -> int:
        """The code of the close frame that comes, whatever comes before it."""
        while True:
            opcode, payload = self.frame(seconds)
            if opcode == CLOSE:
                return int.from_bytes(payload[:2], "big")
            assert opcode in (TEXT, PING)

    def ask(self, event: str, *payloads: Any, id: int = 1) -> Any:
        """Emit, and wait for the ack. What else arrives until then is lost."""
        self.say(f"42{id}" + json.dumps([event, *payloads]))
        return self.ack(id)

    def ack(self, id: int) -> Any:
        prefix = f"43{id}[".encode()
        while True:
            packet = self.packet()
            if packet.startswith(prefix):
                values = json.loads(packet[len(prefix) - 1 :])
                return values[0] if values else None

    def close(self) -> None:
        self.socket.close()
