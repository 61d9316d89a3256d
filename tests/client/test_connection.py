"""What python-socketio does not do by itself."""

import gc
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from chatapp.client.connection import HANDSHAKE_SECONDS, Connection
from chatapp.client.errors import ConnectionFailed
from chatapp.realtime import Realtime
from tests.realtime.serving import Serving


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
        engine = realtime.server.eio
        realtime.on_connect(lambda connection, *_: engine.lost(connection, "stopping"))

    serving = serve(end_it, transports=[transport])
    start = time.monotonic()

    with pytest.raises(ConnectionFailed, match="the line was cut"):
        Connection(serving.url, {"name": "ana"}, lambda *_: None)

    assert time.monotonic() - start < HANDSHAKE_SECONDS / 2


def test_a_web_socket_that_was_tried_in_vain_is_closed(
    serve: Callable[..., Serving],
    monkeypatch: pytest.MonkeyPatch,
    recwarn: pytest.WarningsRecorder,
) -> None:
    """Where an upgrade is cut off, the connection goes on with long polling."""

    def cut_off(_: object) -> None:
        raise ConnectionResetError

    monkeypatch.setattr("chatapp.client.connection._WebSocket.recv", cut_off, raising=False)
    serving = serve(lambda realtime: realtime.on_connect(lambda *_: None))

    connection = Connection(serving.url, {"name": "ana"}, lambda *_: None)
    connection.close()
    connection.wait()
    del connection
    gc.collect()

    left_open = [str(one.message) for one in recwarn if one.category is ResourceWarning]
    assert left_open == []
