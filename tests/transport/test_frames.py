import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatapp.transport.wire.frames import (
    BINARY,
    CLOSE,
    CONTINUATION,
    HARD_LIMIT,
    HEAD_BYTES,
    NORMAL,
    NOT_UTF8,
    PING,
    PROTOCOL_ERROR,
    TEXT,
    TOO_BIG,
    TOO_LARGE,
    FrameReader,
    IncomingMessage,
    ProtocolError,
    close_code,
    close_frame,
    payload_of,
    text_frame,
)
from tests.transport.raw import fragments, masked, text

LIMIT = 1000


def read(data: bytes) -> list[IncomingMessage]:
    return FrameReader(LIMIT).feed(data)


@pytest.mark.parametrize("length", [0, 1, 125, 126, 127, 65535, 65536, 100_000])
def test_the_payload_of_a_frame_is_what_went_in(length: int) -> None:
    payload = b"x" * length

    assert payload_of(text_frame(payload)) == payload


@pytest.mark.parametrize("length", [0, 1, 3, 4, 5, 125, 126, 127, LIMIT])
def test_a_message_is_unmasked(length: int) -> None:
    payload = bytes(i % 128 for i in range(length))

    assert read(text(payload)) == [IncomingMessage(TEXT, payload)]


@given(
    payloads=st.lists(st.text(max_size=200), max_size=8),
    fragment=st.integers(1, 50),
    cuts=st.lists(st.integers(1, 40), min_size=1),
)
def test_messages_are_the_same_however_their_bytes_arrive(
    payloads: list[str], fragment: int, cuts: list[int]
) -> None:
    texts = [payload.encode()[:LIMIT].decode(errors="ignore").encode() for payload in payloads]
    stream = b"".join(
        fragments(payload, fragment) if i % 2 and payload else text(payload)
        for i, payload in enumerate(texts)
    )
    reader = FrameReader(LIMIT)
    messages: list[IncomingMessage] = []

    at = 0
    while at < len(stream):
        size = cuts[at % len(cuts)]
        messages += reader.feed(stream[at : at + size])
        at += size

    assert messages == [IncomingMessage(TEXT, payload) for payload in texts]


def test_control_frames_come_between_fragments() -> None:
    data = masked(TEXT, b"he") + masked(0x80 | PING, b"!") + masked(0x80 | CONTINUATION, b"llo")

    assert read(data) == [IncomingMessage(PING, b"!"), IncomingMessage(TEXT, b"hello")]


def test_binary_messages_are_told_from_text() -> None:
    assert read(masked(0x80 | BINARY, b"\xff")) == [IncomingMessage(BINARY, b"\xff")]


@pytest.mark.parametrize("size", [LIMIT + 1, 70_000, 3_000_000])
@pytest.mark.parametrize("piece", [1_000, 65_536])
def test_a_message_that_is_too_large_is_read_past_but_for_its_head(size: int, piece: int) -> None:
    payload = b"42" + b"x" * (size - 2)
    stream = text(payload) + text(b"next")
    reader = FrameReader(LIMIT)
    messages: list[IncomingMessage] = []

    for at in range(0, len(stream), piece):
        messages += reader.feed(stream[at : at + piece])
        assert len(reader._incomplete) <= piece + 100

    assert messages == [
        IncomingMessage(TOO_LARGE, payload[:HEAD_BYTES]),
        IncomingMessage(TEXT, b"next"),
    ]


@pytest.mark.parametrize("size", [1, 10, 64, 999, 1001])
def test_fragments_that_are_too_large_together_are_read_past(size: int) -> None:
    payload = b"4217" + b"y" * 5_000

    messages = read(fragments(payload, size) + text(b"next"))

    assert messages == [
        IncomingMessage(TOO_LARGE, payload[:HEAD_BYTES]),
        IncomingMessage(TEXT, b"next"),
    ]


def test_fragments_without_end_keep_nothing() -> None:
    reader = FrameReader(LIMIT)
    reader.feed(masked(TEXT, b"z" * 900))

    for _ in range(100):
        assert reader.feed(masked(CONTINUATION, b"z" * 1000)) == []

    assert reader._fragments is None
    assert len(reader._incomplete) == 0


def test_a_message_beyond_the_hard_limit_is_not_read_past() -> None:
    header = bytes((0x80 | TEXT, 0x80 | 127)) + (HARD_LIMIT + 1).to_bytes(8, "big") + b"mask"

    with pytest.raises(ProtocolError) as caught:
        read(header)

    assert caught.value.code == TOO_BIG


def test_fragments_count_towards_the_hard_limit() -> None:
    reader = FrameReader(LIMIT)
    reader.feed(masked(TEXT, b"start"))
    megabytes = masked(CONTINUATION, b"z" * 1_000_000, mask=bytes(4)) * 17

    with pytest.raises(ProtocolError) as caught:
        reader.feed(megabytes)

    assert caught.value.code == TOO_BIG


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (bytes((0x81, 0x05)) + b"hello", "frame is not masked"),
        (masked(0xC1, b"hello"), "reserved bits set"),
        (masked(0x83, b""), "unknown opcode"),
        (masked(0x8B, b""), "unknown opcode"),
        (masked(PING, b""), "control frame is fragmented or too long"),
        (masked(0x80 | PING, b"x" * 126), "control frame is fragmented or too long"),
        (masked(0x80 | CONTINUATION, b"x"), "fragments out of order"),
        (masked(TEXT, b"x") + masked(0x80 | TEXT, b"y"), "fragments out of order"),
    ],
)
def test_what_is_no_websocket_is_a_protocol_error(data: bytes, why: str) -> None:
    with pytest.raises(ProtocolError, match=why) as caught:
        read(data)

    assert caught.value.code == PROTOCOL_ERROR


@pytest.mark.parametrize("payload", [b"\xff", b"ok \xc3", b"\xed\xa0\x80", b"\xc0\x80"])
def test_text_that_is_not_utf8_is_a_protocol_error(payload: bytes) -> None:
    for data in (text(payload), fragments(b"a" + payload, 1)):
        with pytest.raises(ProtocolError) as caught:
            read(data)
        assert caught.value.code == NOT_UTF8


def test_letters_may_be_cut_by_fragments() -> None:
    assert read(fragments("né€😀".encode(), 1)) == [IncomingMessage(TEXT, "né€😀".encode())]


def test_a_close_frame_tells_its_code() -> None:
    assert close_code(payload_of(close_frame(1001, "bye"))) == 1001
    assert close_code(b"") == NORMAL


@pytest.mark.parametrize("payload", [b"\x03", b"\x03\xed", b"\x03\xee", b"\x00\x00", b"\xff\xff"])
def test_close_codes_that_must_not_be_sent_are_errors(payload: bytes) -> None:
    with pytest.raises(ProtocolError):
        close_code(payload)


def test_a_close_reason_is_cut_between_letters() -> None:
    frame = close_frame(1000, "é" * 100)

    assert len(payload_of(frame)) <= 125
    payload_of(frame)[2:].decode()
    assert frame[0] == 0x80 | CLOSE


@given(st.binary(max_size=400))
def test_random_bytes_are_messages_or_a_protocol_error(data: bytes) -> None:
    reader = FrameReader(LIMIT)
    try:
        for message in reader.feed(data):
            assert len(message.payload) <= LIMIT
    except ProtocolError:
        pass
    assert len(reader._incomplete) <= len(data)
