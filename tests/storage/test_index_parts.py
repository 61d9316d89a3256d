"""Full text in many parts, made one record after the other or side by side, answers the same."""

import random
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from chatapp.model import Draft
from chatapp.storage import Disk, MessageLog, StorageError, parts
from chatapp.storage.comparison import Indexed, indexed
from chatapp.storage.manifest import segment_files
from chatapp.storage.schema import connect

from .conftest import Clock, draft, problems

WORDS = ("tea", "café", "北京", "milk", "https://sun.example")


@pytest.fixture(autouse=True)
def small_parts(monkeypatch: pytest.MonkeyPatch):
    """A part for every segment or two."""
    monkeypatch.setattr("chatapp.storage.index.PART_RECORDS", 25)
    monkeypatch.setattr("chatapp.storage.rebuild.PART_RECORDS", 25)


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
    found: list[object] = [log.heads(), log.find_cid("ana", "c77"), log.find_cid("bo", "c77")]
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
    monkeypatch.setattr("chatapp.storage.rebuild.WORTH_PROCESSES_BYTES", 0)
    side_by_side = answers(folder)

    assert read_through == side_by_side == followed
    assert problems(folder) == []
    assert not list(folder.parent.glob("index.sqlite3-from-*"))


def test_damage_that_is_met_side_by_side_is_named(folder: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("chatapp.storage.rebuild.WORTH_PROCESSES_BYTES", 0)
    (folder.parent / "index.sqlite3").unlink()
    segment = sorted(folder.glob("*.jsonl"))[3]
    lines = segment.read_bytes().splitlines(keepends=True)
    lines[2] = lines[2].replace(b'"at":"2', b'"at":"3')
    segment.write_bytes(b"".join(lines))

    with pytest.raises(StorageError, match=f"{segment.name} line 3 is damaged"):
        MessageLog.open(folder)


def test_a_part_that_a_server_begins_meanwhile_is_no_difference(
    folder: Path, monkeypatch: pytest.MonkeyPatch
):
    def as_it_was(path: Path, key: str) -> Indexed:
        found = indexed(path, key)
        assert found
        return Indexed(path, key, found.n, found.parts - {max(found.parts)})

    monkeypatch.setattr("chatapp.storage.verify.indexed", as_it_was)

    assert problems(folder) == []


def test_segments_that_a_server_begins_meanwhile_are_no_difference(
    folder: Path, monkeypatch: pytest.MonkeyPatch
):
    with closing(connect(folder.parent / "index.sqlite3")) as db:
        firsts = parts.parts(db)
    segments = segment_files(Disk(), folder)
    begun = max(set(segments) - set(firsts))  # in a part with the one before
    before = [first for first in segments if first < begun]

    def as_it_was(path: Path, key: str) -> Indexed:
        return Indexed(path, key, begun - 1, {first for first in firsts if first < begun})

    monkeypatch.setattr("chatapp.storage.verify.indexed", as_it_was)
    monkeypatch.setattr("chatapp.storage.verify.segment_files", lambda *_: before)
    monkeypatch.setattr("chatapp.storage.verify.missing_segments", lambda *_: [])

    assert problems(folder) == []


def test_verify_in_many_processes_finds_that_all_words_are_right(folder: Path):
    assert problems(folder, processes=2) == []


def knows_a_word_too_many(db: sqlite3.Connection, first: int) -> None:
    n, text, tags = first, "no such text", "r s"
    db.execute(f"INSERT INTO words_{first} (rowid, text, tags) VALUES (?, ?, ?)", (n, text, tags))


def forgets_a_page(db: sqlite3.Connection, first: int) -> None:
    db.execute(
        f"DELETE FROM words_{first}_data WHERE id = (SELECT max(id) FROM words_{first}_data)"
    )


def is_another(db: sqlite3.Connection, first: int) -> None:
    (other,) = db.execute("SELECT min(first) FROM parts WHERE first != ?", (first,)).fetchone()
    for table in ("data", "idx"):
        db.execute(f"DELETE FROM words_{first}_{table}")
        db.execute(f"INSERT INTO words_{first}_{table} SELECT * FROM words_{other}_{table}")


@pytest.mark.parametrize("damage", [knows_a_word_too_many, forgets_a_page, is_another])
def test_verify_names_a_part_with_other_words(
    folder: Path, damage: Callable[[sqlite3.Connection, int], None]
):
    with closing(connect(folder.parent / "index.sqlite3")) as db:
        first = parts.parts(db)[2]
        damage(db, first)

    (problem,) = problems(folder)

    assert f"index.sqlite3 is wrong about words of the records from {first} on" in problem


def test_verify_names_a_record_that_the_index_has_elsewhere(folder: Path):
    with closing(connect(folder.parent / "index.sqlite3")) as db:
        db.execute("UPDATE records SET target = 1 WHERE n = 77")

    assert "index.sqlite3 is wrong about record 77" in problems(folder)[0]


def test_verify_without_room_for_a_comparison_does_not_blame_the_index(
    folder: Path, monkeypatch: pytest.MonkeyPatch
):
    def full(*_: object) -> bool:
        with closing(sqlite3.connect(":memory:")) as db:
            db.execute("PRAGMA max_page_count = 1")
            db.execute("CREATE TABLE much (bytes)")
        raise AssertionError

    monkeypatch.setattr("chatapp.storage.parts.has_the_words", full)

    assert "was not compared, the disk is full" in problems(folder)[0]
