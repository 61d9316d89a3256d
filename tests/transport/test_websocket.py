"""What a WebSocket does with slow readers, odd frames and goodbyes."""

import socket
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from chatapp.transport.http.listening import MAX_KERNEL_BYTES
from chatapp.transport.send_buffer import MAX_BYTES, MEMORY_BYTES, PATIENCE_SECONDS
from chatapp.transport.wire.frames import CLOSE, PING, PONG, TEXT
from tests.support import hanging_disk
from tests.support.relay import RESET
from tests.support.server import Server
from tests.support.waiting import DEADLINE_SECONDS, wait_until
from tests.transport.raw import RawClient, masked, text
from tests.transport.serving import Serving

PAYLOAD = "x" * 20_000


def test_no_extension_is_agreed_on(serving: Serving) -> None:
    client = serving.raw(headers={"Sec-WebSocket-Extensions": "permessage-deflate"})

    assert client.status == 101
    assert "extensions" not in client.head.lower()


def test_pings_are_answered_between_messages(serving: Serving) -> None:
    client = serving.raw().join()

    client.socket.sendall(text('421["echo",1]') + masked(0x80 | PING, b"there?"))

    assert sorted([client.frame(), client.frame()]) == [(TEXT, b"431[1]"), (PONG, b"there?")]


def test_a_goodbye_is_answered(serving: Serving) -> None:
    client = serving.raw().join()

    client.socket.sendall(masked(0x80 | CLOSE, (1000).to_bytes(2, "big")))

    assert client.close_code() == 1000
    with pytest.raises(EOFError):
        client.frame()
    wait_until(lambda: serving.chat.gone == ["transport close"])


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"\x81\x05hello", 1002),
        (masked(0xC1, b"hello"), 1002),
        (text(b"4\xff"), 1007),
        (b"\x81\xff" + (1 << 40).to_bytes(8, "big") + b"mask", 1009),
        (masked(0x80 | CLOSE, b"\x01"), 1002),
    ],
)
def test_what_is_no_websocket_is_closed_with_a_code(
    serving: Serving, data: bytes, code: int, caplog: pytest.LogCaptureFixture
) -> None:
    client, other = serving.raw().join(), serving.raw().join()

    client.socket.sendall(data)

    assert client.close_code() == code
    assert other.ask("echo", 1) == 1
    wait_until(lambda: serving.connections == 1)
    assert caplog.text == ""


@pytest.fixture
def short_linger(monkeypatch: pytest.MonkeyPatch) -> float:
    """How long a closed socket waits for the client to close its side; in seconds."""
    monkeypatch.setattr("chatapp.transport.socket_transport.LINGER_SECONDS", 1.0)
    return 1.0


def test_a_client_that_does_not_close_its_side_is_dropped(
    serving: Serving, short_linger: float
) -> None:
    client = serving.raw().join()
    start = time.monotonic()

    client.say(b"1")
    assert client.close_code() == 1000
    client.socket.settimeout(DEADLINE_SECONDS)
    while True:  # it keeps on talking until nobody is there any more
        try:
            client.socket.sendall(text('42["echo",1]') * 100)
            time.sleep(0.05)
        except OSError:
            break

    assert time.monotonic() - start > 0.9 * short_linger
    wait_until(lambda: serving.connections == 0)


def test_a_slow_reader_is_told_and_closed_while_others_go_on(serving: Serving) -> None:
    slow = serving.raw(receive_buffer=4096).join()
    fast, speaker = serving.raw().join(), serving.raw().join()

    sent = 0
    while "slow reader" not in serving.chat.gone:
        speaker.say(f'42["say","{sent:06d}{PAYLOAD}"]')
        assert fast.packet() == f'42["said","{sent:06d}{PAYLOAD}"]'.encode()
        sent += 1

    heard = 0
    while True:  # what it gets now is whole, in order, and ends with the reason
        opcode, payload = slow.frame()
        if payload == b'42["closing",{"reason":"slow reader"}]':
            break
        assert (opcode, payload) == (TEXT, f'42["said","{heard:06d}{PAYLOAD}"]'.encode())
        heard += 1
    assert slow.close_code() == 1008
    assert 0 < heard < sent
    assert serving.chat.gone == ["slow reader"]


@pytest.mark.usefixtures("short_linger")
def test_a_client_that_takes_nothing_for_a_while_is_closed(serving: Serving) -> None:
    stuck = serving.raw(receive_buffer=4096).join()
    speaker = serving.raw().join()
    transport = serving.chat.connected[0][0].transport
    start = time.monotonic()

    while not transport.unsent_bytes:
        speaker.say(f'421["say","{PAYLOAD}"]')
        speaker.ack(1)

    wait_until(lambda: serving.chat.gone == ["slow reader"])
    assert time.monotonic() - start > PATIENCE_SECONDS
    wait_until(lambda: transport.is_closed)  # and long after that it reads why
    assert stuck.close_code() == 1008


def test_the_kernel_takes_little_in_advance_so_that_the_slow_are_known(serving: Serving) -> None:
    serving.raw(receive_buffer=4096).join()
    speaker = serving.raw().join()
    transport = serving.chat.connected[0][0].transport

    sent = 0
    while not transport.unsent_bytes:
        speaker.ask("say", PAYLOAD)
        sent += len(PAYLOAD)

    assert sent < 5 * MAX_KERNEL_BYTES


def test_what_waits_for_a_slow_reader_is_bounded(serving: Serving) -> None:
    slow = serving.raw(receive_buffer=4096).join()
    speaker = serving.raw().join()
    transport = serving.chat.connected[0][0].transport
    most = 0

    while "slow reader" not in serving.chat.gone:
        speaker.say(f'421["say","{PAYLOAD}"]')
        speaker.ack(1)
        most = max(most, transport.unsent_bytes)

    assert MAX_BYTES / 2 < most < MEMORY_BYTES + 2 * len(PAYLOAD)
    wait_until(lambda: transport.unsent_bytes < 2 * len(PAYLOAD))
    slow.close()


def test_a_reader_that_was_slow_for_a_while_gets_everything(serving: Serving) -> None:
    slow, speaker = serving.raw(receive_buffer=4096).join(), serving.raw().join()
    transport = serving.chat.connected[0][0].transport
    sent = 0
    while not transport.unsent_bytes > MAX_BYTES / 2:
        speaker.say(f'421["say","{sent:06d}{PAYLOAD}"]')
        speaker.ack(1)
        sent += 1

    for number in range(sent):
        assert slow.packet() == f'42["said","{number:06d}{PAYLOAD}"]'.encode()

    assert serving.inside(lambda: transport._backlog) is None
    assert serving.chat.gone == []
    assert slow.ask("echo", 1) == 1


def test_who_asks_for_much_gets_it_and_is_no_slow_reader(serve: Callable[..., Serving]) -> None:
    much = "x" * 3 * MAX_BYTES
    serving = serve(lambda realtime: realtime.receive("much", lambda *_: much))
    client = serving.raw(receive_buffer=64 * 1024).join()

    for _ in range(2):
        assert client.ask("much") == much

    assert serving.connections == 1


def test_idle_connections_are_pinged_and_silent_ones_dropped(
    serve: Callable[..., Serving],
) -> None:
    serving = serve(ping_interval=1, ping_timeout=2)
    alive, silent = serving.raw().join(), serving.raw().join()

    while not serving.chat.gone:
        assert alive.frame() == (TEXT, b"2")
        alive.say(b"3")

    assert serving.chat.gone == ["ping timeout"]
    assert silent.frame() == (TEXT, b"2")
    assert silent.close_code() == 1001
    assert alive.ask("echo", 1) == 1


def test_a_reset_is_a_client_that_has_gone(
    serving: Serving, caplog: pytest.LogCaptureFixture
) -> None:
    client = serving.raw().join()
    client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)

    client.close()

    wait_until(lambda: serving.connections == 0)
    wait_until(lambda: serving.chat.gone in (["transport error"], ["transport close"]))
    assert caplog.text == ""


def test_resets_while_events_wait_for_the_disk_end_nobody_elses_connection(
    tmp_path: Path,
) -> None:
    """A process of its own: libev ends the whole process that watches a closed socket. Several
    of them: the number of one may be that of another open file by then."""
    server = Server(tmp_path, command=hanging_disk.COMMAND)
    address = ("127.0.0.1", server.port)
    with closing(server.start()), closing(RawClient(address)) as other:
        other.join({"name": "other"})
        clients = [RawClient(address).join({"name": f"guest {number}"}) for number in range(5)]

        (server.data / "hang").touch()
        for client in clients:
            client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            client.socket.sendall(text('421["message",{"text":"hola"}]') + text('422["rooms"]'))
        assert other.ask("rooms")["ok"]  # so the clients' events have come in too
        for client in clients:
            client.close()
        (server.data / "hang").unlink()

        assert other.ask("message", {"text": "still here"})["ok"]


def test_bytes_that_came_with_the_upgrade_request_are_read(serving: Serving) -> None:
    """No client should, and some do."""
    with socket.create_connection(serving.address) as sock:
        sock.sendall(
            b"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: a\r\n"
            b"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            b"Sec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n\r\n" + text(b"40")
        )
        sock.settimeout(DEADLINE_SECONDS)
        received = b""
        while b'40{"sid"' not in received:
            received += sock.recv(4096)
