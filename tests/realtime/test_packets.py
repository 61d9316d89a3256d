import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatapp.realtime.packets import (
    Ack,
    Connect,
    Disconnect,
    Event,
    Noise,
    Packet,
    Refusal,
    Rejected,
    ack_packet,
    event_packet,
    parse,
    parse_too_large,
)


@pytest.mark.parametrize(
    ("packet", "meaning"),
    [
        (b"40", Connect("/", b"")),
        (b'40{"name":"ana"}', Connect("/", b'{"name":"ana"}')),
        (b'40/,{"name":"ana"}', Connect("/", b'{"name":"ana"}')),
        (b"40/admin,", Connect("/admin", b"")),
        (b"40/admin?x=1,", Connect("/admin", b"")),
        (b"41", Disconnect()),
        (b'42["typing",{"room":"general"}]', Event("typing", b'{"room":"general"}', b"")),
        (b'4217["message","hola"]', Event("message", b'"hola"', b"17")),
        (b'42/,17["message","hola"]', Event("message", b'"hola"', b"17")),
        (b'420["rooms"]', Event("rooms", b"", b"0")),
        (b'4317[{"ok":true}]', Ack(17, b'[{"ok":true}]')),
    ],
)
def test_what_clients_say_is_understood(packet: bytes, meaning: Packet) -> None:
    assert parse(packet) == meaning


@pytest.mark.parametrize(
    ("packet", "why"),
    [
        (b'427["message",{]', Refusal.NOT_JSON),
        (b"427", Refusal.NOT_JSON),
        (b'427{"message":1}', Refusal.NOT_AN_EVENT),
        (b"427[]", Refusal.NOT_AN_EVENT),
        (b"427[1,2]", Refusal.NOT_AN_EVENT),
        (b'427["connect",{"name":"forged"}]', Refusal.RESERVED_NAME),
        (b'427["disconnect"]', Refusal.RESERVED_NAME),
        (b'427["message",1,2]', Refusal.TOO_MANY_PAYLOADS),
        (b'451-7["message",{"_placeholder":true,"num":0}]', Refusal.BINARY),
        (b'459999999999-7["message"]', Refusal.BINARY),
        (b'421-7["message"]', Refusal.BINARY),
    ],
)
def test_what_is_refused_keeps_the_id_of_its_ack(packet: bytes, why: Refusal) -> None:
    assert parse(packet) == Rejected(why, b"7")


@pytest.mark.parametrize(
    "packet", [b"4", b"47", b"4x", b"44{}", b"46", b"43", b'42/admin,7["message"]', b"", b"hello"]
)
def test_noise_is_noise(packet: bytes) -> None:
    assert parse(packet) == Noise()


def test_the_head_of_a_large_event_has_its_id() -> None:
    assert parse_too_large(b'4217["message","xxxx') == Rejected(Refusal.TOO_LARGE, b"17")
    assert parse_too_large(b'42["message","xxxx') == Rejected(Refusal.TOO_LARGE, b"")
    assert parse_too_large(b"40{xxxxxx") == Noise()


def test_acks_and_events_are_packets_of_socketio() -> None:
    assert ack_packet(b"17", ({"ok": True},)) == b'4317[{"ok":true}]'
    assert ack_packet(b"17", ()) == b"4317[]"
    assert event_packet("message", msgspec.Raw(b'{"a":1}')) == b'42["message",{"a":1}]'


@given(st.binary(max_size=200))
def test_random_packets_never_raise(tail: bytes) -> None:
    for head in (b"", b"4", b"42", b"42[", b'427["m",'):
        parse(head + tail)
        parse_too_large((head + tail)[:64])


def test_deep_nesting_is_refused() -> None:
    deep = b'427["m",' + b"[" * 50_000 + b"]" * 50_000 + b"]"

    assert isinstance(parse(deep), Rejected | Event)
