"""A log of any size to measure with, made once and kept in build/bench/.

Words are drawn as people use them: their frequencies follow Zipf's law in Mandelbrot's form,
1 / (rank + 2.7), over a vocabulary of 50,000 (https://en.wikipedia.org/wiki/Zipf–Mandelbrot_law);
a text has 1 to 60 words, log-normally distributed around 8, and words that are often used are
short. Rooms and people are Zipf-distributed too: a busy room, many quiet ones. A message in
twenty is a reaction, one in fifty an edit. All of it is the same in every run.

    python -m benchmarks.log.data 1000000
"""

import random
import shutil
import sys
import time
from collections.abc import Iterator
from itertools import accumulate
from pathlib import Path

from chatapp.domain.model import Event
from chatapp.log import format
from chatapp.log.disk import Disk
from chatapp.log.format import ChainHead, Position
from chatapp.log.rewrite import Rewriting
from chatapp.log.staging import stage, swap
from chatapp.store.opening_folder import begin

FOLDER = Path(__file__).resolve().parent.parent.parent / "build" / "bench"
VOCABULARY = 50_000
ROOMS = 200
PEOPLE = 2_000
BATCH = 20
"""As many records share a commit in a busy chat."""
_SYLLABLES = [
    "ba",
    "be",
    "bi",
    "ca",
    "da",
    "de",
    "do",
    "fa",
    "ga",
    "ha",
    "he",
    "in",
    "ka",
    "la",
    "le",
    "li",
    "lo",
    "ma",
    "me",
    "mi",
    "mo",
    "na",
    "ne",
    "no",
    "on",
    "pa",
    "ra",
    "re",
]
_SYLLABLES += [
    "ri",
    "ro",
    "sa",
    "se",
    "si",
    "so",
    "ta",
    "te",
    "ti",
    "to",
    "tra",
    "un",
    "va",
    "ve",
    "vi",
]


def data_folder(records: int) -> Path:
    """A data folder with so many records and no index yet; made where it is not there."""
    folder = FOLDER / f"log-{records}-format-{format.VERSION}"
    if not (folder / "messages").exists():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        _write(folder / "messages", records)
    return folder


def vocabulary() -> list[str]:
    """The commonest words first; they are the shortest too."""
    chance = random.Random(1)
    words: dict[str, None] = {}
    while len(words) < VOCABULARY:
        syllables = 1 + len(words) // 40 if len(words) < 80 else chance.choice((2, 3, 3, 4))
        words["".join(chance.choices(_SYLLABLES, k=min(syllables, 4)))] = None
    return list(words)


def texts() -> Iterator[str]:
    """Without end."""
    chance = random.Random(2)
    words = vocabulary()
    weights = list(accumulate(1 / (rank + 2.7) for rank in range(len(words))))
    while True:
        drawn = chance.choices(words, cum_weights=weights, k=1_000_000)
        at = 0
        while at < len(drawn) - 60:
            count = min(60, max(1, round(chance.lognormvariate(2.1, 0.7))))
            yield " ".join(drawn[at : at + count])
            at += count


def events(records: int) -> Iterator[Event]:
    chance = random.Random(3)
    rooms = [f"room-{i}" for i in range(ROOMS)]
    people = [f"person {i}" for i in range(PEOPLE)]
    room_weights = list(accumulate(1 / (rank + 1) for rank in range(ROOMS)))
    people_weights = list(accumulate(1 / (rank + 5) for rank in range(PEOPLE)))
    heads = dict.fromkeys(rooms, 0)
    start = 1_577_872_800 - 2 * records
    said = texts()
    for n in range(records):
        if n % 10_000 == 0:
            some_rooms = chance.choices(rooms, cum_weights=room_weights, k=10_000)
            some_people = chance.choices(people, cum_weights=people_weights, k=10_000)
            at = time.strftime("%Y-%m-%dT%H:%M:%S.123Z", time.gmtime(start + 2 * n))
        room, sender = some_rooms[n % 10_000], some_people[n % 10_000]
        heads[room] = seq = heads[room] + 1
        if n % 20 == 19 and seq > 10:
            target = seq - 1 - n % 9
            yield Event(
                room=room, seq=seq, sender=sender, at=at, type="react", target=target, emoji="👍",
                on=True,
            )  # fmt: skip
        elif n % 50 == 48 and seq > 10:
            yield Event(
                room=room, seq=seq, sender=sender, at=at, type="edit", target=seq - 1,
                text=next(said),
            )  # fmt: skip
        else:
            cid = f"{chance.getrandbits(64):016x}"
            yield Event(room=room, seq=seq, sender=sender, at=at, cid=cid, text=next(said))


def _write(folder: Path, records: int) -> None:
    print(f"making {records:,} records in {folder} …", file=sys.stderr)
    disk = Disk()
    manifest = begin(disk, folder)
    rewriting = Rewriting(disk, stage(disk, folder), ChainHead())
    salts = format.salts(random.Random(4).randbytes(12 * BATCH))
    tip, lines = ChainHead(), list[bytes]()
    previous = tip.hash.encode()
    for n, event in enumerate(events(records), 1):
        more = min(BATCH - 1 - len(lines), records - n)
        place = Position(n, tip.batch + 1, more)
        line, previous = format.encode_event(event, place, salts[more], previous)
        lines.append(line)
        if more == 0:
            rewriting.add(lines)
            tip, lines = ChainHead(n, place.batch, previous.decode()), []
    rewriting.finish(manifest.revised(segments=rewriting.sealed))
    swap(disk, folder, kept=None)


if __name__ == "__main__":
    print(data_folder(int(sys.argv[1])))
