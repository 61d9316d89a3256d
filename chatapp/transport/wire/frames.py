"""WebSocket frames (RFC 6455), as bytes and back. Pure: no socket, no clock.

     0               1               2               3
    +-+---+-------+-+-------------+-------------------------------+---------------+---------+
    |F|RSV| opcode|M| length 7    | length 16 or 64, if 126 / 127 | mask key, 32  | payload |
    +-+---+-------+-+-------------+-------------------------------+---------------+---------+

The server sends whole, unmasked frames: `text_frame()` encodes one, once per broadcast.
`FrameReader` parses input of clients. It never holds more than one message of at most `max_message`
bytes: the size is known from the frame headers, before any payload is kept. A longer message is
skipped and only its head is kept, so that its sender can be told; beyond `HARD_LIMIT`, the
connection is closed. No extension is ever negotiated, so reserved bits are not allowed, and no
message can expand to more than was sent.
"""

from struct import Struct

import msgspec

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0x0, 0x1, 0x2, 0x8, 0x9, 0xA
TOO_LARGE = -1
"""The pseudo-opcode of a text message that was skipped. Its payload is the first bytes."""

_WHOLE_TEXT = 0x80 | TEXT
"""The first byte of an unfragmented text."""

HEAD_BYTES = 64
"""Bytes kept of a message that is too large: enough for the id that an ack needs."""
HARD_LIMIT = 16 * 1024 * 1024
"""Bytes of one message beyond which the connection is closed."""

NORMAL, GOING_AWAY, PROTOCOL_ERROR, NOT_UTF8, POLICY, TOO_BIG = 1000, 1001, 1002, 1007, 1008, 1009

_MEDIUM = Struct(">BBH").pack
_LONG = Struct(">BBQ").pack
"""Encoders for the headers of longer frames."""
_HEADER_BYTES = {126: 8, 127: 14}
"""Sizes including the mask key, by the short length; otherwise 6."""
_MAX_CONTROL_BYTES = 125
_CODES_ON_THE_WIRE = frozenset([*range(1000, 1004), *range(1007, 1015)])
"""Close codes that a peer may send, in addition to 3000 to 4999."""


class ProtocolError(Exception):
    """The peer violates the WebSocket protocol. `code` is the code to close with."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code


class IncomingMessage(msgspec.Struct, frozen=True, gc=False):
    """A whole message (TEXT, BINARY), a control frame, or the head of a message that was
    TOO_LARGE."""

    opcode: int
    payload: bytes


NOT_KEPT = IncomingMessage(BINARY, b"")
"""A binary message that was skipped."""


def text_frame(payload: bytes) -> bytes:
    return _frame(_WHOLE_TEXT, payload)


def pong_frame(payload: bytes) -> bytes:
    return _frame(0x80 | PONG, payload)


def close_frame(code: int, reason: str = "") -> bytes:
    text = reason.encode()[: _MAX_CONTROL_BYTES - 2]
    return _frame(0x80 | CLOSE, code.to_bytes(2, "big") + text.decode(errors="ignore").encode())


def payload_of(frame: bytes) -> bytes:
    """The payload of a frame that this server encoded."""
    length = frame[1]
    return frame[2 if length < 126 else 4 if length == 126 else 10 :]


def close_code(payload: bytes) -> int:
    """The validated code of a close frame's payload; 1000 if it has none."""
    if not payload:
        return NORMAL
    code = int.from_bytes(payload[:2], "big")
    if len(payload) == 1 or not (code in _CODES_ON_THE_WIRE or 3000 <= code <= 4999):
        raise ProtocolError(PROTOCOL_ERROR, "bad close code")
    check_utf8(payload[2:])
    return code


class FrameReader:
    """Turns the bytes of one client into messages."""

    __slots__ = (
        "_fragments",
        "_head",
        "_incomplete",
        "_last",
        "_max",
        "_opcode",
        "_size",
        "_to_skip",
    )

    def __init__(self, max_message: int) -> None:
        self._max = max_message
        self._incomplete = b""  # of an incomplete frame
        self._opcode = CONTINUATION  # of the fragmented message in progress; 0 if there is none
        self._fragments: bytearray | None = None  # its fragments so far
        self._size = 0  # its bytes so far, kept or not
        self._head: bytes | None = None  # its first bytes, if it is too large
        self._to_skip = 0  # bytes still to skip in the current frame
        self._last = False  # whether that frame ends the message

    def feed(self, data: bytes) -> list[IncomingMessage]:
        """The messages completed by `data`. After a `ProtocolError`, it must not be called
        again."""
        if self._incomplete:
            data = self._incomplete + data
            self._incomplete = b""
        messages: list[IncomingMessage] = []
        at = 0
        end = len(data)
        while at < end:
            if self._to_skip:
                at += self._skip(end - at, messages)
                continue
            if end - at < 2:
                break
            first, second = data[at], data[at + 1]
            length = second & 0x7F
            body = at + _HEADER_BYTES.get(length, 6)
            if length >= 126:
                length = int.from_bytes(data[at + 2 : body - 4], "big") if end >= body else 0
            if (
                first == _WHOLE_TEXT
                and second & 0x80
                and self._opcode == CONTINUATION
                and length <= self._max
            ):  # the fast path of nearly all frames
                if end < body + length:
                    break
                payload = _unmasked(data[body : body + length], data[body - 4 : body])
                at = body + length
                check_utf8(payload)
                messages.append(IncomingMessage(TEXT, payload))
                continue
            self._check_header(first, second, length)
            too_large = first & 0x08 == 0 and self._is_too_large(length)
            if end < body + (min(length, HEAD_BYTES) if too_large else length):
                break
            if too_large:
                self._begin_skip(first, length, data[body - 4 : body + HEAD_BYTES], messages)
                at = body
                continue
            payload = _unmasked(data[body : body + length], data[body - 4 : body])
            at = body + length
            if first & 0x08:
                messages.append(IncomingMessage(first & 0x0F, payload))
            else:
                self._add_fragment(first, payload, messages)
        if at < end:
            self._incomplete = data[at:]
        return messages

    def _check_header(self, first: int, second: int, length: int) -> None:
        opcode = first & 0x0F
        if first & 0x70:
            raise ProtocolError(PROTOCOL_ERROR, "reserved bits set")
        if not second & 0x80:
            raise ProtocolError(PROTOCOL_ERROR, "frame is not masked")
        if opcode & 0x08:
            if opcode > PONG:
                raise ProtocolError(PROTOCOL_ERROR, "unknown opcode")
            if not first & 0x80 or second & 0x7F > _MAX_CONTROL_BYTES:
                raise ProtocolError(PROTOCOL_ERROR, "control frame is fragmented or too long")
        elif opcode > BINARY:
            raise ProtocolError(PROTOCOL_ERROR, "unknown opcode")
        elif (opcode == CONTINUATION) != (self._opcode != CONTINUATION):
            raise ProtocolError(PROTOCOL_ERROR, "fragments out of order")
        if self._size + length > HARD_LIMIT:
            raise ProtocolError(TOO_BIG, "message is too big")

    def _is_too_large(self, length: int) -> bool:
        return self._size + length > self._max or self._head is not None

    def _begin_skip(
        self, first: int, length: int, start: bytes, messages: list[IncomingMessage]
    ) -> None:
        if self._head is None:
            begun = self._fragments or b""
            self._head = (bytes(begun) + _unmasked(start[4:], start[:4]))[:HEAD_BYTES]
            self._fragments = None
        self._opcode = self._opcode or first & 0x0F
        self._size += length
        self._to_skip = length
        self._last = first & 0x80 != 0
        if not length:
            self._skip(0, messages)

    def _skip(self, available: int, messages: list[IncomingMessage]) -> int:
        count = min(self._to_skip, available)
        self._to_skip -= count
        if not self._to_skip and self._last:
            is_text = self._opcode == TEXT  # binary messages are not used
            messages.append(IncomingMessage(TOO_LARGE, self._head or b"") if is_text else NOT_KEPT)
            self._end_message()
        return count

    def _add_fragment(self, first: int, payload: bytes, messages: list[IncomingMessage]) -> None:
        self._opcode = self._opcode or first & 0x0F
        self._size += len(payload)
        if self._fragments is None:
            self._fragments = bytearray()
        self._fragments += payload
        if first & 0x80:
            whole = IncomingMessage(self._opcode, bytes(self._fragments))
            self._end_message()
            if whole.opcode == TEXT:
                check_utf8(whole.payload)
            messages.append(whole)

    def _end_message(self) -> None:
        self._opcode = CONTINUATION
        self._fragments = self._head = None
        self._size = 0


def _frame(first: int, payload: bytes) -> bytes:
    length = len(payload)
    if length < 126:
        return bytes((first, length)) + payload
    if length < 1 << 16:
        return _MEDIUM(first, 126, length) + payload
    return _LONG(first, 127, length) + payload


def _unmasked(payload: bytes, mask: bytes) -> bytes:
    """XOR of two long numbers, which is faster than a loop in Python."""
    length = len(payload)
    key = (mask * (length // 4 + 1))[:length]
    number = int.from_bytes(payload, "little") ^ int.from_bytes(key, "little")
    return number.to_bytes(length, "little")


def check_utf8(payload: bytes) -> None:
    if payload.isascii():
        return
    try:
        payload.decode()
    except UnicodeDecodeError:
        raise ProtocolError(NOT_UTF8, "text is not UTF-8") from None
