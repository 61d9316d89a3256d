"""Whatever was done to a log, repair makes a whole one of it, or says that nothing is left."""

import json
import logging
import random
import shutil
from collections.abc import Callable
from pathlib import Path
from zlib import crc32

import pytest

from chatapp.log.disk import Disk
from chatapp.log.errors import StorageError
from chatapp.log.manifest import segment_path
from chatapp.store.message_log import MessageLog
from chatapp.upkeep.repair import repair
from tests.support.index_oracle import problems_of

from .conftest import draft, rounds

ROUNDS = rounds(200, 3_000)

Damage = Callable[[list[bytes], random.Random], bytes]


@pytest.fixture
def whole(memory: Path) -> Path:
    """A log of several segments and rooms."""
    log = MessageLog.open(memory / "whole", segment_bytes=1_500)
    for number in range(40):
        log.append(draft(f"message {number}", room="abc"[number % 3], cid=f"c{number}"))
    log.close()
    assert len(list((memory / "whole").glob("*.jsonl"))) > 4
    return memory / "whole"


def flipped(lines: list[bytes], chance: random.Random) -> bytes:
    data = bytearray(b"".join(lines))
    data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    return bytes(data)


def cut(lines: list[bytes], chance: random.Random) -> bytes:
    data = b"".join(lines)
    return data[: chance.randrange(len(data))]


def zeroed(lines: list[bytes], chance: random.Random) -> bytes:
    data = b"".join(lines)
    start = chance.randrange(len(data))
    return data[:start] + bytes(300) + data[start + 300 :]


def with_rubbish(lines: list[bytes], chance: random.Random) -> bytes:
    data = b"".join(lines)
    start = chance.randrange(len(data))
    return data[:start] + b"rubbish\n" + data[start:]


def shuffled(lines: list[bytes], chance: random.Random) -> bytes:
    return b"".join(chance.sample(lines, len(lines)))


def doubled(lines: list[bytes], chance: random.Random) -> bytes:
    return b"".join([*lines, chance.choice(lines)])


def emptied(_lines: list[bytes], _chance: random.Random) -> bytes:
    return b""


def forged(lines: list[bytes], chance: random.Random) -> bytes:
    """With a checksum that is right."""
    place = chance.randrange(len(lines))
    record = json.loads(lines[place])
    record |= chance.choice(
        [
            {"seq": chance.randint(1, 10**9)},
            {"n": chance.randint(1, 80)},
            {"room": "b"},
            {"sender": "eve"},
            {"batch": 3},
        ]
    )
    line = json.dumps(record, separators=(",", ":"), ensure_ascii=False).encode()
    covered = line[: line.rindex(b',"crc":"')]
    return b"".join(
        [*lines[:place], b'%b,"crc":"%08x"}\n' % (covered, crc32(covered)), *lines[place + 1 :]]
    )


DAMAGES: list[Damage] = [flipped, cut, zeroed, with_rubbish, shuffled, doubled, emptied, forged]


def damage(folder: Path, chance: random.Random) -> None:
    """Up to three segments, each in one way; now and then the manifest too."""
    segments = sorted(folder.glob("*.jsonl"))
    for segment in chance.sample(segments, chance.randint(1, 3)):
        lines = segment.read_bytes().splitlines(keepends=True)
        segment.write_bytes(chance.choice(DAMAGES)(lines, chance))
    if chance.random() < 0.2:
        (folder / "manifest.json").write_text(chance.choice(["", "{", "null"]))


def test_what_is_left_is_a_whole_log(whole: Path, memory: Path, caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.ERROR)
    kept = 0
    for round_ in range(ROUNDS):
        folder = memory / "data" / "messages"
        shutil.copytree(whole, folder)
        damage(folder, random.Random(round_))

        result = repair(Disk(), folder, memory / "data" / "old")

        log = MessageLog.open(folder)
        log.append(draft("it can be written to", room="a")).result()
        log.close()
        index = folder.parent / "index.sqlite3"
        assert problems_of(folder, index) == [], round_
        kept += result.records
        shutil.rmtree(memory / "data")
    assert kept > ROUNDS * 20, "most is there"


def test_where_nothing_is_left_nothing_is_changed(whole: Path, memory: Path):
    for first in whole.glob("*.jsonl"):
        first.unlink()
    segment_path(whole, 1).write_bytes(b"rubbish\n")

    with pytest.raises(StorageError, match="has no whole record; restore a backup"):
        repair(Disk(), whole, memory / "old")

    assert segment_path(whole, 1).read_bytes() == b"rubbish\n"
    assert not (memory / "old").exists()
