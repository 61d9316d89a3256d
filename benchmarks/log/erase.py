"""Erasing one person's texts from a large log: of a closed one, and while the chat goes on.

    python -m benchmarks.log.erase [--records 1000000] [--sender "person 7"]

In 1,000,000 records this person has some 13,000 texts. While the log is open, somebody sends a
message every 20 ms; what they wait for their acks is told beside what they wait without the
erasing. The search for the texts runs in a process of its own then, as in the server.
"""

import argparse
import math
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import IO, Any, NamedTuple, cast

import msgspec

from benchmarks.log.data import data_folder
from benchmarks.log.index import processor_seconds
from chatapp.app.runtime import tune
from chatapp.domain.clock import now, timestamp
from chatapp.domain.future import Future
from chatapp.domain.model import Draft
from chatapp.log.disk import Disk
from chatapp.store.message_log import MessageLog
from chatapp.upkeep.erase import ErasureRequest, ErasureSelector, erase
from chatapp.upkeep.verify import verify

PAUSE_SECONDS = 0.02
QUIET_SECONDS = 5.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--records", type=int, default=1_000_000)
    parser.add_argument("--sender", default="person 7")
    arguments = parser.parse_args()
    tune()
    source = data_folder(arguments.records)
    wanted = ErasureSelector(sender=arguments.sender)
    for name, measure in {"closed": closed, "while the chat goes on": in_use}.items():
        place = source.with_name("erasing")
        shutil.rmtree(place, ignore_errors=True)
        shutil.copytree(source, place)
        os.sync()  # what is copied is not what is measured
        run = measure(place, wanted)
        print(
            f"{name}: {run.erased:,} texts of {arguments.records:,} in {run.seconds:.1f} s, "
            f"{run.processor_seconds:.1f} s of processor time",
            flush=True,
        )
        for what, of_them in run.waits.items():
            print(f"  {what:22} {told(of_them)}")
        if problems := verify(place / "messages").problems:
            sys.exit(problems[0])
        shutil.rmtree(place)


class Run(NamedTuple):
    """How many texts, in what time, and what those who sent meanwhile waited, in seconds."""

    erased: int
    seconds: float
    processor_seconds: float
    waits: dict[str, list[float]]


def closed(data: Path, wanted: ErasureSelector) -> Run:
    start, used = time.perf_counter(), processor_seconds()
    erased = erase(Disk(), data / "messages", wanted, when=timestamp(now())).erased
    return Run(erased, time.perf_counter() - start, processor_seconds() - used, {})


def in_use(data: Path, wanted: ErasureSelector) -> Run:
    chat = Chat(data / "messages")
    quiet_until = time.perf_counter() + QUIET_SECONDS
    chat.go_on_until(lambda: time.perf_counter() > quiet_until)
    before, chat.waits = chat.waits, []
    start, used = time.perf_counter(), processor_seconds()
    active = chat.wait(chat.log.begin_erasing())
    prepare(chat, ErasureRequest(wanted=wanted, when=timestamp(now()), active=active))
    erased = len(chat.log.finish_erasing(chat.wait))
    seconds, used = time.perf_counter() - start, processor_seconds() - used
    waits = {"a send waits": before, "and meanwhile": chat.waits}
    chat.log.close()
    return Run(erased, seconds, used, waits)


def prepare(chat: "Chat", asked: ErasureRequest) -> None:
    command = [sys.executable, "-m", "chatapp.upkeep.erase", str(chat.log.folder)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) as process:
        asking = cast("IO[bytes]", process.stdin)
        asking.write(msgspec.json.encode(asked) + b"\n")
        asking.flush()
        chat.go_on_until(lambda: process.poll() is not None)


class Chat:
    """A log with an event loop, in which somebody sends a message now and then."""

    def __init__(self, folder: Path) -> None:
        self.waits: list[float] = []
        self._turns: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self.log = MessageLog.open(folder, deliver=self._turns.put)
        self._sent_at = -math.inf

    def wait(self, step: Future[Any]) -> Any:
        self.go_on_until(lambda: step.done)
        return step.result()

    def go_on_until(self, is_over: Callable[[], bool]) -> None:
        while not is_over():
            self._turn()

    def _turn(self) -> None:
        self._send()
        with suppress(Empty):
            self._turns.get(timeout=PAUSE_SECONDS / 4)()

    def _send(self) -> None:
        sent_at = time.perf_counter()
        if sent_at < self._sent_at + PAUSE_SECONDS:
            return
        self._sent_at = sent_at

        def acked(_: Future[object]) -> None:
            self.waits.append(time.perf_counter() - sent_at)

        draft = Draft(room="room 0", sender="somebody", text="Is it still raining?")
        self.log.append(draft).add_done_callback(acked)


def told(waits: list[float]) -> str:
    ordered = sorted(waits)
    places = {"p50": 0.5, "p99": 0.99, "longest": 1.0}
    at = {name: ordered[min(len(ordered) - 1, int(p * len(ordered)))] for name, p in places.items()}
    return ", ".join(f"{name} {seconds * 1000:.1f} ms" for name, seconds in at.items())


if __name__ == "__main__":
    main()
