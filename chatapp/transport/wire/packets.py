"""Packets of Engine.IO v4 and Socket.IO v5: parsing and encoding.

    Engine.IO    0 open   1 close   2 ping   3 pong   4 message   5 upgrade   6 noop
    Socket.IO    40 connect   41 disconnect   42 event   43 ack   44 connect error
                 45 46 the same as 42 43 with binary attachments

    42["typing",{"room":"general"}]            an event
    4217["message",{"text":"hola"}]            an event that wants an ack; 17 is its id
    4317[{"ok":true}]                          its ack
    4517-["message",{"_placeholder":true …}]   an event that announces 17 attachments

Stricter than the protocol allows: one payload per event, no binary, only the namespace `/`. Other
events are refused, and acked if the client wants an ack. Input that is not a packet closes the
connection, as in the original server. The payload stays raw JSON; the event's handler knows its
type and decodes it once.
"""

import json
import re
from collections.abc import Callable
from enum import StrEnum
from typing import Any, NamedTuple

import msgspec

OPEN, CLOSE, PING, PONG, MESSAGE, NOOP = b"0", b"1", b"2", b"3", b"4", b"6"
PROBE, PROBED, UPGRADE = b"2probe", b"3probe", b"5"
DISCONNECT = b"41"
BINARY_MARK = b"b"
"""The first byte of a binary message in a polling request."""
SEPARATOR = b"\x1e"
"""Separates the packets of one polling request."""

encode_json: Callable[[Any], bytes] = msgspec.json.Encoder().encode


class RejectReason(StrEnum):
    """The reason why the transport refuses an event, as a sentence for people."""

    NOT_TEXT = "A text contains an unpaired surrogate, \\ud800 to \\udfff."
    NOT_A_NUMBER = "JSON has no NaN and no Infinity."
    TOO_DEEP = "The event is nested too deep."
    UNKNOWN_EVENT = "There is no event of this name."
    RESERVED_NAME = "connect and disconnect are reserved; clients cannot send them."
    TOO_MANY_PAYLOADS = "An event has one payload; this one has more."
    NAMESPACE = "There is only the namespace /."
    BINARY = "Binary attachments are not accepted."
    TOO_LARGE = "The event is too large."


class ConnectPacket(NamedTuple):
    """A client connects to a namespace. `auth` is raw JSON, or empty."""

    namespace: str
    auth: bytes


class DisconnectPacket(NamedTuple):
    """A client leaves a namespace. Its connection stays."""

    namespace: str


class Close(NamedTuple):
    """A client closes its connection."""


class EventPacket(msgspec.Struct, frozen=True, gc=False):
    """`payload` is raw JSON, or empty; `id` is empty if the client wants no ack."""

    name: str
    payload: bytes
    id: bytes


class AckPacket(NamedTuple):
    """A client acks an event of the server."""

    id: int
    values: bytes


class RejectedEvent(NamedTuple):
    """An event that gets no handler; it is acked if it has an id."""

    why: RejectReason
    id: bytes
    namespace: bytes = b"/"
    attachments: int = 0
    """Number of binary messages that belong to it and follow."""


class InvalidPacket(NamedTuple):
    """Input that is not a packet. It closes the connection."""

    why: str


Packet = (
    ConnectPacket
    | DisconnectPacket
    | Close
    | EventPacket
    | AckPacket
    | RejectedEvent
    | InvalidPacket
)

NOT_A_PACKET = InvalidPacket("This is not an Engine.IO packet.")
TOO_LARGE_A_PACKET = InvalidPacket("The packet is too large.")
UNANNOUNCED = InvalidPacket("Unexpected binary message.")
_NO_MESSAGE = InvalidPacket("This is not a Socket.IO packet.")
_NO_EVENT = InvalidPacket("An event is a JSON array with its name first.")
MAX_ID_DIGITS = 20
"""Length of the number that identifies the ack of an event."""

_HEAD = re.compile(
    rb"4([0-6])(?:(\d{1,10})-)?(?:(/[^,\x00-\x1f]{0,100})(?:,|$))?(\d{0,%d})" % MAX_ID_DIGITS
)
_named = msgspec.json.Decoder(tuple[str, msgspec.Raw]).decode
_any_array = msgspec.json.Decoder(list[msgspec.Raw]).decode
_any_name = msgspec.json.Decoder(str | int).decode
_LIFECYCLE = ("connect", "disconnect")
_NULL = b"null"
"""Sent by JavaScript for an undefined payload."""


def parse(packet: bytes) -> Packet:
    """The packet in one Engine.IO message (`4…`) of a client."""
    if packet.startswith(b"42"):  # the fast path: an event, with or without an id
        begin = packet.find(b"[", 2, MAX_ID_DIGITS + 3)
        id = packet[2:begin]
        if begin == 2 or (begin > 0 and id.isdigit()):
            return _event(packet[begin:], id)
    head = _HEAD.match(packet)
    if head is None:
        return _NO_MESSAGE
    kind, attachments, namespace, id = head.groups()
    rest = packet[head.end() :]
    if kind == b"2" and attachments is None and namespace in (None, b"/"):
        return _event(rest, id)
    if (attachments is not None) != (kind in (b"5", b"6")):
        return _NO_MESSAGE
    return _parse_rare(kind, int(attachments or 0), namespace or b"/", id, rest)


def parse_too_large(head: bytes) -> Packet:
    """As `parse`, for a packet of which only the first bytes were kept."""
    found = _HEAD.match(head)
    if found is None or found[1] not in (b"2", b"5"):
        return TOO_LARGE_A_PACKET
    return RejectedEvent(RejectReason.TOO_LARGE, found[4], found[3] or b"/", int(found[2] or 0))


def is_json(raw: bytes) -> bool:
    """Validate the whole value. `parse` does not look into payloads."""
    try:
        msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False
    return True


def open_packet(
    id: str, upgrades: list[str], ping_interval: float, ping_timeout: float, max_payload: int
) -> bytes:
    return OPEN + encode_json(
        {
            "sid": id,
            "upgrades": upgrades,
            "pingInterval": int(ping_interval * 1000),
            "pingTimeout": int(ping_timeout * 1000),
            "maxPayload": max_payload,
        }
    )


def connected_packet(sid: str) -> bytes:
    return b"40" + encode_json({"sid": sid})


def connect_error_packet(data: Any, namespace: str = "/") -> bytes:
    prefix = b"44" if namespace == "/" else b"44" + namespace.encode() + b","
    return prefix + encode_json(data)


def event_packet(name: str, *payloads: Any) -> bytes:
    return b"42" + encode_json([name, *payloads])


def asking_event_packet(id: int, name: str, *payloads: Any) -> bytes:
    """An event that asks the client for an ack."""
    return b"42%d" % id + encode_json([name, *payloads])


def ack_packet(id: bytes, values: tuple[Any, ...], namespace: bytes = b"/") -> bytes:
    prefix = b"43" if namespace == b"/" else b"43" + namespace + b","
    return prefix + id + encode_json(values)


def _parse_rare(kind: bytes, attachments: int, namespace: bytes, id: bytes, rest: bytes) -> Packet:
    match kind:
        case b"0":
            return _connect(namespace, rest)
        case b"1" if not rest:
            return DisconnectPacket(namespace.decode(errors="replace"))
        case b"2":
            return RejectedEvent(RejectReason.NAMESPACE, id, namespace)
        case b"3" if id and namespace == b"/" and _is_array(rest):
            return AckPacket(int(id), rest)
        case b"5" | b"6":
            wanted = id if kind == b"5" else b""  # an ack is not acked
            return RejectedEvent(RejectReason.BINARY, wanted, namespace, attachments)
    return _NO_MESSAGE


def _is_array(raw: bytes) -> bool:
    try:
        _any_array(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False
    return True


def _connect(namespace: bytes, auth: bytes) -> Packet:
    name = namespace.split(b"?")[0].decode(errors="replace")
    return ConnectPacket(name, b"" if auth == _NULL else auth)


def _event(body: bytes, id: bytes) -> Packet:
    try:
        name, raw = _named(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _unusual_event(body, id)
    if name in _LIFECYCLE:
        return RejectedEvent(RejectReason.RESERVED_NAME, id)
    payload = bytes(raw)
    return EventPacket(name, b"" if payload == _NULL else payload, id)


def _unusual_event(body: bytes, id: bytes) -> Packet:
    """An event without a payload, or an invalid one."""
    try:
        parts = _any_array(body)
        name = _any_name(parts[0]) if parts else None
    except RecursionError:
        return RejectedEvent(RejectReason.TOO_DEEP, id)
    except (msgspec.DecodeError, UnicodeDecodeError):
        why = _almost_json(body)
        return _NO_EVENT if why is None else RejectedEvent(why, id)
    if name is None:
        return _NO_EVENT
    why = _reject_reason(name, parts)
    return EventPacket(str(name), b"", id) if why is None else RejectedEvent(why, id)


def _reject_reason(name: str | int, parts: list[msgspec.Raw]) -> RejectReason | None:
    if isinstance(name, int):
        return RejectReason.UNKNOWN_EVENT
    if name in _LIFECYCLE:
        return RejectReason.RESERVED_NAME
    return RejectReason.TOO_MANY_PAYLOADS if len(parts) > 2 else None


def _almost_json(body: bytes) -> RejectReason | None:
    """The problem of an event that some libraries write and that is not quite JSON."""
    constants: list[str] = []
    try:
        event = json.loads(body, parse_constant=constants.append)
    except (ValueError, RecursionError):
        return None
    if not (isinstance(event, list) and event and isinstance(event[0], str)):
        return None
    return RejectReason.NOT_A_NUMBER if constants else RejectReason.NOT_TEXT
