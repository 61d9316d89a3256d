"""Proofs: what it costs to prove a room's events to a copy, beside reading them.

    python -m benchmarks.log.proofs [--records 65536] [--rounds 5]

The pages are of 200 events, of the busiest room, which has a sixth of the records, and of a quiet
one: there, each page reads many stretches of the log. `read` is what `resume` does for the same
page; the client's `read` is decoding it. Both are the time of one core, of the same run.
"""

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import msgspec

from benchmarks.log.data import data_folder
from chatapp.domain.future import Future
from chatapp.domain.model import Event, Person, Room
from chatapp.domain.transparency.event_proofs import check_events
from chatapp.features.checkpoints.event_prover import EventProver
from chatapp.log.signed_checkpoint import SignedTree, Signing
from chatapp.protocol.answers import ProofsPage, ResumedEvents
from chatapp.protocol.requests import ReadProofs, Resume
from chatapp.store.message_log import MessageLog
from chatapp.upkeep.checkpoints import sign_checkpoints

T = TypeVar("T")

PAGE = 200
PAGES = 10
ROOMS = {"a busy room": "room-0", "a quiet room": "room-60"}
SOMEBODY = Person(name="ana", id="a")


class Log:
    """A log with one checkpoint, and who proves and reads it."""

    def __init__(self, folder: Path, index: Path, signed: SignedTree) -> None:
        self.log = MessageLog.open(folder, index=index)
        self._signed = signed
        self.forget()

    def forget(self) -> None:
        """Nothing of the tree is in memory."""
        self.prover = EventProver(
            self.log,
            find_room=lambda _person, name: Room(name=name, title=name),
            resume=lambda _person, wanted: Future.of(self.read(wanted.room, wanted.after)),
            covering=lambda _n: self._signed,
        )

    def read(self, room: str, after: int) -> ResumedEvents:
        asked = Resume(room=room, epoch=self.log.epoch, after=after)
        events = self.log.events(asked.room, after=asked.after, limit=PAGE)
        head = self.log.head(room)
        return ResumedEvents(
            recovered=True, events=events, more=False, head=head, epoch=self.log.epoch
        )

    def prove(self, room: str, after: int) -> ProofsPage:
        return self.prover.page(SOMEBODY, ReadProofs(room=room, after=after)).result()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--records", type=int, default=65_536)
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    folder = data_folder(arguments.records) / "messages"
    asked = Signing(at="2026-01-01T00:00:00.000Z", seed="1" * 64, salt_key="2" * 64, earlier=[])
    signed, took = timed(lambda: sign_checkpoints(folder, asked)[0])
    print(f"signing a checkpoint: {took * 1e6 / arguments.records:6.1f} µs a record")
    with tempfile.TemporaryDirectory() as scratch:
        log = Log(folder, Path(scratch) / "index.sqlite3", signed)
        for what, room in ROOMS.items():
            measure(log, what, room, arguments.rounds)
        log.log.close()


def measure(log: Log, what: str, room: str, rounds: int) -> None:
    spent = dict.fromkeys(("read", "prove", "decode", "check"), float("inf"))
    events = nodes = size = 0
    for _ in range(rounds):
        log.forget()
        one = dict.fromkeys(spent, 0.0)
        after = events = nodes = size = 0
        for _page in range(PAGES):
            page, seconds = timed(lambda: log.prove(room, after))  # noqa: B023 - called at once
            if page.checkpoint is None:
                break
            one["prove"] += seconds
            read, seconds = timed(lambda: log.read(room, after))  # noqa: B023
            one["read"] += seconds * len(page.proofs) / len(read.events)
            answer, plain = msgspec.json.encode(page), msgspec.json.encode(read)
            some, seconds = timed(lambda: msgspec.json.decode(plain, type=ResumedEvents))  # noqa: B023
            one["decode"] += seconds * len(page.proofs) / len(read.events)
            _, seconds = timed(lambda: check(answer, some.events))  # noqa: B023
            one["check"] += seconds
            events, nodes, size = (
                events + len(page.proofs),
                nodes + len(page.nodes),
                size + len(answer),
            )
            after = page.proofs[-1].seq
        spent = {name: min(spent[name], seconds) for name, seconds in one.items()}
    each = {name: seconds * 1e6 / events for name, seconds in spent.items()}
    print(
        f"{what}, {events:,} events: server {each['prove']:.1f} µs an event, beside "
        f"{each['read']:.1f} to read it ({each['prove'] / each['read']:.1f} times); client "
        f"{each['check']:.1f} µs, beside {each['decode']:.1f} to decode it "
        f"({each['check'] / each['decode']:.1f} times); {size / events:.0f} bytes and "
        f"{nodes / events:.1f} nodes an event"
    )


def check(answer: bytes, events: list[Event]) -> None:
    page = msgspec.json.decode(answer, type=ProofsPage)
    if page.checkpoint is None:
        raise RuntimeError("no checkpoint")
    check_events(page.checkpoint, page.proofs, page.nodes, {each.seq: each for each in events})


def timed(step: Callable[[], T]) -> tuple[T, float]:
    """What comes of it, and how long this thread has worked for it."""
    start = time.thread_time()
    found = step()
    return found, time.thread_time() - start


if __name__ == "__main__":
    main()
