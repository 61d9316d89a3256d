"""One scenario for all: our library, python-socketio and npm's socket.io-client, the latter two
with their default settings and what docs/protocol.md says about coming back.

Lines are cut, the server is killed and restarted while they talk. Each says every message until
it is acked, and hears every message of the room once, in the order of the log.
"""

import contextlib
import json
import random
import shutil
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol
from uuid import uuid4

import pytest
import socketio

from chatapp.client import ChatClient
from tests.support import closing
from tests.support.checkout import ROOT
from tests.support.relay import Relay
from tests.support.server import Server
from tests.test_way_of_a_message import log_lines

SCRIPT = Path(__file__).with_name("talker.mjs")
ROUNDS = 6
END = "the end"
SETTLE_SECONDS = 60.0

pytestmark = pytest.mark.skipif(
    not (shutil.which("node") and (ROOT / "node_modules/socket.io-client").exists()),
    reason="no node, or no socket.io-client",
)


class Talker(Protocol):
    def say(self, text: str) -> None:
        """Returns when it is acked."""

    def everything(self) -> list[str]:
        """What was heard until all have said `END`."""


class Ours:
    def __init__(self, url: str) -> None:
        self._client = ChatClient(url, name="ours", timeout=SETTLE_SECONDS).connect()
        self._messages = self._client.messages("general", since=0, own=True)

    def say(self, text: str) -> None:
        self._client.send("general", text)

    def everything(self) -> list[str]:
        heard: list[str] = []
        while heard.count(END) < 3:
            heard.append(next(self._messages).text)
        self._client.close()
        return heard


class PythonSocketIO:
    """What happens on the connection's threads is put into a line of one that does it all."""

    def __init__(self, url: str) -> None:
        self._heard: list[str] = []
        self._seq = 0
        self._epoch = ""
        self._lock = threading.RLock()
        self._ended = threading.Event()
        self._socket = closing.Client()
        self._socket.on("connect", self._come_back)
        self._socket.on("message", self._take)
        self._socket.on("heads", self._compare)
        self._socket.connect(url, auth={"name": "python", "key": str(uuid4())})

    def say(self, text: str) -> None:
        cid = str(uuid4())
        while True:
            answer = self._ask("message", {"text": text, "cid": cid})
            if answer and answer["ok"]:
                self._take(answer["message"])
                return

    def everything(self) -> list[str]:
        assert self._ended.wait(SETTLE_SECONDS)
        self._socket.disconnect()
        return self._heard

    def _ask(self, event: str, payload: dict[str, Any]) -> Any:
        try:
            return self._socket.call(event, payload, timeout=3)
        except (socketio.exceptions.SocketIOError, OSError):
            self._socket.sleep(0.05)  # it is coming back
            return None

    def _come_back(self) -> None:
        answer = self._ask("join", {"room": "general"})
        while answer is None and self._socket.connected:
            answer = self._ask("join", {"room": "general"})
        if answer is not None:
            self._epoch = self._epoch or answer["room"]["epoch"]
            self._catch_up()

    def _take(self, event: dict[str, Any]) -> None:
        with self._lock:
            if event["seq"] == self._seq + 1:
                self._heard.append(event["text"])
                self._seq += 1
            elif event["seq"] > self._seq:
                self._catch_up()
            if self._heard.count(END) == 3:
                self._ended.set()

    def _compare(self, heads: dict[str, int]) -> None:
        if heads.get("general", 0) > self._seq:
            self._catch_up()

    def _catch_up(self) -> None:
        with self._lock:
            query = {"room": "general", "epoch": self._epoch, "after": self._seq}
            missed = self._ask("resume", query)
            if missed is not None:
                assert missed["recovered"]
                assert not missed["more"]
                for event in missed["events"]:
                    self._take(event)


class NpmSocketIO:
    def __init__(self, url: str) -> None:
        self._node = subprocess.Popen(
            ["node", str(SCRIPT), url, "npm"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def say(self, text: str) -> None:
        assert self._node.stdin is not None
        self._node.stdin.write(text + "\n")
        self._node.stdin.flush()
        assert self._answer() == {"said": text}

    def everything(self) -> list[str]:
        heard: list[str] = self._answer()["heard"]
        return heard

    def close(self) -> None:
        """It ends by itself, unless the test has failed."""
        self._node.kill()
        self._node.communicate()

    def _answer(self) -> Any:
        assert self._node.stdout is not None
        return json.loads(self._node.stdout.readline())


def test_everyone_hears_everything_once_in_order_over_cuts_kills_and_restarts(
    server: Server,
) -> None:
    chance = random.Random(20261122)
    with Relay(server.port) as relay, contextlib.closing(NpmSocketIO(relay.url)) as npm:
        talkers: dict[str, Talker] = {
            "ours": Ours(relay.url),
            "python": PythonSocketIO(relay.url),
            "npm": npm,
        }
        faults: list[Callable[[], object]] = [
            lambda: relay.cut(1.0, chance),
            lambda: (server.kill9(), server.start()),
            lambda: (server.stop(), server.start()),
        ]
        heard: dict[str, list[str]] = {}
        begun = threading.Barrier(len(talkers) + 1)

        def talk(name: str, talker: Talker) -> None:
            for number in range(ROUNDS):
                talker.say(f"{name} {number}")
                if number % 2 == 0:
                    begun.wait(SETTLE_SECONDS)
            talker.say(END)
            heard[name] = talker.everything()

        threads = [threading.Thread(target=talk, args=one, daemon=True) for one in talkers.items()]
        for thread in threads:
            thread.start()
        for fault in faults:
            begun.wait(SETTLE_SECONDS)
            fault()
        for thread in threads:
            thread.join(SETTLE_SECONDS)
            assert not thread.is_alive()

    logged = [record["text"] for record in log_lines(server)]
    assert sorted(logged) == sorted(
        [f"{name} {number}" for name in talkers for number in range(ROUNDS)] + [END] * 3
    )
    assert heard == dict.fromkeys(talkers, logged)
