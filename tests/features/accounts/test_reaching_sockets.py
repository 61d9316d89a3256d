"""Signing out, a new role, an ended session: open sockets hear of it, over the real server."""

from collections.abc import Callable, Iterator
from functools import partial

import pytest
import socketio

from tests.support import cast, closing
from tests.support.accounts import PASSWORD
from tests.support.server import Server
from tests.support.visitor import Visitor


class Tab(Visitor):
    """A browser tab without a screen: a session cookie, and a socket that came with it."""

    def __init__(self, server: Server) -> None:
        super().__init__(server.url)
        self.http.headers["Origin"] = server.url
        self.closings: list[str] = []
        self.socket = self._new_socket()

    def _new_socket(self) -> socketio.Client:
        socket = closing.Client(reconnection=False, http_session=self.http)
        socket.on("closing", lambda payload: self.closings.append(payload["reason"]))
        return socket

    def close(self) -> None:
        """Without waiting for engineio's threads: where the server closed, they take 30 s."""
        self.socket.eio.disconnect(abort=True)
        self.http.close()

    def connect(self) -> None:
        """By polling: engineio's client leaves a WebSocket open that the server has closed."""
        self.socket = self._new_socket()
        self.socket.connect(self.url, transports=["polling"])


@pytest.fixture
def chatapp(server: Server) -> Callable[..., str]:
    """`chatapp …` beside the running server, where Mia has an account."""
    chatapp = partial(cast.chatapp, server)
    chatapp("user", "add", "Mia", "--password-stdin", input=PASSWORD)
    return chatapp


@pytest.fixture
def tab(server: Server, chatapp: Callable[..., str]) -> Iterator[Tab]:
    tab = Tab(server)
    tab.sign_in("Mia")
    tab.connect()
    assert tab.socket.call("message", {"text": "hola"})["message"]["sender"] == "Mia"
    yield tab
    tab.close()


def test_signing_out_closes_the_sockets(tab: Tab, wait_until: Callable[..., object]) -> None:
    tab.submit("/logout")

    wait_until(lambda: not tab.socket.connected, what="the socket to close")
    wait_until(lambda: len(tab.closings) == 1, what="the reason")
    with pytest.raises(socketio.exceptions.ConnectionError):
        tab.connect()


def test_signing_out_leaves_other_people_connected(
    server: Server,
    tab: Tab,
    connect: Callable[..., socketio.SimpleClient],
    wait_until: Callable[..., object],
) -> None:
    other = connect("bruno")

    tab.submit("/logout")

    wait_until(lambda: not tab.socket.connected, what="the socket to close")
    assert other.call("message", {"text": "still here"})["ok"]


def test_a_new_role_counts_at_once(
    tab: Tab, chatapp: Callable[..., str], wait_until: Callable[..., object]
) -> None:
    assert tab.socket.call("mute", {"name": "Bo", "seconds": 60, "reason": "x"})["ok"] is False

    chatapp("user", "role", "Mia", "admin")

    wait_until(lambda: not tab.socket.connected, what="the socket to close")
    tab.connect()
    assert tab.socket.call("mute", {"name": "Bo", "seconds": 60, "reason": "x"})["ok"] is True


def test_a_removed_account_is_out_at_once(
    tab: Tab, chatapp: Callable[..., str], wait_until: Callable[..., object]
) -> None:
    chatapp("user", "erase", "Mia", "--yes")

    wait_until(lambda: not tab.socket.connected, what="the socket to close")
    with pytest.raises(socketio.exceptions.ConnectionError):
        tab.connect()
