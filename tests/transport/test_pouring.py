"""Bodies that real threads read: pouring.py, and `RequestBody.pour`."""

import io
import socket
import threading

import gevent
import pytest
from gevent import get_hub
from gevent import socket as gevent_socket
from hypothesis import given
from hypothesis import strategies as st

from chatapp.transport.wire.request_body import BadBody, RequestBody


def on_thread(function, *arguments):
    return get_hub().threadpool.apply(function, arguments)


class Pair:
    """A client, and a server's side with a stream, as pywsgi has them."""

    def __init__(self) -> None:
        self.client, server = socket.socketpair()
        self.server = gevent_socket.socket(fileno=server.detach())
        self.stream = self.server.makefile("rb")

    def body(self, length: int | None, **options) -> RequestBody:
        return RequestBody(
            self.stream, length=length, chunked=length is None, sock=self.server, **options
        )

    def close(self) -> None:
        self.client.close()
        self.stream.close()
        self.server.close()


@pytest.fixture
def pair():
    pair = Pair()
    yield pair
    pair.close()


def sent_by_thread(pair: Pair, *parts: bytes) -> threading.Thread:
    def send() -> None:
        for part in parts:
            pair.client.sendall(part)

    thread = threading.Thread(target=send)
    thread.start()
    return thread


@given(st.binary(max_size=300_000), st.binary(max_size=20), st.integers(0, 50))
def test_a_body_ends_at_its_length_and_what_follows_is_the_next_request(sent, following, read):
    pair = Pair()
    head = b"x" * read + b"\n"
    thread = sent_by_thread(pair, head + sent + following)
    assert pair.stream.readline() == head
    got = bytearray()

    pair.body(len(sent)).pour(got.extend, on_thread)

    thread.join()
    assert bytes(got) == sent
    assert not following or pair.stream.read(len(following)) == following
    pair.close()


def test_the_sink_works_on_another_thread_and_gets_a_little_at_a_time(pair):
    size = 3_000_000
    thread = sent_by_thread(pair, b"a" * size)
    sizes, threads = [], set()

    def sink(data) -> None:
        sizes.append(len(data))
        threads.add(threading.get_ident())

    pair.body(size).pour(sink, on_thread)

    thread.join()
    assert sum(sizes) == size
    assert max(sizes) <= 1024 * 1024
    assert threading.get_ident() not in threads


def test_chunks_are_poured_too(pair):
    sent_by_thread(pair, b"5\r\nhello\r\n6\r\n world\r\n0\r\n\r\nGET").join()
    got = bytearray()

    pair.body(None).pour(got.extend, on_thread)

    assert bytes(got) == b"hello world"
    assert pair.stream.read(3) == b"GET"


def test_other_greenlets_run_while_a_client_is_slow(pair):
    got, turns = bytearray(), []
    pouring = gevent.spawn(pair.body(4).pour, got.extend, on_thread)
    for letter in b"abcd":
        gevent.sleep(0)
        turns.append(len(got))
        pair.client.send(bytes([letter]))
        with gevent.Timeout(30):
            while len(got) <= turns[-1]:
                gevent.sleep(0.001)
    pouring.get(timeout=30)

    assert turns == [0, 1, 2, 3]


def test_a_client_that_leaves_breaks_the_body(pair):
    pair.client.send(b"half")
    pair.client.close()
    body = pair.body(8)

    with pytest.raises(BadBody, match="too early"):
        body.pour(lambda _: None, on_thread)

    assert not body.can_be_skipped(100)


def test_what_the_sink_raises_is_raised_and_the_rest_can_be_skipped(pair):
    sent_by_thread(pair, b"a" * 10 + b"GET").join()
    body = pair.body(10)

    def full(_data) -> None:
        raise OSError(28, "No space left")

    with pytest.raises(OSError, match="space"):
        body.pour(full, on_thread)

    assert body.can_be_skipped(100)
    body.skip()
    assert pair.stream.read(3) == b"GET"


def test_a_client_that_waits_is_told_to_go_on(pair):
    told = []

    def begin() -> None:
        told.append("100")
        pair.client.sendall(b"body")

    got = bytearray()
    pair.body(4, begin=begin).pour(got.extend, on_thread)

    assert (bytes(got), told) == (b"body", ["100"])


def test_a_body_without_a_socket_is_poured_as_well():
    got = bytearray()

    RequestBody(io.BufferedReader(io.BytesIO(b"a" * 100_000 + b"GET")), length=100_000,
                chunked=False).pour(got.extend, on_thread)  # fmt: skip

    assert len(got) == 100_000
