"""Threads in a large room: pages of the room and of its threads, folded and not.

    python -m benchmarks.log.threads [--threads 1000] [--messages 100000] [--rounds 1000]

A room of so many messages, most of which are replies: in one room they are spread over all threads,
in the other nine of ten are in a single one. A third of the messages came last and are still in
memory, where the index has not taken them in.
"""

import argparse
import random
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.log.read import MEMORY, percentiles
from chatapp.app.runtime import tune
from chatapp.domain.model import Draft, Person, Room
from chatapp.features.reading.manager import ReadingManager
from chatapp.features.rooms.memberships import Memberships, RoomView
from chatapp.features.threads.follows import Follow, Follows
from chatapp.features.threads.manager import ThreadManager
from chatapp.protocol.requests import ListThreads
from chatapp.store.message_log import MessageLog
from chatapp.tables.short_lived import ShortLivedTables

ANA = Person(name="ana", id="id of ana", role="member", since="2026-01-01T00:00:00.000Z")
NEW = ListThreads(unread=True)
PEOPLE = [f"person {number}" for number in range(50)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--threads", type=int, default=1000)
    parser.add_argument("--messages", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=1000)
    options = parser.parse_args()
    tune()
    folder = MEMORY if MEMORY.is_dir() else None
    with tempfile.TemporaryDirectory(dir=folder) as data:
        log = MessageLog.open(Path(data) / "messages", durability="os")
        fill(log, "spread", options.threads, options.messages, one=False)
        fill(log, "one", options.threads, options.messages, one=True)
        log.search("anything").result()
        print(f"{options.messages:,} messages in {options.threads:,} threads, all in the index")
        pages(log, options.threads, options.rounds)
        for room in ("spread", "one"):
            add(log, room, options.threads, range(1000), one=room == "one")
        print("the same, and 1,000 newer ones in memory")
        pages(log, options.threads, options.rounds)
        inbox(log, options.rounds)
        log.close()


def inbox(log: MessageLog, rounds: int) -> None:
    """Of somebody in 60 rooms who follows 200 threads in them, a half of which have something new,
    up to 30 replies; two of a hundred mention them."""
    chance = random.Random(7)
    rooms = [Room(name=f"room-{number}", title=f"Room {number}") for number in range(60)]
    follows = Follows(ShortLivedTables(), ShortLivedTables())
    for number in range(200):
        room = rooms[number % 60].name
        root = log.append(Draft(room=room, sender="ana", by=ANA.id, text="?")).result().event.seq
        follows.change(ANA, (room, root), Follow(read=root))
        for reply in range(chance.randint(1, 30) if number % 2 else 0):
            text = "@ana, yes" if reply % 50 == 0 else "no"
            log.append(Draft(room=room, sender=chance.choice(PEOPLE), text=text, thread=root))
    memberships = Memberships(ShortLivedTables())
    views = [RoomView(room.name, never_read=0) for room in rooms]
    threads = ThreadManager(follows, log, rooms=AllRooms(rooms), is_in=lambda _id, _room: True)

    def all_unread() -> None:
        ReadingManager(memberships, log).all_unread(ANA, views)  # without cached counts

    for where in ("in memory", "in the index"):
        print(f"60 rooms and 200 followed threads, all {where}")
        measure("unread of the rooms", all_unread, rounds)
        measure("the number of threads with news", lambda: threads.count_new(ANA), rounds)
        measure("a page of followed threads", lambda: threads.page(ANA, ListThreads()), rounds)
        measure("a page of those with news", lambda: threads.page(ANA, NEW), rounds)
        log.search("anything").result()


class AllRooms:
    def __init__(self, rooms: list[Room]) -> None:
        self._rooms = {room.name: room for room in rooms}

    def visible_to(self, _person: Person) -> list[Room]:
        return list(self._rooms.values())

    def find(self, _person: Person, name: str) -> Room:
        return self._rooms[name]


def fill(log: MessageLog, room: str, threads: int, messages: int, *, one: bool) -> None:
    for number in range(threads):
        log.append(Draft(room=room, sender=PEOPLE[number % 50], text=f"question {number}"))
    add(log, room, threads, range(messages - threads), one=one)


def add(log: MessageLog, room: str, threads: int, numbers: range, *, one: bool) -> None:
    chance = random.Random(len(numbers))
    for number in numbers:
        thread = threads // 2 if one and number % 10 else chance.randint(1, threads)
        sender = chance.choice(PEOPLE)
        log.append(Draft(room=room, sender=sender, text=f"answer {number}", thread=thread))
        if number % 2000 == 0:
            log.flush()


def pages(log: MessageLog, threads: int, rounds: int) -> None:
    for room in ("spread", "one"):
        for what, page in pages_of(log, room, threads).items():
            measure(f"{room}: {what}", page, rounds)


def pages_of(log: MessageLog, room: str, threads: int) -> dict[str, Callable[[], object]]:
    chance = random.Random(5)
    head, middle = log.head(room), threads // 2
    return {
        "a page of everything": lambda: log.history(room),
        "folded, newest": lambda: log.history(room, folded=True),
        "folded, anywhere": lambda: log.history(
            room, folded=True, before=chance.randint(50, threads)
        ),
        "a thread is opened": lambda: log.history(room, thread=middle),
        "a thread, anywhere": lambda: log.history(
            room, thread=middle, before=chance.randint(1000, head)
        ),
    }


def measure(what: str, action: Callable[[], object], rounds: int) -> None:
    taken = []
    for _ in range(rounds):
        start = time.perf_counter()
        action()
        taken.append(time.perf_counter() - start)
    print(f"  {what:34} {percentiles(taken)}", flush=True)


if __name__ == "__main__":
    main()
