"""Texts are erased while the log is written and read, and while things break."""

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from errno import EIO, ENOSPC
from pathlib import Path
from queue import SimpleQueue
from threading import Timer
from typing import Any

import pytest

from chatapp.errors import ReadOnly, Unavailable
from chatapp.model import Draft
from chatapp.pending import Pending
from chatapp.storage import Disk, MessageLog, StorageError
from chatapp.storage.hot_erase import Gone, prepare
from chatapp.storage.index import Index
from chatapp.storage.manifest import segment_path
from chatapp.storage.schema import connect
from chatapp.storage.verify import verify
from chatapp.storage.wanted import Wanted

from .conftest import Clock, draft, problems
from .faults import Crash, FailingDisk, crashing_disk, failing_disk, steps

WHEN = "2026-11-22T12:00:00.000Z"


class House:
    """A log with an event loop of its own; on a disk that may crash, without threads."""

    def __init__(self, folder: Path, clock: Clock, disk: Disk | None = None) -> None:
        self.folder = folder
        self._turns: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self.log = MessageLog.open(
            folder,
            clock=clock,
            deliver=None if disk else self._turns.put,
            segment_bytes=3_000,
            disk=disk,
        )

    def wait(self, pending: Pending[Any]) -> Any:
        while not pending.done:
            self._turns.get(timeout=10)()
        return pending.result()

    def take_a_turn(self) -> None:
        self._turns.get(timeout=10)()

    def say(self, text: str, sender: str = "ana", **more: Any) -> None:
        self.wait(self.log.append(draft(text, sender=sender, **more)))

    def texts(self) -> dict[int, str]:
        return {one.seq: one.text for one in self.log.history("general", limit=200).messages}

    def found(self, words: str) -> list[int]:
        page = self.wait(self.log.search(words, limit=200))
        return sorted(message.seq for message in page.messages)

    def erase(self, wanted: Wanted, between: Callable[[], object] = lambda: None) -> list[Gone]:
        """`between` is done before each step: it is what others do meanwhile."""
        active = self.wait(self.log.begin_erasing())
        between()
        prepare(Disk(), self.folder, wanted, when=WHEN, active=active)
        steps = self.log.finish_erasing()
        try:
            while True:
                between()
                self.wait(next(steps))
        except StopIteration as end:
            gone: list[Gone] = end.value
            return gone


@pytest.fixture
def open_house(tmp_path: Path, clock: Clock) -> Iterator[Callable[[], House]]:
    houses: list[House] = []

    def open_house() -> House:
        houses.append(House(tmp_path / "messages", clock))
        return houses[-1]

    yield open_house
    for house in houses:
        house.log.close()


@pytest.fixture
def house(open_house: Callable[[], House]) -> House:
    """Ana and Bo in turn, in several segments; Ana has edited one, and taken one back."""
    house = open_house()
    for number in range(40):
        house.say(f"word{number} salad", sender=("ana", "bo")[number % 2])
    edit = Draft(room="general", sender="ana", type="edit", target=1, text="better salad")
    house.wait(house.log.append(edit))
    house.wait(house.log.append(Draft(room="general", sender="ana", type="delete", target=3)))
    return house


def test_what_one_person_wrote_is_gone_and_the_rest_is_as_it_was(house: House):
    before = house.texts()

    gone = house.erase(Wanted(sender="ana"))

    assert house.texts() == {seq: text if seq % 2 == 0 else "" for seq, text in before.items()}
    assert len(gone) == 21
    assert house.found("salad") == list(range(2, 41, 2))
    assert house.found("word4") == []
    assert house.found("better") == []
    assert house.found("from:bo") == list(range(2, 41, 2))
    assert house.log.message("general", 1).erased_at == WHEN
    assert house.log.message("general", 2).erased_at is None


def test_nobody_finds_the_texts_on_the_disk(house: House, tmp_path: Path):
    house.erase(Wanted(sender="ana"))
    house.log.close()

    left = {path.name: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    assert any(b"word1 salad" in data for data in left.values())
    assert [name for name, data in left.items() if b"word0 salad" in data] == []
    assert [name for name, data in left.items() if b"better" in data] == []
    with closing(sqlite3.connect(tmp_path / "index.sqlite3")) as db:
        db.execute("CREATE VIRTUAL TABLE temp.terms USING fts5vocab(main, words_1, row)")
        terms = {term for (term,) in db.execute("SELECT term FROM terms")}
    assert "word1" in terms
    assert terms & {"word0", "word2", "better"} == set()


def test_the_chain_stays_whole_and_the_index_fits(
    house: House, open_house: Callable[[], House], tmp_path: Path
):
    house.erase(Wanted(sender="ana"))
    after = house.texts()
    house.log.close()

    found = verify(house.folder, index=tmp_path / "index.sqlite3", processes=1)
    assert found.problems == []
    assert found.records == 42
    made = (tmp_path / "index.sqlite3").stat().st_ino
    again = open_house()
    assert again.texts() == after
    assert (tmp_path / "index.sqlite3").stat().st_ino == made, "it was not made anew"


def test_others_write_read_and_search_at_every_step(house: House, tmp_path: Path):
    said = []

    def between() -> None:
        said.append(len(said) + 43)
        house.say(f"meanwhile {said[-1]}", sender="bo")
        edit = Draft(room="general", sender="ana", type="edit", target=5, text=f"now {said[-1]}")
        house.wait(house.log.append(edit))
        assert house.texts()[2] == "word1 salad"
        assert 2 in house.found("salad")
        assert len(house.wait(house.log.find(sender="bo", limit=200))) == 20 + len(said)

    gone = house.erase(Wanted(sender="ana"), between)

    assert len(said) > 5
    assert len(house.found("meanwhile")) == len(said)
    assert 5 not in house.found("word4")
    assert {one.seq for one in gone} <= set(range(1, 41, 2))
    house.log.close()
    index = tmp_path / "index.sqlite3"
    assert verify(house.folder, index=index, processes=1).problems == []


def test_one_message_and_its_edits(house: House):
    gone = house.erase(Wanted(room="general", seq=1))

    assert [(one.n, one.seq) for one in gone] == [(1, 1), (41, 1)]
    assert house.texts()[1] == ""
    assert house.texts()[5] == "word4 salad"


def test_it_begins_behind_what_is_just_being_written(house: House):
    said = [house.log.append(draft(f"at once {number}", sender="bo")) for number in range(5)]
    house.take_a_turn()
    assert not said[0].done

    gone = house.erase(Wanted(sender="bo"))

    assert [one.result().seq for one in said] == [43, 44, 45, 46, 47]
    assert [one.seq for one in gone] == [*range(2, 41, 2), *range(43, 48)]
    house.log.close()
    assert verify(house.folder, processes=1).problems == []


def test_it_can_be_done_twice(house: House):
    house.erase(Wanted(sender="ana"))
    house.say("ana again")

    gone = house.erase(Wanted(sender="ana"))

    assert [one.seq for one in gone] == [43]


def test_who_was_away_learns_that_what_they_have_may_be_gone(house: House):
    before = house.log.epoch

    house.erase(Wanted(sender="ana"))

    assert house.log.epoch != before


def test_where_there_is_nothing_to_erase_nothing_is_changed(house: House):
    before = house.log.epoch, (house.folder / "manifest.json").read_bytes()
    house.erase(Wanted(sender="bo"))
    now = house.log.epoch, (house.folder / "manifest.json").read_bytes()
    assert now != before

    assert house.erase(Wanted(sender="bo")) == []

    assert (house.log.epoch, (house.folder / "manifest.json").read_bytes()) == now
    assert [path.name for path in house.folder.parent.glob("messages*")] == ["messages"]


def test_it_waits_for_who_reads_the_index(
    house: House, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    index = house.folder.parent / "index.sqlite3"
    wal = house.folder.parent / "index.sqlite3-wal"
    monkeypatch.setattr("chatapp.storage.indexing.RETRY_SECONDS", 0.01)
    with closing(connect(index)) as reader:
        monkeypatch.setattr("chatapp.storage.indexing.SETTLE_SECONDS", 0.1)
        reader.execute("BEGIN")
        reader.execute("SELECT n FROM about").fetchone()
        house.erase(Wanted(sender="ana"))
        assert "index.sqlite3-wal until the server stops" in caplog.text
        assert wal.stat().st_size > 0

        caplog.clear()
        monkeypatch.setattr("chatapp.storage.indexing.SETTLE_SECONDS", 30.0)
        end_of_reading = Timer(0.2, reader.rollback)
        end_of_reading.start()
        house.erase(Wanted(sender="bo"))
        end_of_reading.join()
    assert caplog.text == ""
    assert wal.stat().st_size == 0


def test_after_one_that_broke_off_the_server_starts_again(
    house: House, open_house: Callable[[], House], monkeypatch: pytest.MonkeyPatch
):
    def full(*_: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    with monkeypatch.context() as patched:
        patched.setattr(Index, "move", full)
        with pytest.raises(Unavailable, match="disk is full"):
            house.erase(Wanted(sender="ana"))
    with pytest.raises(Unavailable, match="broke off"):
        house.erase(Wanted(sender="bo"))
    assert house.found("salad") == list(range(2, 41, 2))
    house.log.close()

    house = open_house()
    assert house.found("salad") == list(range(2, 41, 2))
    house.erase(Wanted(sender="bo"))
    assert house.found("salad") == []
    house.log.close()
    assert problems(house.folder) == []


def test_a_damaged_line_is_named_and_nothing_is_changed(house: House):
    before = house.texts()
    first = segment_path(house.folder, 1)
    damaged = first.read_bytes().replace(b"word1 ", b"w0rd1 ")
    active = house.wait(house.log.begin_erasing())
    first.write_bytes(damaged)

    with pytest.raises(StorageError, match="line 2 is damaged"):
        prepare(Disk(), house.folder, Wanted(sender="ana"), when=WHEN, active=active)

    assert first.read_bytes() == damaged
    assert house.log.message("general", 4).text == before[4]


def test_a_log_that_is_closed_meanwhile_refuses(house: House):
    house.log.close()

    with pytest.raises(Unavailable):
        house.log.begin_erasing().result()


@pytest.mark.parametrize(("call", "code"), [("fdatasync", EIO), ("open", ENOSPC)])
def test_a_disk_that_is_full_or_failing_says_so(memory: Path, clock: Clock, call: str, code: int):
    disk = FailingDisk(call, 10**9, code, forever=True)
    house = House(memory / "messages", clock, disk)
    house.say("hello")
    disk.nth = 1

    with pytest.raises(Unavailable, match="The disk is full or failing"):
        house.log.begin_erasing().result()

    assert house.texts() == {1: "hello"}
    house.log.close()


@pytest.mark.parametrize("faulty", [crashing_disk, failing_disk])
def test_a_crash_or_a_failure_at_every_step_leaves_the_old_or_the_new(
    memory: Path, clock: Clock, faulty: Callable[[int], Disk]
):
    """Of the log's own steps; what the crashed one had open is as good as gone."""

    def made(name: str, disk: Disk | None = None) -> House:
        folder = memory / name
        folder.mkdir()
        house = House(folder / "messages", clock, disk)
        for number in range(24):
            house.say(f"word{number} salad", sender=("ana", "bo")[number % 2])
        return house

    def outcome(name: str) -> tuple[dict[int, str], list[int], list[int]]:
        house = House(memory / name / "messages", clock)
        house.say("it can be written to", sender="bo")
        found = house.texts(), house.found("word4"), house.found("word5")
        house.log.close()
        folder = memory / name
        checked = verify(house.folder, index=folder / "index.sqlite3", processes=1)
        assert checked.problems == []
        assert sorted(path.name for path in folder.glob("messages*")) == ["messages"]
        return found

    def erased(name: str, disk: Disk | None = None) -> None:
        house = made(name, disk)
        house.erase(Wanted(sender="ana"))
        house.log.close()

    made("old").log.close()
    erased("new")
    old, new = outcome("old"), outcome("new")
    assert old != new
    first = len(list(steps(lambda disk: made("begun", disk))))
    every = list(steps(lambda disk: erased("whole", disk)))
    seen = []
    for step in every[first:]:
        name = f"crash-{step}"
        with suppress(Crash, OSError, StorageError, ReadOnly, Unavailable):
            erased(name, faulty(step))
        left = outcome(name)
        assert left in (old, new), f"neither old nor new after a crash at step {step}"
        seen.append(left == new)
        shutil.rmtree(memory / name)
    assert faulty is failing_disk or seen == sorted(seen)
    assert True in seen
    assert False in seen
