"""Slow readers: a hundred among a thousand stop reading. What do the others notice?

    python -m benchmarks.sockets.slow_readers [--peers ours,node] [--rounds 5] [--seconds 6]

The same messages at the same pace, with everybody reading and then with a hundred more who do
not, in turns: what else happens on the machine happens to both. Told is the median of the
rounds' 99th percentiles, of those who read. Then how long it took until the server had given
up the hundred (its connections, as the kernel lists them), and whether what these find when
they read at last is whole frames in order.
"""

import argparse
import socket
import statistics
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from benchmarks.sockets.fanout import Cost, cost, installed, running
from benchmarks.support.crowd import PATIENCE_SECONDS, Crowd, SocketIO, connected
from benchmarks.support.process import ServerProcess
from chatapp.transport.http.listening import raise_file_limit
from chatapp.transport.wire.frames import CLOSE, TEXT

READERS = 900
SLOW = 100
MESSAGES_A_SECOND = 20
LENGTH = 50
"""As many times the usual text: some 7 KB."""
ESTABLISHED = "01"
"""In /proc/net/tcp (proc(5)); what the server has given up is in another state."""
LOOK_SECONDS = 0.25


class Round(NamedTuple):
    """What was measured with slow readers."""

    cost: Cost
    given_up_after: float | None
    """Seconds from the first message; None where the server still held some at the end."""
    slow: list[socket.socket]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--peers", default="ours,node")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=6.0, help="of each half of a round")
    arguments = parser.parse_args()
    raise_file_limit()
    for name in filter(installed, arguments.peers.split(",")):
        with running(name) as (server, crowd):
            measure(name, server, crowd, arguments.rounds, arguments.seconds)


def measure(name: str, server: ServerProcess, crowd: Crowd, rounds: int, seconds: float) -> None:
    crowd.grow(READERS)
    crowd.lengthen(LENGTH)
    crowd.paced(MESSAGES_A_SECOND, 2.0)
    alone: list[Cost] = []
    together: list[Round] = []
    for _ in range(rounds):
        with _Watch(lambda: _established(server) < 0):  # looking costs the crowd time: both times
            alone.append(cost(server, lambda: crowd.paced(MESSAGES_A_SECOND, seconds)))
        together.append(_with_slow_ones(server, crowd, seconds))
        slow = together[-1].slow
        if len(together) == rounds:  # it takes long, and the readers are kept waiting
            ends = [_end_of(client) for client in slow]
        for client in slow:
            client.close()
    p99_alone = statistics.median(one.p99 for one in alone)
    p99_together = statistics.median(one.cost.p99 for one in together)
    given_up = [one.given_up_after for one in together]
    print(
        f"{name:8} {READERS} readers alone:        {_middle(alone)}\n"
        f"{name:8} with {SLOW} who do not read:  {_middle([one.cost for one in together])}\n"
        f"{name:8} p99 {p99_alone * 1e3:.1f} → {p99_together * 1e3:.1f} ms, "
        f"{p99_together / p99_alone - 1:+.0%}: the medians of {rounds} rounds\n"
        f"{name:8} the {SLOW} given up after {_said(given_up)}; the last ones found "
        f"{ends.count('closed')} times a reason, {ends.count('open')} open, "
        f"{ends.count('corrupt')} corrupt",
        flush=True,
    )


def _with_slow_ones(server: ServerProcess, crowd: Crowd, seconds: float) -> Round:
    before = _established(server)
    slow = [connected(server.address, SocketIO().steps(n, "general")) for n in range(SLOW)]
    with _Watch(lambda: _established(server) <= before) as watch:
        measured = cost(server, lambda: crowd.paced(MESSAGES_A_SECOND, seconds))
    return Round(measured, watch.seconds, slow)


class _Watch:
    """How long it takes until something is so, looked at from a thread beside the load."""

    def __init__(self, is_so: Callable[[], bool]) -> None:
        self._is_so = is_so
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look)
        self.seconds: float | None = None

    def __enter__(self) -> "_Watch":
        self._start = time.perf_counter()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._over.wait(LOOK_SECONDS):
            if self._is_so():
                self.seconds = time.perf_counter() - self._start
                return


def _established(server: ServerProcess) -> int:
    """The server's connections that are open on both sides."""
    local = f":{server.address[1]:04X}"
    rows = (row.split() for row in Path("/proc/net/tcp").read_text().splitlines()[1:])
    return sum(row[1].endswith(local) and row[3] == ESTABLISHED for row in rows)


def _middle(costs: list[Cost]) -> Cost:
    """The one whose p99 is in the middle."""
    return sorted(costs, key=lambda one: one.p99)[len(costs) // 2]


def _said(seconds: list[float | None]) -> str:
    return ", ".join("never" if one is None else f"{one:.1f}" for one in seconds) + " s"


def _end_of(client: socket.socket) -> str:
    """What somebody finds who reads at last: `closed` with a reason, still `open`, or `corrupt`."""
    client.settimeout(0.3)
    data = bytearray()
    end = time.monotonic() + PATIENCE_SECONDS
    try:
        while (more := client.recv(1 << 20)) and time.monotonic() < end:
            data += more
    except (TimeoutError, ConnectionResetError):
        pass  # what has come until then tells how it ended
    at = 0
    opcode = TEXT
    while at + 2 <= len(data):
        opcode = data[at] & 0x0F
        short = data[at + 1]
        head = {126: 4, 127: 10}.get(short, 2)
        at += head + (int.from_bytes(data[at + 2 : at + head], "big") if head > 2 else short)
        if data[at - 1 : at] not in (b"]", b"2", b"}") and opcode == TEXT and at <= len(data):
            return "corrupt"
    return "closed" if opcode == CLOSE else "open"


if __name__ == "__main__":
    main()
