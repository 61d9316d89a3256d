import io
import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatapp.realtime.request_head import BadHead, RequestHead
from tests.realtime.serving import Serving


def test_names_are_found_in_any_case_and_values_are_stripped() -> None:
    stream = io.BytesIO(b"Host: a\r\nContent-Type:\ttext/plain \r\nX-Empty:\r\n\r\nrest")

    head = RequestHead(stream)

    assert head.get("HOST") == "a"
    assert head.typeheader == "text/plain"
    assert head.get("x-empty") == ""
    assert head.get("nothing", "else") == "else"
    assert head.headers == ["Host: a", "Content-Type: text/plain", "X-Empty: "]
    assert stream.read() == b"rest"


@pytest.mark.parametrize(
    "head",
    [
        b"no colon\r\n\r\n",
        b"Space : before\r\n\r\n",
        b"Folded: a\r\n b\r\n\r\n",
        b": no name\r\n\r\n",
        b"Nul: a\x00b\r\n\r\n",
        b"Bare: a\rb\r\n\r\n",
        b"Host: a\r\nHost: b\r\n\r\n",
        b"Content-Length: 1\r\nContent-Length: 2\r\n\r\n",
        b"Content-Length: +1\r\n\r\n",
        b"Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"Long: " + b"x" * 20_000 + b"\r\n\r\n",
        b"Many: x\r\n" * 101 + b"\r\n",
        b"Ends: early\r\n",
    ],
)
def test_what_could_be_understood_in_two_ways_is_refused(head: bytes) -> None:
    with pytest.raises(BadHead):
        RequestHead(io.BytesIO(head))


@given(st.binary(max_size=200))
def test_random_heads_are_read_or_refused(head: bytes) -> None:
    try:
        read = RequestHead(io.BytesIO(head + b"\r\n\r\n"))
    except BadHead:
        return
    assert all("\r" not in line and "\n" not in line for line in read.headers)


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"GET / HTTP/1.1\r\nbroken\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
    ],
)
def test_a_bad_request_is_a_400_without_a_traceback(
    serving: Serving,
    request_bytes: bytes,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    with socket.create_connection(serving.address) as sock:
        sock.sendall(request_bytes)
        assert sock.recv(4096).startswith(b"HTTP/1.1 400 ")

    assert "Traceback" not in caplog.text + capfd.readouterr().err
