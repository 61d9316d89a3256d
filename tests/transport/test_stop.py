"""Stopping, and starting on a socket that systemd holds."""

import gc
import http.client
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable

import gevent
import pytest

from chatapp.transport.http.listening import inherited
from chatapp.transport.server import STOP_SECONDS
from tests.support import closing
from tests.support.ports import free_port
from tests.support.waiting import DEADLINE_SECONDS, wait_until
from tests.transport.raw import RawClient
from tests.transport.serving import Serving


def test_a_stop_answers_what_is_under_way_and_says_why(serving: Serving) -> None:
    client, bystander = serving.raw().join(), serving.raw().join()
    client.say('427["promise","hard"]')
    wait_until(lambda: len(serving.chat.promised) == 1)

    stopping = threading.Thread(target=serving.stop_with, args=("new version",))
    stopping.start()
    wait_until(lambda: serving.realtime._engine.stopping)
    client.say('428["promise","too late"]')
    serving.inside(lambda: gevent.spawn_later(0.1, serving.chat.promised[0].resolve, "done"))

    assert client.packet() == b'437["done"]'
    for each in (client, bystander):
        assert each.packet() == b'42["closing",{"reason":"new version"}]'
        assert each.close_code() == 1001
        each.close()
    stopping.join(DEADLINE_SECONDS)
    assert serving.chat.handled == ["hard"]
    assert serving.chat.gone == ["server disconnect"] * 2


def test_nobody_is_let_in_while_stopping(serving: Serving) -> None:
    serving.raw().join().say('427["promise","hard"]')
    wait_until(lambda: len(serving.chat.promised) == 1)
    kept_alive = http.client.HTTPConnection(*serving.address, timeout=DEADLINE_SECONDS)
    kept_alive.request("GET", "/nothing")
    kept_alive.getresponse().read()
    stopping = threading.Thread(target=serving.stop_with, args=("new version",))
    stopping.start()
    wait_until(lambda: serving.realtime._engine.stopping)

    wait_until(lambda: is_refused(serving.address))
    kept_alive.request("GET", "/socket.io/?EIO=4&transport=polling")
    refused = kept_alive.getresponse()
    assert refused.status == 503
    assert "Retry-After" in refused.headers
    kept_alive.close()

    serving.inside(lambda: serving.chat.promised[0].resolve("done"))
    serving.close_clients()
    stopping.join(DEADLINE_SECONDS)


def is_refused(address: tuple[str, int]) -> bool:
    try:
        socket.create_connection(address).close()
    except ConnectionRefusedError:
        return True
    return False


def test_a_stop_does_not_wait_forever_for_an_answer(
    serving: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chatapp.transport.server.STOP_SECONDS", 0.2)
    serving.raw().join().say('427["promise","never"]')
    wait_until(lambda: len(serving.chat.promised) == 1)
    start = time.monotonic()

    serving.stop_with("new version")

    assert time.monotonic() - start < STOP_SECONDS


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_stock_clients_come_back_after_a_restart(
    serve: Callable[..., Serving],
) -> None:
    first = serve(port=free_port())
    client = closing.Client(reconnection_delay=0.05, reconnection_delay_max=0.1)
    client.connect(first.url)
    wait_until(lambda: len(first.chat.connected) == 1)

    first.stop()
    second = serve(port=first.address[1])

    wait_until(lambda: len(second.chat.connected) == 1)
    wait_until(lambda: client.connected)
    client.disconnect()
    gc.collect()  # python-engineio forgets to close the socket that the server closed


SERVER = """
import os, signal
import gevent
from flask import Flask
from chatapp.transport import Realtime
from chatapp.transport.http.listening import inherited

realtime = Realtime(Flask("app"))
realtime.receive("pid", lambda connection, payload: os.getpid())
realtime.listen("127.0.0.1", 0, inherited=inherited(os.environ))
gevent.signal_handler(signal.SIGTERM, realtime.stop, "restart")
print("up", flush=True)
realtime.serve_forever()
"""


def test_a_restart_on_systemds_socket_refuses_no_connection() -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    listener.set_inheritable(True)

    def start() -> subprocess.Popen[str]:
        """As systemd does: the socket is file 3, and the process is told that it is for it."""

        def hand_over() -> None:
            os.dup2(listener.fileno(), 3)
            os.environ.update(LISTEN_FDS="1", LISTEN_PID=str(os.getpid()))

        code = f"import os; os.environ['LISTEN_PID'] = str(os.getpid())\n{SERVER}"
        return subprocess.Popen(
            [sys.executable, "-c", code],
            env={**os.environ, "LISTEN_FDS": "1"},
            pass_fds=[3],
            preexec_fn=hand_over,
            stdout=subprocess.PIPE,
            text=True,
        )

    with start() as first:
        assert first.stdout.readline() == "up\n"
        client = RawClient(listener.getsockname()).join()
        assert client.ask("pid") == first.pid
        first.send_signal(signal.SIGTERM)
        assert client.close_code() == 1001
        client.close()
        assert first.wait(DEADLINE_SECONDS) == 0

    arriving = socket.create_connection(listener.getsockname())
    with start() as second:
        assert second.stdout.readline() == "up\n"
        client = RawClient(listener.getsockname()).join()
        assert client.ask("pid") == second.pid
        client.close()
        second.send_signal(signal.SIGTERM)
        assert second.wait(DEADLINE_SECONDS) == 0
    arriving.close()
    listener.close()


def test_only_the_process_that_is_meant_inherits() -> None:
    assert inherited({}) is None
    assert inherited({"LISTEN_PID": "1", "LISTEN_FDS": "1"}) is None
    assert inherited({"LISTEN_PID": str(os.getpid()), "LISTEN_FDS": "0"}) is None
