"""The processes of one chat on PostgreSQL and Redis, and what others build of the same parts."""

import importlib.util
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from benchmarks.support.crowd import Chat, Dialect, SocketIO
from benchmarks.support.node_peer import node, why_no_socket_io
from benchmarks.support.process import ServerProcess, cpu_seconds, free_port
from tools.environment import install
from tools.postgres import PostgresServer
from tools.programs import find_redis
from tools.steps import SetupError

HERE = Path(__file__).parent.parent
PROCESSES = 2
UNLIMITED = ("--message-rate", "off", "--connections", "0", "--connections-per-address", "0")


class Parts:
    """PostgreSQL and Redis, for one peer."""

    def __init__(self, folder: Path, running: ExitStack) -> None:
        self.folder = folder
        self._postgres = PostgresServer(folder / "postgres", free_port())
        self._postgres.start()
        running.callback(self._postgres.stop)
        self._postgres.create_database("chat")
        self.database = self._postgres.url_of("chat")
        port = free_port()
        settings = ["--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        command = [find_redis() or "redis-server", "--port", str(port), *settings]
        self._redis = ServerProcess(command, port, folder)
        running.callback(self._redis.stop)
        self.redis = f"redis://127.0.0.1:{port}/0"

    def cpu_seconds(self) -> float:
        return self.postgres_seconds() + self._redis.cpu_seconds()

    def postgres_seconds(self) -> float:
        return cpu_seconds(self._postgres.pid)


class Peer:
    def __init__(
        self,
        name: str,
        command: Callable[[Parts, int, int], list[str]],
        *,
        why_not: Callable[[], str | None] = lambda: None,
        has_rooms: bool = False,
    ) -> None:
        self.name = name
        self.command = command
        self.why_not = why_not
        self.has_rooms = has_rooms

    @property
    def dialect(self) -> Dialect:
        return Chat() if self.has_rooms else SocketIO()


class Nodes:
    """The processes of one chat. What they take is that of PostgreSQL and Redis, too."""

    def __init__(self, peer: Peer, parts: Parts) -> None:
        self._peer = peer
        self._parts = parts
        self._ports = [free_port() for _ in range(PROCESSES)]
        self.addresses = [("127.0.0.1", port) for port in self._ports]
        self.servers: list[ServerProcess] = []
        self.start()

    def start(self) -> None:
        for number, port in enumerate(self._ports):
            command = self._peer.command(self._parts, port, number)
            self.servers.append(ServerProcess(command, port, HERE.parent))

    def cpu_seconds(self) -> float:
        return sum(server.cpu_seconds() for server in self.servers) + self._parts.cpu_seconds()

    def kill(self) -> None:
        while self.servers:
            self.servers.pop().kill()

    def stop(self) -> None:
        for server in self.servers:
            server.stop()


@contextmanager
def running_nodes(peer: Peer) -> Iterator[tuple[Parts, Nodes]]:
    with fresh_parts() as parts, ExitStack() as running:
        nodes = Nodes(peer, parts)
        running.callback(nodes.stop)
        yield parts, nodes


@contextmanager
def fresh_parts() -> Iterator[Parts]:
    with tempfile.TemporaryDirectory() as folder, ExitStack() as running:
        Path(folder).chmod(0o755)
        yield Parts(Path(folder), running)


def chosen(names: str) -> Iterator[Peer]:
    """The peers of these names that can run here; says which cannot."""
    for name in names.split(","):
        if why := PEERS[name].why_not():
            print(f"{name}: left out, {why}")
        else:
            yield PEERS[name]


def data_of(parts: Parts, number: int) -> Path:
    """The data folder of one of our processes."""
    return parts.folder / f"data-{number}"


def _ours(parts: Parts, port: int, number: int) -> list[str]:
    serve = [sys.executable, "-m", "chatapp", "serve", "--port", str(port), *UNLIMITED]
    stores = ["--data", str(data_of(parts, number)), "--postgres", parts.database]
    return [*serve, *stores, "--redis", parts.redis]


def _node(parts: Parts, port: int, _number: int) -> list[str]:
    return node("node/cluster.js", port, parts.database, parts.redis)


def _flask(parts: Parts, port: int, _number: int) -> list[str]:
    module = "benchmarks.peers.flask_socketio_cluster"
    return [sys.executable, "-m", module, str(port), parts.database, parts.redis]


def _why_no_sqlalchemy() -> str | None:
    if importlib.util.find_spec("sqlalchemy") is None:
        try:
            install("sqlalchemy")
        except SetupError as error:
            return str(error)
    return None


PEERS = {
    "ours": Peer("chatapp", _ours, has_rooms=True),
    "node": Peer("Node Socket.IO, Redis adapter, pg", _node, why_not=why_no_socket_io),
    "flask": Peer("Flask-SocketIO, Redis queue, SQLAlchemy", _flask, why_not=_why_no_sqlalchemy),
}
