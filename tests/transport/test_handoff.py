"""The HTTP server in front of the WebSockets: what dawdles is dropped, what is odd refused."""

import gc
import http.client
import json
import socket
import time
from collections.abc import Callable
from contextlib import ExitStack, closing

import pytest

from chatapp.transport.http.http_server import REQUEST_SECONDS, RequestHandler
from chatapp.transport.server import REQUESTS_A_CONNECTION
from tests.support.waiting import DEADLINE_SECONDS, wait_until
from tests.transport.serving import Serving


def read_to_end(sock: socket.socket) -> bytes:
    sock.settimeout(DEADLINE_SECONDS)
    data = b""
    while more := sock.recv(4096):
        data += more
    return data


@pytest.mark.parametrize("words", [b"", b"GET / HT", b"GET / HTTP/1.1\r\nHost: a\r\n"])
def test_a_request_that_does_not_end_is_dropped(
    serving: Serving, monkeypatch: pytest.MonkeyPatch, words: bytes
) -> None:
    monkeypatch.setattr("chatapp.transport.http.http_server.REQUEST_SECONDS", 0.2)
    start = time.monotonic()

    with socket.create_connection(serving.address) as sock:
        sock.sendall(words)
        answer = read_to_end(sock)

    assert answer == b"" or answer.startswith(b"HTTP/1.1 400 ")
    assert time.monotonic() - start < REQUEST_SECONDS


def test_a_request_that_trickles_in_is_dropped(
    serving: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The time is for the whole head, not for each byte of it."""
    monkeypatch.setattr("chatapp.transport.http.http_server.REQUEST_SECONDS", 0.3)
    start = time.monotonic()

    with socket.create_connection(serving.address) as sock, pytest.raises(OSError):  # noqa: PT011, PT012
        sock.sendall(b"GET / HTTP/1.1\r\n")
        while time.monotonic() - start < REQUEST_SECONDS:
            sock.sendall(b"X: y\r\n")
            time.sleep(0.02)

    assert time.monotonic() - start < REQUEST_SECONDS


def test_a_connection_that_was_kept_alive_for_nothing_is_closed(
    serving: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chatapp.transport.http.http_server.KEEP_ALIVE_SECONDS", 0.2)

    with socket.create_connection(serving.address) as sock:
        sock.sendall(b"GET /nothing HTTP/1.1\r\nHost: a\r\n\r\n")
        assert read_to_end(sock).startswith(b"HTTP/1.1 404 ")


def test_who_comes_when_there_are_no_more_sockets_waits_for_one(
    serve: Callable[..., Serving],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("chatapp.transport.server.raise_file_limit", lambda: 64 + 20)
    monkeypatch.setattr("chatapp.transport.http.http_server.REQUEST_SECONDS", 1.0)
    serving = serve()
    member = serving.raw().join()
    start = time.monotonic()

    with ExitStack() as crowd:
        silent = [crowd.enter_context(socket.create_connection(serving.address)) for _ in range(40)]
        assert member.ask("echo", 1) == 1
        wait_until(lambda: serving.inside(lambda: len(serving.realtime._listener._handlers)) == 19)
        guest = serving.raw()  # when the first of them were sent away

    assert guest.status == 101
    assert time.monotonic() - start > 1
    assert len(silent) == 40
    assert caplog.text + capfd.readouterr().err == ""


def test_where_sockets_run_out_nobody_keeps_one_for_later(
    serve: Callable[..., Serving], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chatapp.transport.server.raise_file_limit", lambda: 64 + 4)
    serving = serve()

    with ExitStack() as crowd:
        for number in range(8):
            idle = crowd.enter_context(socket.create_connection(serving.address))
            idle.sendall(b"GET /nothing HTTP/1.1\r\nHost: a\r\n\r\n")
            if number < 4:
                idle.settimeout(DEADLINE_SECONDS)
                assert idle.recv(4096).startswith(b"HTTP/1.1 404 "), number
            else:
                answer = read_to_end(idle)
                assert answer.startswith(b"HTTP/1.1 404 "), number
                assert b"\r\nConnection: close\r\n" in answer


def test_there_are_fewer_seats_than_sockets(
    serve: Callable[..., Serving], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chatapp.transport.server.raise_file_limit", lambda: 64 + 10)
    serving = serve(connections=0)

    assert [serving.raw().status for _ in range(10)] == [101] * 9 + [503]


def test_one_address_has_so_many_sockets_for_requests_and_no_more(
    serve: Callable[..., Serving],
) -> None:
    serving = serve(connections_per_address=1)
    behind_a_proxy = serve(connections_per_address=1, behind_proxies=True)

    def come(where: Serving) -> socket.socket:
        return crowd.enter_context(socket.create_connection(where.address))

    with ExitStack() as crowd:
        idle = [come(serving) for _ in range(REQUESTS_A_CONNECTION)]
        refused = read_to_end(come(serving))
        assert refused.startswith(b"HTTP/1.1 503 ")
        assert b"\r\nRetry-After: " in refused

        idle[0].close()
        wait_until(lambda: serving.raw().status == 101)
        serving.inside(lambda: serving.realtime.limit_connections(0, 0))
        assert serving.raw().status == 101

        for _ in range(2 * REQUESTS_A_CONNECTION):
            come(behind_a_proxy)
        assert behind_a_proxy.raw().status == 101


@pytest.fixture
def half_a_post(serving: Serving) -> bytes:
    """Of somebody who polls; the rest of its body is missing."""
    with closing(http.client.HTTPConnection(*serving.address, timeout=DEADLINE_SECONDS)) as client:
        client.request("GET", "/socket.io/?EIO=4&transport=polling")
        sid = json.loads(client.getresponse().read()[1:])["sid"]
    return (
        f"POST /socket.io/?EIO=4&transport=polling&sid={sid} HTTP/1.1\r\n".encode()
        + b"Host: a\r\nContent-Length: 100\r\n\r\n40"
    )


def test_a_post_whose_body_does_not_come_is_dropped(
    serving: Serving, half_a_post: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chatapp.transport.wire.request_body.FIRST_SECONDS", 0.2)

    with socket.create_connection(serving.address) as sock:
        sock.sendall(half_a_post)
        assert b"408 Request Timeout" in read_to_end(sock)


def test_who_goes_in_the_middle_of_a_post_leaves_no_traceback(
    serving: Serving,
    half_a_post: bytes,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    with socket.create_connection(serving.address) as sock:
        sock.sendall(half_a_post)
        sock.shutdown(socket.SHUT_WR)

        assert read_to_end(sock).startswith(b"HTTP/1.1 400 ")

    assert capfd.readouterr().err + caplog.text == ""


@pytest.mark.parametrize("length", ["-1", "99999999999", "9" * 5000, "x", "1e3"])
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
    monkeypatch.setattr("chatapp.transport.http.http_server.STALL_SECONDS", 0.2)
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

        def handlers() -> list[object]:
            return [thing for thing in gc.get_objects() if isinstance(thing, RequestHandler)]

        assert serving.connections == len(clients)
        wait_until(lambda: handlers() == [])
    finally:
        gc.enable()
