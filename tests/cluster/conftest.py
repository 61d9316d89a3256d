"""Servers of one chat."""

from collections.abc import Callable

import pytest

from tests.support.cluster import start_nodes
from tests.support.server import Server


@pytest.fixture
def start_cluster(new_server: Callable[..., Server], database: str) -> Callable[..., list[Server]]:
    """`start_cluster(count=2, CHATAPP_ACCESS="members", …)`: servers of one chat, which answer."""
    return lambda count=2, **settings: start_nodes(new_server, database, count, **settings)
