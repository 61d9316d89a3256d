"""Packets of Engine.IO v4 and Socket.IO v5: how they are written, what may be sent to us. Pure.

    Engine.IO    0 open   1 close   2 ping   3 pong   4 message   5 upgrade   6 noop
    Socket.IO    40 connect   41 disconnect   42 event   43 ack   44 connect error
                 45 46 the same as 42 43 with binary attachments

    42["typing",{"room":"general"}]            an event
    4217["message",{"text":"hola"}]            an event that wants to be acked; 17 is its id
    4317[{"ok":true}]                          its ack
    4517-["message",{"_placeholder":true …}]   an event that announces 17 attachments

Stricter than the protocol allows: one payload an event, no binary, only the namespace `/`.
The payload stays raw JSON; whoever handles the event knows what it should be and decodes
it once.
"""

import re
from collections.abc import Callable
from enum import StrEnum
from typing import Any, NamedTuple

import msgspec

OPEN, CLOSE, PING, PONG, NOOP = b"0", b"1", b"2", b"3", b"6"
PROBE, PROBED, UPGRADE = b"2probe", b"3probe", b"5"
DISCONNECT = b"41"
SEPARATOR = b"\x1e"
"""Between the packets of one polling request."""

encode_json: Callable[[Any], bytes] = msgspec.json.Encoder().encode


class Refusal(StrEnum):
    """Why the transport did not hand on an event: a sentence for a person."""

    NOT_JSON = "The event is not valid JSON."
    NOT_AN_EVENT = "An event is a JSON array with its name first."
    UNKNOWN_EVENT = "There is no event of this name."
    RESERVED_NAME = "connect and disconnect happen; they cannot be sent."
    TOO_MANY_PAYLOADS = "An event has one payload; this one has more."
    BINARY = "Binary attachments are not accepted."
    TOO_LARGE = "The event is too large."


class Connect(NamedTuple):
    """A client asks to be let in. `auth` is raw JSON, empty where there was none."""

    namespace: str
    auth: bytes


class Disconnect(NamedTuple):
    """A client says goodbye."""


class Event(msgspec.Struct, frozen=True, gc=False):
    """`payload` is raw JSON, empty where there was none; `id` is empty where no ack is wanted."""

    name: str
    payload: bytes
    id: bytes


class Ack(NamedTuple):
    """A client answers an event of ours."""

    id: int
    values: bytes


class Rejected(NamedTuple):
    """An event that is not handed on, though it is acked if it has an id."""

    why: Refusal
    id: bytes


class Noise(NamedTuple):
    """What no client of sound mind sends, and nobody waits for an answer to."""


Packet = Connect | Disconnect | Event | Ack | Rejected | Noise

_NOISE = Noise()
_HEAD = re.compile(rb"4([0-6])(?:(\d{1,10})-)?(?:(/[^,\x00-\x1f]{0,100})(?:,|$))?(\d{0,20})")
_named = msgspec.json.Decoder(tuple[str, msgspec.Raw]).decode
_any_array = msgspec.json.Decoder(list[msgspec.Raw]).decode
_any_name = msgspec.json.Decoder(str).decode
_LIFECYCLE = ("connect", "disconnect")


def parse(packet: bytes) -> Packet:
    """What a client says with one Engine.IO message packet (`4…`)."""
    head = _HEAD.match(packet)
    if head is None:
        return _NOISE
    kind, attachments, namespace, id = head.groups()
    rest = packet[head.end() :]
    if kind == b"0":
        return _connect(namespace, rest)
    if namespace not in (None, b"/"):
        return _NOISE
    if kind == b"2" and attachments is None:
        return _event(rest, id)
    return _seldom(kind, attachments, id, rest)


def parse_too_large(head: bytes) -> Packet:
    """As `parse`, of a packet of which only the first bytes were kept."""
    found = _HEAD.match(head)
    if found is None or found[1] not in (b"2", b"5"):
        return _NOISE
    return Rejected(Refusal.TOO_LARGE, found[4])


def is_json(raw: bytes) -> bool:
    """Whether it is, down to the last letter. `parse` does not look into payloads."""
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
    """An event that the client is to ack."""
    return b"42%d" % id + encode_json([name, *payloads])


def ack_packet(id: bytes, values: tuple[Any, ...]) -> bytes:
    return b"43" + id + encode_json(values)


def _seldom(kind: bytes, attachments: bytes | None, id: bytes, rest: bytes) -> Packet:
    if kind in (b"2", b"5"):
        return Rejected(Refusal.BINARY, id)
    if kind == b"1":
        return Disconnect()
    if kind == b"3" and id and attachments is None:
        return Ack(int(id), rest)
    return _NOISE


def _connect(namespace: bytes | None, auth: bytes) -> Packet:
    return Connect((namespace or b"/").split(b"?")[0].decode(errors="replace"), auth)


def _event(body: bytes, id: bytes) -> Packet:
    try:
        name, payload = _named(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _unusual_event(body, id)
    if name in _LIFECYCLE:
        return Rejected(Refusal.RESERVED_NAME, id)
    return Event(name, bytes(payload), id)


def _unusual_event(body: bytes, id: bytes) -> Packet:
    """An event without a payload, or whatever is wrong with it."""
    try:
        parts = _any_array(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        wrong_shape = isinstance(error, msgspec.ValidationError)
        return Rejected(Refusal.NOT_AN_EVENT if wrong_shape else Refusal.NOT_JSON, id)
    try:
        name = _any_name(parts[0]) if parts else ""
    except (msgspec.DecodeError, UnicodeDecodeError):
        return Rejected(Refusal.NOT_AN_EVENT, id)
    if not parts:
        return Rejected(Refusal.NOT_AN_EVENT, id)
    if name in _LIFECYCLE:
        return Rejected(Refusal.RESERVED_NAME, id)
    if len(parts) > 2:
        return Rejected(Refusal.TOO_MANY_PAYLOADS, id)
    return Event(name, b"", id)
