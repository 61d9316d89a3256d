"""Ingest: many speak, each waits until what they said is on disk. What a message costs.

    python -m benchmarks.sockets.ingest [--senders 50] [--peers ours,node] [--seconds 8]

Each sender writes to a room of its own, so that nobody else hears it and only the taking
in is measured: the whole chat, with its rules, its log and its index, beside a Node
Socket.IO server that appends JSON Lines and groups its fdatasyncs (`peers/node/server.js`).
First every sender waits for each ack; then each has ten messages in flight. The disk of the
machine sets the pace of both: `fdatasync` is what one costs here, alone.
"""

import argparse
import os
import select
import socket
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks.support.crowd import Chat, SocketIO, connected, read_until
from benchmarks.support.node_peer import node, why_no_socket_io
from benchmarks.support.process import ServerProcess, free_port
from tests.transport.raw import text

HERE = Path(__file__).parent.parent
WORDS = "Wer reitet so spät durch Nacht und Wind? Es ist der Vater mit seinem Kind."
READ_BYTES = 256 * 1024
ACK = b'{"ok":true,"message"'
WARM_UP_SECONDS = 1.5


class Peer(NamedTuple):
    name: str
    command: list[str]
    has_rooms: bool


class Senders:
    """`count` connections, to one address after another; each sends its next message when one of
    its own is acked."""

    def __init__(
        self,
        addresses: Sequence[tuple[str, int]],
        count: int,
        *,
        make_rooms: bool,
        rooms: str = "own",
    ) -> None:
        self._poll = select.epoll()
        self._clients: dict[int, tuple[int, socket.socket]] = {}
        self._sent = 0
        self._rooms = rooms
        dialect = Chat() if make_rooms else SocketIO()
        for number in range(count):
            client = connected(addresses[number % len(addresses)], dialect.steps(number, "general"))
            if make_rooms:
                client.sendall(text(f'421["create",{{"room":"{rooms}-{number}"}}]'))
                read_until(client, b'431[{"ok":true')
            client.setblocking(False)
            self._clients[client.fileno()] = (number, client)
            self._poll.register(client.fileno(), select.EPOLLIN)

    def run(self, seconds: float, in_flight: int) -> tuple[int, float, list[float]]:
        """Acked messages, the seconds that it took, and how long some acks took."""
        start = time.perf_counter()
        asked_at = {}
        for fd, (number, client) in self._clients.items():
            client.sendall(b"".join(self._message(number) for _ in range(in_flight)))
            asked_at[fd] = start
        acked, waiting, latencies = 0, in_flight * len(self._clients), []
        while waiting:
            for fd, _ in self._poll.poll(20):
                number, client = self._clients[fd]
                answers = client.recv(READ_BYTES).count(ACK)
                if not answers:
                    continue
                now = time.perf_counter()
                latencies.append(now - asked_at[fd])
                acked += answers
                waiting -= answers
                if now - start < seconds:
                    asked_at[fd] = now
                    client.sendall(b"".join(self._message(number) for _ in range(answers)))
                    waiting += answers
        return acked, time.perf_counter() - start, latencies

    def close(self) -> None:
        self._poll.close()
        for _, client in self._clients.values():
            client.close()

    def _message(self, number: int) -> bytes:
        self._sent += 1
        return text(
            f'42{self._sent}["message",{{"room":"{self._rooms}-{number}","text":"{WORDS}",'
            f'"cid":"{self._rooms}-{number}-{self._sent}"}}]'
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--senders", type=int, default=50)
    parser.add_argument("--peers", default="ours,node")
    parser.add_argument("--seconds", type=float, default=8.0)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=HERE.parent) as folder:
        print(f"fdatasync of one line, alone: {_fdatasync_seconds(Path(folder)) * 1e6:.0f} µs")
    for name in arguments.peers.split(","):
        with tempfile.TemporaryDirectory(dir=HERE.parent) as folder:
            measure(name, Path(folder), arguments.senders, arguments.seconds)


def measure(name: str, folder: Path, senders: int, seconds: float) -> None:
    port = free_port()
    peer = _peer(name, port, folder)
    if peer is None:
        return
    server = ServerProcess(peer.command, port, HERE.parent)
    try:
        crowd = Senders([server.address], senders, make_rooms=peer.has_rooms)
        print(f"{peer.name}, {senders} senders")
        for in_flight in (1, 10):
            crowd.run(WARM_UP_SECONDS, in_flight)
            cpu, own = server.cpu_seconds(), time.process_time()
            acked, took, latencies = crowd.run(seconds, in_flight)
            cpu, own = server.cpu_seconds() - cpu, time.process_time() - own
            print(f"  {in_flight:2} in flight  {report(acked, took, cpu, own, latencies)}")
        crowd.close()
    finally:
        server.stop()


def report(acked: int, took: float, cpu: float, own: float, latencies: list[float]) -> str:
    """`cpu` are the seconds of processor time that the messages took, `own` those of the crowd."""
    latencies.sort()
    return (
        f"{acked / took:8,.0f} a second  {cpu / acked * 1e6:6.1f} µs a message  "
        f"p50 {latencies[len(latencies) // 2] * 1e3:6.1f} ms  "
        f"p99 {latencies[len(latencies) * 99 // 100] * 1e3:6.1f} ms  "
        f"busy {own / took:4.0%}"
    )


def _peer(name: str, port: int, folder: Path) -> Peer | None:
    if name == "ours":
        serve = [sys.executable, "-m", "chatapp", "serve", "--port", str(port)]
        settings = ["--data", str(folder / "data"), "--message-rate", "off"]
        return Peer("chatapp", [*serve, *settings], has_rooms=True)
    if name == "node":
        if why := why_no_socket_io():
            print(f"node: left out, {why}")
            return None
        log = folder / "log.jsonl"
        return Peer("Node Socket.IO", node("node/server.js", port, log), has_rooms=False)
    raise SystemExit(f"There is no peer {name!r}.")


def _fdatasync_seconds(folder: Path) -> float:
    line, times = b"x" * 400 + b"\n", []
    fd = os.open(folder / "line", os.O_WRONLY | os.O_CREAT)
    for _ in range(200):
        os.write(fd, line)
        start = time.perf_counter()
        os.fdatasync(fd)
        times.append(time.perf_counter() - start)
    os.close(fd)
    return sorted(times)[100]


if __name__ == "__main__":
    main()
