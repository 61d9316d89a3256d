import io
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatapp.transport.wire.request_body import BadBody, RequestBody, TooSlow


def in_chunks(*parts: bytes) -> bytes:
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (*parts, b""))


@given(st.binary(max_size=100), st.binary(max_size=20))
def test_a_body_with_a_length_ends_there(sent: bytes, following: bytes) -> None:
    stream = io.BufferedReader(io.BytesIO(sent + following))

    body = RequestBody(stream, length=len(sent), chunked=False)

    assert body.read() == sent
    assert stream.read() == following


@given(st.lists(st.binary(min_size=1, max_size=100)), st.binary(max_size=20))
def test_chunks_are_one_body(parts: list[bytes], following: bytes) -> None:
    stream = io.BufferedReader(io.BytesIO(in_chunks(*parts) + following))

    body = RequestBody(stream, length=None, chunked=True)

    assert body.read() == b"".join(parts)
    assert body.read() == b""
    assert stream.read() == following


def test_extensions_and_trailers_are_read_past() -> None:
    sent = b'5;name="value"\r\nhello\r\n00 ;x\r\nTrailer: x\r\nAnother: y\r\n\r\nGET'
    stream = io.BufferedReader(io.BytesIO(sent))

    assert RequestBody(stream, length=None, chunked=True).readlines() == [b"hello"]
    assert stream.read() == b"GET"


def test_a_request_without_a_body_has_an_empty_one() -> None:
    stream = io.BufferedReader(io.BytesIO(b"GET"))

    assert RequestBody(stream, length=None, chunked=False).read() == b""
    assert stream.read() == b"GET"


@pytest.mark.parametrize(
    "sent",
    [
        b"\r\n",
        b"5\nhello\r\n0\r\n\r\n",
        b"5\r\nhello\n0\r\n\r\n",
        b"5\r\nhello!\r\n0\r\n\r\n",
        b"5\r\nhel",
        b"5\r\nhello\r\n",
        b"5\r\nhello\r\n0\r\n",
        b"5\r\nhello\r\n0\r\nno colon\r\n\r\n",
        b"5\r\nhello\r\n0\r\nTrailer: a\nb\r\n\r\n",
        b"-5\r\nhello\r\n0\r\n\r\n",
        b"+5\r\nhello\r\n0\r\n\r\n",
        b"0x5\r\nhello\r\n0\r\n\r\n",
        b" 5\r\nhello\r\n0\r\n\r\n",
        b"5;a\nb\r\nhello\r\n0\r\n\r\n",
        b"fffffffff\r\nhello\r\n0\r\n\r\n",
        b"5;" + b"x" * 2000 + b"\r\nhello\r\n0\r\n\r\n",
    ],
)
def test_chunks_that_could_be_understood_in_two_ways_are_refused(sent: bytes) -> None:
    stream = io.BufferedReader(io.BytesIO(sent))

    with pytest.raises(BadBody):
        RequestBody(stream, length=None, chunked=True).read()


def test_a_body_that_ends_too_early_is_refused() -> None:
    stream = io.BufferedReader(io.BytesIO(b"half"))

    with pytest.raises(BadBody):
        RequestBody(stream, length=5, chunked=False).read()


class Trickle(io.RawIOBase):
    def __init__(self, wait: Callable[[], None]) -> None:
        self._wait = wait

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        self._wait()
        memoryview(buffer)[0:1] = b"x"  # type: ignore[call-overload]
        return 1


def test_a_body_that_trickles_in_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """However small the steps are in which it comes."""
    now = 0.0

    def pass_some_time() -> None:
        nonlocal now
        now += 0.25

    monkeypatch.setattr("chatapp.transport.client_timeout.monotonic", lambda: now)
    stream = io.BufferedReader(Trickle(pass_some_time))

    with pytest.raises(TooSlow):
        RequestBody(stream, length=1000, chunked=False).read()

    assert 10 <= now <= 12


def test_a_client_that_waits_for_it_is_told_to_begin() -> None:
    told: list[str] = []
    stream = io.BufferedReader(io.BytesIO(b"hello"))
    body = RequestBody(stream, length=5, chunked=False, begin=lambda: told.append("begin"))

    assert not body.can_be_skipped(100)
    assert told == []

    assert body.read(2) + body.read() == b"hello"
    assert told == ["begin"]
    assert body.can_be_skipped(0)
