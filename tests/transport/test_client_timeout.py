"""Clients are not dropped for time in which the server itself stood still."""

import io
import socket
import time
from collections.abc import Callable, Iterator
from typing import Any

import gevent
import pytest
from gevent.event import Event

from chatapp.transport.client_timeout import LATE_SECONDS, TICKS, ClientTimeout
from chatapp.transport.send_buffer import PATIENCE_SECONDS
from chatapp.transport.wire.request_body import RequestBody
from tests.support.waiting import DEADLINE_SECONDS, wait_until
from tests.transport.serving import Serving

WAIT_SECONDS = 0.6
LATE = 0.1
STILL_SECONDS = WAIT_SECONDS + 2 * LATE
REQUEST = b"GET /nothing HTTP/1.1\r\nHost: a\r\n\r\n"


@pytest.fixture(autouse=True)
def _short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chatapp.transport.http.http_server.REQUEST_SECONDS", WAIT_SECONDS)
    monkeypatch.setattr("chatapp.transport.http.http_server.STALL_SECONDS", WAIT_SECONDS)
    monkeypatch.setattr("chatapp.transport.wire.request_body.FIRST_SECONDS", WAIT_SECONDS)


@pytest.fixture
def soon_late(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sooner than for people, so that nobody has to stand still for long."""
    monkeypatch.setattr("chatapp.transport.client_timeout.LATE_SECONDS", LATE)
    monkeypatch.setattr("chatapp.transport.heartbeat.LATE_SECONDS", LATE)


@pytest.fixture
def sock(serving: Serving) -> Iterator[socket.socket]:
    """A connection that the server waits for already."""
    with socket.create_connection(serving.address) as sock:
        sock.settimeout(DEADLINE_SECONDS)
        listen(serving)
        yield sock


def listen(serving: Serving) -> None:
    """Lets the server take what has been sent to it."""
    for _ in range(5):
        serving.inside(lambda: gevent.sleep(0.01))


def stand_still(
    serving: Serving,
    seconds: float = STILL_SECONDS,
    meanwhile: Callable[[], object] = lambda: None,
) -> None:
    """The server does nothing else for so long; at the end of it something happens."""
    serving.inside(lambda: (time.sleep(seconds), meanwhile()))


def test_time_in_which_nobody_listens_is_not_counted() -> None:
    event = Event()
    gevent.spawn_later(0.1, event.set)

    with ClientTimeout(0.2) as timeout:
        time.sleep(0.2 / TICKS + 2 * LATE_SECONDS)
        assert event.wait()
        assert timeout.spent_seconds < LATE_SECONDS


def test_time_in_which_somebody_listens_is_counted() -> None:
    start = time.monotonic()

    with pytest.raises(ValueError, match="too slow"), ClientTimeout(0.2, ValueError("too slow")):
        Event().wait(10)

    assert 0.2 <= time.monotonic() - start < 5


def test_who_was_quick_is_not_interrupted_later() -> None:
    with ClientTimeout(0.05):
        pass

    gevent.sleep(0.1)


@pytest.mark.usefixtures("soon_late")
@pytest.mark.parametrize("early", [0, 9, len(REQUEST) - 2])
def test_a_request_that_came_while_the_server_stood_still_is_answered(
    serving: Serving, sock: socket.socket, early: int
) -> None:
    sock.sendall(REQUEST[:early])
    listen(serving)

    stand_still(serving, meanwhile=lambda: sock.sendall(REQUEST[early:]))

    assert sock.recv(4096).startswith(b"HTTP/1.1 404 ")


@pytest.mark.usefixtures("soon_late")
def test_a_request_that_comes_when_the_server_goes_on_is_answered(
    serving: Serving, sock: socket.socket
) -> None:
    """The client was paused too, as with the whole machine."""
    stand_still(serving)
    listen(serving)

    sock.sendall(REQUEST)

    assert sock.recv(4096).startswith(b"HTTP/1.1 404 ")


@pytest.mark.usefixtures("soon_late")
def test_a_body_that_came_while_the_server_stood_still_is_read() -> None:
    class Stream(io.RawIOBase):
        def readable(self) -> bool:
            return True

        def readinto(self, buffer: Any) -> int:
            time.sleep(STILL_SECONDS)
            gevent.sleep(0.01)
            buffer[:1] = b"x"
            return 1

    body = RequestBody(io.BufferedReader(Stream()), length=2, chunked=False)

    assert body.read() == b"xx"


@pytest.mark.usefixtures("soon_late")
def test_a_handshake_that_was_finished_while_the_server_stood_still_is_accepted(
    serve: Callable[..., Serving],
) -> None:
    serving = serve(handshake_seconds=WAIT_SECONDS)
    client = serving.raw()
    assert client.packet().startswith(b"0")

    stand_still(serving, meanwhile=lambda: client.say(b"40"))

    assert client.packet().startswith(b'40{"sid"')


def test_who_took_nothing_while_the_server_stood_still_is_no_slow_reader(serving: Serving) -> None:
    reader, speaker = serving.raw(receive_buffer=4096).join(), serving.raw().join()
    transport = serving.chat.connected[0][0].transport
    sent = 0
    while not transport.unsent_bytes:
        speaker.say(f'421["say","{sent:06d}{"x" * 10_000}"]')
        speaker.ack(1)
        sent += 1
    wait_until(lambda: not serving.inside(lambda: transport._backlog._has_progress))

    stand_still(serving, PATIENCE_SECONDS + 2 * LATE_SECONDS)

    for number in range(sent):
        assert reader.packet().startswith(f'42["said","{number:06d}'.encode())
    assert serving.chat.gone == []
