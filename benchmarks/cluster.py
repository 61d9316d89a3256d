"""Two processes of one chat on one PostgreSQL, beside what people build of the same parts.

    python -m benchmarks.cluster [--senders 50] [--peers ours,node,flask] [--seconds 8]

Half of the senders are connected to one process and half to the other; each waits until what it
said is committed. First every sender waits for each ack; then each has ten messages in flight. The
processor time is that of everything: both processes, PostgreSQL and Redis.

`ours` is `chatapp serve --postgres`; `node` is Socket.IO with the Redis adapter and an insert of
`pg` for each message; `flask` is Flask-SocketIO with a message queue in Redis and a commit of
SQLAlchemy for each message.
"""

import argparse
import importlib.util
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psycopg

from benchmarks.ingest import WARM_UP_SECONDS, Senders, report
from benchmarks.node_peer import node, why_no_socket_io
from benchmarks.process import ServerProcess, cpu_seconds, free_port
from tools.environment import install
from tools.postgres import PostgresServer
from tools.programs import find_redis
from tools.steps import SetupError

HERE = Path(__file__).parent
PROCESSES = 2
ROUND_TRIPS = 300


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
        return cpu_seconds(self._postgres.pid) + self._redis.cpu_seconds()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--senders", type=int, default=50)
    parser.add_argument("--peers", default="ours,node,flask")
    parser.add_argument("--seconds", type=float, default=8.0)
    arguments = parser.parse_args()
    for name in arguments.peers.split(","):
        if why := PEERS[name].why_not():
            print(f"{name}: left out, {why}")
            continue
        with _parts() as parts:
            measure(PEERS[name], parts, arguments.senders, arguments.seconds)


def measure(peer: "Peer", parts: Parts, senders: int, seconds: float) -> None:
    print(f"{peer.name}, {PROCESSES} processes, {senders} senders")
    print(f"   two round trips and a commit, alone: {_round_trips(parts.database) * 1e3:.2f} ms")
    with ExitStack() as running:
        servers = []
        for number in range(PROCESSES):
            port = free_port()
            servers.append(ServerProcess(peer.command(parts, port, number), port, HERE.parent))
            running.callback(servers[-1].stop)

        def cpu() -> float:
            return sum(server.cpu_seconds() for server in servers) + parts.cpu_seconds()

        addresses = [server.address for server in servers]
        one = Senders(addresses[:1], 1, make_rooms=peer.has_rooms, rooms="first")
        print(f"   1 sender       {_run(one, seconds / 2, 1, cpu)}")
        one.close()
        crowd = Senders(addresses, senders, make_rooms=peer.has_rooms)
        for in_flight in (1, 10):
            print(
                f"  {in_flight:2} in flight     {_run(crowd, seconds, in_flight, cpu)}", flush=True
            )
        crowd.close()


def _run(senders: Senders, seconds: float, in_flight: int, cpu: Callable[[], float]) -> str:
    senders.run(WARM_UP_SECONDS, in_flight)
    before, own = cpu(), time.process_time()
    acked, took, latencies = senders.run(seconds, in_flight)
    return report(acked, took, cpu() - before, time.process_time() - own, latencies)


def _round_trips(database: str) -> float:
    """The median of what the database alone takes for a message: it locks a row, then writes."""
    times = []
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("CREATE TABLE bare (id int PRIMARY KEY, n bigint, line text)")
        connection.execute("INSERT INTO bare VALUES (1, 0, '')")
        for number in range(ROUND_TRIPS):
            start = time.perf_counter()
            with connection.pipeline() as pipeline:
                connection.execute("BEGIN")
                connection.execute("SELECT n FROM bare WHERE id = 1 FOR UPDATE")
                pipeline.sync()
                connection.execute("UPDATE bare SET n = %s, line = %s", [number, "x" * 400])
                connection.execute("COMMIT")
            times.append(time.perf_counter() - start)
    return sorted(times)[ROUND_TRIPS // 2]


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


def _ours(parts: Parts, port: int, number: int) -> list[str]:
    serve = [sys.executable, "-m", "chatapp", "serve", "--port", str(port)]
    stores = ["--data", str(parts.folder / f"data-{number}"), "--postgres", parts.database]
    return [*serve, *stores, "--redis", parts.redis, "--message-rate", "off"]


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


@contextmanager
def _parts() -> Iterator[Parts]:
    with tempfile.TemporaryDirectory() as folder, ExitStack() as running:
        Path(folder).chmod(0o755)
        yield Parts(Path(folder), running)


if __name__ == "__main__":
    main()
