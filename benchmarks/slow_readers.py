"""Slow readers: a hundred among a thousand stop reading. What do the others notice?

    python -m benchmarks.slow_readers [--peers ours,node]

The same messages at the same pace, first with everybody reading, then with a hundred more
who do not. The latency is that of those who read; then how long it took until the server
had closed those who do not, and whether what these can still read is whole frames in order.
"""

import argparse
import socket
import time

from benchmarks.crowd import PATIENCE_SECONDS, Crowd, SocketIO, connected
from benchmarks.fanout import cost, installed, raise_file_limit, running
from benchmarks.process import ServerProcess
from chatapp.realtime.frames import CLOSE, TEXT

READERS = 900
SLOW = 100
MESSAGES_A_SECOND = 20
SECONDS = 8.0
LENGTH = 50
"""As many times the usual text: some 7 KB."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--peers", default="ours,node")
    arguments = parser.parse_args()
    raise_file_limit()
    for name in filter(installed, arguments.peers.split(",")):
        with running(name) as (server, crowd):
            measure(name, server, crowd)


def measure(name: str, server: ServerProcess, crowd: Crowd) -> None:
    crowd.grow(READERS)
    crowd.lengthen(LENGTH)
    crowd.paced(MESSAGES_A_SECOND, 2.0)
    alone = cost(server, lambda: crowd.paced(MESSAGES_A_SECOND, SECONDS))
    slow = [connected(server.address, SocketIO().steps(n, "general")) for n in range(SLOW)]
    memory, start = server.memory_bytes(), time.perf_counter()
    together = cost(server, lambda: crowd.paced(MESSAGES_A_SECOND, SECONDS))
    took = time.perf_counter() - start
    grown = (server.memory_bytes() - memory) / 1e6
    ends = [_end_of(client) for client in slow]
    print(
        f"{name:8} {READERS} readers alone:        {alone}\n"
        f"{name:8} with {SLOW} who do not read:  {together}\n"
        f"{name:8} after {took:.0f} s: {ends.count('closed')} of {SLOW} closed with a reason, "
        f"{ends.count('open')} open, {ends.count('corrupt')} corrupt; {grown:.0f} MB more memory",
        flush=True,
    )


def _end_of(client: socket.socket) -> str:
    """What somebody finds who reads at last: `closed` with a reason, still `open`, or `corrupt`."""
    client.settimeout(0.3)
    data = bytearray()
    end = time.monotonic() + PATIENCE_SECONDS
    try:
        while (more := client.recv(1 << 20)) and time.monotonic() < end:
            data += more
    except TimeoutError:
        pass
    client.close()
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
