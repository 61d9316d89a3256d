"""Signing out, a new role, an ended session: open sockets hear of it, over the real server."""

import re
import subprocess
from collections.abc import Callable, Iterator

import pytest
import requests
import socketio

from tests.support import closing
from tests.support.accounts import PASSWORD
from tests.support.server import Server

Run = Callable[..., subprocess.CompletedProcess[str]]


class Tab:
    """A browser tab without a screen: a session cookie, and a socket that came with it."""

    def __init__(self, server: Server) -> None:
        self.url = server.url
        self.http = requests.Session()
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

    def sign_in(self, name: str) -> None:
        self.submit("/login", name=name, password=PASSWORD)

    def submit(self, path: str, **fields: str) -> None:
        page = self.http.get(f"{self.url}/login?next=/account").text
        token = re.search('name="csrf_token" value="([^"]+)"', page)
        assert token
        answer = self.http.post(
            self.url + path, data={"csrf_token": token[1], **fields}, allow_redirects=False
        )
        assert answer.status_code == 303, answer.text

    def connect(self) -> None:
        """By polling: engineio's client leaves a WebSocket open that the server has closed."""
        self.socket = self._new_socket()
        self.socket.connect(self.url, transports=["polling"])


@pytest.fixture
def chatapp(server: Server, run_chatapp: Run) -> Callable[..., str]:
    """`chatapp …` beside the running server."""

    def chatapp(*args: str, input: str = "") -> str:
        answer = run_chatapp(*args, env={"CHATAPP_DATA": str(server.data)}, input=input)
        assert answer.returncode == 0, answer.stderr
        return answer.stdout

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

    wait_until(lambda: not tab.socket.connected, deadline=1.0, what="the socket to close")
    assert len(tab.closings) == 1
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

    wait_until(lambda: not tab.socket.connected, deadline=1.0, what="the socket to close")
    assert other.call("message", {"text": "still here"})["ok"]


def test_a_new_role_counts_at_once(
    tab: Tab, chatapp: Callable[..., str], wait_until: Callable[..., object]
) -> None:
    assert tab.socket.call("mute", {"name": "Bo", "seconds": 60, "reason": "x"})["ok"] is False

    chatapp("user", "role", "Mia", "admin")

    wait_until(lambda: not tab.socket.connected, deadline=1.0, what="the socket to close")
    tab.connect()
    assert tab.socket.call("mute", {"name": "Bo", "seconds": 60, "reason": "x"})["ok"] is True


def test_a_removed_account_is_out_at_once(
    tab: Tab, chatapp: Callable[..., str], wait_until: Callable[..., object]
) -> None:
    chatapp("user", "erase", "Mia", "--yes")

    wait_until(lambda: not tab.socket.connected, deadline=1.0, what="the socket to close")
    with pytest.raises(socketio.exceptions.ConnectionError):
        tab.connect()
