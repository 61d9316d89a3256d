"""A standby that was behind becomes the database while servers run, and everybody goes on."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import socketio

from tests.support import closing
from tests.support.cluster import JOURNALS, journal_bytes
from tests.support.postgres import Postgres
from tests.support.server import COLD, Server
from tests.support.waiting import wait_until


@pytest.fixture
def nodes(primary: Postgres, standby: Postgres, tmp_path) -> Iterator[list[Server]]:
    """Two servers of whichever database is the primary."""
    settings = {"CHATAPP_POSTGRES": primary.url_with(standby, "chat")}
    servers = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        servers.append(Server(tmp_path / name, settings, command=[*COLD]))
    try:
        for server in servers:
            server.start()
        yield servers
    finally:
        for server in servers:
            server.close()


def answered(node: Server, name: str, event: str, **payload: Any) -> dict[str, Any]:
    """What a new client of a server is answered, as soon as the server takes it."""
    answers: list[dict[str, Any]] = []

    def ask() -> bool:
        client = closing.SimpleClient()
        try:
            client.connect(node.url, auth={"name": name, "key": f"the secret key of {name}"})
            answers.append(client.call(event, payload))
        except (socketio.exceptions.SocketIOError, OSError):
            return False
        finally:
            client.disconnect()
        return bool(answers[-1]["ok"])

    wait_until(ask, 60.0, f"{node.url} to answer {event}")
    return answers[-1]


def texts(node: Server) -> list[str]:
    page = answered(node, "reader", "history", room="general")
    return [message["text"] for message in page["messages"]]


def epoch(node: Server) -> str:
    [general] = answered(node, "reader", "rooms")["rooms"]
    return general["epoch"]


def say(node: Server, text: str) -> None:
    answered(node, "ana", "message", room="general", text=text, cid=text)


def have_the_same(nodes: list[Server]) -> None:
    """Wait until all have the same journals."""
    for journal in JOURNALS:
        wait_until(
            lambda journal=journal: len({journal_bytes(node.data, journal) for node in nodes}) == 1,
            what=f"the same {journal}/ everywhere",
        )


def test_all_go_on_with_the_standby_and_miss_nothing(
    primary: Postgres, standby: Postgres, nodes: list[Server], run_chatapp: Callable[..., Any]
):
    here, there = nodes
    say(here, "before")
    standby.copy(primary)
    say(there, "the standby lacks this")
    was = epoch(here)
    assert epoch(there) == was
    have_the_same(nodes)  # Whichever comes back first can give the standby what it lacks.

    primary.stop()
    standby.start()
    standby.promote()
    say(here, "after")
    say(there, "later")

    expected = ["before", "the standby lacks this", "after", "later"]
    for node in nodes:
        wait_until(lambda node=node: texts(node) == expected, 60.0, "the same messages")
        assert epoch(node) not in {was, None}
    assert epoch(here) == epoch(there)
    have_the_same(nodes)
    for node in nodes:
        verified = run_chatapp("log", "verify", "--data", node.data)
        assert verified.returncode == 0, verified.stdout + verified.stderr
