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
from msgspec.structs import replace

from chatapp.domain.errors import ReadOnly, Unavailable
from chatapp.domain.future import Future
from chatapp.domain.model import Draft, Forwarded
from chatapp.index.index import Index
from chatapp.index.record_files import Files
from chatapp.index.record_ref import RecordRef
from chatapp.index.schema import connect
from chatapp.log.batches import manifest_of
from chatapp.log.disk import Disk
from chatapp.log.erasing import ErasedRecord, conclude, decide, is_erasing, noted, overwrite
from chatapp.log.errors import StorageError
from chatapp.log.manifest import save_manifest, segment_path
from chatapp.store.message_log import MessageLog
from chatapp.upkeep.erase import ErasureSelector, erase, prepare
from chatapp.upkeep.repair import repair
from chatapp.upkeep.verify import verify
from tests.support.index_oracle import problems_of
from tests.support.waiting import DEADLINE_SECONDS

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

    def wait(self, pending: Future[Any]) -> Any:
        while not pending.done:
            self._turns.get(timeout=DEADLINE_SECONDS)()
        return pending.result()

    def take_a_turn(self) -> None:
        self._turns.get(timeout=DEADLINE_SECONDS)()

    def say(self, text: str, sender: str = "ana", **more: Any) -> None:
        self.wait(self.log.append(draft(text, sender=sender, **more)))

    def texts(self) -> dict[int, str]:
        return {one.seq: one.text for one in self.log.history("general", limit=200).messages}

    def found(self, words: str) -> list[int]:
        page = self.wait(self.log.search(words, limit=200))
        return sorted(message.seq for message in page.messages)

    def erase(
        self,
        wanted: ErasureSelector,
        between: Callable[[], object] = lambda: None,
        after: Callable[[], object] = lambda: None,
    ) -> list[ErasedRecord]:
        """`between` is done while each step is under way: it is what others do meanwhile. `after`
        is done when it is over, and the next one has not begun."""
        active = self.wait(self.log.begin_erasing())
        between()
        prepare(Disk(), self.folder, wanted, when=WHEN, active=active)

        def wait(step: Future[Any]) -> Any:
            between()
            outcome = self.wait(step)
            after()
            return outcome

        return self.log.finish_erasing(wait)


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

    gone = house.erase(ErasureSelector(sender="ana"))

    assert house.texts() == {seq: text if seq % 2 == 0 else "" for seq, text in before.items()}
    assert len(gone) == 21
    assert house.found("salad") == list(range(2, 41, 2))
    assert house.found("word4") == []
    assert house.found("better") == []
    assert house.found("from:bo") == list(range(2, 41, 2))
    assert house.log.message("general", 1).erased_at == WHEN
    assert house.log.message("general", 2).erased_at is None


def test_forwarded_copies_stay_and_are_named(house: House):
    first = {"at": WHEN, "room": "general", "seq": 1}
    copy = Forwarded(sender="ana", private=True, **first)
    house.say("word0", sender="cy", room="tea", forwarded=copy)
    house.say("word0", sender="ana", room="tea", forwarded=copy)
    house.say("word0", sender="cy", room="tea", forwarded=Forwarded(sender="bo", **first))
    house.say("word9", sender="cy", room="tea", forwarded=Forwarded(sender="dot", at=WHEN))
    active = house.wait(house.log.begin_erasing())

    def copies(**wanted: Any) -> list[int]:
        selector = ErasureSelector(**wanted)
        found = prepare(Disk(), house.folder, selector, when=WHEN, active=active)
        assert {copy.room for copy in found.copies} <= {"tea"}
        return [copy.seq for copy in found.copies]

    assert copies(room="general", seq=2) == []
    assert copies(room="general", seq=1) == [1, 2, 3]
    assert copies(sender="ana") == [1], "the other one is her own, and goes"
    assert copies(sender="dot") == [4]


def test_erasing_is_no_alarm_for_who_watches_over_the_files(house: House):
    def look() -> None:
        house.wait(house.log.journal.between(lambda writer: writer.look()))

    look()

    house.erase(ErasureSelector(sender="ana"), between=house.log.journal.look_at_files, after=look)

    look()
    assert house.log.journal.refusal is None


def test_nobody_finds_the_texts_on_the_disk(house: House, tmp_path: Path):
    house.erase(ErasureSelector(sender="ana"))
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
    house.erase(ErasureSelector(sender="ana"))
    after = house.texts()
    house.log.close()

    assert problems_of(house.folder, tmp_path / "index.sqlite3") == []
    assert verify(house.folder, processes=1).records == 42
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

    gone = house.erase(ErasureSelector(sender="ana"), between)

    assert len(said) > 5
    assert len(house.found("meanwhile")) == len(said)
    assert 5 not in house.found("word4")
    assert {one.seq for one in gone} <= set(range(1, 41, 2))
    house.log.close()
    index = tmp_path / "index.sqlite3"
    assert problems_of(house.folder, index) == []


def test_nothing_moves_and_no_file_is_another(house: House):
    def files() -> dict[str, tuple[int, int]]:
        found = {path.name: path.stat() for path in house.folder.glob("*.jsonl")}
        return {name: (stat.st_ino, stat.st_size) for name, stat in found.items() if stat.st_size}

    house.wait(house.log.begin_erasing())
    before = files()

    house.erase(ErasureSelector(sender="ana"))

    assert files() == before


def test_one_message_and_its_edits(house: House):
    gone = house.erase(ErasureSelector(room="general", seq=1))

    assert [(one.n, one.seq) for one in gone] == [(1, 1), (41, 1)]
    assert house.texts()[1] == ""
    assert house.texts()[5] == "word4 salad"


@pytest.mark.parametrize("name", ["a.b*", 'say "hi"', "Zoë", "back\\slash", "word5", "sender"])
def test_whoever_has_a_name_that_means_something_elsewhere(house: House, name: str):
    house.say("mine", sender=name)
    house.say(f'"sender":"{name}"', sender="cy")

    assert [one.seq for one in house.erase(ErasureSelector(sender=name))] == [43]
    assert house.erase(ErasureSelector(sender=name, room="elsewhere")) == []
    assert [one.seq for one in house.erase(ErasureSelector(room="general", seq=44))] == [44]


def test_it_begins_behind_what_is_just_being_written(house: House):
    said = [house.log.append(draft(f"at once {number}", sender="bo")) for number in range(5)]
    house.take_a_turn()
    assert not said[0].done

    gone = house.erase(ErasureSelector(sender="bo"))

    assert [one.result().event.seq for one in said] == [43, 44, 45, 46, 47]
    assert [one.seq for one in gone] == [*range(2, 41, 2), *range(43, 48)]
    house.log.close()
    assert verify(house.folder, processes=1).problems == []


def test_it_can_be_done_twice(house: House):
    house.erase(ErasureSelector(sender="ana"))
    house.say("ana again")

    gone = house.erase(ErasureSelector(sender="ana"))

    assert [one.seq for one in gone] == [43]


def test_who_was_away_learns_that_what_they_have_may_be_gone(house: House):
    before = house.log.epoch

    house.erase(ErasureSelector(sender="ana"))

    assert house.log.epoch != before


def test_where_there_is_nothing_to_erase_nothing_is_changed(house: House):
    before = house.log.epoch, (house.folder / "manifest.json").read_bytes()
    house.erase(ErasureSelector(sender="bo"))
    now = house.log.epoch, (house.folder / "manifest.json").read_bytes()
    assert now != before

    assert house.erase(ErasureSelector(sender="bo")) == []

    assert (house.log.epoch, (house.folder / "manifest.json").read_bytes()) == now
    assert list(house.folder.glob("erasing*")) == []


def test_it_waits_for_who_reads_the_index(
    house: House, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    index = house.folder.parent / "index.sqlite3"
    wal = house.folder.parent / "index.sqlite3-wal"
    monkeypatch.setattr("chatapp.index.indexing.RETRY_SECONDS", 0.01)
    with closing(connect(index)) as reader:
        monkeypatch.setattr("chatapp.index.indexing.SETTLE_SECONDS", 0.1)
        reader.execute("BEGIN")
        reader.execute("SELECT n FROM about").fetchone()
        house.erase(ErasureSelector(sender="ana"))
        assert "index.sqlite3-wal until the server stops" in caplog.text
        assert wal.stat().st_size > 0

        caplog.clear()
        monkeypatch.setattr("chatapp.index.indexing.SETTLE_SECONDS", 30.0)
        end_of_reading = Timer(0.2, reader.rollback)
        end_of_reading.start()
        house.erase(ErasureSelector(sender="bo"))
        end_of_reading.join()
    assert caplog.text == ""
    assert wal.stat().st_size == 0


def test_after_one_that_broke_off_the_server_starts_again(
    house: House, open_house: Callable[[], House], monkeypatch: pytest.MonkeyPatch
):
    def full(*_: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    with monkeypatch.context() as patched:
        patched.setattr(Index, "mark_current", full)
        with pytest.raises(Unavailable, match="disk is full"):
            house.erase(ErasureSelector(sender="ana"))
    with pytest.raises(Unavailable, match="interrupted"):
        house.erase(ErasureSelector(sender="bo"))
    assert house.found("salad") == list(range(2, 41, 2))
    house.log.close()

    house = open_house()
    assert house.found("salad") == list(range(2, 41, 2))
    house.erase(ErasureSelector(sender="bo"))
    assert house.found("salad") == []
    house.log.close()
    assert problems(house.folder) == []


@pytest.mark.parametrize(
    ("text", "complaint"),
    [(b"word1 ", "jsonl is not as it was sealed"), (b"word2 ", "line 3 is damaged")],
)
def test_what_is_damaged_is_not_sealed_anew_and_nothing_is_changed(
    house: House, text: bytes, complaint: str
):
    before = house.texts()
    first = segment_path(house.folder, 1)
    damaged = first.read_bytes().replace(text, b"w0rd1 ")
    active = house.wait(house.log.begin_erasing())
    first.write_bytes(damaged)

    with pytest.raises(StorageError, match=complaint):
        prepare(Disk(), house.folder, ErasureSelector(sender="ana"), when=WHEN, active=active)

    assert first.read_bytes() == damaged
    assert house.log.message("general", 4).text == before[4]


def test_what_a_crash_has_torn_is_made_whole(
    house: House, open_house: Callable[[], House], tmp_path: Path
):
    """Wherever a line was torn, with whatever is there of the two."""
    active = house.wait(house.log.begin_erasing())
    house.log.close()
    prepare(Disk(), house.folder, ErasureSelector(sender="ana"), when=WHEN, active=active)
    overwrites = [
        (segment_path(house.folder, segment.first), offset, text.encode())
        for segment in noted(Disk(), house.folder)
        for offset, text in segment.overwrites
    ]
    assert len(overwrites) == 21
    decide(Disk(), house.folder)
    for number, (path, offset, new) in enumerate(overwrites):
        whole = path.read_bytes()
        old = whole[offset : offset + len(new)]
        cut = number * len(new) // len(overwrites)
        torn = new[:cut] + old[cut:] if number % 2 else old[:cut] + new[cut:]
        path.write_bytes(whole[:offset] + torn + whole[offset + len(new) :])
    with pytest.raises(StorageError, match="texts are erased"):
        verify(house.folder, processes=1)

    house = open_house()

    assert house.found("salad") == list(range(2, 41, 2))
    assert house.log.message("general", 1).erased_at == WHEN
    house.log.close()
    assert problems_of(house.folder, tmp_path / "index.sqlite3") == []
    assert not is_erasing(Disk(), house.folder)


def test_a_note_that_is_damaged_is_no_note(house: House, open_house: Callable[[], House]):
    active = house.wait(house.log.begin_erasing())
    house.log.close()
    prepare(Disk(), house.folder, ErasureSelector(sender="ana"), when=WHEN, active=active)
    decide(Disk(), house.folder)
    note = house.folder / "erasing"
    note.write_bytes(note.read_bytes()[:-10])

    with pytest.raises(StorageError, match="erasing is damaged"):
        open_house()


def test_without_a_manifest_repair_erases_what_was_decided(house: House, tmp_path: Path):
    active = house.wait(house.log.begin_erasing())
    house.log.close()
    prepare(Disk(), house.folder, ErasureSelector(sender="ana"), when=WHEN, active=active)
    decide(Disk(), house.folder)
    (house.folder / "manifest.json").write_text("{}")

    repair(Disk(), house.folder, tmp_path / "kept")

    for folder in (house.folder, tmp_path / "kept"):
        assert not is_erasing(Disk(), folder)
        assert b"word0 salad" not in b"".join(path.read_bytes() for path in folder.iterdir())
    assert verify(house.folder, processes=1).records == 42


def test_a_line_that_is_just_being_overwritten_is_read_again(house: House, tmp_path: Path):
    class Torn(Disk):
        """Shows a line half old, half new, now and then."""

        reads = 0

        def read(self, fd: int, size: int, offset: int) -> bytes:
            self.reads += 1
            line = super().read(fd, size, offset)
            return line[:200] + b"?" * (size - 200) if self.reads % 2 else line

    house.wait(house.log.begin_erasing())
    (place,) = house.wait(house.log.find(limit=1, before=2))
    files = Files(Torn(), house.folder)

    record = files.record(RecordRef(1, 1, 0, len(place.raw)))

    assert record.text == "word0 salad"
    files.close()


def test_what_was_sealed_meanwhile_has_the_seal_of_what_is_there(house: House):
    """On a disk that was full, a finished segment is sealed later: before its lines are others."""
    active = house.wait(house.log.begin_erasing())
    house.log.close()
    manifest = manifest_of(Disk(), house.folder)
    save_manifest(Disk(), house.folder, replace(manifest, segments=manifest.segments[:-1]))
    prepare(Disk(), house.folder, ErasureSelector(sender="ana"), when=WHEN, active=active)
    save_manifest(Disk(), house.folder, manifest)
    decide(Disk(), house.folder)

    conclude(Disk(), house.folder, manifest, overwrite(Disk(), house.folder))

    assert len(manifest_of(Disk(), house.folder).segments) == len(manifest.segments)
    assert verify(house.folder, processes=1).problems == []


def test_of_a_closed_log_what_was_not_finished_is_left_to_the_next_start(house: House):
    house.log.close()
    last = max(house.folder.glob("*.jsonl"))
    whole = last.read_bytes()
    last.write_bytes(whole + b'{"v":3,"n":43,"batch":43,"more":0,"sender":"ana"')

    assert erase(Disk(), house.folder, ErasureSelector(sender="ana"), when=WHEN).erased == 21

    assert last.read_bytes().startswith(whole[:100])
    assert len(last.read_bytes()) > len(whole)
    assert verify(house.folder, processes=1).records == 42


def test_a_time_that_is_longer_than_the_shortest_text_is_refused(house: House):
    house.say("", sender="ana")
    house.log.close()

    with pytest.raises(ValueError, match="no room"):
        erase(Disk(), house.folder, ErasureSelector(sender="ana"), when=f"{WHEN} or later")


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
        assert problems_of(house.folder, folder / "index.sqlite3") == []
        assert list(house.folder.glob("erasing*")) == []
        return found

    def erased(name: str, disk: Disk | None = None) -> None:
        house = made(name, disk)
        house.erase(ErasureSelector(sender="ana"))
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
