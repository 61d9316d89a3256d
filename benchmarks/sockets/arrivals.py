"""Arrivals: how fast a crowd is let in, one after another and at once, and what it costs to idle.

    python -m benchmarks.sockets.arrivals [--peers ours,node] [--idle 10000]

For the last figure `idle` connections sit in another room, while a hundred people get a
hundred messages a second.
"""

import argparse
import time

from benchmarks.sockets.fanout import cost, installed, running
from benchmarks.support.crowd import Crowd
from benchmarks.support.process import ServerProcess
from chatapp.transport.http.listening import raise_file_limit

ONE_AFTER_ANOTHER = 3_000
AT_ONCE = 1_000
LIVELY_LISTENERS = 100
LIVELY_MESSAGES_A_SECOND = 100
LIVELY_SECONDS = 10.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--peers", default="chatapp,ours,node")
    parser.add_argument("--idle", type=int, default=10_000)
    arguments = parser.parse_args()
    raise_file_limit()
    for name in filter(installed, arguments.peers.split(",")):
        for figure in (one_after_another, at_once):
            with running(name) as (server, crowd):
                figure(name, server, crowd)
        if name == "chatapp":
            continue  # there, everybody is in `general` too, and nobody is idle
        with running(name) as (server, crowd):
            idle(name, server, crowd, arguments.idle)


def one_after_another(name: str, server: ServerProcess, crowd: Crowd) -> None:
    memory, cpu, start = server.memory_bytes(), server.cpu_seconds(), time.perf_counter()
    crowd.grow(ONE_AFTER_ANOTHER)
    seconds = time.perf_counter() - start
    micros = (server.cpu_seconds() - cpu) / ONE_AFTER_ANOTHER * 1e6
    kilobytes = (server.memory_bytes() - memory) / ONE_AFTER_ANOTHER / 1024
    print(
        f"{name:8} {ONE_AFTER_ANOTHER:,} one after another: {ONE_AFTER_ANOTHER / seconds:7,.0f} a "
        f"second, {micros:5.0f} µs each; {kilobytes:.1f} KB a connection; "
        f"{memory / 1e6:.0f} MB before anybody came",
        flush=True,
    )


def at_once(name: str, server: ServerProcess, crowd: Crowd) -> None:
    cpu, start = server.cpu_seconds(), time.perf_counter()
    crowd.storm(AT_ONCE)
    seconds = time.perf_counter() - start
    micros = (server.cpu_seconds() - cpu) / AT_ONCE * 1e6
    print(
        f"{name:8} {AT_ONCE:,} at once: {seconds * 1e3:,.0f} ms, {micros:.0f} µs each", flush=True
    )


def idle(name: str, server: ServerProcess, crowd: Crowd, count: int) -> None:
    memory = server.memory_bytes()
    crowd.grow(count, room="waiting")
    kilobytes = (server.memory_bytes() - memory) / count / 1024
    crowd.grow(LIVELY_LISTENERS)
    lively = cost(server, lambda: crowd.paced(LIVELY_MESSAGES_A_SECOND, LIVELY_SECONDS))
    print(f"{name:8} {count:,} idle: {kilobytes:.1f} KB each; a lively room beside them: {lively}")


if __name__ == "__main__":
    main()
