"""The tools of the tests are able to fail: a page that complains is found out."""

import base64
import gc
import hashlib
import json
import os
import re
import signal
import socket
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest
import socketio

from chatapp.transport.wire.frames import text_frame
from tests.support import closing, ports
from tests.support.browser import Complaints, Windows
from tests.support.server import Server
from tests.support.waiting import DEADLINE_SECONDS, wait_until

WEBSOCKET_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


@pytest.fixture
def complaints(windows: Windows) -> Iterator[Complaints]:
    """What the pages complained about; none of it fails these tests."""
    yield windows.complaints
    windows.complaints.expect("")


def test_errors_on_the_console_and_exceptions_are_complaints(
    windows: Windows, complaints: Complaints
) -> None:
    page = windows.open()
    assert complaints.unexpected == []

    with page.expect_event("pageerror"):
        page.evaluate("console.error('an error'); setTimeout(() => { throw Error('exception') })")

    assert complaints.unexpected == ["an error", "uncaught: exception"]


def test_what_the_content_security_policy_stops_is_a_complaint(
    server: Server, windows: Windows, complaints: Complaints
) -> None:
    page = windows.open(server.url)
    assert complaints.unexpected == []

    with page.expect_console_message():
        page.evaluate("document.body.insertAdjacentHTML('beforeend', '<p style=color:red>')")

    (complaint,) = complaints.unexpected
    assert "Content Security Policy" in complaint


def test_what_was_expected_is_no_complaint(windows: Windows) -> None:
    page = windows.open()

    with page.expect_console_message():
        page.evaluate("console.error('the server is away')")
    windows.complaints.expect("server is away")

    assert windows.complaints.unexpected == []


def test_who_waits_in_vain_is_told_for_what() -> None:
    with pytest.raises(AssertionError, match="in vain for the postman"):
        wait_until(lambda: False, deadline=0.05, what="the postman")


def test_time_in_which_the_machine_stood_still_is_not_waited(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    hours = iter(range(0, 3600 * 5, 3600))
    monkeypatch.setattr("tests.support.waiting.time.monotonic", lambda: next(hours))
    looks = iter([False, False, True])

    assert wait_until(lambda: next(looks))


@pytest.mark.parametrize("client", [closing.SimpleClient, socketio.SimpleClient])
def test_only_our_client_closes_what_it_has_waited_for_in_vain(
    client: type[socketio.SimpleClient], recwarn: pytest.WarningsRecorder
) -> None:
    warnings.simplefilter("always")

    with socket.create_server(("127.0.0.1", 0)) as door:
        threading.Thread(target=say_nothing_after_the_handshake, args=(door,)).start()
        port = door.getsockname()[1]
        with pytest.raises(socketio.exceptions.ConnectionError):
            client(request_timeout=1.0).connect(
                f"http://127.0.0.1:{port}", transports=["websocket"]
            )
    gc.collect()

    left_open = [str(one.message) for one in recwarn if one.category is ResourceWarning]
    to_the_door = [said for said in left_open if f"raddr=('127.0.0.1', {port})" in said]
    assert bool(to_the_door) == (client is socketio.SimpleClient), (port, left_open)


def say_nothing_after_the_handshake(door: socket.socket) -> None:
    """https://www.rfc-editor.org/rfc/rfc6455#section-4.2.2, and nothing more."""
    with shaken_hands(door) as connection:
        while connection.recv(65536):
            pass


def hang_up_before_the_answer(door: socket.socket) -> None:
    """Of Engine.IO it says hello, of Socket.IO nothing."""
    hello = {"sid": "x", "upgrades": [], "pingInterval": 25_000, "pingTimeout": 20_000}
    with shaken_hands(door) as connection:
        connection.sendall(text_frame(b"0" + json.dumps(hello).encode()))
        connection.recv(1)  # it wants to come in


def shaken_hands(door: socket.socket) -> socket.socket:
    connection, _ = door.accept()
    asked = connection.recv(65536)
    key = re.search(rb"Sec-WebSocket-Key: (\S+)", asked)
    assert key
    accept = base64.b64encode(hashlib.sha1(key[1] + WEBSOCKET_GUID).digest())
    connection.sendall(
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n"
    )
    return connection


def test_no_two_processes_of_tests_have_a_port_in_common() -> None:
    with ExitStack() as processes:
        claims = [processes.enter_context(ports.claim_run()) for _ in range(5)]

        firsts = [claim.getsockname()[1] for claim in claims]

    assert len(set(firsts)) == len(firsts)
    assert not any(first <= ports.free_port() < first + ports.RUN for first in firsts)


def test_a_server_that_crashed_fails_its_test(tmp_path: Path):
    server = Server(tmp_path).start()
    os.kill(server.pid, signal.SIGSEGV)
    wait_until(lambda: not server.running, what="the crash")

    with pytest.raises(AssertionError, match="SIGSEGV"):
        server.close()


def test_a_client_that_was_about_to_come_back_stays_away(
    server: Server, connect: Callable[..., socketio.SimpleClient]
) -> None:
    bo = connect("bo")
    client = bo.client
    server.kill9()
    wait_until(lambda: client._reconnect_task is not None)
    coming_back = client._reconnect_task

    bo.disconnect()

    assert not coming_back.is_alive()
    assert not client.connected


def test_who_loses_the_line_while_coming_in_is_told_at_once() -> None:
    """Not when `connect` gives up."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        threading.Thread(target=hang_up_before_the_answer, args=(door,)).start()
        client = closing.Client()
        connecting = threading.Thread(target=try_to_connect, args=(client, door.getsockname()[1]))
        connecting.start()
        connecting.join(DEADLINE_SECONDS / 2)

    assert not connecting.is_alive()
    assert client.failed_namespaces == ["/"]


def try_to_connect(client: closing.Client, port: int) -> None:
    with suppress(socketio.exceptions.ConnectionError):
        client.connect(f"http://127.0.0.1:{port}", transports=["websocket"])
