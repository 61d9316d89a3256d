import io
import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatapp.transport.wire.request_head import BadHead, RequestHead
from tests.transport.serving import Serving

LINE = b"GET / HTTP/1.1\r\n"


def test_names_are_found_in_any_case_and_values_are_stripped() -> None:
    stream = io.BytesIO(b"Host: a\r\nContent-Type:\ttext/plain \r\nX-Empty:\r\n\r\nrest")

    head = RequestHead(LINE, stream)

    assert head.get("HOST") == "a"
    assert head.typeheader == "text/plain"
    assert head.get("x-empty") == ""
    assert head.get("nothing", "else") == "else"
    assert head.headers == ["Host: a", "Content-Type: text/plain", "X-Empty: "]
    assert stream.read() == b"rest"


@pytest.mark.parametrize(
    "head",
    [
        b"Host: a\r\nno colon\r\n\r\n",
        b"Host: a\r\nSpace : before\r\n\r\n",
        b"Host: a\r\nFolded: a\r\n b\r\n\r\n",
        b"Host: a\r\n: no name\r\n\r\n",
        b"Host: a\r\nNul: a\x00b\r\n\r\n",
        b"Host: a\r\nBare: a\rb\r\n\r\n",
        b"Host: a\r\nHost: b\r\n\r\n",
        b"\r\n",
        b"Host: a b\r\n\r\n",
        b"Host: a/b\r\n\r\n",
        b"Host: u@a\r\n\r\n",
        b"Host: a:port\r\n\r\n",
        b"Host: [::1\r\n\r\n",
        b"Host: a\n\r\n",
        b"Host: a\r\n\n",
        b"Host: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        b"Host: a\r\nContent-Length: +1\r\n\r\n",
        b"Host: a\r\nContent-Length: " + b"9" * 19 + b"\r\n\r\n",
        b"Host: a\r\nTransfer-Encoding: identity\r\n\r\n",
        b"Host: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
        b"Host: a\r\nTransfer-Encoding: xchunked\r\n\r\n",
        b"Host: a\r\nTransfer-Encoding: chunked;x=1\r\n\r\n",
        b"Host: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"Host: a\r\nTransfer-Encoding:\r\n\r\n",
        b"Host: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"Host: a\r\n" + b"Long: " + b"x" * 20_000 + b"\r\n\r\n",
        b"Host: a\r\n" + b"Many: x\r\n" * 101 + b"\r\n",
        b"Host: a\r\nEnds: early\r\n",
    ],
)
def test_what_could_be_understood_in_two_ways_is_refused(head: bytes) -> None:
    with pytest.raises(BadHead):
        RequestHead(LINE, io.BytesIO(head))


@pytest.mark.parametrize(
    "line",
    [
        b"GET /\r\n",
        b"GET / HTTP/0.9\r\n",
        b"GET / HTTP/2.0\r\n",
        b"GET / HTTP/1.1\n",
        b"GET  / HTTP/1.1\r\n",
        b"GET / HTTP/1.1 \r\n",
        b"GET\t/\tHTTP/1.1\r\n",
        b"GET /a b HTTP/1.1\r\n",
        b"G@T / HTTP/1.1\r\n",
        b"GET a HTTP/1.1\r\n",
        b"GET ftp://a/ HTTP/1.1\r\n",
        b"GET http:///b HTTP/1.1\r\n",
        b"GET http://u@a/ HTTP/1.1\r\n",
        b"GET http://[a/ HTTP/1.1\r\n",
        b"CONNECT a:80 HTTP/1.1\r\n",
        b"GET / http/1.1\r\n",
        b"\r\n",
    ],
)
def test_a_request_line_that_is_not_as_it_should_be_is_refused(line: bytes) -> None:
    with pytest.raises(BadHead):
        RequestHead(line, io.BytesIO(b"Host: a\r\n\r\n"))


@pytest.mark.parametrize(
    ("line", "path", "host"),
    [
        (b"GET /a?b HTTP/1.1\r\n", "/a?b", "A:8080"),
        (b"GET http://c:90/a?b HTTP/1.1\r\n", "/a?b", "c:90"),
        (b"GET HTTPS://c HTTP/1.1\r\n", "/", "c"),
        (b"OPTIONS * HTTP/1.1\r\n", "*", "A:8080"),
    ],
)
def test_the_host_of_an_absolute_target_counts(line: bytes, path: str, host: str) -> None:
    head = RequestHead(line, io.BytesIO(b"Host: A:8080\r\n\r\n"))

    assert head.path == path
    assert head.get("host") == host
    assert head.headers == [f"Host: {host}"]


@pytest.mark.parametrize(
    ("version", "connection", "is_last"),
    [
        (b"1.1", b"", False),
        (b"1.1", b"Connection: foo, Close\r\n", True),
        (b"1.1", b"Connection: foo\r\nConnection: close\r\n", True),
        (b"1.1", b"Connection: closed\r\n", False),
        (b"1.0", b"", True),
        (b"1.0", b"Connection: Keep-Alive\r\n", False),
        (b"1.0", b"Connection: keep-alive, close\r\n", True),
        (b"1.2", b"", False),
    ],
)
def test_a_client_says_which_request_is_its_last(
    version: bytes, connection: bytes, is_last: bool
) -> None:
    line = b"GET / HTTP/" + version + b"\r\n"

    assert RequestHead(line, io.BytesIO(b"Host: a\r\n" + connection + b"\r\n")).is_last == is_last


@given(st.binary(max_size=200))
def test_random_heads_are_read_or_refused(head: bytes) -> None:
    try:
        read = RequestHead(LINE, io.BytesIO(head + b"\r\n\r\n"))
    except BadHead:
        return
    assert all("\r" not in line and "\n" not in line for line in read.headers)


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"GET / HTTP/1.1\r\nHost: a\r\nbroken\r\n\r\n",
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
