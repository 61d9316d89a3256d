"""Imports of other chats' exports: messages a second, again, and the most memory.

    python -m benchmarks.log.imports [--messages 100000] [--rounds 3] [--large-mb 0]
        [--formats slack …] [--folder DIR]

For each format an export (exports_of_chats.py). `chatapp log import` reads it as a person would run
it, then reads it again: nothing is added twice, which has to be looked up. The best of the rounds
counts, because a machine that others use is noisy in one direction only; the processor time is told
too. `--large-mb` adds a file of Mattermost of this size, whose posts are in
no order, so that they are sorted on disk.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

from benchmarks.log.exports_of_chats import EXPORTS, LARGE

Writers = dict[str, Callable[[Path, int], Path]]


class Run(NamedTuple):
    """Of one command. `peak` is in bytes."""

    seconds: float
    processor_seconds: float
    peak: int


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--messages", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--large-mb", type=int, default=0)
    parser.add_argument("--formats", nargs="+", choices=EXPORTS, default=[*EXPORTS])
    parser.add_argument("--folder", type=Path, default=Path.cwd() / "build")
    options = parser.parse_args()
    options.folder.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=options.folder) as name:
        folder = Path(name)
        for format in options.formats if options.rounds else ():
            export = written(format, folder / f"export.{format}", options.messages)
            runs = [both_runs(export, folder / "data") for _ in range(options.rounds)]
            tell(format, options.messages, [first for first, _ in runs])
            tell(f"{format}, again", options.messages, [again for _, again in runs])
            export.unlink()
        for format in LARGE if options.large_mb else ():
            if format in options.formats:
                large(folder, format, options.large_mb)


def written(format: str, path: Path, messages: int, writers: Writers = EXPORTS) -> Path:
    """In a process of its own: the most memory of a child counts that of its parent before it
    became another program."""
    kind = "LARGE" if writers is LARGE else "EXPORTS"
    process = get_context("spawn").Process(target=_write, args=(kind, format, path, messages))
    process.start()
    process.join()
    return path


def _write(kind: str, format: str, path: Path, messages: int) -> None:
    writers = LARGE if kind == "LARGE" else EXPORTS
    writers[format](path, messages)


def both_runs(export: Path, data: Path) -> tuple[Run, Run]:
    try:
        return imported(export, data), imported(export, data)
    finally:
        shutil.rmtree(data)


def imported(export: Path, data: Path) -> Run:
    command = [sys.executable, "-m", "chatapp", "log", "import", str(export), "--data", str(data)]
    start = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} failed with {process.returncode}")
    seconds = time.perf_counter() - start
    return Run(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024)


def tell(what: str, messages: int, runs: list[Run]) -> None:
    wall = min(run.seconds for run in runs)
    processor = min(run.processor_seconds for run in runs)
    peak = max(run.peak for run in runs)
    print(
        f"  {what:26} {messages / wall:10,.0f} a second, {processor / messages * 1e6:6.1f} µs of "
        f"processor time each, {peak / 1e6:6.0f} MB",
        flush=True,
    )


def large(folder: Path, format: str, megabytes: int) -> None:
    """The disk is asked for three times as much: the export, its sorted runs, and the log."""
    sample = written(format, folder / "sample", 20_000, LARGE)
    messages = int(megabytes * 1e6 / sample.stat().st_size * 20_000)
    sample.unlink()
    export = written(format, folder / "large", messages, LARGE)
    run = imported(export, folder / "data")
    tell(f"{format}, {export.stat().st_size / 1e6:,.0f} MB", messages, [run])
    export.unlink()
    shutil.rmtree(folder / "data")


if __name__ == "__main__":
    main()
