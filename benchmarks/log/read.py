"""Reading a large log: the start, pages of history, search while you type, and memory.

    python -m benchmarks.log.read [--records 1000000] [--records 10000000]

Each size in a process of its own, with its index current. Beside history: the same pages from
a SQLite table that holds the texts. The search queries are words from the commonest to the
rarest, alone and in pairs, in all their beginnings from two letters on.

Then somebody sends messages, in turns of a second: while nobody searches, while ten people type
what they search for, while one search follows the other without a pause, while nobody does …
What else goes on on the machine meets all kinds of turns alike, and of their p99s the medians are
told. This log lies in memory, where there is room, or where BENCH_DIR says.
"""

import argparse
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from math import inf as INFINITY
from pathlib import Path
from queue import Empty, SimpleQueue
from statistics import median

from benchmarks.log.data import data_folder, vocabulary
from chatapp.app.runtime import tune
from chatapp.domain.model import Draft
from chatapp.log import format
from chatapp.log.disk import Disk
from chatapp.log.recovery import read_lines
from chatapp.store.message_log import MessageLog

PAGES = 2_000
MEMORY = Path(os.environ.get("BENCH_DIR", "/dev/shm"))
TURNS = 12
SENDS = 200
SEND_EVERY_SECONDS = 0.005
SEARCHERS = {
    "nobody searches": None,
    "ten people type searches": 0.02,
    "searches all the time": 0.0,
}
"""How much time goes by from one search to the next: ten people with five letters a second, or
none."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--records", type=int, action="append")
    parser.add_argument("--inner", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.inner:
        inside(arguments.inner, arguments.records[0])
        return
    for records in arguments.records or [1_000_000]:
        data = data_folder(records)
        MessageLog.open(data / "messages").close()
        print(f"\n{records:,} records", flush=True)
        subprocess.run(
            [sys.executable, "-m", __spec__.name, "--records", str(records), "--inner", data],
            check=True,
        )
        print(f"  {'history from a SQLite table':34} {table_pages(data, records)}", flush=True)


def inside(data: Path, records: int) -> None:
    """In a fresh process."""
    start = time.perf_counter()
    log = MessageLog.open(data / "messages")
    log.history("room-0")
    print(f"  {'start to the first answer':34} {time.perf_counter() - start:8.3f} s", flush=True)
    print(f"  {'history, the newest page':34} {percentiles(hot(log))}", flush=True)
    print(f"  {'history, random places':34} {percentiles(random_pages(log))}", flush=True)
    print(f"  {'search':34} {percentiles(searches(log))}", flush=True)
    log.close()
    for who, sent in sending(data).items():
        print(f"  {f'a send, {who}':34} {medians(sent)}", flush=True)
    print(f"  {'resident memory, at most':34} {peak_memory_mb():8.0f} MB", flush=True)


def peak_memory_mb() -> float:
    """getrusage would count what the parent had when it started this process."""
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def timed(action: Callable[[], object]) -> float:
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def percentiles(seconds: Iterator[float] | list[float]) -> str:
    ordered = sorted(seconds)
    p50, p95, p99 = (ordered[int(len(ordered) * part)] * 1e3 for part in (0.5, 0.95, 0.99))
    return f"p50 {p50:7.3f}  p95 {p95:7.3f}  p99 {p99:7.3f} ms  of {len(ordered):,}"


def medians(turns: list[list[float]]) -> str:
    """Of the turns' own percentiles."""
    of_turns = [[sorted(turn)[int(len(turn) * part)] for part in (0.5, 0.99)] for turn in turns]
    p50, p99 = (median(column) * 1e3 for column in zip(*of_turns, strict=True))
    return f"p50 {p50:7.3f}  p99 {p99:7.3f} ms, medians of {len(turns)} turns"


def hot(log: MessageLog) -> Iterator[float]:
    for i in range(PAGES):
        yield timed(lambda room=f"room-{i % 10}": log.history(room))  # type: ignore[misc]


def places(heads: dict[str, int]) -> Iterator[tuple[str, int]]:
    """Where people scroll back to: rooms by their size, places anywhere."""
    chance = random.Random(5)
    rooms = chance.choices(list(heads), weights=list(heads.values()), k=PAGES)
    for room in rooms:
        yield room, chance.randint(min(60, heads[room]), heads[room])


def random_pages(log: MessageLog) -> Iterator[float]:
    for room, seq in places(log.heads()):
        yield timed(lambda room=room, seq=seq: log.history(room, before=seq))  # type: ignore[misc]


def queries() -> Iterator[str]:
    words = vocabulary()
    chance = random.Random(6)
    for rank in (0, 1, 2, 5, 10, 30, 100, 300, 1_000, 3_000, 10_000, 40_000):
        word, other = words[rank], words[chance.randrange(200)]
        for end in range(2, len(word) + 1):
            yield word[:end]
            yield f"{other} {word[:end]}"
        yield f'"{word} {other}"'
        yield f"{word} in:room-7"
        yield f"{word} from:person 3"


def searches(log: MessageLog) -> Iterator[float]:
    for query in [*queries()] * 3:
        yield timed(lambda query=query: log.search(query).result())  # type: ignore[misc]


class Searchers:
    """Somebody searches: at moments of chance, or one after the other without a pause."""

    def __init__(self, log: MessageLog, each_seconds: float | None) -> None:
        self._log = log
        self._each_seconds = each_seconds
        self._queries = [*queries()]
        self._chance = random.Random(7)
        self.next = INFINITY
        if each_seconds is not None:
            self.search()

    def search(self, _: object = None) -> None:
        asked = self._log.search(self._chance.choice(self._queries))
        if self._each_seconds:
            self.next = time.perf_counter() + self._chance.expovariate(1 / self._each_seconds)
        elif self._each_seconds == 0:
            asked.add_done_callback(self.search)

    def stop(self) -> None:
        self._each_seconds = None


def sending(data: Path) -> dict[str, list[list[float]]]:
    """How long a send takes to its ack, turn by turn, by who searches meanwhile."""
    copy = Path(tempfile.mkdtemp(dir=MEMORY if MEMORY.exists() else data.parent))
    shutil.copytree(data / "messages", copy / "messages")
    shutil.copy(data / "index.sqlite3", copy / "index.sqlite3")
    turns: SimpleQueue[Callable[[], None]] = SimpleQueue()
    log = MessageLog.open(copy / "messages", deliver=turns.put)
    tune()
    found: dict[str, list[list[float]]] = {who: [] for who in SEARCHERS}
    try:
        sends(log, turns, 0.0)
        print(
            f"  {'search, beside the event loop':34} {percentiles(asked(log, turns))}", flush=True
        )
        for _ in range(TURNS):
            for who, each_seconds in SEARCHERS.items():
                found[who].append(sends(log, turns, each_seconds))
        return found
    finally:
        log.close()
        shutil.rmtree(copy)


def asked(log: MessageLog, turns: "SimpleQueue[Callable[[], None]]") -> Iterator[float]:
    def ask(query: str) -> None:
        found = log.search(query)
        while not found.done:
            turns.get()()

    for query in [*queries()] * 3:
        yield timed(lambda query=query: ask(query))  # type: ignore[misc]


def sends(
    log: MessageLog, turns: "SimpleQueue[Callable[[], None]]", each_seconds: float | None
) -> list[float]:
    seconds: list[float] = []
    searchers = Searchers(log, each_seconds)
    for i in range(SENDS):
        start = time.perf_counter()
        draft = Draft(room="room-0", sender="person 1", text=f"hello {i}", cid=f"s{start}")
        pending = log.append(draft)
        while not pending.done:
            turns.get()()
        seconds.append(time.perf_counter() - start)
        end = start + SEND_EVERY_SECONDS
        while (now := time.perf_counter()) < end:
            if now >= searchers.next:
                searchers.search()
            try:
                turns.get(timeout=max(min(end, searchers.next) - now, 0))()
            except Empty:
                continue
    searchers.stop()  # the search under way is the last one
    return seconds


def table_pages(data: Path, records: int) -> str:
    """The peer: everything in one table, the text too."""
    path = data / "table.sqlite3"
    path.unlink(missing_ok=True)
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("PRAGMA synchronous = OFF")
    db.execute("CREATE TABLE messages (room, seq, sender, at, cid, text, PRIMARY KEY (room, seq))")
    db.execute("BEGIN")
    heads: dict[str, int] = {}
    for file in sorted((data / "messages").glob("*.jsonl")):
        for _, line in read_lines(Disk(), file):
            record = format.decode_record(line)
            heads[record.room] = record.seq
            row = (record.room, record.seq, record.sender, record.at, record.cid, record.text)
            db.execute("INSERT INTO messages VALUES (?, ?, ?, ?, ?, ?)", row)
    db.execute("COMMIT")
    statement = "SELECT * FROM messages WHERE room = ? AND seq < ? ORDER BY seq DESC LIMIT 50"
    told = percentiles(
        timed(lambda place=place: db.execute(statement, place).fetchall())  # type: ignore[misc]
        for place in places(heads)
    )
    db.close()
    path.unlink()
    return told


if __name__ == "__main__":
    main()
