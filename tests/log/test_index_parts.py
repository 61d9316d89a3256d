"""Full text in many parts, made one record after the other or side by side, answers the same."""

import random
from contextlib import closing
from itertools import product
from pathlib import Path

import pytest

from chatapp.domain.files import removal_of
from chatapp.domain.model import Draft, Poll, SystemLine
from chatapp.index import parts
from chatapp.index.schema import connect
from chatapp.log.errors import StorageError
from chatapp.store.message_log import MessageLog
from tests.support.logged_files import a_file
from tests.support.records import sent_with

from .conftest import Clock, draft, problems

WORDS = ("tea", "café", "北京", "milk", "https://sun.example")


@pytest.fixture(autouse=True)
def small_parts(monkeypatch: pytest.MonkeyPatch):
    """A part for every segment or two."""
    monkeypatch.setattr("chatapp.index.texts.PART_RECORDS", 25)
    monkeypatch.setattr("chatapp.index.rebuild.PART_RECORDS", 25)


@pytest.fixture
def folder(memory: Path, clock: Clock) -> Path:
    """A log whose messages are edited and deleted much later, in other parts."""
    chance = random.Random(3)
    log = MessageLog.open(memory / "messages", clock=clock, segment_bytes=6_000)
    roots: dict[str, int | None] = {"a": None, "b": None}
    polls: list[int] = []
    for i in range(200):
        clock.advance(minutes=10)
        room, sender = chance.choice("ab"), chance.choice(("ana", "bo"))
        text = " ".join(chance.choices(WORDS, k=3))
        photo = a_file(f"photo {i}.png", "image/png")
        files = [photo] if i % 4 == 3 else None
        thread = roots[room] if i % 3 == 2 else None
        reply = draft(
            f"{text} {i}", room=room, sender=sender, cid=f"c{i}", files=files, thread=thread
        )
        seq = log.append(reply).result().event.seq
        if i % 40 < 2:
            roots[room] = seq
        if i % 30 == 29:
            said = [one for one in log.history(room, limit=50).messages if one.system is None]
            moved = [one.seq for one in said[:9:3] if one.seq not in roots.values()]
            into = None if i % 60 == 59 else roots[room]
            line = SystemLine(what="moved", seqs=moved, thread=into)
            log.append(draft("ana moved them", room=room, system=line))
            line = SystemLine(what="titled", thread=roots[room])
            log.append(draft(f"ana said “{i}”", room=room, system=line, thread=roots[room]))
        if i % 6 == 5:
            said = [one for one in log.history(room, limit=40).messages if one.system is None]
            about = [chance.choice(said).seq, chance.choice(said).seq]
            line = SystemLine(what=chance.choice(("pinned", "pinned", "unpinned")), seqs=about)
            log.append(draft("ana pinned them", room=room, system=line))
        if i % 9 == 8:
            target = log.history(room, limit=50).messages[0].seq
            text = f"{chance.choice(WORDS)} instead"
            log.append(Draft(room=room, sender=sender, type="edit", target=target, text=text))
        if i % 25 == 24:
            target = chance.randrange(1, log.head(room))
            if log.message(room, target):
                log.append(Draft(room=room, sender=sender, type="delete", target=target))
        if i % 40 == 5:
            poll = Poll(question="?", options=["a", "b"], closes_at="2027-01-01T00:00:00.000Z")
            polls.append(log.append(draft("?", room="a", poll=poll)).result().event.seq)
        if i % 5 == 2 and polls:
            for target in polls[-2:]:
                vote = [chance.randrange(2)] if chance.random() < 0.8 else []
                log.append(Draft("a", sender, type="react", target=target, vote=vote))
        if i == 150:
            ended = Poll(question="?", options=["a", "b"], closed_at="2026-12-01T00:00:00.000Z")
            log.append(Draft("a", "ana", type="edit", text="?", target=polls[0], poll=ended))
        if i % 25 == 12 and (pictures := log.files(room, limit=9).result().files):
            gone = [removal_of(pictures[-1].file)]
            target = pictures[-1].seq
            log.append(Draft(room, "root", type="edit", text="", target=target, files=gone))
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
        found.append(log.history(room, folded=True, limit=200))
        threads = log.newest_threads(room, before=1000, limit=50)
        assert len(threads) > 2
        found += [threads, *(log.history(room, thread=root, limit=200) for root, _ in threads)]
        found.append(log.pins(room))
        assert len(log.pins(room)) > 5
        found += [log.history(room, before=before) for before in (20, 60, 100)]
        found.append(log.events(room, after=0, limit=1000))
        asked = [m for m in log.history(room, limit=500).messages if m.poll]
        found.append([m.poll for m in asked])
        found += [
            log.voters(room, m.seq, option, after=0, limit=9) for m in asked for option in (0, 1)
        ]
        found.append(log.files(room, kind="image", limit=200).result())
    queries = ("tea", "caf", "北京", "tea milk", "from:bo tea in:a", "has:image", "file:photo")
    for query in (*queries, "has:link", "instead"):
        page = log.search(query, limit=7).result()
        found.append(page)
        while page.more:
            page = log.search(query, limit=7, before=page.before).result()
            found.append(page)
    assert len(log.waiting_polls()) == 4
    found.append(sorted(one.seq for one in log.waiting_polls()))
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
