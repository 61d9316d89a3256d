"""One scenario for all: our library, python-socketio's two clients and npm's socket.io-client,
4.x and 3.x, all but ours with their default settings and what docs/protocol.md says about coming
back. So they poll first, and upgrade while they talk.

Each says many messages at once, without waiting. Then lines are cut, the server is killed and
restarted while they talk. Each says every message until it is acked, and hears every message of
the room once, in the order of the log.
"""

import asyncio
import contextlib
import json
import random
import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Coroutine
from pathlib import Path
from queue import Empty, SimpleQueue
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
PIPELINED = 200
ROUNDS = 6
NPMS = {"npm 4": "socket.io-client", "npm 3": "socket.io-client-3"}
TALKERS = 4 + len(NPMS)
END = "the end"
SETTLE_SECONDS = 60.0
ANSWER_SECONDS = 3.0

pytestmark = pytest.mark.skipif(
    not (
        shutil.which("node")
        and all((ROOT / "node_modules" / package).exists() for package in NPMS.values())
    ),
    reason="no node, or no socket.io-client",
)


class Talker(Protocol):
    def say(self, texts: list[str]) -> None:
        """Returns when all are acked; it does not wait for one before it sends the next."""

    def everything(self) -> list[str]:
        """What was heard until all have said `END`."""


class Ours:
    def __init__(self, url: str) -> None:
        self._client = ChatClient(url, name="ours", timeout=SETTLE_SECONDS).connect()
        self._messages = self._client.messages("general", since=0, own=True)

    def say(self, texts: list[str]) -> None:
        for text in texts:  # it waits for each
            self._client.send("general", text)

    def everything(self) -> list[str]:
        heard: list[str] = []
        while heard.count(END) < TALKERS:
            heard.append(next(self._messages).text)
        self._client.close()
        return heard


class Unprobed(closing.WebSocket):
    """Upgrades as .NET's and PHP's clients do, which do not ask first whether the line works."""

    _asks = False

    def send(self, payload: str | bytes, *more: Any) -> int:
        self._asks = payload == "2probe"
        return len(payload) if self._asks else super().send(payload, *more)

    def recv(self) -> str | bytes:
        return "3probe" if self._asks else super().recv()


class Asyncio:
    """python-socketio's asyncio client, for threads, as the one that has threads itself."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._client = socketio.AsyncClient()

    def on(self, event: str, handler: Callable[..., object]) -> None:
        async def handle(*values: Any) -> None:
            await asyncio.to_thread(handler, *values)

        self._client.on(event, handle)

    def connect(self, url: str, auth: dict[str, str]) -> None:
        self._run(self._client.connect(url, auth=auth, wait_timeout=SETTLE_SECONDS))

    @property
    def connected(self) -> bool:
        connected: bool = self._client.connected
        return connected

    def emit(self, event: str, payload: Any, callback: Callable[..., object]) -> None:
        self._run(self._client.emit(event, payload, callback=callback))

    def disconnect(self) -> None:
        self._run(self._client.disconnect())
        self._run(self._loop.shutdown_default_executor())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _run(self, coroutine: Coroutine[Any, Any, object]) -> None:
        asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(SETTLE_SECONDS)


class PythonSocketIO:
    """What happens on the connection's threads is put into a line of one that does it all."""

    def __init__(self, url: str, name: str, client: Any) -> None:
        self._heard: list[str] = []
        self._seq = 0
        self._epoch = ""
        self._lock = threading.RLock()
        self._ended = threading.Event()
        self._socket = client
        self._socket.on("connect", self._come_back)
        self._socket.on("message", self._take)
        self._socket.on("heads", self._compare)
        self._socket.connect(url, auth={"name": name, "key": str(uuid4())})

    def say(self, texts: list[str]) -> None:
        messages = [{"text": text, "cid": str(uuid4())} for text in texts]
        answers = self._ask("message", messages)
        while not (answers and all(answer["ok"] for answer in answers)):
            answers = self._ask("message", messages)
        assert [answer["message"]["text"] for answer in answers] == texts
        for answer in answers:
            self._take(answer["message"])

    def everything(self) -> list[str]:
        assert self._ended.wait(SETTLE_SECONDS)
        self._socket.disconnect()
        return self._heard

    def _ask(self, event: str, payloads: list[dict[str, Any]]) -> list[Any]:
        """The answers as they came; none if the connection was lost."""
        answers: SimpleQueue[Any] = SimpleQueue()
        try:
            for payload in payloads:
                self._socket.emit(event, payload, callback=answers.put)
            return [answers.get(timeout=ANSWER_SECONDS) for _ in payloads]
        except (socketio.exceptions.SocketIOError, OSError, Empty):
            time.sleep(0.05)  # it is coming back
            return []

    def _come_back(self) -> None:
        answers = self._ask("join", [{"room": "general"}])
        while not answers and self._socket.connected:
            answers = self._ask("join", [{"room": "general"}])
        if answers:
            self._epoch = self._epoch or answers[0]["room"]["epoch"]
            self._catch_up()

    def _take(self, event: dict[str, Any]) -> None:
        with self._lock:
            if event["seq"] == self._seq + 1:
                self._heard.append(event["text"])
                self._seq += 1
            elif event["seq"] > self._seq:
                self._catch_up()
            if self._heard.count(END) == TALKERS:
                self._ended.set()

    def _compare(self, heads: dict[str, int]) -> None:
        if heads.get("general", 0) > self._seq:
            self._catch_up()

    def _catch_up(self) -> None:
        with self._lock:
            more = True
            while more:
                query = {"room": "general", "epoch": self._epoch, "after": self._seq}
                answers = self._ask("resume", [query])
                if not answers:
                    return
                assert answers[0]["recovered"]
                for event in answers[0]["events"]:
                    self._take(event)
                more = answers[0]["more"]


class NpmSocketIO:
    def __init__(self, url: str, name: str, package: str) -> None:
        self._node = subprocess.Popen(
            ["node", str(SCRIPT), url, name, package],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def say(self, texts: list[str]) -> None:
        assert self._node.stdin is not None
        self._node.stdin.write(json.dumps(texts) + "\n")
        self._node.stdin.flush()
        assert self._answer() == {"said": texts}

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
    with Relay(server.port) as relay, contextlib.ExitStack() as ends:
        talkers: dict[str, Talker] = {
            "ours": Ours(relay.url),
            "python": PythonSocketIO(relay.url, "python", closing.Client()),
            "asyncio": PythonSocketIO(relay.url, "asyncio", Asyncio()),
            "unprobed": PythonSocketIO(relay.url, "unprobed", closing.Client(Unprobed)),
        }
        for name, package in NPMS.items():
            talkers[name] = ends.enter_context(
                contextlib.closing(NpmSocketIO(relay.url, name, package))
            )
        assert len(talkers) == TALKERS
        faults: list[Callable[[], object]] = [
            lambda: relay.cut(1.0, chance),
            lambda: (server.kill9(), server.start()),
            lambda: (server.stop(), server.start()),
        ]
        heard: dict[str, list[str]] = {}
        begun = threading.Barrier(len(talkers) + 1)

        def talk(name: str, talker: Talker) -> None:
            talker.say(said_at_once(name))
            for number in range(ROUNDS):
                talker.say([f"{name} {number}"])
                if number % 2 == 0:
                    begun.wait(SETTLE_SECONDS)
            talker.say([END])
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
    for name in talkers:
        at_once = said_at_once(name)
        rounds = [f"{name} {number}" for number in range(ROUNDS)]
        assert [text for text in logged if text.startswith(f"{name} ")] == at_once + rounds
    assert len(logged) == TALKERS * (PIPELINED + ROUNDS + 1)
    assert heard == dict.fromkeys(talkers, logged)


def said_at_once(name: str) -> list[str]:
    return [f"{name} ¿ñandú? 🦫 שלום \u2028 {number}" for number in range(PIPELINED)]
