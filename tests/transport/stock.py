"""The stock stack: Flask-SocketIO on gevent as its documentation starts it, in its own process.

    python -m tests.transport.stock PORT            one process
    python -m tests.transport.stock PORT no-redis   one of several, and their Redis is gone

So that a test can show which hole it is that ours does not have.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import flask
import gevent
import socketio
from flask import Flask
from flask_socketio import SocketIO, emit, join_room

from tests.support.checkout import ROOT
from tests.support.server import START_SECONDS
from tests.support.waiting import DEADLINE_SECONDS, wait_until
from tests.transport.raw import RawClient


class WithoutRedis(socketio.RedisManager):  # type: ignore[misc]
    """python-socketio's own, but nobody answers where Redis was."""

    def __init__(self) -> None:
        socketio.PubSubManager.__init__(self, channel="chat")
        self.connected = False
        self.json = json

    def _redis_connect(self) -> None:
        raise ConnectionError("no Redis")

    def _listen(self) -> Iterator[Any]:
        while True:
            gevent.sleep(60)
            yield None


def serve(port: int, *options: str) -> None:
    app = Flask(__name__)
    app.secret_key = "not a secret"
    manager = WithoutRedis() if "no-redis" in options else None
    socketio = SocketIO(app, async_mode="gevent", client_manager=manager)

    @app.route("/logout")
    def logout() -> str:
        flask.session.clear()
        return "bye"

    @app.route("/login")
    def login() -> str:
        flask.session["name"] = "ana"
        return "hello"

    @socketio.on("who am i")
    def who() -> str | None:
        return flask.session.get("name")

    @socketio.on("connect")
    def connect(auth: Any = None) -> None:
        if auth == {"name": "clumsy"}:
            raise TypeError("a bug")
        if auth == {"name": "unlucky"}:
            raise ValueError("no room")
        join_room("hall")
        if auth:
            emit("connected as", auth, to="hall")

    @socketio.on("say")
    def say(text: str) -> str:
        emit("said", text, to="hall", include_self=False)
        return "ok"

    @socketio.on("slowly")
    def slowly(seconds: float) -> float:
        gevent.sleep(seconds)
        return seconds

    socketio.on_error_default(lambda error: "handled")
    print("up", flush=True)
    socketio.run(socketio.sockio_mw.flask_app, "127.0.0.1", port)


class Stock:
    def __init__(self, port: int, *options: str) -> None:
        self.address = ("127.0.0.1", port)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.transport.stock", str(port), *options],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        wait_until(self._answers, START_SECONDS, "the stock server")

    def _answers(self) -> bool:
        try:
            RawClient(self.address).close()
        except (OSError, EOFError):
            return False
        return True

    def memory_megabytes(self) -> float:
        with open(f"/proc/{self.process.pid}/statm") as statm:
            return int(statm.read().split()[1]) * 4096 / 1e6

    def stop(self) -> str:
        """What it wrote to standard error."""
        self.process.terminate()
        _, errors = self.process.communicate(timeout=DEADLINE_SECONDS)
        return errors.decode()


if __name__ == "__main__":
    serve(int(sys.argv[1]), *sys.argv[2:])
