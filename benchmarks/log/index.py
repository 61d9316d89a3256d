"""Making the index anew, and verifying the log: records a second.

    python -m benchmarks.log.index [--records 1000000]

Beside the rebuild: SQLite's FTS5 with the same texts and nothing else, the floor under every
index that searches with it. Beside verify: `sha256sum` of the same files, and a JSON parser
that only parses. Processor seconds are told too: on a machine that others use, they say more
than the clock.
"""

import argparse
import resource
import sqlite3
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import msgspec

from benchmarks.log.data import data_folder
from chatapp.index.schema import remove_index
from chatapp.log import format
from chatapp.log.disk import Disk
from chatapp.log.recovery import read_lines
from chatapp.store.message_log import MessageLog
from chatapp.upkeep.verify import verify


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--records", type=int, default=1_000_000)
    records = parser.parse_args().records
    data = data_folder(records)
    files = sorted((data / "messages").glob("*.jsonl"))
    for name, run in {
        "verify the log": lambda: verify(data / "messages"),
        "  sha256sum of the files": lambda: subprocess.run(
            ["sha256sum", *files], check=True, capture_output=True
        ),
        "  parsing the JSON only": lambda: parse(files),
        "rebuild of the index": lambda: rebuild(data),
        "verify the log and the index": lambda: verify_all(data),
        "  FTS5 with the texts only": lambda: words_only(data, files),
    }.items():
        measure(name, records, run)


def measure(name: str, records: int, run: Callable[[], object]) -> None:
    start, used = time.perf_counter(), processor_seconds()
    run()
    seconds, used = time.perf_counter() - start, processor_seconds() - used
    print(
        f"{name:28} {records / seconds:10,.0f} a second   {seconds:6.1f} s, "
        f"{used:6.1f} s of processor time",
        flush=True,
    )


def processor_seconds() -> float:
    own, children = (
        resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def rebuild(data: Path) -> None:
    remove_index(data / "index.sqlite3")
    MessageLog.open(data / "messages").close()


def verify_all(data: Path) -> None:
    if problems := verify(data / "messages", index=data / "index.sqlite3").problems:
        raise SystemExit(problems[0])


def parse(files: list[Path]) -> None:
    for file in files:
        for _, line in read_lines(Disk(), file):
            msgspec.json.decode(line)


def words_only(data: Path, files: list[Path]) -> None:
    path = data / "words.sqlite3"
    path.unlink(missing_ok=True)
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("PRAGMA synchronous = OFF")
    db.execute("PRAGMA journal_mode = OFF")
    db.execute("CREATE VIRTUAL TABLE words USING fts5(text, content='', prefix='2', columnsize=0)")
    for file in files:
        records = (format.decode_record(line) for _, line in read_lines(Disk(), file))
        rows = ((record.n, record.text) for record in records if record.type == "message")
        db.execute("BEGIN")
        db.executemany("INSERT INTO words (rowid, text) VALUES (?, ?)", rows)
        db.execute("COMMIT")
    db.close()
    path.unlink()


if __name__ == "__main__":
    main()
