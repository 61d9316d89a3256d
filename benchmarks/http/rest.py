"""REST: 50 clients post, each waits until its message is on disk. What a request costs.

    python -m benchmarks.http.rest [--clients 50] [--peers ours,flask,fastapi] [--rounds 6]
        [--seconds 4]

All servers run from the beginning. In each round, each of them is asked for some seconds, in
another order each time, so that what else the machine does meets all of them. A client has one
connection a round, which it keeps. The chat checks a token, the rights and the rules, and writes to
its log; the peers insert a row and commit, for anybody. They run as their documentation says: Flask
in gunicorn with threads, FastAPI in uvicorn with uvloop; both have one process and SQLAlchemy, on
an SQLite in WAL mode that has each commit on the disk.
"""

import argparse
import os
import re
import select
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack, closing
from pathlib import Path
from statistics import median
from typing import NamedTuple

from benchmarks.sockets.ingest import WARM_UP_SECONDS, WORDS, report
from benchmarks.support.process import ServerProcess, free_port
from benchmarks.support.python_peer import PYTHON, why_no_packages

HERE = Path(__file__).parent.parent
ROOT = HERE.parent
READ_BYTES = 64 * 1024
_LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)


class Peer(NamedTuple):
    name: str
    command: list[str | Path]
    token: str = "none"


class Posters:
    """`count` connections; each sends its next request when the last one is answered."""

    def __init__(self, address: tuple[str, int], count: int, token: str) -> None:
        self._poll = select.epoll()
        self._clients: dict[int, socket.socket] = {}
        self._token = token
        self._sent = 0
        for _ in range(count):
            client = socket.create_connection(address)
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._clients[client.fileno()] = client
            self._poll.register(client.fileno(), select.EPOLLIN)

    def run(self, seconds: float) -> tuple[int, float, list[float]]:
        """Answered requests, the seconds that it took, and how long each took."""
        start = time.perf_counter()
        asked_at, data = {}, dict.fromkeys(self._clients, b"")
        for fd, client in self._clients.items():
            asked_at[fd] = start
            client.sendall(self._request())
        waiting, latencies = len(self._clients), []
        while waiting:
            for fd, _ in self._poll.poll(30):
                data[fd] += self._clients[fd].recv(READ_BYTES)
                if not _is_whole(data[fd]):
                    continue
                if not data[fd].startswith((b"HTTP/1.1 200 ", b"HTTP/1.1 201 ")):
                    raise RuntimeError(f"refused: {data[fd]!r}")
                now, data[fd] = time.perf_counter(), b""
                latencies.append(now - asked_at[fd])
                if now - start < seconds:
                    asked_at[fd] = now
                    self._clients[fd].sendall(self._request())
                else:
                    waiting -= 1
        return len(latencies), time.perf_counter() - start, latencies

    def close(self) -> None:
        self._poll.close()
        for client in self._clients.values():
            client.close()

    def _request(self) -> bytes:
        self._sent += 1
        body = f'{{"text":"{WORDS} {self._sent}"}}'.encode()
        return (
            f"POST /api/v1/rooms/general/messages HTTP/1.1\r\nHost: localhost\r\n"
            f"Authorization: Bearer {self._token}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        ).encode() + body


def _is_whole(answer: bytes) -> bool:
    head, end, body = answer.partition(b"\r\n\r\n")
    if not end:
        if not answer:
            raise RuntimeError("the server closed a connection")
        return False
    length = _LENGTH.search(head)
    return length is not None and len(body) >= int(length[1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--clients", type=int, default=50)
    parser.add_argument("--peers", default="ours,flask,fastapi")
    parser.add_argument("--rounds", type=int, default=6)
    parser.add_argument("--seconds", type=float, default=4.0)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=ROOT) as folder, ExitStack() as servers:
        rivals = [
            rival
            for name in arguments.peers.split(",")
            if (rival := _started(name, Path(folder), arguments.clients, servers))
        ]
        for rival in rivals:
            rival.ask(WARM_UP_SECONDS)
        for number in range(arguments.rounds):
            for rival in rivals[number % len(rivals) :] + rivals[: number % len(rivals)]:
                rival.rounds.append(rival.ask(arguments.seconds))
    for rival in rivals:
        print(f"{rival.name:28}{rival.summary()}", flush=True)
    for rival in rivals[1:]:
        print(f"{rivals[0].name} / {rival.name}: {_ratios(rivals[0], rival)}", flush=True)


class Round(NamedTuple):
    """`cpu` are the seconds of processor time that the answers took, `own` those of the clients."""

    answered: int
    took: float
    cpu: float
    own: float
    latencies: list[float]


class Rival:
    """A server that runs, and what was measured of it in each round."""

    def __init__(self, peer: Peer, server: ServerProcess, clients: int) -> None:
        self.name = peer.name
        self.rounds: list[Round] = []
        self._token = peer.token
        self._server = server
        self._clients = clients

    def ask(self, seconds: float) -> Round:
        with closing(Posters(self._server.address, self._clients, self._token)) as posters:
            cpu, own = self._server.cpu_seconds(), time.process_time()
            answered, took, latencies = posters.run(seconds)
            cpu, own = self._server.cpu_seconds() - cpu, time.process_time() - own
        return Round(answered, took, cpu, own, latencies)

    def rates(self) -> list[float]:
        """Requests a second of each round."""
        return [one.answered / one.took for one in self.rounds]

    def costs(self) -> list[float]:
        """Seconds of processor time a request, of each round."""
        return [one.cpu / one.answered for one in self.rounds]

    def summary(self) -> str:
        answered, took, cpu, own = (
            sum(each) for each in zip(*(one[:4] for one in self.rounds), strict=True)
        )
        latencies = [latency for one in self.rounds for latency in one.latencies]
        return report(answered, took, cpu, own, latencies)


def _ratios(ours: Rival, peer: Rival) -> str:
    """The medians of the rounds, each beside the peer's of the same round."""
    rates = sorted(a / b for a, b in zip(ours.rates(), peer.rates(), strict=True))
    costs = sorted(b / a for a, b in zip(ours.costs(), peer.costs(), strict=True))
    return (
        f"{median(rates):.1f} times as many a second ({rates[0]:.1f} to {rates[-1]:.1f}), "
        f"{median(costs):.1f} times as many for the same processor time "
        f"({costs[0]:.1f} to {costs[-1]:.1f})"
    )


def _started(name: str, folder: Path, clients: int, servers: ExitStack) -> Rival | None:
    if name != "ours" and (why := why_no_packages()):
        print(f"{name}: left out, {why}")
        return None
    port = free_port()
    (own_folder := folder / name).mkdir()
    peer = _peer(name, port, own_folder, clients)
    server = ServerProcess([*map(str, peer.command)], port, ROOT)
    servers.callback(server.stop)
    return Rival(peer, server, clients)


def _peer(name: str, port: int, folder: Path, clients: int) -> Peer:
    where = ["--port", str(port)]
    database = folder / "messages.sqlite3"
    match name:
        case "ours":
            serve = ["serve", *where, "--data", folder / "data", "--message-rate", "off"]
            return Peer("chatapp", [sys.executable, "-m", "chatapp", *serve], _token(folder))
        case "flask":
            app = f"benchmarks.peers.flask_sqlalchemy:create_app({str(database)!r})"
            threads = ["--worker-class", "gthread", "--threads", str(clients)]
            kept = ["--keep-alive", "60", "--bind", f"127.0.0.1:{port}"]
            return Peer(
                "Flask, SQLAlchemy, gunicorn",
                [PYTHON, "-m", "gunicorn", *threads, *kept, app],
            )
        case "fastapi":
            os.environ["DATABASE"] = str(database)
            app = "benchmarks.peers.fastapi_sqlalchemy:create_app"
            return Peer(
                "FastAPI, SQLAlchemy, uvicorn",
                [PYTHON, "-m", "uvicorn", "--factory", "--no-access-log", *where, app],
            )
    raise SystemExit(f"There is no peer {name!r}.")


def _token(folder: Path) -> str:
    """Of an account in a data folder that no server has open yet."""
    _chatapp(folder, "user", "add", "poster", "--password-stdin", input="a password for nobody")
    return _chatapp(
        folder, "token", "create", "poster", "benchmark", "--scope", "read", "--scope", "write"
    )


def _chatapp(folder: Path, *words: str, input: str = "") -> str:
    command = [sys.executable, "-m", "chatapp", *words]
    settings = {**os.environ, "CHATAPP_DATA": str(folder / "data")}
    done = subprocess.run(
        command, cwd=ROOT, env=settings, input=input, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


if __name__ == "__main__":
    main()
