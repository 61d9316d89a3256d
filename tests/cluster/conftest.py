"""Servers of one chat."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.cast import new_token
from tests.support.closing import SimpleClient
from tests.support.cluster import ClusterMember, new_name, start_nodes
from tests.support.copies import Copies
from tests.support.postgres import Postgres
from tests.support.server import Server


@pytest.fixture
def start_cluster(new_server: Callable[..., Server], database: str) -> Callable[..., list[Server]]:
    """`start_cluster(count=2, CHATAPP_ACCESS="members", …)`: servers of one chat, which answer."""
    return lambda count=2, **settings: start_nodes(new_server, database, count, **settings)


@pytest.fixture
def here(nodes: tuple[Server, Server]) -> Server:
    return nodes[0]


@pytest.fixture
def there(nodes: tuple[Server, Server]) -> Server:
    return nodes[1]


@pytest.fixture
def clients() -> Iterator[list[SimpleClient]]:
    clients: list[SimpleClient] = []
    yield clients
    for client in clients:
        client.disconnect()


@pytest.fixture
def member(here: Server, clients: list[SimpleClient]) -> Callable[..., ClusterMember]:
    """`member("ana")`: an account made at the first server."""

    def member(name: str, role: str = "member") -> ClusterMember:
        name = new_name(name)
        return ClusterMember(name, new_token(here, name, role), clients)

    return member


@pytest.fixture
def primary() -> Iterator[Postgres]:
    postgres = Postgres().start()
    try:
        postgres.new_database("chat")
        yield postgres
    finally:
        postgres.close()


@pytest.fixture
def standby() -> Iterator[Postgres]:
    """Empty, and not started."""
    standby = Postgres()
    try:
        yield standby
    finally:
        standby.close()


@pytest.fixture
def copies(database: str, tmp_path: Path) -> Iterator[Copies]:
    copies = Copies(database, tmp_path)
    yield copies
    copies.close()
