"""History and search in a process of several, beside one that is alone: the same log, in turns.

    python -m benchmarks.cluster.read [--records 1000000]

Each process of a chat reads its own copy: PostgreSQL has no part in it. Meanwhile ten messages a
second come in: from another process, which the shared one follows, or from the same. Each measures
in a process of its own, three times; the medians are told.
"""

import argparse
import json
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from queue import SimpleQueue
from statistics import median
from threading import Event, Thread
from typing import Any

from benchmarks.cluster.parts import Parts, fresh_parts
from benchmarks.log.data import data_folder
from benchmarks.log.read import asked, hot, random_pages
from chatapp.app.runtime import tune
from chatapp.cluster.lines import copy_lines
from chatapp.cluster.postgres import connect, create_tables
from chatapp.cluster.postgres_stream import PostgresStream
from chatapp.domain.model import Draft
from chatapp.log.batches import manifest_of, whole_batches
from chatapp.log.disk import Disk
from chatapp.store.message_log import MessageLog

ROUNDS = 3
APPEND_EVERY_SECONDS = 0.1
NEWS = Draft(room="room-0", sender="person 1", text="and what else is new?")
FIGURES = {"history, the newest page": hot, "history, random places": random_pages}
SEARCH = "search, beside the event loop"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--records", type=int, default=1_000_000)
    parser.add_argument("--inner", nargs=2, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.inner:
        folder, database = arguments.inner
        print(json.dumps(inside(Path(folder), database)))
        return
    data = data_folder(arguments.records)
    MessageLog.open(data / "messages").close()
    with fresh_parts() as parts:
        print(f"{arguments.records:,} records, into PostgreSQL in {_fill(parts, data):.0f} s")
        alone, shared, other = (_copy(data, parts.folder / f"copy-{n}") for n in range(3))
        found: dict[str, list[dict[str, float]]] = {"alone": [], "shared": []}
        with _appending(other, parts.database):
            for _ in range(ROUNDS):
                found["alone"].append(_measured(alone, ""))
                found["shared"].append(_measured(shared, parts.database))
    for name in found["alone"][0]:
        alone_p95, shared_p95 = (median(run[name] for run in found[who]) for who in found)
        print(
            f"  {name:34} p95 alone {alone_p95 * 1e3:7.3f} ms  shared {shared_p95 * 1e3:7.3f} ms"
            f"  ratio {shared_p95 / alone_p95:.2f}",
            flush=True,
        )


def inside(folder: Path, database: str) -> dict[str, float]:
    """In a fresh process: the p95 of each figure, in seconds."""
    turns: SimpleQueue[Any] = SimpleQueue()
    with closing(_opened(folder, database, deliver=turns.put)) as log:
        tune()
        append_at = time.monotonic()

        def turn() -> None:
            nonlocal append_at
            if not database and time.monotonic() >= append_at:
                log.append(NEWS)
                append_at += APPEND_EVERY_SECONDS
            while not turns.empty():
                turns.get()()

        figures = {name: _p95(measure(log), turn) for name, measure in FIGURES.items()}
        return figures | {SEARCH: _p95(asked(log, turns), turn)}


def _p95(seconds: Iterator[float], between: Callable[[], None]) -> float:
    taken = []
    for each in seconds:
        taken.append(each)
        between()
    return sorted(taken)[int(len(taken) * 0.95)]


def _opened(folder: Path, database: str, **options: Any) -> MessageLog:
    share = partial(PostgresStream, database, "messages") if database else None
    return MessageLog.open(folder / "messages", share=share, **options)


def _measured(folder: Path, database: str) -> dict[str, float]:
    command = [sys.executable, "-m", __spec__.name, "--inner", str(folder), database]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return dict(json.loads(done.stdout))


def _fill(parts: Parts, data: Path) -> float:
    """As `chatapp move` does; how long it takes."""
    start = time.perf_counter()
    folder, disk = data / "messages", Disk()
    batches = whole_batches(disk, folder, manifest_of(disk, folder))
    with connect(parts.database) as connection:
        create_tables(connection)
        with connection.transaction():
            connection.execute("INSERT INTO chatapp.stream VALUES ('messages', 0)")
            lines = (line.bytes for batch in batches for line in batch)
            copy_lines(connection, "messages", 0, lines)
    return time.perf_counter() - start


def _copy(data: Path, to: Path) -> Path:
    shutil.copytree(data / "messages", to / "messages")
    shutil.copy(data / "index.sqlite3", to / "index.sqlite3")
    return to


@contextmanager
def _appending(folder: Path, database: str) -> Iterator[None]:
    """Another process of the chat, in which somebody speaks."""
    over = Event()

    def speak() -> None:
        with closing(_opened(folder, database)) as log:
            while not over.wait(APPEND_EVERY_SECONDS):
                log.append(NEWS)

    speaker = Thread(target=speak)
    speaker.start()
    try:
        yield
    finally:
        over.set()
        speaker.join()


if __name__ == "__main__":
    main()
