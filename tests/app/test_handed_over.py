"""The real server on a socket of systemd's: who may come in, and what a restart costs."""

import os
import re
import socket
import subprocess
import threading
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
import socketio

from chatapp.client import ChatClient
from tests.support.handed_over import HandedOver, command_on
from tests.support.server import environment
from tests.support.waiting import DEADLINE_SECONDS, wait_until
from tests.test_way_of_a_message import log_lines

POLL = b"GET /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: localhost\r\n\r\n"
RESTARTS = 2
AT_A_TIME = 30
"""So much is said and answered before each restart, and after the last."""


@pytest.fixture
def on_socket(tmp_path: Path) -> Iterator[Callable[..., HandedOver]]:
    servers: list[HandedOver] = []

    def on_socket(host: str, **settings: str) -> HandedOver:
        servers.append(HandedOver(tmp_path, host, settings))
        return servers[-1]

    yield on_socket
    for server in servers:
        server.close()


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])
def test_a_socket_that_others_can_reach_is_for_members(
    on_socket: Callable[..., HandedOver], connect: Callable[..., socketio.SimpleClient], host: str
) -> None:
    server = on_socket(host).start()

    with pytest.raises(socketio.exceptions.ConnectionError):
        connect("ana", url=server.url)

    assert "OPEN TO EVERYBODY" not in "\n".join(server.log)
    with urllib.request.urlopen(f"{server.url}/metrics", timeout=DEADLINE_SECONDS) as metrics:
        assert metrics.status == 200  # though IPv6 writes our address as ::ffff:127.0.0.1


def test_a_socket_on_loopback_is_open_whatever_the_host_would_have_been(
    on_socket: Callable[..., HandedOver], connect: Callable[..., socketio.SimpleClient]
) -> None:
    server = on_socket("127.0.0.1", CHATAPP_HOST="0.0.0.0").start()

    connect("ana", url=server.url)

    greeting = wait_until(
        lambda: server.log, what="the greeting: it may be behind the first answer"
    )
    assert re.search(rf"http://localhost:{server.port}$", greeting[0])


def test_what_cannot_be_listened_on_is_one_line(tmp_path: Path) -> None:
    here, there = socket.socketpair()
    with here, there:
        for command in (command_on(here, 1), command_on(here, 2)):
            ended = subprocess.run(
                command,
                env=environment({"CHATAPP_DATA": str(tmp_path / "data")}),
                pass_fds=(here.fileno(),),
                capture_output=True,
                text=True,
                timeout=60,
                check=False,
            )
            assert ended.returncode == 2
            (line,) = ended.stderr.splitlines()
            assert "systemd" in line
    assert not os.path.exists(tmp_path / "data")


def test_a_restart_under_load_refuses_nobody_and_loses_and_doubles_nothing(
    on_socket: Callable[..., HandedOver],
) -> None:
    server = on_socket("127.0.0.1", CHATAPP_CONNECTIONS_PER_ADDRESS="0").start()
    over = threading.Event()
    said: list[str] = []
    answers: list[bytes] = []

    def talk(name: str) -> None:
        with ChatClient(server.url, name=name, reconnect_seconds=(0.1, 0.5)) as chat:
            number = 0
            while not over.is_set():
                said.append(chat.send("general", f"{name} {number}").text)
                number += 1

    def arrive() -> None:
        while not over.wait(0.01):
            with closing(socket.create_connection(("127.0.0.1", server.port), 30)) as visitor:
                visitor.sendall(POLL)
                answers.append(visitor.recv(4096)[:12])

    def wait_for_load() -> None:
        texts, visits = len(said) + AT_A_TIME, len(answers) + AT_A_TIME
        wait_until(lambda: len(said) >= texts and len(answers) >= visits, what="the load")

    ear = ChatClient(server.url, name="ear", reconnect_seconds=(0.1, 0.5)).connect()
    heard = ear.messages("general", since=0)
    threads = [threading.Thread(target=talk, args=(name,)) for name in ("ana", "bo")]
    threads += [threading.Thread(target=arrive) for _ in range(2)]
    for thread in threads:
        thread.start()
    wait_for_load()
    for _ in range(RESTARTS):
        assert server.stop() == 0
        server.start()
        wait_for_load()
    over.set()
    for thread in threads:
        thread.join(DEADLINE_SECONDS)
        assert not thread.is_alive()

    assert set(answers) <= {b"HTTP/1.1 200", b"HTTP/1.1 503"}
    logged = [record["text"] for record in log_lines(server)]
    assert sorted(logged) == sorted(said)
    assert len(set(logged)) == len(logged)
    assert [next(heard).text for _ in logged] == logged
    ear.close()
