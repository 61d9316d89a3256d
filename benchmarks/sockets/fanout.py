"""Fan-out: one speaks, many hear. What a delivery costs the server, ours beside its peers.

    python -m benchmarks.sockets.fanout [--listeners 500] [--peers ours,node,…] [--seconds 8]

Each server runs alone in its process; the crowd that listens is this one. The server's
processor time is taken from /proc and divided by the deliveries; `busy` is this process's
own share of the time, which is below 100 % where it was not the limit.
"""

import argparse
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import NamedTuple, Protocol

from benchmarks.support.crowd import Chat, Crowd, Deliveries, Dialect, Irc, SocketIO
from benchmarks.support.node_peer import node, why_no_socket_io
from benchmarks.support.process import ServerProcess, free_port
from chatapp.transport.http.listening import raise_file_limit

HERE = Path(__file__).parent.parent
BURST_MESSAGES = 200
"""At once, in a burst. As many as a busy room's messages of some minutes after a reconnect."""
PACED_MESSAGES_A_SECOND = 50
PACED_DELIVERIES_A_SECOND = 25_000
"""What 50 messages a second are in a room of 500. Larger rooms get as many deliveries."""


class Peer(NamedTuple):
    command: list[str]
    dialect: Dialect


class Server(Protocol):
    """One process or several."""

    def cpu_seconds(self) -> float: ...


class Cost(NamedTuple):
    """Of one kind of load."""

    micros: float
    per_second: float
    p50: float
    p99: float
    busy: float

    def __str__(self) -> str:
        return (
            f"{self.micros:8.2f} µs a delivery  {self.per_second:11,.0f} a second  "
            f"p50 {self.p50 * 1e3:7.1f} ms  p99 {self.p99 * 1e3:7.1f} ms  busy {self.busy:4.0%}"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--listeners", type=int, default=500)
    parser.add_argument("--peers", default="chatapp,ours,node,ngircd,gevent,threads")
    parser.add_argument("--seconds", type=float, default=8.0)
    arguments = parser.parse_args()
    raise_file_limit()
    for name in arguments.peers.split(","):
        if installed(name):
            measure(name, arguments.listeners, arguments.seconds)


@contextmanager
def running(name: str) -> Iterator[tuple[ServerProcess, Crowd]]:
    """A peer's server, and a crowd of one who speaks."""
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        peer = _peer(name, port, Path(folder))
        server = ServerProcess(peer.command, port, HERE.parent)
        try:
            with closing(Crowd(server.address, peer.dialect)) as crowd:
                yield server, crowd
        finally:
            server.stop()


def measure(name: str, listeners: int, seconds: float) -> None:
    with running(name) as (server, crowd):
        print(f"{name}, {listeners:,} listeners", flush=True)
        measure_crowd(server, crowd, listeners, seconds)


def measure_crowd(server: Server, crowd: Crowd, listeners: int, seconds: float) -> None:
    crowd.grow(listeners)
    crowd.burst(20)
    print("  burst   ", cost(server, lambda: _bursts(crowd, seconds)), flush=True)
    rate = min(PACED_MESSAGES_A_SECOND, PACED_DELIVERIES_A_SECOND / crowd.listeners)
    print("  paced   ", cost(server, lambda: crowd.paced(rate, seconds)), flush=True)


def _bursts(crowd: Crowd, seconds: float) -> Deliveries:
    start = time.perf_counter()
    rounds = []
    while time.perf_counter() - start < seconds:
        rounds.append(crowd.burst(BURST_MESSAGES))
    return Deliveries(
        sum(r.count for r in rounds),
        sum(r.seconds for r in rounds),
        [latency for r in rounds for latency in r.latencies],
    )


def cost(server: Server, load: Callable[[], Deliveries]) -> Cost:
    cpu, own, start = server.cpu_seconds(), time.process_time(), time.perf_counter()
    deliveries = load()
    elapsed = time.perf_counter() - start
    busy = (time.process_time() - own) / elapsed
    latencies = sorted(deliveries.latencies)
    return Cost(
        micros=(server.cpu_seconds() - cpu) / deliveries.count * 1e6,
        per_second=deliveries.count / elapsed,
        p50=latencies[len(latencies) // 2],
        p99=latencies[len(latencies) * 99 // 100],
        busy=busy,
    )


def _peer(name: str, port: int, folder: Path) -> Peer:
    python = [sys.executable, "-m"]
    stock = [*python, "benchmarks.peers.flask_socketio_stock", str(port)]
    match name:
        case "ours":
            return Peer([*python, "benchmarks.peers.ours", str(port)], SocketIO())
        case "chatapp":
            return Peer(chat_command(port, folder), Chat())
        case "gevent":
            return Peer([*stock, "gevent"], SocketIO())
        case "threads":
            return Peer([*stock, "threading"], SocketIO())
        case "node":
            return Peer(node("node/server.js", port), SocketIO())
        case "ngircd":
            settings = folder / "ngircd.conf"
            settings.write_text(_NGIRCD.format(port=port))
            return Peer(["ngircd", "--nodaemon", "--config", str(settings)], Irc())
    raise SystemExit(f"There is no peer {name!r}.")


def chat_command(port: int, folder: Path) -> list[str]:
    """The whole chat, without limits."""
    serve = [sys.executable, "-m", "chatapp", "serve", "--port", str(port)]
    limits = ["--message-rate", "off", "--connections", "0", "--connections-per-address", "0"]
    return [*serve, "--data", str(folder / "data"), *limits]


def installed(name: str) -> bool:
    """Whether a peer can run here; says so where it cannot."""
    why = None
    if name == "node":
        why = why_no_socket_io()
    elif name == "ngircd" and not shutil.which("ngircd"):
        why = "there is no ngircd on this machine"
    if why:
        print(f"{name}: left out, {why}", flush=True)
    return why is None


_NGIRCD = """
[Global]
Name = irc.example.net
Ports = {port}
Listen = 127.0.0.1
AdminInfo1 = a
AdminEMail = a@example.net
[Limits]
MaxConnections = 0
MaxConnectionsIP = 0
MaxJoins = 0
MaxPenaltyTime = 0
PingTimeout = 3600
[Options]
DNS = no
Ident = no
PAM = no
"""


if __name__ == "__main__":
    main()
