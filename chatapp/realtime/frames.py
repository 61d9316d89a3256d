"""WebSocket frames (RFC 6455), as bytes and back. Pure: no socket, no clock.

     0               1               2               3
    +-+---+-------+-+-------------+-------------------------------+---------------+---------+
    |F|RSV| opcode|M| length 7    | length 16 or 64, if 126 / 127 | mask key, 32  | payload |
    +-+---+-------+-+-------------+-------------------------------+---------------+---------+

The server sends whole, unmasked frames: `text_frame()` makes one, once for a broadcast.
What a client sends goes through a `FrameReader`. It never holds more than one message of
at most `max_message` bytes: the size is known from the frame headers, before a byte of the
payload is kept. A longer message is read past and only its head is kept, so that the one who
sent it can be told; beyond `HARD_LIMIT` that courtesy ends. No extension is ever agreed on,
hence no reserved bit is allowed, and nothing can unfold to more than was sent.
"""

from struct import Struct

import msgspec

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0x0, 0x1, 0x2, 0x8, 0x9, 0xA
TOO_LARGE = -1
"""The opcode, so to speak, of a message that was read past. Its payload is the first bytes."""

_WHOLE_TEXT = 0x80 | TEXT
"""The first byte of a text that is not in fragments."""

HEAD_BYTES = 64
"""What is kept of a message that is too large: enough for the id that an ack needs."""
HARD_LIMIT = 16 * 1024 * 1024
"""Bytes of one message, beyond which the connection is closed."""

NORMAL, GOING_AWAY, PROTOCOL_ERROR, NOT_UTF8, POLICY, TOO_BIG = 1000, 1001, 1002, 1007, 1008, 1009

_MEDIUM = Struct(">BBH").pack
_LONG = Struct(">BBQ").pack
"""The headers of frames that are not short."""
_HEADER_BYTES = {126: 8, 127: 14}
"""With the mask key, by the short length; otherwise 6."""
_MAX_CONTROL_BYTES = 125
_CODES_ON_THE_WIRE = frozenset([*range(1000, 1004), *range(1007, 1015)])
"""Close codes that a peer may send, besides 3000 to 4999."""


class ProtocolError(Exception):
    """The peer does not speak WebSocket as it should. `code` is the one to close with."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code


class Message(msgspec.Struct, frozen=True, gc=False):
    """A whole message (TEXT, BINARY), a control frame, or the head of one that was TOO_LARGE."""

    opcode: int
    payload: bytes


def text_frame(payload: bytes) -> bytes:
    """One unmasked text frame."""
    return _frame(_WHOLE_TEXT, payload)


def pong_frame(payload: bytes) -> bytes:
    return _frame(0x80 | PONG, payload)


def close_frame(code: int, reason: str = "") -> bytes:
    text = reason.encode()[: _MAX_CONTROL_BYTES - 2]
    return _frame(0x80 | CLOSE, code.to_bytes(2, "big") + text.decode(errors="ignore").encode())


def payload_of(frame: bytes) -> bytes:
    """The payload of a frame that this server made."""
    length = frame[1]
    return frame[2 if length < 126 else 4 if length == 126 else 10 :]


def close_code(payload: bytes) -> int:
    """The code in a close frame's payload, 1000 where there is none; checked."""
    if not payload:
        return NORMAL
    code = int.from_bytes(payload[:2], "big")
    if len(payload) == 1 or not (code in _CODES_ON_THE_WIRE or 3000 <= code <= 4999):
        raise ProtocolError(PROTOCOL_ERROR, "bad close code")
    _check_utf8(payload[2:])
    return code


class FrameReader:
    """Turns the bytes of one client into messages, in the order in which they are complete."""

    __slots__ = ("_begun", "_head", "_last", "_max", "_opcode", "_past", "_rest", "_size")

    def __init__(self, max_message: int) -> None:
        self._max = max_message
        self._rest = b""  # of a frame that is not complete yet
        self._opcode = CONTINUATION  # of the message whose fragments are coming; 0 is none
        self._begun: bytearray | None = None  # its fragments so far
        self._size = 0  # its bytes so far, kept or not
        self._head: bytes | None = None  # what is kept of it once it is too large
        self._past = 0  # bytes still to read past in the current frame
        self._last = False  # whether that frame ends the message

    def feed(self, data: bytes) -> list[Message]:
        """The messages that are complete with `data`. After a `ProtocolError`, feed no more."""
        if self._rest:
            data = self._rest + data
            self._rest = b""
        messages: list[Message] = []
        at = 0
        end = len(data)
        while at < end:
            if self._past:
                at += self._read_past(end - at, messages)
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
            ):  # as nearly all are: nothing of what follows concerns it
                if end < body + length:
                    break
                payload = _unmasked(data[body : body + length], data[body - 4 : body])
                at = body + length
                _check_utf8(payload)
                messages.append(Message(TEXT, payload))
                continue
            self._check_header(first, second, length)
            too_large = first & 0x08 == 0 and self._is_too_large(length)
            if end < body + (min(length, HEAD_BYTES) if too_large else length):
                break
            if too_large:
                self._begin_past(first, length, data[body - 4 : body + HEAD_BYTES], messages)
                at = body
                continue
            payload = _unmasked(data[body : body + length], data[body - 4 : body])
            at = body + length
            if first & 0x08:
                messages.append(Message(first & 0x0F, payload))
            else:
                self._add_fragment(first, payload, messages)
        if at < end:
            self._rest = data[at:]
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

    def _begin_past(self, first: int, length: int, start: bytes, messages: list[Message]) -> None:
        if self._head is None:
            begun = self._begun or b""
            self._head = (bytes(begun) + _unmasked(start[4:], start[:4]))[:HEAD_BYTES]
            self._begun = None
        self._opcode = self._opcode or first & 0x0F
        self._size += length
        self._past = length
        self._last = first & 0x80 != 0
        if not length:
            self._read_past(0, messages)

    def _read_past(self, available: int, messages: list[Message]) -> int:
        count = min(self._past, available)
        self._past -= count
        if not self._past and self._last:
            messages.append(Message(TOO_LARGE, self._head or b""))
            self._end_message()
        return count

    def _add_fragment(self, first: int, payload: bytes, messages: list[Message]) -> None:
        self._opcode = self._opcode or first & 0x0F
        self._size += len(payload)
        if self._begun is None:
            self._begun = bytearray()
        self._begun += payload
        if first & 0x80:
            whole = Message(self._opcode, bytes(self._begun))
            self._end_message()
            if whole.opcode == TEXT:
                _check_utf8(whole.payload)
            messages.append(whole)

    def _end_message(self) -> None:
        self._opcode = CONTINUATION
        self._begun = self._head = None
        self._size = 0


def _frame(first: int, payload: bytes) -> bytes:
    length = len(payload)
    if length < 126:
        return bytes((first, length)) + payload
    if length < 1 << 16:
        return _MEDIUM(first, 126, length) + payload
    return _LONG(first, 127, length) + payload


def _unmasked(payload: bytes, mask: bytes) -> bytes:
    """As one addition without carry of two long numbers: there is no loop in Python to pay for."""
    length = len(payload)
    key = (mask * (length // 4 + 1))[:length]
    number = int.from_bytes(payload, "little") ^ int.from_bytes(key, "little")
    return number.to_bytes(length, "little")


def _check_utf8(payload: bytes) -> None:
    if payload.isascii():
        return
    try:
        payload.decode()
    except UnicodeDecodeError:
        raise ProtocolError(NOT_UTF8, "text is not UTF-8") from None
