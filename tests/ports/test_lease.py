"""What a lease promises: of the processes of a chat, one has it."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from queue import SimpleQueue

import psycopg
import pytest

from chatapp.alone import LocalLease
from chatapp.cluster import nodes as cluster_nodes
from chatapp.cluster.nodes import Nodes
from chatapp.cluster.postgres import create_tables
from chatapp.ports import Lease
from tests.support.waiting import wait_until


class Process:
    """With what is to be done on its event loop."""

    def __init__(self, url: str, name: str) -> None:
        self.steps: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self.begun = 0
        self.nodes = Nodes(url, name, self.steps.put)
        self.lease: Lease = self.nodes.lease
        self.lease.on_taken(self._begin)

    def begins(self) -> bool:
        while not self.steps.empty():
            self.steps.get_nowait()()
        return self.begun > 0

    def close(self) -> None:
        self.nodes.close()

    def _begin(self) -> None:
        self.begun += 1


@pytest.fixture
def start(database: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], Process]]:
    monkeypatch.setattr(cluster_nodes, "BEAT_SECONDS", 0.05)
    monkeypatch.setattr(cluster_nodes, "RETRY_SECONDS", 0.05)
    with psycopg.connect(database, autocommit=True) as connection:
        create_tables(connection)
    with ExitStack() as processes:
        yield lambda name: processes.enter_context(closing(Process(database, name)))


def test_a_process_that_is_alone_has_it() -> None:
    assert LocalLease().is_held


def test_one_of_two_has_it_and_the_other_when_that_ends(start: Callable[[str], Process]) -> None:
    first = start("first")
    wait_until(first.begins, what="the first to have the lease")
    second = start("second")
    wait_until(lambda: second.nodes.others is not None, what="the second to look around")
    assert (first.lease.is_held, second.lease.is_held, second.begins()) == (True, False, False)

    first.close()

    wait_until(second.begins, what="the second to have the lease")
    assert second.lease.is_held


def test_who_loses_the_connection_loses_it(start: Callable[[str], Process], database: str) -> None:
    process = start("first")
    wait_until(process.begins, what="the lease")
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'"
        )

    wait_until(lambda: process.begins() and process.begun == 2, what="the lease again")
