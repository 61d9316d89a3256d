"""Streams as the transport has them: what they cost, what ends them, and how they are framed."""

import socket
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import gevent
import pytest
from flask import Response, request

from chatapp.transport import Connection, EventStream, Realtime, StreamFormat
from chatapp.transport.send_buffer import MAX_BYTES, PATIENCE_SECONDS
from tests.support.waiting import DEADLINE_SECONDS, wait_until
from tests.transport.conftest import Chat
from tests.transport.serving import Serving, living_greenlets

HEAD = b"HTTP/1.1 200 OK\r\n\r\n"
BEAT = b"beat\n"


def encode(event: str, payload: bytes) -> bytes:
    return b"" if event == "closing" else b"%s %s\n" % (event.encode(), payload)


class Streaming(Chat):
    """A `Chat` whose streams are in the hall."""

    def __init__(self, realtime: Realtime) -> None:
        super().__init__(realtime)
        self.streams: list[tuple[Connection, EventStream]] = []
        self.encoded: list[str] = []
        formats = {
            chunked: StreamFormat(self._encode, BEAT, chunked=chunked) for chunked in (False, True)
        }

        class Opening(Response):
            def __call__(_self, environ: dict[str, Any], start_response: Any) -> Any:
                opened = realtime.open_stream(environ, HEAD, formats["chunked" in request.args])
                if opened is None:
                    return Response(status=503)(environ, start_response)
                self.streams.append(opened)
                realtime.enter(opened[0], "hall")
                return []

        realtime._app.add_url_rule("/stream", view_func=Opening)

    def _encode(self, event: str, payload: bytes) -> bytes:
        self.encoded.append(event)
        return encode(event, payload)


class RawStream:
    def __init__(self, serving: Serving, query: str = "", receive_buffer: int = 0) -> None:
        self.socket = socket.socket()
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(DEADLINE_SECONDS)
        self.socket.connect(serving.address)
        self.socket.sendall(f"GET /stream{query} HTTP/1.1\r\nHost: a\r\n\r\n".encode())
        self.data = b""
        self.expect(HEAD)
        self.data = b""

    def expect(self, end: bytes) -> bytes:
        while not self.data.endswith(end):
            more = self.socket.recv(65536)
            assert more, f"the stream ended: {self.data!r}"
            self.data += more
        return self.data

    def rest(self) -> bytes:
        with suppress(ConnectionResetError):
            while more := self.socket.recv(65536):
                self.data += more
        return self.data


@pytest.fixture
def streaming(serve: Callable[..., Serving]) -> Serving:
    return serve(Streaming)


@pytest.fixture
def open_stream(streaming: Serving) -> Iterator[Callable[..., RawStream]]:
    opened: list[RawStream] = []

    def open_stream(**options: Any) -> RawStream:
        opened.append(RawStream(streaming, **options))
        return opened[-1]

    yield open_stream
    for stream in opened:
        stream.socket.close()


def test_what_is_said_comes_once_encoded_for_all(
    streaming: Serving, open_stream: Callable[..., RawStream]
) -> None:
    streams = [open_stream() for _ in range(5)]
    chunked = open_stream(query="?chunked")
    speaker = streaming.raw().join()

    assert speaker.ask("say", "hola") == {"ok": True}
    speaker.ask("say", "byes", id=2)

    said = b'said "hola"\nsaid "byes"\n'
    assert [stream.expect(b's"\n') for stream in streams] == [said] * 5
    assert chunked.expect(b's"\n\r\n') == b'c\r\nsaid "hola"\n\r\nc\r\nsaid "byes"\n\r\n'
    assert streaming.chat.encoded == ["said"] * 4, "each once for each of two formats"


def test_a_stream_has_no_greenlet_of_its_own(
    streaming: Serving, open_stream: Callable[..., RawStream]
) -> None:
    open_stream()
    before = streaming.inside(living_greenlets)

    for _ in range(20):
        open_stream()

    wait_until(lambda: streaming.connections == 21)
    wait_until(lambda: streaming.inside(living_greenlets) <= before)


def test_a_client_that_goes_is_forgotten(
    streaming: Serving, open_stream: Callable[..., RawStream]
) -> None:
    stream = open_stream()
    assert streaming.connections == 1

    stream.socket.close()

    wait_until(lambda: streaming.connections == 0)
    assert streaming.chat.gone == ["transport close"]


def test_input_ends_a_stream(streaming: Serving, open_stream: Callable[..., RawStream]) -> None:
    stream, other = open_stream(), open_stream()

    stream.socket.sendall(b"GET / HTTP/1.1\r\n\r\n")

    assert stream.rest() == b""
    streaming.raw().join().ask("say", 1)
    other.expect(b"said 1\n")


def test_a_slow_reader_is_closed_while_others_go_on(
    streaming: Serving, open_stream: Callable[..., RawStream]
) -> None:
    slow, other = open_stream(query="?chunked", receive_buffer=4096), open_stream()
    speaker, text = streaming.raw().join(), "x" * 20_000
    patient = PATIENCE_SECONDS * 10

    for number in range(2 * MAX_BYTES // len(text)):
        speaker.ask("say", text, id=number + 1)
        other.expect(b'"\n')
        other.data = b""
    wait_until(lambda: streaming.chat.gone == ["slow reader"], patient)

    assert len(slow.rest()) < MAX_BYTES
    assert slow.data.endswith(b"\r\n0\r\n\r\n"), "what was begun is finished"
    speaker.ask("say", "still here")
    other.expect(b'here"\n')


def test_beats_keep_a_stream_that_says_nothing(serve: Callable[..., Serving]) -> None:
    streaming = serve(Streaming, ping_interval=0.1, ping_timeout=0.1)
    stream = RawStream(streaming)

    stream.expect(BEAT * 10)

    assert streaming.connections == 1
    stream.socket.close()


def test_a_stop_ends_streams_as_they_should_end(
    streaming: Serving, open_stream: Callable[..., RawStream]
) -> None:
    plain, chunked = open_stream(), open_stream(query="?chunked")

    streaming.inside(lambda: [streaming.realtime.close(c, "") for c, _ in streaming.chat.streams])

    assert plain.rest() == b""
    assert chunked.rest() == b"0\r\n\r\n"


def test_streams_count_as_connections(serve: Callable[..., Serving]) -> None:
    streaming = serve(Streaming, connections=1)
    stream = RawStream(streaming)

    with socket.create_connection(streaming.address) as refused:
        refused.sendall(b"GET /stream HTTP/1.1\r\nHost: a\r\n\r\n")
        assert refused.recv(100).startswith(b"HTTP/1.1 503 ")

    stream.socket.close()


def test_who_waits_until_all_is_sent_waits_no_longer_than_the_connection_lasts(
    streaming: Serving, open_stream: Callable[..., RawStream]
) -> None:
    slow = open_stream(receive_buffer=4096)
    _, transport = streaming.inside(lambda: streaming.chat.streams[0])
    data = b"x" * MAX_BYTES

    streaming.inside(lambda: transport.send([data], data))
    reading = streaming.inside(lambda: transport.unsent_bytes)
    assert reading > 0
    slow.expect(data)
    streaming.inside(transport.wait_until_sent)
    assert streaming.inside(lambda: transport.unsent_bytes) == 0

    streaming.inside(lambda: transport.send([data], data))
    waiting = streaming.inside(lambda: gevent.spawn(transport.wait_until_sent))
    streaming.inside(lambda: gevent.sleep(0))
    assert streaming.inside(lambda: transport._sent is not None)
    slow.socket.close()
    wait_until(lambda: streaming.inside(lambda: waiting.ready()), what="the end of waiting")
    wait_until(lambda: streaming.connections == 0)
