"""The HTTP server in front of the WebSockets: what dawdles is dropped, what is odd refused."""

import gc
import http.client
import json
import socket
import time

import pytest

from chatapp.realtime.handoff import Handler
from tests.realtime.serving import Serving


def read_to_end(sock: socket.socket) -> bytes:
    sock.settimeout(10)
    data = b""
    while more := sock.recv(4096):
        data += more
    return data


@pytest.mark.parametrize("words", [b"", b"GET / HT", b"GET / HTTP/1.1\r\nHost: a\r\n"])
def test_a_request_that_does_not_end_is_dropped(
    serving: Serving, monkeypatch: pytest.MonkeyPatch, words: bytes
) -> None:
    monkeypatch.setattr("chatapp.realtime.handoff.REQUEST_SECONDS", 0.2)
    start = time.monotonic()

    with socket.create_connection(serving.address) as sock:
        sock.sendall(words)
        answer = read_to_end(sock)

    assert answer == b"" or answer.startswith(b"HTTP/1.1 400 ")
    assert time.monotonic() - start < 3


def test_a_request_that_trickles_in_is_dropped(
    serving: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The time is for the whole head, not for each byte of it."""
    monkeypatch.setattr("chatapp.realtime.handoff.REQUEST_SECONDS", 0.3)
    start = time.monotonic()

    with socket.create_connection(serving.address) as sock, pytest.raises(OSError):  # noqa: PT011, PT012
        sock.sendall(b"GET / HTTP/1.1\r\n")
        while time.monotonic() - start < 5:
            sock.sendall(b"X: y\r\n")
            time.sleep(0.02)

    assert time.monotonic() - start < 3


def test_a_connection_that_was_kept_alive_for_nothing_is_closed(
    serving: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chatapp.realtime.handoff.KEEP_ALIVE_SECONDS", 0.2)

    with socket.create_connection(serving.address) as sock:
        sock.sendall(b"GET /nothing HTTP/1.1\r\nHost: a\r\n\r\n")
        assert read_to_end(sock).startswith(b"HTTP/1.1 404 ")


def test_a_post_whose_body_does_not_come_is_dropped(serving: Serving) -> None:
    client = http.client.HTTPConnection(*serving.address, timeout=10)
    client.request("GET", "/socket.io/?EIO=4&transport=polling")
    sid = json.loads(client.getresponse().read()[1:])["sid"]
    serving.realtime.server.eio._door._handshake_seconds = 0.2

    with socket.create_connection(serving.address) as sock:
        sock.sendall(
            f"POST /socket.io/?EIO=4&transport=polling&sid={sid} HTTP/1.1\r\n".encode()
            + b"Host: a\r\nContent-Length: 100\r\n\r\n40"
        )
        assert b"408 Request Timeout" in read_to_end(sock)
    client.close()


@pytest.mark.parametrize("length", ["-1", "99999999999", "x", "1e3"])
def test_a_body_of_unclear_or_absurd_length_is_not_read(serving: Serving, length: str) -> None:
    with socket.create_connection(serving.address) as sock:
        sock.sendall(
            b"POST /socket.io/?EIO=4&transport=polling&sid=x HTTP/1.1\r\nHost: a\r\n"
            b"Content-Length: " + length.encode() + b"\r\n\r\n"
        )
        sock.shutdown(socket.SHUT_WR)
        assert read_to_end(sock).startswith(b"HTTP/1.1 400 ")


@pytest.mark.parametrize("path", [b"/nothing", b"/socket.io/?EIO=4&transport=polling&sid=x"])
def test_a_request_that_stands_still_is_dropped_without_a_word(
    serving: Serving,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
    path: bytes,
) -> None:
    monkeypatch.setattr("chatapp.realtime.handoff.STALL_SECONDS", 0.2)
    head = b"POST " + path + b" HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n"

    with socket.create_connection(serving.address) as sock:
        sock.sendall(head + b"half of it")
        read_to_end(sock)

    assert capfd.readouterr().err + caplog.text == ""


def test_an_upgrade_leaves_nothing_for_the_garbage_collector(serving: Serving) -> None:
    gc.collect()
    gc.disable()  # a server collects seldom; what waits for that is 9 KB a connection
    try:
        clients = [serving.raw().join() for _ in range(3)]

        handlers = [thing for thing in gc.get_objects() if isinstance(thing, Handler)]

        assert serving.connections == len(clients)
        assert handlers == []
    finally:
        gc.enable()
