"""Chats of several servers on one PostgreSQL, each with a data folder of its own."""

import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import socketio

from tests.support.cast import with_token
from tests.support.closing import SimpleClient
from tests.support.server import Server
from tests.support.visitor import server_with_admin
from tests.support.waiting import wait_until

JOURNALS = ("messages", "directory", "audit")


def start_nodes(
    new_server: Callable[..., Server], database: str, count: int = 2, **settings: str
) -> list[Server]:
    """That many servers of one chat, which answer."""
    nodes = [new_server(CHATAPP_POSTGRES=database, **settings) for _ in range(count)]
    for node in nodes:
        node.start()
    return nodes


def journal_bytes(data: Path, journal: str) -> bytes:
    """All lines of a journal in a data folder."""
    return b"".join(file.read_bytes() for file in sorted((data / journal).glob("*.jsonl")))


@contextmanager
def two_nodes(
    database: str, folders: pytest.TempPathFactory, **settings: str
) -> Iterator[tuple[Server, Server]]:
    """Two servers of one chat with the owner `admin`, for all tests of a module."""
    settings = {"CHATAPP_POSTGRES": database, **settings}
    here = server_with_admin(folders.mktemp("here"), **settings)
    there = Server(folders.mktemp("there"), settings).start()
    try:
        yield here, there
    finally:
        here.close()
        there.close()


class ClusterMember:
    """Somebody with an account."""

    def __init__(self, name: str, token: str, clients: list[SimpleClient]) -> None:
        self.name = name
        self.token = token
        self._clients = clients

    def at(self, node: Server) -> SimpleClient:
        """A device of theirs; the server may have to hear of the account first."""

        def connected() -> bool:
            try:
                self._clients.append(with_token(node, self.token))
            except socketio.exceptions.ConnectionError:
                return False
            return True

        wait_until(connected, what=f"{self.name} at the other server")
        return self._clients[-1]


_numbers = itertools.count(1)


def new_name(name: str) -> str:
    """That nobody has had in this process."""
    return f"{name}{next(_numbers)}"
