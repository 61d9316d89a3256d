"""The table of the processes that run now."""

import re
import time
from collections.abc import Callable, Iterator
from queue import SimpleQueue
from time import monotonic
from types import SimpleNamespace
from typing import Any

import psycopg
import pytest

from chatapp import __version__
from chatapp.cluster import nodes as nodes_module
from chatapp.cluster.nodes import Nodes
from chatapp.cluster.postgres import connect, create_tables
from tests.support.cluster import two_nodes
from tests.support.relay import Relay
from tests.support.server import Server
from tests.support.visitor import Visitor
from tests.support.waiting import DEADLINE_SECONDS, wait_until


class Loop:
    """The event loop: its steps run while a test waits."""

    def __init__(self) -> None:
        self.steps: SimpleQueue[Callable[[], None]] = SimpleQueue()

    def wait(self, pending: Any) -> Any:
        while not pending.done:
            self.steps.get(timeout=DEADLINE_SECONDS)()
        return pending.result()


@pytest.fixture
def two_servers(database: str, tmp_path_factory) -> Iterator[tuple[Server, Server]]:
    with two_nodes(database, tmp_path_factory) as servers:
        yield servers


@pytest.fixture
def loop() -> Loop:
    return Loop()


@pytest.fixture
def start(loop: Loop, database: str) -> Iterator[Callable[..., Nodes]]:
    """`start("n1", url=…)`: the table as that process sees it."""
    with connect(database) as connection:
        create_tables(connection)
    started: list[Nodes] = []

    def start(
        own: str, *, url: str = database, address: str | None = None, epoch: str | None = None
    ) -> Nodes:
        started.append(Nodes(url, own, loop.steps.put, epoch))
        if address is not None:
            loop.wait(started[-1].enter(address, 8081))
        return started[-1]

    yield start
    for nodes in started:
        nodes.close()


def test_a_process_that_has_entered_is_found_at_once(loop, start):
    first = start("n1", address="127.0.0.1")
    start("n2", address="10.0.0.2")
    start("n3", address="2001:db8::3")

    assert loop.wait(first.find("n2")) == ("10.0.0.2", 8081)
    assert loop.wait(first.find("n3")) == ("2001:db8::3", 8081)
    assert first.count == 3


def test_a_process_that_has_not_entered_is_unknown(loop, start):
    first = start("n1", address="127.0.0.1")
    start("n2")

    assert loop.wait(first.find("n2")) is None
    assert first.count == 1


def test_a_process_that_has_ended_is_unknown(loop, start, monkeypatch):
    monkeypatch.setattr(nodes_module, "BEAT_SECONDS", 0.05)
    first, second = start("n1", address="127.0.0.1"), start("n2", address="10.0.0.2")
    assert loop.wait(first.find("n2"))

    second.close()

    wait_until(lambda: loop.wait(first.find("n2")) is None)
    assert first.count == 1


def test_a_process_that_is_not_seen_is_dead(loop, start, database):
    start("n1", address="127.0.0.1").close()
    late = nodes_module.SEEN_SECONDS + 1
    add_row(database, "n2", seconds_ago=1)
    add_row(database, "n3", seconds_ago=late)

    first = start("n1", address="127.0.0.1")

    assert loop.wait(first.find("n2")) == ("10.0.0.2", 8081)
    assert loop.wait(first.find("n3")) is None


def add_row(database: str, id: str, *, seconds_ago: float, address: str = "10.0.0.2:8081") -> None:
    with psycopg.connect(database) as connection:
        query = "INSERT INTO chatapp.node VALUES (%s, %s, now() - make_interval(secs => %s))"
        connection.execute(query, [id, address, seconds_ago])


def test_a_process_is_seen_again_and_again(start, database, monkeypatch):
    monkeypatch.setattr(nodes_module, "BEAT_SECONDS", 0.05)
    start("n1", address="127.0.0.1")

    with psycopg.connect(database, autocommit=True) as connection:
        query = "SELECT seen FROM chatapp.node WHERE id = 'n1'"
        before = connection.execute(query).fetchone()
        wait_until(lambda: connection.execute(query).fetchone() > before)


def test_names_of_nobody_do_not_ask_postgres_again_and_again(loop, start):
    nodes = start("n1", address="127.0.0.1")
    began = monotonic()

    for _ in range(4):
        assert loop.wait(nodes.find("nobody")) is None

    assert monotonic() - began > 2 * nodes_module.PAUSE_SECONDS


def test_without_postgres_the_known_ones_stay_known(loop, start, database, monkeypatch, caplog):
    monkeypatch.setattr(nodes_module, "BEAT_SECONDS", 0.05)
    monkeypatch.setattr(nodes_module, "RETRY_SECONDS", 0.05)
    port = int(database.rpartition(":")[2].partition("/")[0])
    with Relay(port) as relay:
        url = database.replace(f":{port}", f":{relay.port}")
        first = start("n1", url=url, address="127.0.0.1")
        start("n2", address="10.0.0.2")
        assert loop.wait(first.find("n2"))

    wait_until(lambda: caplog.records)
    assert loop.wait(first.find("n2")) == ("10.0.0.2", 8081)
    assert loop.wait(first.find("n3")) is None
    assert len(caplog.records) == 1


def test_after_an_outage_the_others_are_given_time_to_come_back(
    loop, start, database, monkeypatch, caplog
):
    monkeypatch.setattr(nodes_module, "RETRY_SECONDS", 0.05)
    first = start("n1", address="127.0.0.1")
    add_row(database, "n2", seconds_ago=1)
    assert loop.wait(first.find("n2"))

    with psycopg.connect(database) as connection:
        connection.execute("DELETE FROM chatapp.node")
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE application_name = 'chatapp' AND datname = current_database()"
        )
    wait_until(lambda: caplog.records)
    wait_until(lambda: loop.wait(first.find("nobody")) is None and not first._is_lost)

    assert loop.wait(first.find("n2")) == ("10.0.0.2", 8081)


def test_all_have_the_time_of_postgres(start, monkeypatch):
    late = SimpleNamespace(time=lambda: time.time() - 1_000_000, sleep=time.sleep)
    monkeypatch.setattr(nodes_module, "time", late)

    nodes = start("n1", address="127.0.0.1")

    assert abs(nodes.now() - time.time()) < 60


def test_an_epoch_that_another_process_begins_is_noticed(loop, start, database, monkeypatch):
    monkeypatch.setattr(nodes_module, "BEAT_SECONDS", 0.05)
    with psycopg.connect(database) as connection:
        connection.execute("INSERT INTO chatapp.meta VALUES ('epoch', 'before')")
    nodes = start("n1", address="127.0.0.1", epoch="before")
    noticed: list[str] = []
    nodes.replaced = lambda: noticed.append("it")
    assert loop.wait(nodes.find("nobody")) is None
    assert noticed == []

    with psycopg.connect(database) as connection:
        connection.execute("UPDATE chatapp.meta SET value = 'after' WHERE name = 'epoch'")

    wait_until(lambda: (loop.wait(nodes.find("nobody")), noticed)[1], what="the new epoch")


def test_the_console_shows_all_processes(two_servers: tuple[Server, Server], wait_until):
    here, there = two_servers
    admin = Visitor(here.url).sign_in()

    def rows() -> list[str]:
        page = admin.get("/admin/overview").text
        table = page.partition('id="servers"')[2].partition("</table>")[0]
        return re.findall(r"<tr><td>(.*?)</tr>", table)

    wait_until(lambda: len(rows()) == 2, what="both servers on the overview")
    assert "this one" in rows()[0]
    assert all(f"<td>{__version__}</td>" in row for row in rows())
    admin.close()
    there.stop()
    wait_until(lambda: len(rows()) == 1, what="the stopped server to be gone")


def test_a_process_that_ended_without_a_word_is_missing_for_an_hour(loop, start, database):
    start("n1", address="127.0.0.1").close()
    late = nodes_module.SEEN_SECONDS + 1
    add_row(database, "n2", seconds_ago=1)
    add_row(database, "n3", seconds_ago=late, address="10.0.0.3:8081")
    add_row(database, "n4", seconds_ago=late, address="10.0.0.4:8081")
    add_row(database, "n5", seconds_ago=2 * 3600, address="10.0.0.5:8081")

    first = start("n1", address="127.0.0.1")
    start("n6", address="10.0.0.4")
    loop.wait(first.find("n6"))

    wait_until(lambda: first.missing() == ["n3"], what="the process without a word")
    start("n7", address="10.0.0.7").close()
    assert loop.wait(first.find("n7")) is None
    assert first.missing() == ["n3"]
