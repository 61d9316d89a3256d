"""A real server with somebody of each role, who have browsers and sockets."""

from collections.abc import Callable, Iterator

import pytest
import socketio

from tests.support import closing
from tests.support.cast import with_account
from tests.support.server import Server
from tests.support.visitor import Visitor, server_with_admin

ROLES = ["nobody", "guest", "member", "bot", "admin", "owner"]
ACCOUNTS = ROLES[2:]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = server_with_admin(tmp_path_factory.mktemp("server"))
    yield server
    server.close()


@pytest.fixture(scope="module")
def sockets(server: Server) -> Iterator[dict[str, socketio.SimpleClient]]:
    sockets = {role: with_account(server, role.title() + " Fox", role) for role in ACCOUNTS}
    sockets["guest"] = closing.SimpleClient()
    sockets["guest"].connect(server.url, auth={"name": "Gus"}, transports=["websocket"])
    yield sockets
    for socket in sockets.values():
        socket.disconnect()


@pytest.fixture(scope="module")
def visitors(
    server: Server, sockets: dict[str, socketio.SimpleClient]
) -> Iterator[dict[str, Visitor]]:
    """By role; the sockets' fixture has made the accounts."""
    visitors = {role: Visitor(server.url) for role in ROLES}
    for role in ACCOUNTS:
        visitors[role].sign_in(role.title() + " Fox")
    assert visitors["guest"].submit("/name", name="Gina").status_code == 303
    yield visitors
    for visitor in visitors.values():
        visitor.close()


@pytest.fixture
def new_visitor(server: Server) -> Iterator[Callable[[], Visitor]]:
    """Makes visitors whom the server does not know yet."""
    visitors: list[Visitor] = []

    def new_visitor() -> Visitor:
        visitors.append(Visitor(server.url))
        return visitors[-1]

    yield new_visitor
    for visitor in visitors:
        visitor.close()


@pytest.fixture(scope="module", autouse=True)
def no_traceback(server: Server) -> Iterator[None]:
    """Whatever the tests of a module have sent, the server has not stumbled."""
    yield
    assert [line for line in server.log if "Traceback" in line or "Error" in line] == []
