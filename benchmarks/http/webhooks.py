"""Outgoing webhooks: what people who chat notice of a thousand deliveries a second that wait.

    python -m benchmarks.http.webhooks [--rounds 5] [--people 500] [--webhooks 20] [--seconds 6]

The same messages at the same pace, with all webhooks paused and with all of them on, in turns: what
else happens on the machine happens to both. Told are the medians of the rounds' 99th percentiles,
how many deliveries a receiver in a process of its own has got of those that were queued, and what
one took of the processor.
"""

import argparse
import os
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from socketserver import BaseRequestHandler, ThreadingTCPServer
from typing import NamedTuple

from benchmarks.sockets.fanout import Cost, cost
from benchmarks.support.crowd import Chat, Crowd
from benchmarks.support.process import ServerProcess, free_port
from chatapp.transport.http.listening import raise_file_limit
from tests.support.accounts import PASSWORD
from tests.support.visitor import Visitor
from tests.support.waiting import wait_until

MESSAGES_A_SECOND = 50
ANSWER = b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--people", type=int, default=500)
    parser.add_argument("--webhooks", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=6.0, help="of each half of a round")
    arguments = parser.parse_args()
    raise_file_limit()
    with _receiver() as port, _chat(port) as server, closing(_admin(server)) as boss:
        ids = [_add(boss, port, number) for number in range(arguments.webhooks)]
        _measure(server, boss, ids, port, arguments)


def _measure(
    server: ServerProcess,
    boss: Visitor,
    ids: list[str],
    port: int,
    arguments: argparse.Namespace,
) -> None:
    halves: dict[bool, list[_Half]] = {False: [], True: []}
    with closing(Crowd(server.address, Chat())) as crowd:
        crowd.grow(arguments.people)
        crowd.paced(MESSAGES_A_SECOND, 2.0)
        for _ in range(arguments.rounds):
            for is_on in (False, True):
                for id in ids:
                    act = "resume" if is_on else "pause"
                    boss.submit(f"/admin/outgoing-webhook/{act}", id=id, skip="yes")
                half = _half(server, crowd, port, arguments.seconds)
                halves[is_on].append(half)
                print(f"webhooks {'on ' if is_on else 'off'}: {half.measured}", flush=True)
    without, beside = (
        statistics.median(half.measured.p99 for half in halves[is_on]) for is_on in (False, True)
    )
    made = sum(half.made for half in halves[True])
    own, others = (
        sum(getattr(half, name) for half in halves[True])
        - sum(getattr(half, name) for half in halves[False])
        for name in ("own", "others")
    )
    print(
        f"p99 {without * 1e3:.1f} → {beside * 1e3:.1f} ms, {beside / without - 1:+.0%}, beside "
        f"{MESSAGES_A_SECOND * len(ids):,} deliveries a second queued, "
        f"{made / arguments.rounds / arguments.seconds:,.0f} made; a delivery takes "
        f"{own / made * 1e6:.0f} µs of the server and {others / made * 1e6:.0f} µs of its processes"
    )


class _Half(NamedTuple):
    """Of a round: the processor seconds of the server and of the processes that it has started."""

    measured: Cost
    made: int
    own: float
    others: float


def _half(server: ServerProcess, crowd: Crowd, port: int, seconds: float) -> _Half:
    made, own, everything = _count(port), server.own_cpu_seconds(), server.cpu_seconds()
    measured = cost(server, lambda: crowd.paced(MESSAGES_A_SECOND, seconds))
    own = server.own_cpu_seconds() - own
    others = server.cpu_seconds() - everything - own
    return _Half(measured, _count(port) - made, own, others)


@contextmanager
def _chat(port: int) -> Iterator[ServerProcess]:
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as folder:
        own = free_port()
        serve = [sys.executable, "-m", "chatapp", "serve", "--port", str(own)]
        limits = ["--message-rate", "off", "--connections", "0", "--connections-per-address", "0"]
        data = ["--data", str(Path(folder) / "data")]
        os.environ["CHATAPP_ADMIN_PASSWORD"] = PASSWORD
        hosts = ["--outbound-hosts", f"127.0.0.1:{port}"]
        server = ServerProcess([*serve, *limits, *data, *hosts], own, Path.cwd())
        try:
            yield server
        finally:
            server.stop()


def _admin(server: ServerProcess) -> Visitor:
    visitor = Visitor(f"http://127.0.0.1:{server.address[1]}")

    def is_in() -> bool:
        return visitor.submit("/login", name="admin", password=PASSWORD).status_code == 303

    wait_until(is_in, what="the admin")
    return visitor


def _add(boss: Visitor, port: int, number: int) -> str:
    form = {"title": f"w{number}", "url": f"http://127.0.0.1:{port}/", "event": "message.posted"}
    page = boss.submit("/admin/outgoing-webhooks", **form).text
    found = re.search(r'name="id" value="(\w+)"', page)
    if found is None:
        raise RuntimeError("the webhook was not made")
    return found[1]


class _Receiver(BaseRequestHandler):
    """Takes everything; `COUNT` asks how much that was."""

    count = 0

    def handle(self) -> None:
        head = self.request.recv(65536)
        if head == b"COUNT":
            self.request.sendall(str(_Receiver.count).encode())
            return
        _Receiver.count += 1
        self.request.sendall(ANSWER)


def _count(port: int) -> int:
    with socket.create_connection(("127.0.0.1", port)) as asking:
        asking.sendall(b"COUNT")
        return int(asking.recv(64))


def receive(port: int) -> None:
    ThreadingTCPServer.allow_reuse_address = True
    ThreadingTCPServer.request_queue_size = 128
    ThreadingTCPServer(("127.0.0.1", port), _Receiver).serve_forever()


@contextmanager
def _receiver() -> Iterator[int]:
    port = free_port()
    program = f"from benchmarks.http.webhooks import receive; receive({port})"
    receiver = subprocess.Popen([sys.executable, "-c", program])
    try:
        end = time.monotonic() + 20
        while True:
            try:
                _count(port)
                break
            except OSError:
                if time.monotonic() > end:
                    raise
                time.sleep(0.05)
        yield port
    finally:
        receiver.terminate()
        receiver.wait()


if __name__ == "__main__":
    main()
