"""The index in a thread beside the event loop: what was acked is found, and no harm stays."""

import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from queue import SimpleQueue
from threading import Event as Signal
from typing import Any, TypeVar

import pytest

from chatapp.domain.errors import Unavailable
from chatapp.domain.future import Future
from chatapp.domain.model import Draft
from chatapp.index.entries import IndexEntry
from chatapp.index.index import Index
from chatapp.index.lookup import Lookup
from chatapp.index.reader import Reader
from chatapp.index.record_files import Files
from chatapp.log.disk import Disk
from chatapp.log.errors import StorageError
from chatapp.log.format import decode_event
from chatapp.log.recovery import Checkpoint, RecoveredLine, mark_at, read_lines
from chatapp.store.message_log import MessageLog
from tests.support.waiting import DEADLINE_SECONDS

from .conftest import draft, problems

T = TypeVar("T")


class House:
    """A log, and an event loop that is turned by hand."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.index = folder.parent / "index.sqlite3"
        self.turns: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self.log = MessageLog.open(folder, deliver=self.turns.put, segment_bytes=4_000)

    def wait(self, pending: Future[T]) -> T:
        while not pending.done:
            self.turns.get(timeout=DEADLINE_SECONDS)()
        return pending.result()

    def say(self, text: str, **more: Any) -> None:
        self.wait(self.log.append(draft(text, **more)))

    def found(self, query: str) -> list[str]:
        return [message.text for message in self.wait(self.log.search(query)).messages]


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    house = House(tmp_path / "messages")
    yield house
    house.log.close()


def test_what_was_acked_is_found_at_once(house: House):
    for i in range(40):
        house.say(f"word{i}")
        assert house.found(f"word{i}") == [f"word{i}"]


def test_a_search_that_takes_long_holds_up_nobody(house: House, monkeypatch: pytest.MonkeyPatch):
    began, may_end = Signal(), Signal()
    search = Lookup.search

    def slow(*given: Any) -> Any:
        began.set()
        assert may_end.wait(DEADLINE_SECONDS)
        return search(*given)

    monkeypatch.setattr(Lookup, "search", slow)
    house.say("tea")
    searched = house.log.search("tea")
    assert began.wait(DEADLINE_SECONDS)

    house.say("milk", cid="c1")
    house.say("milk", cid="c1")
    assert [message.text for message in house.log.history("general").messages] == ["tea", "milk"]
    later = house.log.search("milk")
    assert not searched.done

    may_end.set()
    assert [message.text for message in house.wait(searched).messages] == ["tea"]
    assert [message.text for message in house.wait(later).messages] == ["milk"]


def test_damage_is_named_and_leaves_nothing_behind(house: House):
    for i in range(5):
        house.say(f"green tea number {i}")
    house.found("tea")
    (segment,) = house.folder.glob("*.jsonl")
    segment.write_bytes(segment.read_bytes().replace(b"number 1", b"number 7"))
    house.say("hola")
    edit = Draft(room="general", sender="ana", type="edit", target=2, text="milk")
    house.wait(house.log.append(edit))

    with pytest.raises(StorageError, match=r"000000000001.jsonl line 2 is damaged: its checksum"):
        house.wait(house.log.find(limit=2))
    with pytest.raises(Unavailable, match="Search is not available"):
        house.found("tea")

    segment.write_bytes(segment.read_bytes().replace(b"number 7", b"number 1"))
    assert house.found("milk") == ["milk"]
    assert house.found("hola") == ["hola"]
    assert house.found('"number 1"') == []
    house.log.close()
    assert problems(house.folder) == []


def test_an_index_that_cannot_be_written_is_told(house: House):
    with closing(sqlite3.connect(house.index, isolation_level=None)) as other:
        other.execute("ALTER TABLE days RENAME TO other_days")
        house.say("hola")

        with pytest.raises(Unavailable, match="no such table: days"):
            house.wait(house.log.find())

        other.execute("ALTER TABLE other_days RENAME TO days")
    assert house.found("hola") == ["hola"]


def test_what_nobody_expected_is_told_and_the_next_question_answered(
    house: House, monkeypatch: pytest.MonkeyPatch
):
    def broken(*_: object) -> None:
        raise ValueError("nobody thought of this")

    with monkeypatch.context() as patched:
        patched.setattr(Reader, "find", broken)
        with pytest.raises(ValueError, match="nobody"):
            house.wait(house.log.find())

    assert house.wait(house.log.find()) == []


def test_an_index_is_checked_while_it_is_open(house: House):
    house.say("hola")
    house.wait(house.log.find())
    assert house.wait(house.log.check_index()) == []

    house.index.write_bytes(b"garbage " * 10_000)

    (problem,) = house.wait(house.log.check_index())
    assert problem.startswith("index.sqlite3 is damaged (")
    assert problem.endswith("; the server makes it again")


def test_a_room_that_was_taken_back_is_made_again(tmp_path: Path):
    folder, path = tmp_path / "messages", tmp_path / "index.sqlite3"
    log = MessageLog.open(folder)
    log.append(draft("hola")).result()
    log.append(Draft(room="new", sender="eva", text="hola")).result()
    log.append(Draft(room="general", sender="ana", type="edit", target=1, text="milk")).result()
    log.close()
    entries, marks = entries_of(folder)

    def damaged(_: object) -> Any:
        raise StorageError("messages/ line 1 is damaged")

    path.unlink()
    with closing(Index.open(path, "epoch")) as index:
        index.finish(damaged)
        index.add(entries[:1], marks[0], damaged)
        with pytest.raises(StorageError):
            index.add(entries, marks[-1], damaged)
        index.add(entries, marks[-1], Files(Disk(), folder).record)

        assert index.heads() == {"general": 2, "new": 1}


def entries_of(folder: Path) -> tuple[list[IndexEntry], list[Checkpoint]]:
    """All records, and where one has read to with each."""
    entries, marks = [], []
    for segment in sorted(folder.glob("*.jsonl")):
        n = first = int(segment.stem)
        for offset, line in read_lines(Disk(), segment):
            entries.append(IndexEntry(n, first, offset, len(line), decode_event(line)))
            marks.append(mark_at(RecoveredLine(n, first, offset, line)))
            n += 1
    return entries, marks


def test_only_one_process_has_it_open_and_maps_no_file_of_it(house: House):
    house.say("hola")
    assert house.found("hola") == ["hola"]

    assert [path.name for path in house.index.parent.glob("index.sqlite3-*")] == [
        "index.sqlite3-wal"
    ]
    assert "index.sqlite3" not in Path("/proc/self/maps").read_text()
    tried = subprocess.run(
        [sys.executable, "-c", READ, house.index], capture_output=True, text=True, check=False
    )
    assert "database is locked" in tried.stderr


READ = """
import sqlite3, sys
sqlite3.connect(sys.argv[1], timeout=0).execute("SELECT n FROM about")
"""
