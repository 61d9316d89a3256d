"""Connections whose acceptance has to wait for something, such as a database."""

import json
from collections.abc import Callable
from typing import Any

import gevent
import msgspec
import pytest
import socketio
from socketio.exceptions import ConnectionError

from chatapp.domain.future import Future
from chatapp.transport import EVERYONE, Connection, ConnectRefused, Realtime
from tests.support import closing
from tests.support.waiting import wait_until
from tests.transport.conftest import Chat
from tests.transport.raw import RawClient, text
from tests.transport.serving import Serving

TRANSPORTS: list[Any] = [None, ["polling"], ["websocket"]]
REFUSAL = {"code": "name_taken", "message": "Somebody else was faster."}


class SlowDoor(Chat):
    """Nobody is let in before `open_for(number)`."""

    def __init__(self, realtime: Realtime) -> None:
        self.asked: list[Future[None]] = []
        self.later: list[str] = []
        super().__init__(realtime)
        realtime.on_connect(self.note_later)

    def let_in(  # type: ignore[override] - this one waits
        self, connection: Connection, auth: bytes, environ: dict[str, Any]
    ) -> Future[None]:
        asked: Future[None] = Future()
        self.asked.append(asked)

        def enter(_: None) -> None:
            if b"unwanted" in auth:
                raise ConnectRefused(REFUSAL)
            super(SlowDoor, self).let_in(connection, auth, environ)
            self.realtime.broadcast("said", msgspec.Raw(b'"hello"'), "hall")

        return asked.then(enter)

    def note_later(self, connection: Connection, _auth: bytes, environ: dict[str, Any]) -> None:
        self.later.append(environ["REQUEST_METHOD"])


@pytest.fixture
def slow(serve: Callable[..., Serving]) -> Serving:
    return serve(SlowDoor)


def knock(serving: Serving, *events: str) -> RawClient:
    """A client that asks to be let in, and sends events without waiting."""
    client = serving.raw()
    assert client.packet().startswith(b"0{")
    client.socket.sendall(b"".join(map(text, ("40{}", *events))))
    return client


def open_door(serving: Serving, number: int = 0) -> None:
    wait_until(lambda: len(serving.chat.asked) > number, what="somebody at the door")
    serving.inside(lambda: serving.chat.asked[number].resolve(None))


def test_events_that_come_before_the_acceptance_wait_for_it(slow: Serving) -> None:
    client = knock(slow, *(f"42{n}" + json.dumps(["echo", n]) for n in range(3)))

    wait_until(lambda: slow.chat.asked, what="the question")
    assert slow.inside(lambda: (slow.chat.later, list(slow.realtime.members(EVERYONE)))) == ([], [])
    open_door(slow)

    assert client.packet().startswith(b"40{")
    assert client.packet() == b'42["said","hello"]'
    assert [client.packet() for _ in range(3)] == [b"43%d[%d]" % (n, n) for n in range(3)]
    assert slow.chat.later == ["GET"]


def test_others_are_served_meanwhile(slow: Serving) -> None:
    first = knock(slow)
    wait_until(lambda: slow.chat.asked, what="the first")

    second = knock(slow)
    open_door(slow, 1)

    assert second.packet().startswith(b"40{")
    open_door(slow, 0)
    assert first.packet().startswith(b"40{")


def test_a_client_that_has_gone_meanwhile_is_nowhere(slow: Serving) -> None:
    client = knock(slow)
    wait_until(lambda: slow.chat.asked, what="the question")

    client.socket.close()
    wait_until(lambda: slow.connections == 0, what="the end of the connection")
    open_door(slow)

    assert slow.chat.gone == ["transport close"]
    assert (
        slow.inside(lambda: [*slow.realtime.members("hall"), *slow.realtime.members(EVERYONE)])
        == []
    )


@pytest.mark.parametrize("transports", TRANSPORTS, ids=["upgrade", "polling", "websocket"])
def test_stock_clients_are_accepted_or_refused_later(
    slow: Serving, connect: Callable[..., socketio.SimpleClient], transports: Any
) -> None:
    refused = closing.Client()
    errors: list[Any] = []
    refused.on("connect_error", errors.append)
    slow.inside(lambda: _open_always(slow.chat))

    ana = connect(slow.url, transports=transports, auth={"name": "ana"})
    with pytest.raises(ConnectionError):
        refused.connect(slow.url, transports=transports, auth={"name": "unwanted"})

    assert errors == [REFUSAL]
    assert ana.receive() == ["said", "hello"]
    assert ana.call("echo", 1) == 1
    refused.disconnect()


def _open_always(door: SlowDoor) -> None:
    """The door opens a moment after each question."""

    class Asked(list[Future[None]]):
        def append(self, asked: Future[None]) -> None:
            super().append(asked)
            gevent.spawn_later(0.05, asked.resolve, None)

    door.asked = Asked()
