"""The index is lost, cut, torn, too old or too new: the answers stay the same."""

import random
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from chatapp.domain.model import Draft
from chatapp.store.message_log import MessageLog
from tests.support.records import sent_with

from .conftest import Clock, draft, rounds

ROUNDS = rounds(20, 200)
PAGE = 4096
Damage = Callable[[Path, random.Random], None]


@pytest.fixture
def data(memory: Path, clock: Clock) -> Path:
    """A log, its index as it was closed, and the index as it was when half was said."""
    chance = random.Random(3)
    log = MessageLog.open(memory / "messages", clock=clock)
    for i in range(300):
        clock.advance(minutes=10)
        text = " ".join(chance.choices(("tea", "café", "北京", "milk", "sun"), k=4))
        log.append(draft(f"{text} {i}", room=chance.choice(("a", "b")), cid=f"c{i}"))
        if i % 7 == 0:
            log.append(Draft(room="a", sender="bo", type="react", target=1, emoji="👍", on=True))
        if i == 150:
            log.close()
            shutil.copy(memory / "index.sqlite3", memory / "old.sqlite3")
            log = MessageLog.open(memory / "messages", clock=clock)
    log.close()
    return memory


def answers(memory: Path) -> list[object]:
    log = MessageLog.open(memory / "messages")
    found: list[object] = [
        log.heads(),
        log.last_at("b"),
        log.message("b", 9),
        sent_with(log, "b", "ana", "c77"),
    ]
    for room in ("a", "b"):
        found += [log.history(room, before=before, limit=20) for before in range(10, 200, 30)]
        found.append(log.events(room, after=0, limit=1000))
    found += [
        log.find(text="tea", limit=500).result(),
        log.find(day="2026-11-23").result(),
        log.find(text="北京").result(),
    ]
    found.append(log.search("caf in:a").result())
    log.close()
    return found


def delete(index: Path, _chance: random.Random) -> None:
    index.unlink()


def cut(index: Path, chance: random.Random) -> None:
    index.write_bytes(index.read_bytes()[: chance.randrange(index.stat().st_size)])


def tear(index: Path, chance: random.Random) -> None:
    """A page never got to the disk."""
    content = bytearray(index.read_bytes())
    start = chance.randrange(len(content) // PAGE) * PAGE
    content[start : start + PAGE] = bytes(PAGE)
    index.write_bytes(content)


def older(index: Path, _chance: random.Random) -> None:
    shutil.copy(index.with_name("old.sqlite3"), index)


@pytest.mark.parametrize("damage", [delete, cut, tear, older])
def test_a_damaged_index_answers_as_a_sound_one(data: Path, damage: Damage):
    expected = answers(data)

    for round_ in range(ROUNDS):
        damage(data / "index.sqlite3", random.Random(round_))
        assert answers(data) == expected, round_


def test_an_index_newer_than_the_log_is_made_again(data: Path):
    segment = data / "messages/000000000001.jsonl"
    lines = segment.read_bytes().splitlines(keepends=True)
    index = (data / "index.sqlite3").read_bytes()
    for kept in range(100, 300, 200 // ROUNDS or 1):
        segment.write_bytes(b"".join(lines[:kept]))
        (data / "index.sqlite3").unlink()
        expected = answers(data)

        (data / "index.sqlite3").write_bytes(index)
        assert answers(data) == expected


def test_a_crash_while_the_index_is_written_costs_only_time(data: Path):
    expected = answers(data)
    with sqlite3.connect(data / "index.sqlite3") as db:
        db.execute("PRAGMA journal_mode = WAL")
    db.close()
    shutil.copy(data / "old.sqlite3", data / "index.sqlite3")

    assert answers(data) == expected
