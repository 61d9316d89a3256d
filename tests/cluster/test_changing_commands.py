"""Commands that change the log, while the servers of the chat run: each is one more process."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from chatapp.log.disk import Disk
from chatapp.log.manifest import load_manifest
from chatapp.upkeep.verify import verify
from tests.support.cluster import journal_bytes, two_nodes
from tests.support.server import Server
from tests.support.waiting import wait_until
from tests.test_way_of_a_message import call

Nodes = tuple[Server, Server]
Run = Callable[..., Any]

ROWS = [
    {"client": ("ben", "eva")[number % 2], "message": f"old {number}", "timestamp": 1_500_000_000}
    for number in range(3_000)
]


@pytest.fixture(scope="module")
def nodes(postgres: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nodes]:
    with two_nodes(postgres.new_database("changing"), tmp_path_factory) as nodes:
        yield nodes


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The data folder of the commands."""
    return tmp_path / "copy"


@pytest.fixture
def run(run_chatapp: Run, nodes: Nodes, copy: Path) -> Run:
    """Runs a command of `chatapp log`; what it says."""

    def run(*args: object) -> Any:
        env = {"CHATAPP_POSTGRES": nodes[0].settings["CHATAPP_POSTGRES"]}
        finished = run_chatapp("log", *args, "--data", str(copy), "--json", env=env)
        assert finished.returncode == 0, finished.stderr
        return json.loads(finished.stdout)

    return run


def test_what_is_imported_erased_and_dropped_is_so_on_all_servers(
    nodes: Nodes, run: Run, copy: Path, tmp_path: Path, connect: Callable[..., Any]
) -> None:
    clients = [
        connect(f"gus{number}", url=node.url, auth={"name": f"gus{number}"})
        for number, node in enumerate(nodes)
    ]
    file = tmp_path / "old.json"
    file.write_text(json.dumps(ROWS))

    imported = run("import", file, "--room", "attic", "--public")
    again = run("import", file, "--room", "attic")

    assert (imported["messages"], imported["rooms"]) == (3_000, {"attic": "attic"})
    assert (again["messages"], again["duplicates"], again["rooms"]) == (0, 3_000, {})
    for client in clients:
        wait_until(lambda client=client: _latest(client) == "old 2999", what="the last row")

    [erased] = run("erase", "--sender", "eva", "--yes")["erased"].values()

    assert erased["erased"] == 1_500
    for client in clients:
        wait_until(lambda client=client: _latest(client) == "", what="the texts to be gone")
    for data in (copy, *(node.data for node in nodes)):
        wait_until(lambda data=data: _has_erased(data), what="the erasing to be complete")
        assert journal_bytes(data, "messages") == journal_bytes(copy, "messages")
        assert b'"text":"old 2999"' not in journal_bytes(data, "messages")
        assert verify(data / "messages").problems == []

    retained = run("retain", "--older-than", 365, "--yes")

    assert retained["dropped"] == {"2017-07-14": 3_000}
    for client, node in zip(clients, nodes, strict=True):
        client.disconnect()
        node.stop()
        node.start()
        assert b"attic" not in journal_bytes(node.data, "messages")
        assert verify(node.data / "messages").problems == []


def _has_erased(data: Path) -> bool:
    manifest = load_manifest(Disk(), data / "messages")
    return bool(manifest and manifest.erasures)


def _latest(client: Any) -> str | None:
    answer = call(client, "history", {"room": "attic", "limit": 1})
    return answer["messages"][-1]["text"] if answer["ok"] and answer["messages"] else None
