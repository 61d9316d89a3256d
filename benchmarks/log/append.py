"""Durable appends: our log, SQLite, and a Node process, on the same disk, in the same run.

    python -m benchmarks.log.append [--folder DIR] [--messages 100000] [--rounds 5]

50 writers, each waiting for its ack before it writes again; then one writer, beside the bare
write and fdatasync of the same bytes: through an event loop, as in the server, which leaves the
disk to a thread; and in a command, which waits for the disk itself. A writer is a callback here
and a promise there, all on one thread; interpreter and index are as `chatapp serve` has them. The
runs alternate, and the best of each counts: a machine that others use is noisy in one direction
only. Our processor time has the checksums, the chain and the index in it, of which Node has
none, and Node's has the start of its process.
"""

import argparse
import os
import resource
import shutil
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from queue import SimpleQueue
from typing import NamedTuple

from benchmarks.support.node_peer import node, why_no_node
from chatapp.app.runtime import tune
from chatapp.domain.future import Future
from chatapp.domain.model import Appended, Draft
from chatapp.store.message_log import MessageLog

TEXT = "Shall we meet at the usual place, or is it going to rain again this afternoon?"
LINE_BYTES = 404
"""Of a record with this text."""


class Cost(NamedTuple):
    """Of one run."""

    per_second: float
    micros: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--folder", type=Path, default=Path.cwd() / "build")
    parser.add_argument("--messages", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    arguments.folder.mkdir(exist_ok=True)
    tune()
    many = {"our log": ours, "Node, grouped fdatasync": in_node, "SQLite": sqlite}
    if why := why_no_node():
        print(f"Node: left out, {why}")
        del many["Node, grouped fdatasync"]
    one = {"our log": ours, "our log, in a command": in_command, "bare write + fdatasync": bare}
    for writers, peers, count in ((50, many, arguments.messages), (1, one, 2_000)):
        runs: dict[str, list[Cost]] = {name: [] for name in peers}
        for _ in range(arguments.rounds):
            for name, run in peers.items():
                some = count // 10 if name == "SQLite" else count
                runs[name].append(cost(arguments.folder, run, writers, some))
        print(f"\n{writers} writer{'s' * (writers > 1)}, each waiting for its ack")
        ours_best = max(run.per_second for run in runs["our log"])
        for name, costs in runs.items():
            best = max(run.per_second for run in costs)
            print(
                f"  {name:26} {best:10,.0f} a second, ours {ours_best / best:5.2f} × that"
                f"   {min(run.micros for run in costs):6.1f} µs of processor time each"
            )


def cost(parent: Path, run: Callable[[Path, int, int], float], writers: int, count: int) -> Cost:
    folder = Path(tempfile.mkdtemp(dir=parent))
    before = processor_seconds()
    try:
        seconds = run(folder, writers, count)
        return Cost(count / seconds, (processor_seconds() - before) / count * 1e6)
    finally:
        shutil.rmtree(folder)


def processor_seconds() -> float:
    """Of this process and those that it waited for."""
    own, children = map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def ours(folder: Path, writers: int, count: int) -> float:
    """The event loop is a queue of what to call next, as gevent's is."""
    turns: SimpleQueue[Callable[[], None]] = SimpleQueue()
    log = MessageLog.open(folder / "messages", deliver=turns.put)
    left = count
    sent = 0

    def send(writer: int) -> None:
        nonlocal sent
        sent += 1
        draft = Draft(room="general", sender=f"writer {writer}", text=TEXT, cid=f"{writer}-{sent}")
        log.append(draft).add_done_callback(lambda pending: acked(pending, writer))

    def acked(pending: Future[Appended], writer: int) -> None:
        nonlocal left
        pending.result()
        left -= 1
        if sent < count:
            send(writer)

    start = time.perf_counter()
    for writer in range(writers):
        send(writer)
    while left:
        turns.get()()
    seconds = time.perf_counter() - start
    log.close()
    return seconds


def in_command(folder: Path, _writers: int, count: int) -> float:
    log = MessageLog.open(folder / "messages")
    start = time.perf_counter()
    for i in range(count):
        log.append(Draft(room="general", sender="writer 0", text=TEXT, cid=f"0-{i}")).result()
    seconds = time.perf_counter() - start
    log.close()
    return seconds


def in_node(folder: Path, writers: int, count: int) -> float:
    command = node("append.mjs", folder / "log.jsonl", writers, count, TEXT)
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return float(done.stdout)


def sqlite(folder: Path, _writers: int, count: int) -> float:
    """A row a commit, as chats on SQLite do it; more writers would only wait for each other."""
    db = sqlite3.connect(folder / "chat.sqlite3", isolation_level=None)
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = FULL")
    db.execute("CREATE TABLE messages (id INTEGER PRIMARY KEY, room, sender, at, cid, text)")
    start = time.perf_counter()
    for i in range(count):
        db.execute(
            "INSERT INTO messages (room, sender, at, cid, text) VALUES (?, ?, ?, ?, ?)",
            ("general", "writer", "2026-11-22T09:30:00.123Z", f"{i}", TEXT),
        )
    seconds = time.perf_counter() - start
    db.close()
    return seconds


def bare(folder: Path, _writers: int, count: int) -> float:
    """What the disk itself costs."""
    fd = os.open(folder / "bytes", os.O_WRONLY | os.O_CREAT)
    line = b"x" * LINE_BYTES
    start = time.perf_counter()
    for i in range(count):
        os.pwrite(fd, line, i * LINE_BYTES)
        os.fdatasync(fd)
    seconds = time.perf_counter() - start
    os.close(fd)
    return seconds


if __name__ == "__main__":
    main()
