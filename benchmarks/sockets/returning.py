"""Coming back: what it costs the server, and the others, when people return to what they missed.

    python -m benchmarks.sockets.returning [--crowd 5000] [--unread 60x500,30x300] [--peers node]

1. One person returns to rooms full of unread messages: connects, asks for `rooms`, joins each;
   and asks for the first page. Meanwhile somebody else sends, and waits for each ack.
2. A crowd arrives in one room, one after another: each connects and joins it.
3. The title of that room changes.
4. The server is killed and started again: all come back, join and resume, while somebody sends.

Processor time is that of the server's threads and processes. The data is made with the chat's own
commands and events only, so that one file measures every version. Peers let a crowd in, too.
"""

import argparse
import json
import os
import select
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from threading import Event, Thread
from typing import Any

from benchmarks.hostile.pages import PASSWORD, Browser
from benchmarks.hostile.sockets import Stage
from benchmarks.sockets.fanout import installed, running
from benchmarks.support.crowd import Step, connected
from benchmarks.support.process import ServerProcess, free_port
from chatapp.domain.model import GENERAL
from chatapp.transport.http.listening import raise_file_limit
from tests.transport.raw import RawClient, text

ROUNDS = 20
SEND_EVERY_SECONDS = 0.005
SENDS_BEFORE = 200
UNDER_WAY = 200
"""So many of a returning crowd are on their way in at once: clients spread their attempts."""
Arriving = dict[int, tuple[socket.socket, list[Step], bytes]]
"""By file descriptor: the client, what it has still to say, and what it has read."""

PATIENCE_SECONDS = 120.0
UNLIMITED = ("--message-rate", "off", "--connections", "0", "--connections-per-address", "0")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--crowd", type=int, default=5_000)
    parser.add_argument("--unread", default="60x500,30x300")
    parser.add_argument("--peers", default="node")
    wanted = parser.parse_args()
    raise_file_limit()
    for shape in wanted.unread.split(","):
        rooms, unread = map(int, shape.split("x"))
        measure_one_person(rooms, unread)
    measure_crowd(wanted.crowd)
    for peer in filter(installed, wanted.peers.split(",")):
        with running(peer) as (server, crowd):
            memory, used = server.memory_bytes(), server.cpu_seconds()
            crowd.grow(wanted.crowd)
            each = (server.cpu_seconds() - used) / wanted.crowd
            print(f"{peer:8} {wanted.crowd:,} arrive: {_ms(each)} each")
            print(f"{peer:8} memory before anybody comes: {memory / 1e6:.0f} MB", flush=True)


# One person who comes back


def measure_one_person(rooms: int, unread: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        names = [f"room-{number}" for number in range(rooms)]
        token = _with_unread(Path(folder), names, unread)
        with serving(Path(folder)) as server:
            _read_the_first(server, token, names)
        shape = f"chatapp  {rooms} rooms x {unread} unread"
        with serving(Path(folder)) as server:
            come_back = partial(_come_back, server, token, names)
            waits = _waits_during(server, come_back)
            cost = _cost(server, lambda: [come_back() for _ in range(ROUNDS)]) / ROUNDS
            print(f"{shape}, connect, rooms, join each: {_ms(cost)}")
            print(f"{shape}, another's send waits at most {_ms(max(waits))}", flush=True)
        with serving(Path(folder)) as server:
            print(
                f"{shape}, the first time after a start: {_ms(_first_time(server, token, names))}"
            )
        with serving(Path(folder)) as server:
            cost = _first_page(server)
            print(f"{shape}, GET /: {_ms(cost)}", flush=True)


def _first_time(server: ServerProcess, token: str, rooms: list[str]) -> float:
    """What everybody pays once is paid by somebody else."""
    with closing(RawClient(server.address).join({"name": "somebody-else"})) as other:
        _asked(other, "rooms")
        _asked(other, "join", {"room": GENERAL})
    used = server.cpu_seconds_of_threads()
    _come_back(server, token, rooms)
    return server.cpu_seconds_of_threads() - used


def _first_page(server: ServerProcess) -> float:
    with closing(Browser(Stage(server.address, 0))) as browser:
        browser.post("/login", name="ana", password=PASSWORD)
        browser.get("/")
        return _cost(server, lambda: [browser.get("/") for _ in range(ROUNDS)]) / ROUNDS


def _with_unread(data: Path, rooms: list[str], unread: int) -> str:
    """A data folder in which `ana` has that much to read, and a token of hers."""
    rows = data / "rows.jsonl"
    with rows.open("w") as file:
        for number in range(unread + 1):
            for room in rooms:
                row = {"room": room, "client": "bob", "message": f"number {number} in {room}"}
                at = f"2026-01-01T{number // 3600:02}:{number // 60 % 60:02}:{number % 60:02}Z"
                file.write(json.dumps(row | {"timestamp": at}) + "\n")
    _command(data, "log", "import", "--public", str(rows))
    _command(data, "user", "add", "ana", "--password-stdin", says=f"{PASSWORD}\n")
    return _command(data, "token", "create", "ana", "benchmark").split()[-1]


def _read_the_first(server: ServerProcess, token: str, rooms: list[str]) -> None:
    """From now on, all but the first message of each room is unread."""
    with closing(RawClient(server.address).join({"token": token})) as ana:
        for room in rooms:
            _asked(ana, "join", {"room": room})
            _asked(ana, "read", {"room": room, "seq": 1})


def _come_back(server: ServerProcess, token: str, rooms: list[str]) -> None:
    with closing(RawClient(server.address).join({"token": token})) as ana:
        _asked(ana, "rooms")
        for room in rooms:
            _asked(ana, "join", {"room": room})


# A crowd


def measure_crowd(count: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        data, port = Path(folder), free_port()
        owner = _owner_token(data)
        with serving(data, port) as server:
            memory = server.memory_bytes()
            print(f"chatapp  memory before anybody comes: {memory / 1e6:.0f} MB")
            used = server.cpu_seconds()
            clients = [connected(server.address, _steps(number)) for number in range(count)]
            each = (server.cpu_seconds() - used) / count
            print(f"chatapp  {count:,} arrive, each joins: {_ms(each)} each", flush=True)
            changed = _cost(server, lambda: _change_title(server, owner))
            print(f"chatapp  a room's title changes with {count:,} there: {_ms(changed)}")
            server.kill()
            for client in clients:
                client.close()
        with serving(data, port) as server:
            _measure_return(server, count)


def _measure_return(server: ServerProcess, count: int) -> None:
    with closing(CrowdThatReturns(count, server.address)) as back:
        waits = _waits_during(server, back.come, before=1)
    waits.sort()
    p99 = waits[len(waits) * 99 // 100]
    print(
        f"chatapp  {count:,} come back, join and resume: {back.seconds:.1f} s, "
        f"another's send waits {_ms(p99)} (p99)",
        flush=True,
    )


class CrowdThatReturns:
    """Many who reconnect, join and resume, some of them at the same time, to each address in
    turns."""

    def __init__(self, count: int, *addresses: tuple[str, int]) -> None:
        self._addresses = addresses
        self._left = list(range(count))
        self._inside: list[socket.socket] = []
        self._poll = select.epoll()
        self.seconds = 0.0

    def come(self) -> None:
        start = time.perf_counter()
        arriving: Arriving = {}
        while self._left or arriving:
            while self._left and len(arriving) < UNDER_WAY:
                self._begin(arriving)
            for fd, _ in self._poll.poll(PATIENCE_SECONDS):
                if self._go_on(arriving, fd):
                    self._poll.unregister(fd)
                    self._inside.append(arriving.pop(fd)[0])
            if time.perf_counter() - start > PATIENCE_SECONDS:
                raise RuntimeError(f"{len(arriving) + len(self._left)} did not come back")
        self.seconds = time.perf_counter() - start

    def close(self) -> None:
        self._poll.close()
        for client in self._inside:
            client.close()

    def _begin(self, arriving: Arriving) -> None:
        number = self._left.pop()
        client = socket.create_connection(self._addresses[number % len(self._addresses)])
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        steps = _steps(number, resume=True)
        client.sendall(steps[0][0])
        client.setblocking(False)
        arriving[client.fileno()] = (client, steps, b"")
        self._poll.register(client.fileno(), select.EPOLLIN)

    def _go_on(self, arriving: Arriving, fd: int) -> bool:
        """Whether this one is in."""
        client, steps, read = arriving[fd]
        read += client.recv(65536)
        while steps and steps[0][1] in read:
            read = read[read.index(steps[0][1]) + len(steps[0][1]) :]
            steps.pop(0)
            if steps:
                client.sendall(steps[0][0])
        arriving[fd] = (client, steps, read)
        return not steps


def _steps(number: int, *, resume: bool = False) -> list[Step]:
    """What a client says when it comes, and what is in the answers."""
    name = f"crowd-{number}"
    auth = json.dumps({"name": name, "key": f"the key of {name}"})
    upgrade = (
        b"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: localhost\r\n"
        b"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        b"Sec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n\r\n"
    )
    steps = [
        (upgrade, b'"maxPayload"'),
        (text("40" + auth), b'40{"sid"'),
        (text('421["join",{"room":"general"}]'), b"431["),
    ]
    if resume:
        steps.append((text('422["resume",{"room":"general","epoch":"-","after":0}]'), b"432["))
    return steps


def _change_title(server: ServerProcess, token: str) -> None:
    with closing(RawClient(server.address).join({"token": token})) as owner:
        _asked(owner, "update", {"room": "general", "title": "All of us"})


def _owner_token(data: Path) -> str:
    says = f"{PASSWORD}\n"
    _command(data, "user", "add", "olga", "--role", "owner", "--password-stdin", says=says)
    return _command(data, "token", "create", "olga", "benchmark").split()[-1]


# What it costs


def _waits_during(
    server: ServerProcess, load: Callable[[], object], before: int = SENDS_BEFORE
) -> list[float]:
    """How long each of another person's sends waits for its ack, while `load` is done."""
    waits: list[float] = []
    over = Event()

    def send() -> None:
        with closing(RawClient(server.address).join({"name": "somebody-else"})) as sender:
            while not over.is_set():
                start = time.perf_counter()
                _asked(sender, "message", {"text": "and what do you hear of me?"})
                waits.append(time.perf_counter() - start)
                time.sleep(SEND_EVERY_SECONDS)

    sender = Thread(target=send)
    sender.start()
    try:
        while len(waits) < before:
            time.sleep(0.01)
        del waits[:]
        load()
    finally:
        over.set()
        sender.join()
    return waits


def _cost(server: ServerProcess, load: Callable[[], object]) -> float:
    """Seconds of the server's processor that `load` took, its after-effects among them."""
    used = server.cpu_seconds()
    load()
    time.sleep(1.5)
    return server.cpu_seconds() - used


def _asked(client: RawClient, event: str, *payload: object) -> Any:
    answer = client.ask(event, *payload)
    if not answer["ok"]:
        raise RuntimeError(f"{event} was refused: {answer['error']}")
    return answer


# The server


@contextmanager
def serving(data: Path, port: int | None = None) -> Iterator[ServerProcess]:
    port = port or free_port()
    serve = ["serve", "--data", str(data), "--port", str(port), *UNLIMITED]
    server = ServerProcess([sys.executable, "-m", "chatapp", *serve], port, Path.cwd())
    try:
        yield server
    finally:
        server.stop()


def _command(data: Path, *arguments: str, says: str = "") -> str:
    command = [sys.executable, "-m", "chatapp", *arguments]
    environment = os.environ | {"CHATAPP_DATA": str(data)}
    done = subprocess.run(
        command, env=environment, input=says, capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.exit(f"chatapp {arguments[0]} failed: {done.stderr}")
    return done.stdout


def _ms(seconds: float) -> str:
    return f"{seconds * 1e3:.2f} ms"


if __name__ == "__main__":
    main()
