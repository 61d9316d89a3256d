"""All benchmarks, one after another, each beside its peers: `make bench`.

    python -m benchmarks [--list] [--short] [NAME …]

What a peer needs and can be fetched is fetched (Node's Socket.IO, into peers/node); what is not
there is named and left out. The results of one run, with what they mean, are in RESULTS.md.
"""

import argparse
import os
import platform
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from typing import NamedTuple

from benchmarks.support.node_peer import why_no_node, why_no_socket_io


class Benchmark(NamedTuple):
    """One command: its module, and its arguments for a whole run and for a short one."""

    name: str
    module: str
    whole: str
    short: str
    minutes: float
    """Of the whole run, on two idle cores."""
    short_minutes: float
    what: str

    def arguments(self, *, short: bool) -> list[str]:
        return (self.short if short else self.whole).split()

    def seconds(self, *, short: bool) -> float:
        return 60 * (self.short_minutes if short else self.minutes)


BENCHMARKS = [
    Benchmark(
        "imports",
        "log.imports",
        "--rounds 3",
        "--messages 10000 --rounds 1",
        3,
        0.3,
        "the exports of other chats, imported, and imported again",
    ),
    Benchmark(
        "uploads",
        "http.uploads",
        "--rounds 9",
        "--rounds 2 --people 200 --seconds 2",
        2.5,
        0.4,
        "25 MB beside nginx, and beside people who chat",
    ),
    Benchmark(
        "fanout-500",
        "sockets.fanout",
        "--listeners 500",
        "--listeners 500 --seconds 2 --peers chatapp,ours,node,ngircd",
        3.0,
        0.7,
        "one speaks, 500 hear",
    ),
    Benchmark(
        "fanout-3000",
        "sockets.fanout",
        "--listeners 3000 --peers chatapp,ours,node,ngircd",
        "--listeners 3000 --seconds 2 --peers chatapp,ours,node",
        6.0,
        0.8,
        "one speaks, 3,000 hear",
    ),
    Benchmark(
        "arrivals",
        "sockets.arrivals",
        "",
        "--idle 1000",
        2.5,
        1.0,
        "a crowd comes in, and 10,000 idle",
    ),
    Benchmark(
        "returning",
        "sockets.returning",
        "",
        "--crowd 500 --unread 10x50",
        3.0,
        0.7,
        "people come back to what they missed",
    ),
    Benchmark(
        "slow_readers",
        "sockets.slow_readers",
        "",
        "--rounds 1",
        3.0,
        0.8,
        "what the others notice of those who do not read",
    ),
    Benchmark(
        "threads",
        "log.threads",
        "",
        "--messages 20000 --rounds 200",
        0.8,
        0.3,
        "a room of 1,000 threads and 100,000 messages",
    ),
    Benchmark(
        "proofs",
        "log.proofs",
        "",
        "--records 10000 --rounds 1",
        0.6,
        0.2,
        "events proven to a copy, beside reading them",
    ),
    Benchmark(
        "webhooks",
        "http.webhooks",
        "",
        "--rounds 1 --people 200 --seconds 3",
        1.4,
        0.3,
        "500 people beside 1,000 deliveries of webhooks a second",
    ),
    Benchmark(
        "ingest", "sockets.ingest", "", "--seconds 2", 0.8, 0.4, "50 speak and wait for their acks"
    ),
    Benchmark(
        "rest",
        "http.rest",
        "",
        "--rounds 2 --seconds 1",
        0.8,
        0.4,
        "50 post over HTTP, beside Flask and FastAPI",
    ),
    Benchmark(
        "streams",
        "http.streams",
        "--clients 3000",
        "--seconds 2",
        2.0,
        0.5,
        "those who listen over HTTP, beside sockets",
    ),
    Benchmark(
        "cluster",
        "cluster.ingest",
        "",
        "--seconds 2 --peers ours,node",
        2.0,
        0.7,
        "two processes on one PostgreSQL, 50 speak",
    ),
    Benchmark(
        "cluster_fanout",
        "cluster.fanout",
        "",
        "--seconds 2",
        1.5,
        0.6,
        "one speaks, 500 at each of two processes hear",
    ),
    Benchmark(
        "cluster_returning",
        "cluster.returning",
        "",
        "--crowd 1000",
        0.7,
        0.2,
        "10,000 come back after all processes were killed",
    ),
    Benchmark(
        "cluster_idle",
        "cluster.idle",
        "",
        "--rooms 100 --seconds 5",
        0.8,
        0.3,
        "two processes with 1,000 rooms and nobody there",
    ),
    Benchmark(
        "cluster_read",
        "cluster.read",
        "",
        "--records 100000",
        4.0,
        0.5,
        "history and search of a shared log, beside one that is not",
    ),
    Benchmark(
        "mixed",
        "sockets.mixed",
        "",
        "--seconds 5 --no-limit",
        3.0,
        0.5,
        "2,000 people who do what people do, and how many fit",
    ),
    Benchmark(
        "log_append",
        "log.append",
        "",
        "--messages 5000 --rounds 2",
        0.6,
        0.3,
        "durable appends, 50 writers and one",
    ),
    Benchmark(
        "log_read", "log.read", "", "--records 100000", 4.0, 1.0, "history and search, a large log"
    ),
    Benchmark(
        "log_index", "log.index", "", "--records 100000", 3.0, 0.5, "the index anew, and verify"
    ),
    Benchmark(
        "log_erase",
        "log.erase",
        "",
        "--records 100000",
        1.0,
        0.3,
        "one person's texts erased, the log closed and in use",
    ),
    Benchmark(
        "console",
        "http.console",
        "",
        "--records 100000 --people 1000 --requests 10",
        3.0,
        0.7,
        "the pages of the console",
    ),
    Benchmark(
        "hostile",
        "hostile.guest",
        "",
        "--seconds 2 history typing long-messages",
        4.0,
        0.6,
        "what the others notice of one hostile guest",
    ),
    Benchmark(
        "page",
        "page.chat_page",
        "",
        "--runs 1 --seconds 3 --messages 5000",
        6.0,
        0.7,
        "the chat page in a browser: first paint, a busy room, a long one",
    ),
    Benchmark(
        "page_many",
        "page.many",
        "",
        "--rooms 100 --people 200 --runs 1",
        0.8,
        0.4,
        "what opens on the page, with many rooms and people",
    ),
    Benchmark(
        "tasks",
        "page.tasks",
        "",
        "--runs 1",
        0.6,
        0.2,
        "five tasks of a new user: presses and seconds",
    ),
]
NAMES = [benchmark.name for benchmark in BENCHMARKS]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="All benchmarks.")
    parser.add_argument("names", nargs="*", metavar="NAME", help="only these; see --list")
    parser.add_argument("--list", action="store_true", help="say what there is, and run nothing")
    parser.add_argument(
        "--short", action="store_true", help="a smaller load: whether they run, not figures to keep"
    )
    arguments = parser.parse_args()
    if unknown := sorted(set(arguments.names) - set(NAMES)):
        parser.error(f"there is no {unknown[0]!r}; there are {', '.join(NAMES)}")
    chosen = [one for one in BENCHMARKS if one.name in (arguments.names or NAMES)]
    if arguments.list:
        for one in chosen:
            print(f"{one.name:18}{_minutes(one.seconds(short=arguments.short)):>8}  {one.what}")
        return
    _tell_the_machine()
    if failed := _run(chosen, short=arguments.short):
        sys.exit(f"failed: {', '.join(failed)}")


def _tell_the_machine() -> None:
    print(f"{platform.platform()}, Python {platform.python_version()}, {os.cpu_count()} cores")
    missing = {
        "Node": why_no_node(),
        "Node's Socket.IO": why_no_socket_io(),
        "ngIRCd": None if shutil.which("ngircd") else "it is not installed",
    }
    for peer, why in missing.items():
        if why:
            print(f"{peer} is left out: {why}")
    load = os.getloadavg()[0]
    if load > 1:
        print(f"Other work is going on here (load {load:.1f}): the figures will suffer from it.")


def _run(chosen: Sequence[Benchmark], *, short: bool) -> list[str]:
    """The names of those that failed; one that fails does not keep the others from running."""
    start = time.monotonic()
    expected = 0.0
    failed = []
    for number, one in enumerate(chosen, start=1):
        command = [sys.executable, "-m", f"benchmarks.{one.module}", *one.arguments(short=short)]
        left = sum(later.seconds(short=short) for later in chosen[number - 1 :])
        took = time.monotonic() - start
        pace = took / expected if expected else 1.0
        print(
            f"\n[{number}/{len(chosen)}] {one.name}: {one.what}"
            f" (some {_minutes(left * pace)} to go with it)\n"
            f"$ python {' '.join(command[1:])}",
            flush=True,
        )
        if subprocess.run(command, check=False).returncode:
            failed.append(one.name)
        expected += one.seconds(short=short)
    print(f"\nAll in {_minutes(time.monotonic() - start)}.")
    return failed


def _minutes(seconds: float) -> str:
    return f"{seconds / 60:.1f} min" if seconds >= 60 else f"{seconds:.0f} s"


if __name__ == "__main__":
    main()
