"""Full text in many parts, made one record after the other or side by side, answers the same."""

import random
from contextlib import closing
from itertools import product
from pathlib import Path

import pytest

from chatapp.domain.model import Draft
from chatapp.index import parts
from chatapp.index.schema import connect
from chatapp.log.errors import StorageError
from chatapp.store.message_log import MessageLog
from tests.support.records import sent_with

from .conftest import Clock, draft, problems

WORDS = ("tea", "café", "北京", "milk", "https://sun.example")


@pytest.fixture(autouse=True)
def small_parts(monkeypatch: pytest.MonkeyPatch):
    """A part for every segment or two."""
    monkeypatch.setattr("chatapp.index.index.PART_RECORDS", 25)
    monkeypatch.setattr("chatapp.index.rebuild.PART_RECORDS", 25)


@pytest.fixture
def folder(memory: Path, clock: Clock) -> Path:
    """A log whose messages are edited and deleted much later, in other parts."""
    chance = random.Random(3)
    log = MessageLog.open(memory / "messages", clock=clock, segment_bytes=6_000)
    for i in range(200):
        clock.advance(minutes=10)
        room, sender = chance.choice("ab"), chance.choice(("ana", "bo"))
        text = " ".join(chance.choices(WORDS, k=3))
        log.append(draft(f"{text} {i}", room=room, sender=sender, cid=f"c{i}"))
        if i % 9 == 8:
            target = log.history(room, limit=50).messages[0].seq
            text = f"{chance.choice(WORDS)} instead"
            log.append(Draft(room=room, sender=sender, type="edit", target=target, text=text))
        if i % 25 == 24:
            target = chance.randrange(1, log.head(room))
            if log.message(room, target):
                log.append(Draft(room=room, sender=sender, type="delete", target=target))
    log.close()
    with closing(connect(memory / "index.sqlite3")) as db:
        assert len(parts.parts(db)) > 4
    return memory / "messages"


def answers(folder: Path) -> list[object]:
    log = MessageLog.open(folder)
    found: list[object] = [
        log.heads(),
        *(sent_with(log, *who, "c77") for who in product("ab", ("ana", "bo"))),
    ]
    for room in "ab":
        found += [log.history(room, before=before) for before in (20, 60, 100)]
        found.append(log.events(room, after=0, limit=1000))
    for query in ("tea", "caf", "北京", "tea milk", "from:bo tea in:a", "has:link", "instead"):
        page = log.search(query, limit=7).result()
        found.append(page)
        while page.more:
            page = log.search(query, limit=7, before=page.before).result()
            found.append(page)
    found += [
        log.find(text="tea", limit=500).result(),
        log.find(text="tea", after=90, limit=10).result(),
    ]
    log.close()
    return found


def test_search_finds_in_all_parts_what_messages_say_now_newest_first(folder: Path):
    log = MessageLog.open(folder)
    said = [message for room in "ab" for message in log.history(room, limit=500).messages]
    having_tea = sorted(m.at for m in said if "tea" in m.text.split() and not m.deleted_by)
    assert 20 < len(having_tea) < len(said)

    found = log.search("tea", limit=500).result().messages

    assert [message.at for message in found] == having_tea[::-1]
    log.close()


def test_an_index_made_side_by_side_answers_as_one_that_followed(
    folder: Path, monkeypatch: pytest.MonkeyPatch
):
    followed = answers(folder)

    (folder.parent / "index.sqlite3").unlink()
    read_through = answers(folder)
    (folder.parent / "index.sqlite3").unlink()
    monkeypatch.setattr("chatapp.index.rebuild.WORTH_PROCESSES_BYTES", 0)
    side_by_side = answers(folder)

    assert read_through == side_by_side == followed
    assert problems(folder) == []
    assert not list(folder.parent.glob("index.sqlite3-from-*"))


def test_damage_that_is_met_side_by_side_is_named(folder: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("chatapp.index.rebuild.WORTH_PROCESSES_BYTES", 0)
    (folder.parent / "index.sqlite3").unlink()
    segment = sorted(folder.glob("*.jsonl"))[3]
    lines = segment.read_bytes().splitlines(keepends=True)
    lines[2] = lines[2].replace(b'"at":"2', b'"at":"3')
    segment.write_bytes(b"".join(lines))

    with pytest.raises(StorageError, match=f"{segment.name} line 3 is damaged"):
        MessageLog.open(folder)
