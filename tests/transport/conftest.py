"""A Realtime that serves, and clients of three kinds."""

from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import pytest
import socketio

from chatapp.domain.future import Future
from chatapp.transport import Connection, ConnectRefused, Realtime
from tests.support import closing
from tests.transport.serving import Serving


class Chat:
    """As much of a chat as the transport's tests need."""

    def __init__(self, realtime: Realtime) -> None:
        self.realtime = realtime
        self.connected: list[tuple[Connection, bytes]] = []
        self.gone: list[str] = []
        self.promised: list[Future[Any]] = []
        self.handled: list[Any] = []
        realtime.on_connect(self.let_in)
        realtime.on_disconnect(lambda connection, reason: self.gone.append(reason))
        realtime.receive("say", self.say, pipelined=True)
        realtime.receive("promise", self.promise, pipelined=True)
        realtime.receive("alone", self.promise)
        realtime.receive("crash", self.crash)
        realtime.receive("echo", lambda connection, payload: msgspec.Raw(payload or b"null"))

    def let_in(self, connection: Connection, auth: bytes, environ: dict[str, Any]) -> None:
        if b"unwanted" in auth:
            raise ConnectRefused({"code": "unauthorized", "message": "You are unwanted."})
        self.connected.append((connection, auth))
        self.realtime.enter(connection, "hall")

    def say(self, connection: Connection, payload: bytes) -> object:
        self.realtime.broadcast("said", msgspec.Raw(payload), "hall", connection.sid)
        return {"ok": True}

    def promise(self, connection: Connection, payload: bytes) -> Future[Any]:
        pending: Future[Any] = Future()
        self.promised.append(pending)
        self.handled.append(msgspec.json.decode(payload))
        return pending

    def keep_promises(self) -> None:
        promised, self.promised = self.promised, []
        for pending in promised:
            pending.resolve(1)

    def crash(self, connection: Connection, payload: bytes) -> object:
        raise RuntimeError("a bug")


@pytest.fixture
def serve() -> Iterator[Callable[..., Serving]]:
    """Starts a Realtime: `serve(configure, **options)`; without `configure`, `.chat` is a Chat."""
    all_serving: list[Serving] = []

    def serve(configure: Callable[[Realtime], Any] | None = None, **options: Any) -> Serving:
        all_serving.append(Serving(configure or Chat, **options))
        return all_serving[-1]

    yield serve
    for serving in all_serving:
        serving.stop()


@pytest.fixture
def serving(serve: Callable[..., Serving]) -> Serving:
    """A Realtime that serves a `Chat`."""
    return serve()


@pytest.fixture
def connect() -> Iterator[Callable[..., socketio.SimpleClient]]:
    """Connects `socketio.SimpleClient`s: `connect(url, **options)`."""
    clients: list[socketio.SimpleClient] = []

    def connect(url: str, **options: Any) -> socketio.SimpleClient:
        client = closing.SimpleClient()
        clients.append(client)
        client.connect(url, **options)
        return client

    yield connect
    for client in clients:
        client.disconnect()
