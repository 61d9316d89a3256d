"""Durable appends: our log, SQLite, and a Node process, on the same disk, in the same run.

    python -m benchmarks.log_append [--folder DIR] [--seconds 3]

50 writers, each waiting for its ack before it writes again; then one writer, beside the bare
write and fdatasync of the same bytes. The runs alternate, three rounds each, and the best of
each counts: a disk that others use is noisy in one direction only.
"""

import argparse
import os
import shutil
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from queue import SimpleQueue

from chatapp.model import Draft, Event
from chatapp.pending import Pending
from chatapp.storage import MessageLog

HERE = Path(__file__).parent
TEXT = "Shall we meet at the usual place, or is it going to rain again this afternoon?"
ROUNDS = 3
LINE_BYTES = 330
"""Of a record with this text."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--folder", type=Path, default=Path.cwd() / "build")
    parser.add_argument("--messages", type=int, default=20_000)
    arguments = parser.parse_args()
    arguments.folder.mkdir(exist_ok=True)
    for writers, peers, count in (
        (
            50,
            {"our log": ours, "Node, grouped fdatasync": node, "SQLite": sqlite},
            arguments.messages,
        ),
        (1, {"our log": ours, "bare write + fdatasync": bare}, arguments.messages // 10),
    ):
        best = dict.fromkeys(peers, 0.0)
        for _ in range(ROUNDS):
            for name, run in peers.items():
                some = count // 10 if name == "SQLite" else count
                rate = some / within(arguments.folder, run, writers, some)
                best[name] = max(best[name], rate)
        print(f"\n{writers} writer{'s' * (writers > 1)}, each waiting for its ack")
        for name, rate in best.items():
            print(f"  {name:26} {rate:10,.0f} a second   {best['our log'] / rate:5.2f} ×")


def within(parent: Path, run: Callable[[Path, int, int], float], writers: int, count: int) -> float:
    folder = Path(tempfile.mkdtemp(dir=parent))
    try:
        return run(folder, writers, count)
    finally:
        shutil.rmtree(folder)


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
        log.append(draft).when_done(lambda pending: acked(pending, writer))

    def acked(pending: Pending[Event], writer: int) -> None:
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


def node(folder: Path, writers: int, count: int) -> float:
    command = ["node", HERE / "peers" / "append.mjs", folder / "log.jsonl", str(writers)]
    done = subprocess.run([*command, str(count), TEXT], check=True, capture_output=True, text=True)
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
