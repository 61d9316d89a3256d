import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatapp.transport.wire.packets import (
    AckPacket,
    ConnectPacket,
    DisconnectPacket,
    EventPacket,
    InvalidPacket,
    Packet,
    RejectedEvent,
    RejectReason,
    ack_packet,
    event_packet,
    parse,
    parse_too_large,
)


@pytest.mark.parametrize(
    ("packet", "meaning"),
    [
        (b"40", ConnectPacket("/", b"")),
        (b'40{"name":"ana"}', ConnectPacket("/", b'{"name":"ana"}')),
        (b'40/,{"name":"ana"}', ConnectPacket("/", b'{"name":"ana"}')),
        (b"40/admin,", ConnectPacket("/admin", b"")),
        (b"40/admin?x=1,", ConnectPacket("/admin", b"")),
        (b"40null", ConnectPacket("/", b"")),
        (b"41", DisconnectPacket("/")),
        (b"41/admin,", DisconnectPacket("/admin")),
        (b'42["rooms",null]', EventPacket("rooms", b"", b"")),
        (b'427["rooms", null ]', EventPacket("rooms", b"", b"7")),
        (b'42["typing",{"room":"general"}]', EventPacket("typing", b'{"room":"general"}', b"")),
        (b'4217["message","hola"]', EventPacket("message", b'"hola"', b"17")),
        (b'42/,17["message","hola"]', EventPacket("message", b'"hola"', b"17")),
        (b'420["rooms"]', EventPacket("rooms", b"", b"0")),
        (b'4317[{"ok":true}]', AckPacket(17, b'[{"ok":true}]')),
    ],
)
def test_what_clients_say_is_understood(packet: bytes, meaning: Packet) -> None:
    assert parse(packet) == meaning


@pytest.mark.parametrize(
    ("packet", "why"),
    [
        (b"427[1,2]", RejectReason.UNKNOWN_EVENT),
        (b'427["message","a\\ud800b"]', RejectReason.NOT_TEXT),
        (b'427["message",NaN]', RejectReason.NOT_A_NUMBER),
        (b'427["message",{"seq":-Infinity}]', RejectReason.NOT_A_NUMBER),
        (b'427["message",{"text":"\\ude00\\ud83d"}]', RejectReason.NOT_TEXT),
        (b'427["connect",{"name":"forged"}]', RejectReason.RESERVED_NAME),
        (b'427["disconnect"]', RejectReason.RESERVED_NAME),
        (b'427["message",1,2]', RejectReason.TOO_MANY_PAYLOADS),
    ],
)
def test_what_is_refused_keeps_the_id_of_its_ack(packet: bytes, why: RejectReason) -> None:
    assert parse(packet) == RejectedEvent(why, b"7")


def test_what_is_refused_keeps_its_namespace_and_the_number_of_its_attachments() -> None:
    binary = b'["message",{"_placeholder":true,"num":0}]'

    assert parse(b"451-7" + binary) == RejectedEvent(RejectReason.BINARY, b"7", b"/", 1)
    assert parse(b"452-" + binary) == RejectedEvent(RejectReason.BINARY, b"", b"/", 2)
    assert parse(b"451-/admin,7" + binary) == RejectedEvent(RejectReason.BINARY, b"7", b"/admin", 1)
    assert parse(b"461-7" + binary) == RejectedEvent(RejectReason.BINARY, b"", b"/", 1)
    assert parse(b'42/admin,7["message"]') == RejectedEvent(RejectReason.NAMESPACE, b"7", b"/admin")


@pytest.mark.parametrize(
    "packet",
    [
        *(b"4", b"47", b"4x", b"44{}", b"46", b"43", b"", b"hello", b"4abc", b"41{}"),
        *(b"42", b"42{}", b"42[]", b"42[null]", b"42[{}]", b'42["message",{]', b'42abc["message"]'),
        *(b"427[NaN]", b'42["message",nan]', b'42["message","\\q"]', b'42["message","\x01"]'),
        *(b'421-7["message"]', b'45["message"]', b"431{", b'431["\\q"]', b"43/admin,1[]"),
    ],
)
def test_what_is_no_packet_is_broken(packet: bytes) -> None:
    assert isinstance(parse(packet), InvalidPacket)


def test_the_head_of_a_large_event_has_its_id() -> None:
    assert parse_too_large(b'4217["message","xxxx') == RejectedEvent(RejectReason.TOO_LARGE, b"17")
    assert parse_too_large(b'42["message","xxxx') == RejectedEvent(RejectReason.TOO_LARGE, b"")
    assert parse_too_large(b'42/a,17["message","xx') == RejectedEvent(
        RejectReason.TOO_LARGE, b"17", b"/a"
    )
    assert parse_too_large(b'453-17["message","xx') == RejectedEvent(
        RejectReason.TOO_LARGE, b"17", b"/", 3
    )
    assert isinstance(parse_too_large(b"40{xxxxxx"), InvalidPacket)


def test_acks_and_events_are_packets_of_socketio() -> None:
    assert ack_packet(b"17", ({"ok": True},)) == b'4317[{"ok":true}]'
    assert ack_packet(b"17", ()) == b"4317[]"
    assert ack_packet(b"17", (), b"/admin") == b"43/admin,17[]"
    assert event_packet("message", msgspec.Raw(b'{"a":1}')) == b'42["message",{"a":1}]'


@given(st.binary(max_size=200))
def test_random_packets_never_raise(tail: bytes) -> None:
    for head in (b"", b"4", b"42", b"42[", b'427["m",'):
        parse(head + tail)
        parse_too_large((head + tail)[:64])


def test_deep_nesting_is_refused() -> None:
    deep = b'427["m",' + b"[" * 50_000 + b"]" * 50_000 + b"]"

    assert isinstance(parse(deep), RejectedEvent | EventPacket)
