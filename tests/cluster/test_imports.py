"""Another chat's export is imported while the servers of the chat run."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.cluster import two_nodes
from tests.support.server import Server
from tests.support.slack import said, slack_export
from tests.support.waiting import wait_until
from tests.test_way_of_a_message import call

Nodes = tuple[Server, Server]
Run = Callable[..., Any]
COUNT = 1_500


@pytest.fixture
def nodes(postgres: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nodes]:
    with two_nodes(postgres.new_database("importing"), tmp_path_factory) as nodes:
        yield nodes


def test_people_rooms_and_messages_of_an_export_are_on_all_servers(
    nodes: Nodes, run_chatapp: Run, tmp_path: Path, connect: Callable[..., Any]
) -> None:
    root = "1709200000.000100"
    messages = [
        said(root, "first", thread_ts=root, reactions=[{"name": "+1", "users": ["U2"]}]),
        *(said(f"{1709200001 + i}.000100", f"{i}", thread_ts=root) for i in range(COUNT)),
    ]
    export = slack_export(tmp_path / "acme.zip", {"ops/2024-02-29": messages})

    def imported() -> dict[str, Any]:
        env = {"CHATAPP_POSTGRES": nodes[0].settings["CHATAPP_POSTGRES"]}
        command = ("log", "import", str(export), "--json", "--data", str(tmp_path / "copy"))
        finished = run_chatapp(*command, env=env)
        assert finished.returncode == 0, finished.stderr
        report: dict[str, Any] = json.loads(finished.stdout)
        return report

    first, again = imported(), imported()

    assert (first["messages"], first["replies"], first["reactions"]) == (COUNT + 1, COUNT, 1)
    assert (again["messages"], again["duplicates"]) == (0, COUNT + 1)
    assert (again["people"], again["rooms"], again["reactions"]) == (0, {}, 0)
    for number, node in enumerate(nodes):
        client = connect(f"gus{number}", url=node.url, auth={"name": f"gus{number}"})
        wait_until(lambda client=client: _latest(client) == f"{COUNT - 1}", what="the last one")
        finished = run_chatapp("user", "invite", "ana", "--data", str(node.data))
        assert re.search(r"/invite/[\w-]+\n", finished.stdout), finished.stderr


def _latest(client: Any) -> str | None:
    answer = call(client, "history", {"room": "ops", "limit": 1})
    return answer["messages"][-1]["text"] if answer["ok"] and answer["messages"] else None
