"""What python-socketio does not do by itself."""

import gc
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from chatapp.client.address import is_local
from chatapp.client.connection import HANDSHAKE_SECONDS, ServerConnection
from chatapp.client.errors import ConnectionFailed
from chatapp.transport import Realtime
from tests.transport.serving import Serving


@pytest.fixture
def serve() -> Iterator[Callable[..., Serving]]:
    all_serving: list[Serving] = []

    def serve(configure: Callable[[Realtime], Any], **options: Any) -> Serving:
        all_serving.append(Serving(configure, **options))
        return all_serving[-1]

    yield serve
    for serving in all_serving:
        serving.stop()


@pytest.mark.parametrize("transport", ["websocket", "polling"])
def test_a_line_that_ends_before_one_is_let_in_is_noticed_at_once(
    serve: Callable[..., Serving], transport: str
) -> None:
    """So it goes with those who come while a server stops."""

    def end_it(realtime: Realtime) -> None:
        engine = realtime._engine
        realtime.on_connect(lambda connection, *_: engine.lost(connection, "stopping"))

    serving = serve(end_it, transports=[transport])
    start = time.monotonic()

    with pytest.raises(ConnectionFailed, match="the connection was closed"):
        ServerConnection(serving.url, {"name": "ana"}, lambda *_: None)

    assert time.monotonic() - start < HANDSHAKE_SECONDS / 2


def test_a_web_socket_that_was_tried_in_vain_is_closed(
    serve: Callable[..., Serving],
    monkeypatch: pytest.MonkeyPatch,
    recwarn: pytest.WarningsRecorder,
) -> None:
    """Where an upgrade is cut off, the connection goes on with long polling."""

    def cut_off(_: object) -> None:
        raise ConnectionResetError

    gc.collect()  # of tests before
    recwarn.clear()
    monkeypatch.setattr("chatapp.client.connection._WebSocket.recv", cut_off, raising=False)
    serving = serve(lambda realtime: realtime.on_connect(lambda *_: None))

    connection = ServerConnection(serving.url, {"name": "ana"}, lambda *_: None)
    connection.close()
    connection.wait()
    del connection
    gc.collect()

    left_open = [str(one.message) for one in recwarn if one.category is ResourceWarning]
    assert left_open == []


PROXY = "http://ana:secret@127.0.0.1:9"


@pytest.mark.parametrize("variable", ["HTTP_PROXY", "http_proxy", "ALL_PROXY"])
@pytest.mark.parametrize("transport", ["websocket", "polling"])
def test_to_a_server_on_this_machine_no_proxy_is_asked(
    serve: Callable[..., Serving], monkeypatch: pytest.MonkeyPatch, variable: str, transport: str
) -> None:
    monkeypatch.setenv(variable, PROXY)
    serving = serve(lambda realtime: realtime.on_connect(lambda *_: None), transports=[transport])

    connection = ServerConnection(serving.url, {"name": "ana"}, lambda *_: None)

    assert serving.connections == 1
    connection.close()
    connection.wait()


@pytest.mark.parametrize(
    ("proxy", "reason"),
    [
        (PROXY, "connection refused"),
        (PROXY.replace("http", "socks5"), "it needs the Python package PySocks"),
    ],
)
def test_an_error_names_the_proxy_and_not_its_password(
    monkeypatch: pytest.MonkeyPatch, proxy: str, reason: str
) -> None:
    monkeypatch.setenv("ALL_PROXY", proxy)

    with pytest.raises(ConnectionFailed) as failed:
        ServerConnection("http://chat.invalid", {"name": "ana"}, lambda *_: None)

    there = f"http://chat.invalid through the proxy {proxy.replace('ana:secret@', '')}"
    assert str(failed.value) == f"Cannot reach a chat at {there}: {reason}."


@pytest.mark.parametrize(
    ("url", "here"),
    [
        ("http://localhost:8080", True),
        ("http://chat.localhost", True),
        ("http://127.0.0.2:1", True),
        ("http://[::1]:1", True),
        ("http://192.0.2.1", False),
        ("https://localhost.example.org", False),
    ],
)
def test_a_server_is_on_this_machine_or_not(url: str, here: bool) -> None:
    assert is_local(url) is here
