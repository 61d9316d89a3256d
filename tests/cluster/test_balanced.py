"""Stock clients behind a balancer without sticky sessions: two servers, request by request."""

import json
import shutil
import subprocess
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.support import closing
from tests.support.balancer import Balancer
from tests.support.checkout import ROOT
from tests.support.server import Server
from tests.support.waiting import DEADLINE_SECONDS, wait_until
from tests.test_health import read_metrics

SCRIPT = Path(__file__).with_name("balanced_client.mjs")
COUNT = 50
NPMS = ["socket.io-client", "socket.io-client-3"]

pytestmark = pytest.mark.skipif(
    not (
        shutil.which("node") and all((ROOT / "node_modules" / package).exists() for package in NPMS)
    ),
    reason="no node, or no socket.io-client",
)


@pytest.mark.parametrize("transports", [None, ["polling"]])
def test_stock_clients_talk_across_servers_and_stay_connected(
    start_cluster: Callable[..., list[Server]], transports: list[str] | None
) -> None:
    nodes = start_cluster(2)
    with Balancer(*(node.port for node in nodes)) as balancer, ExitStack() as stack:
        npms = [stack.enter_context(npm(balancer.url, one, transports)) for one in NPMS]
        python = Python(balancer.url, transports)

        assert [each.stdout.readline() for each in npms] == ["connected\n"] * 2
        for each in npms:
            each.stdin.write("talk\n")
            each.stdin.flush()
        python.say()
        outcomes = [json.loads(each.communicate(timeout=60)[0]) for each in npms]
        wait_until(lambda: len(python.heard) == len(NPMS) * COUNT)

        everyone = {"python": python.heard}
        everyone |= {name: one["heard"] for name, one in zip(NPMS, outcomes, strict=True)}
        for name, heard in everyone.items():
            assert Counter(heard) == Counter(
                f"{other} {number}"
                for other in everyone
                if other != name
                for number in range(COUNT)
            )
        assert [one["connects"] for one in outcomes] == [1, 1]
        assert python.connects == 1
        assert {one["transport"] for one in outcomes} == {(transports or ["websocket"])[0]}
        assert {status for _, status in balancer.answers} <= {101, 200}
        assert passed_on(nodes, "lost") == 0
        assert passed_on(nodes, "polling") + passed_on(nodes, "websocket") > 0
        python.close()


def passed_on(nodes: list[Server], outcome: str) -> float:
    return sum(
        read_metrics(node)[f'chatapp_passed_on_total{{outcome="{outcome}"}}'] for node in nodes
    )


@contextmanager
def npm(url: str, package: str, transports: list[str] | None) -> Iterator[subprocess.Popen[str]]:
    """npm's client, whose name is that of its package."""
    arguments = [url, package, package, str(COUNT), str(len(NPMS)), json.dumps(transports)]
    command = ["node", str(SCRIPT), *arguments]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, text=True, **pipes) as client:
        try:
            yield client
        finally:
            client.kill()


class Python:
    def __init__(self, url: str, transports: list[str] | None) -> None:
        self.heard: list[str] = []
        self.connects = 0
        self._client = closing.Client()
        self._client.on("connect", self._connected)
        self._client.on("message", lambda message: self.heard.append(message["text"]))
        self._client.connect(url, auth={"name": "python"}, transports=transports)

    def _connected(self) -> None:
        self.connects += 1

    def say(self) -> None:
        for number in range(COUNT):
            answer = self._client.call(
                "message", {"text": f"python {number}"}, timeout=DEADLINE_SECONDS
            )
            assert answer["ok"]

    def close(self) -> None:
        self._client.disconnect()


def test_a_client_whose_server_is_killed_goes_on_with_another(
    start_cluster: Callable[..., list[Server]],
) -> None:
    nodes = start_cluster(2)
    with Balancer(*(node.port for node in nodes)) as balancer:
        client = closing.Client(reconnection_delay=0.1, reconnection_delay_max=0.5)
        connected = threading.Semaphore(0)
        client.on("connect", connected.release)
        auth = {"name": "ana", "key": "with which she gets her name back"}
        client.connect(balancer.url, auth=auth, transports=["polling"])
        assert connected.acquire(timeout=DEADLINE_SECONDS)
        owner = next(node for node in nodes if node.connections)

        owner.kill9()

        assert connected.acquire(timeout=DEADLINE_SECONDS)
        assert client.call("message", {"text": "still here"}, timeout=DEADLINE_SECONDS)["ok"]
        client.disconnect()


def test_the_metrics_name_the_process_and_count_all(
    start_cluster: Callable[..., list[Server]],
) -> None:
    nodes = start_cluster(2)

    def names() -> set[str]:
        return {
            key
            for node in nodes
            for key in read_metrics(node)
            if key.startswith('chatapp_node_info{node="')
        }

    wait_until(lambda: all(read_metrics(node)["chatapp_nodes"] == 2 for node in nodes))
    assert len(names()) == 2
    nodes[0].stop()
    wait_until(lambda: read_metrics(nodes[1])["chatapp_nodes"] == 1)


def test_the_internal_address_is_not_that_of_everybody(
    new_server: Callable[..., Any], run_chatapp: Callable[..., Any], database: str
) -> None:
    done = run_chatapp(
        "serve",
        *("--port", "0", "--postgres", database, "--internal", "0.0.0.0:0"),
    )

    assert done.returncode == 2
    assert "CHATAPP_INTERNAL" in done.stderr
