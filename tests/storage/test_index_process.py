"""The index in a process of its own: the same answers, and no harm where the process ends."""

import logging
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from datetime import datetime
from pathlib import Path
from queue import SimpleQueue
from typing import Any, TypeVar

import msgspec
import pytest

from chatapp.errors import Unavailable
from chatapp.model import Draft
from chatapp.pending import Pending
from chatapp.storage import MessageLog, StorageError, Wanted
from chatapp.storage.disk import Disk
from chatapp.storage.files import Files
from chatapp.storage.format import decode_event
from chatapp.storage.hot_erase import prepare
from chatapp.storage.index import Entry, Index
from chatapp.storage.index_process import IndexProcess
from chatapp.storage.index_service import Desk
from chatapp.storage.lookup import Filter, Lookup
from chatapp.storage.query import parse
from chatapp.storage.questions import READY, Answered, Asked
from chatapp.storage.reader import Reader
from chatapp.storage.recovery import Line, Mark, mark_at, read_lines
from chatapp.storage.schema import connect
from chatapp.storage.tail import Tail
from chatapp.storage.verify import verify

from .conftest import draft, problems

T = TypeVar("T")

QUERIES = ("tea", "te", '"green tea" 4', "from:bo", "in:kitchen tea", "has:link", "número", "北京")


class House:
    """A log with a process for its index, and an event loop that is turned by hand."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._turns: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self.log = MessageLog.open(
            folder, deliver=self._turns.put, index_process=True, segment_bytes=4_000
        )

    def wait(self, pending: Pending[T]) -> T:
        while not pending.done:
            self._turns.get(timeout=30)()
        return pending.result()

    def say(self, text: str, **more: Any) -> None:
        self.wait(self.log.append(draft(text, **more)))

    def found(self, query: str) -> list[str]:
        return [message.text for message in self.wait(self.log.search(query)).messages]


@pytest.fixture(autouse=True)
def busy_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Other tests want the processor too, and the process lets them."""
    monkeypatch.setattr("chatapp.storage.index_process.ANSWER_SECONDS", 60.0)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    house = House(tmp_path / "messages")
    yield house
    house.log.close()


@pytest.fixture
def asked_here(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was asked in this process, and not in the other one."""
    asked: list[str] = []
    for name in ("search", "find", "count", "senders", "first"):
        method = getattr(Reader, name)

        def noted(*given: Any, name: str = name, method: Any = method) -> Any:
            asked.append(name)
            return method(*given)

        monkeypatch.setattr(Reader, name, noted)
    return asked


def with_process(house: House, asked_here: list[str]) -> int:
    """Waits until the process answers, and gives its id."""
    end = time.monotonic() + 30
    while time.monotonic() < end:
        asked_here.clear()
        house.found("anything")
        if not asked_here:
            (child,) = children()
            return child
        time.sleep(0.02)
    raise AssertionError("there is no process after 30 seconds")


def children() -> list[int]:
    """The processes of indexes that this one has started."""
    tasks = Path("/proc/self/task").iterdir()
    started = [int(child) for task in tasks for child in (task / "children").read_text().split()]
    return [child for child in started if b"index_service" in _command(child)]


def opened_by(pid: int) -> list[str]:
    """The files that a process has open."""
    paths = []
    for fd in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(FileNotFoundError):  # closed meanwhile
            paths.append(os.readlink(fd))
    return paths


def _command(pid: int) -> bytes:
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    return b""


def talk(house: House, start: int, count: int) -> None:
    for i in range(start, start + count):
        sender = ("ana", "bo")[i % 2]
        room = ("general", "kitchen")[i % 3 == 0]
        house.say(f"green tea number {i} (número {i})", sender=sender, room=room, cid=f"c{i}")
    house.say("北京欢迎你 see https://example.org", sender="bo")
    edit = Draft(room="kitchen", sender="ana", type="edit", target=1, text=f"coffee {start}")
    house.wait(house.log.append(edit))


def answers(house: House) -> list[object]:
    log, wait = house.log, house.wait
    pages = [wait(log.search(query, limit=5)) for query in QUERIES]
    pages.append(wait(log.search("tea", before=pages[0].before, rooms=["kitchen"])))
    found = [
        wait(log.find(text="tea", sender="bo", limit=7)),
        wait(log.find(rooms=["kitchen"], after=3)),
        wait(log.find(limit=5)),
    ]
    first = found[-1][-1].record
    moment = datetime.fromisoformat(first.at)
    hours = wait(log.count(since=moment, after=2))
    firsts = [wait(log.first_since(room, moment)) for room in ("kitchen", "nowhere")]
    return [*pages, *found, hours, *firsts, wait(log.senders(limit=6))]


def test_it_answers_as_the_server_itself_does(house: House, asked_here: list[str]):
    talk(house, 0, 20)
    with_process(house, asked_here)
    for round in range(1, 4):
        talk(house, round * 100, 30)
        asked_here.clear()
        told = answers(house)
        assert asked_here == []

        house.wait(house.log._worker.work_alone())
        assert answers(house) == told
        assert asked_here

        house.log._worker.work_together()
        with_process(house, asked_here)


def test_what_was_acked_is_found_at_once(house: House, asked_here: list[str]):
    with_process(house, asked_here)
    for i in range(40):
        house.say(f"word{i}")
        assert house.found(f"word{i}") == [f"word{i}"]
    assert asked_here == []


def test_both_take_records_in_and_the_index_fits(house: House, asked_here: list[str]):
    with_process(house, asked_here)
    for i in range(6):
        talk(house, i * 50, 10)
        if i % 2:
            house.wait(house.log._worker.work_alone())
        else:
            house.log._worker.work_together()
            with_process(house, asked_here)
        house.found("tea")
    house.log.close()

    index = house.folder.parent / "index.sqlite3"
    assert verify(house.folder, index=index, processes=1).problems == []
    assert children() == []


def test_each_sees_what_the_other_has_taken_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("chatapp.storage.index.PART_RECORDS", 30)
    folder, path = tmp_path / "messages", tmp_path / "index.sqlite3"
    log = MessageLog.open(folder, segment_bytes=4_000)
    for i in range(100):
        log.append(draft(f"green tea number {i}")).result()
    for i in range(5):
        edit = Draft(room="general", sender="ana", type="edit", target=90 + i, text=f"milk {i}")
        log.append(edit).result()
    log.close()
    entries, marks = entries_of(folder)
    path.unlink()
    made = Index.open(path, "epoch")
    made.finish(Files(Disk(), folder).record)
    indexes = [made, Index.join(path, connect(path))]
    for start, end in ((0, 20), (10, 60), (55, 95), (20, 97), (0, 105), (50, 60)):
        index = indexes.pop(0)
        indexes.append(index)
        some = entries[start:end]
        n = index.add(some, marks[end - 1], Files(Disk(), folder).record)
        assert n >= end
    for index in indexes:
        index.close()

    reader = Reader(Lookup.open(path), Files(Disk(), folder), Tail())
    assert len(reader.search(parse("tea"), Filter(), 200).messages) == 95
    assert len(reader.search(parse("milk"), Filter(), 200).messages) == 5
    reader.close()


def entries_of(folder: Path) -> tuple[list[Entry], list[Mark]]:
    """All records, and where one has read to with each."""
    entries, marks = [], []
    for segment in sorted(folder.glob("*.jsonl")):
        n = first = int(segment.stem)
        for offset, line in read_lines(Disk(), segment):
            entries.append(Entry(n, first, offset, len(line), decode_event(line)))
            marks.append(mark_at(Line(n, first, offset, line)))
            n += 1
    return entries, marks


def test_one_that_is_killed_is_done_without(
    house: House, asked_here: list[str], caplog: pytest.LogCaptureFixture
):
    talk(house, 0, 5)
    child = with_process(house, asked_here)
    with caplog.at_level(logging.WARNING):
        os.kill(child, signal.SIGKILL)
        assert house.found("coffee") == ["coffee 0"]
        house.say("later")
        assert house.found("later") == ["later"]

    assert [record.getMessage()[:36] for record in caplog.records] == [
        "The process of the index has ended; "
    ]
    assert children() == []


def test_one_that_gets_no_time_is_done_without(
    house: House, asked_here: list[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("chatapp.storage.index_process.ANSWER_SECONDS", 0.2)
    talk(house, 0, 5)
    child = with_process(house, asked_here)
    os.kill(child, signal.SIGSTOP)

    assert house.found("coffee") == ["coffee 0"]

    assert asked_here == ["search"]
    assert children() == []


def test_it_runs_only_where_nobody_else_wants_to(house: House, asked_here: list[str]):
    child = with_process(house, asked_here)

    assert os.sched_getscheduler(child) == os.SCHED_IDLE


def test_it_comes_back_after_a_while(
    house: House, asked_here: list[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("chatapp.storage.index_process.STARTED_AGAIN_SECONDS", 0.1)
    child = with_process(house, asked_here)
    os.kill(child, signal.SIGKILL)

    assert with_process(house, asked_here) != child


def test_it_ends_when_nobody_asks_and_comes_back(
    tmp_path: Path, asked_here: list[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("chatapp.storage.index_worker.IDLE_SECONDS", 1.0)
    house = House(tmp_path / "messages")
    try:
        child = with_process(house, asked_here)
        end = time.monotonic() + 30
        while children() and time.monotonic() < end:
            time.sleep(0.05)
        assert children() == []

        assert with_process(house, asked_here) != child
    finally:
        house.log.close()


def test_none_that_cannot_be_started_is_needed(
    house: House, asked_here: list[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    house.say("hola")

    assert house.found("hola") == ["hola"]
    assert asked_here == ["search"]


def test_damage_is_named(house: House, asked_here: list[str]):
    talk(house, 0, 5)
    with_process(house, asked_here)
    house.found("tea")
    (segment, *_) = sorted(house.folder.glob("*.jsonl"))
    whole = segment.read_bytes()
    segment.write_bytes(whole.replace(b"number 1 ", b"number 7 ", 1))

    with pytest.raises(StorageError, match=r"000000000001.jsonl line 2 is damaged: its checksum"):
        house.wait(house.log.find())
    with pytest.raises(Unavailable, match="Search does not work"):
        house.found("tea")

    segment.write_bytes(whole)
    assert len(house.found("tea")) == 4


def test_damage_in_what_is_new_is_named(house: House, asked_here: list[str]):
    with_process(house, asked_here)
    house.say("hola")
    (segment,) = house.folder.glob("*.jsonl")
    segment.write_bytes(segment.read_bytes().replace(b"hola", b"halo"))

    with pytest.raises(StorageError, match=r"000000000001.jsonl line 1 is damaged: its checksum"):
        house.wait(house.log.find())
    assert house.log.history("general").messages[0].text == "hola"
    segment.write_bytes(segment.read_bytes().replace(b"halo", b"hola"))


def test_damage_that_is_met_on_the_way_leaves_nothing_behind(house: House, asked_here: list[str]):
    talk(house, 0, 5)
    with_process(house, asked_here)
    (segment, *_) = sorted(house.folder.glob("*.jsonl"))
    whole = segment.read_bytes()
    segment.write_bytes(whole.replace(b"number 1 ", b"number 7 ", 1))
    house.say("hola")
    edit = Draft(room="general", sender="ana", type="edit", target=1, text="milk")
    house.wait(house.log.append(edit))

    with pytest.raises(StorageError, match=r"000000000001.jsonl line 2 is damaged: its checksum"):
        house.wait(house.log.find(limit=2))

    now = segment.read_bytes()
    segment.write_bytes(now.replace(b"number 7 ", b"number 1 ", 1))
    asked_here.clear()
    assert house.found("milk") == ["milk"]
    assert house.found("hola") == ["hola"]
    assert house.found('"number 1"') == []
    assert asked_here == []


def test_an_index_that_cannot_be_written_is_told(house: House, asked_here: list[str]):
    with_process(house, asked_here)
    other = sqlite3.connect(house.folder.parent / "index.sqlite3", isolation_level=None)
    other.execute("ALTER TABLE days RENAME TO other_days")
    house.say("hola")

    with pytest.raises(Unavailable, match="no such table: days"):
        house.wait(house.log.find())

    other.execute("ALTER TABLE other_days RENAME TO days")
    other.close()
    assert house.found("hola") == ["hola"]
    assert asked_here == []


def test_erasing_is_done_without_it_and_it_keeps_no_erased_text(
    house: House, asked_here: list[str]
):
    talk(house, 0, 40)
    with_process(house, asked_here)
    house.wait(house.log.find(limit=100))
    active = house.wait(house.log.begin_erasing())
    when = "2026-11-22T12:00:00.000Z"
    prepare(Disk(), house.folder, Wanted(sender="ana"), when=when, active=active)
    alone: list[bool] = []

    steps = house.log.finish_erasing()
    with suppress(StopIteration):
        while True:
            pending = next(steps)
            house.wait(pending)
            alone.append(children() == [])
            house.say("meanwhile", sender="bo")
            assert "meanwhile" in house.found("meanwhile")

    assert alone[-5:] == [True] * 5
    child = with_process(house, asked_here)
    assert not any("ana" in text for text in house.found("from:ana"))
    assert [text for text in house.found("tea") if "number 2 " in text] == []
    assert [path for path in opened_by(child) if path.endswith(".jsonl (deleted)")] == []


def test_ctrl_c_is_not_for_it(house: House, asked_here: list[str]):
    child = with_process(house, asked_here)
    assert os.getpgid(child) == child


def test_one_that_stops_in_the_middle_of_an_answer_is_done_without(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("chatapp.storage.index_process.ANSWER_SECONDS", 0.2)
    half_an_answer = tmp_path / "python"
    half_an_answer.write_text(
        "#!/bin/sh\necho '{}'; read question; printf '{\"n\":1'; exec sleep 60"
    )
    half_an_answer.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(half_an_answer))
    process = IndexProcess(tmp_path, tmp_path / "index.sqlite3")
    until(process.listens)

    assert process.ask(None, None) is None
    assert not process.listens()


def test_a_question_that_fills_the_pipe_waits_for_no_process_that_is_stopped(
    house: House, asked_here: list[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("chatapp.storage.index_process.ANSWER_SECONDS", 0.2)
    rooms = [f"a room of many, number {i}" for i in range(10_000)]
    house.say("tea")
    child = with_process(house, asked_here)
    assert len(house.wait(house.log.search("tea", rooms=[*rooms, "general"])).messages) == 1
    assert asked_here == []
    os.kill(child, signal.SIGSTOP)

    assert len(house.wait(house.log.search("tea", rooms=[*rooms, "general"])).messages) == 1
    assert asked_here == ["search"]


def test_an_answer_is_larger_than_a_pipe(house: House, asked_here: list[str]):
    with_process(house, asked_here)
    for i in range(60):
        house.say(f"{i} " + "tea " * 900)

    assert len(house.wait(house.log.find(limit=60))) == 60
    assert asked_here == []


def test_what_nobody_expected_is_told_and_the_next_question_answered(
    house: House, monkeypatch: pytest.MonkeyPatch
):
    def broken(*_: object) -> None:
        raise ValueError("nobody thought of this")

    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    with monkeypatch.context() as patched:
        patched.setattr(Reader, "find", broken)
        with pytest.raises(ValueError, match="nobody"):
            house.wait(house.log.find())

    assert house.wait(house.log.find()) == []


def test_a_log_that_lost_its_end_is_told(house: House, asked_here: list[str]):
    talk(house, 0, 3)
    with_process(house, asked_here)
    (segment,) = house.folder.glob("*.jsonl")
    whole = segment.read_bytes()
    house.say("later")
    later = segment.read_bytes()
    segment.write_bytes(whole)

    with pytest.raises(StorageError, match="messages/ ends before record 6"):
        house.wait(house.log.find())

    segment.write_bytes(later)
    assert house.found("later") == ["later"]
    assert asked_here == []


def test_an_index_that_is_deleted_is_not_made_by_it(
    house: House, asked_here: list[str], caplog: pytest.LogCaptureFixture
):
    talk(house, 0, 3)
    (house.folder.parent / "index.sqlite3").unlink()
    with caplog.at_level(logging.WARNING):
        until(lambda: bool(house.found("coffee") and caplog.records))

    assert "does not start" in caplog.text
    assert house.found("coffee") == ["coffee 0"]
    assert not (house.folder.parent / "index.sqlite3").exists()


def test_it_ends_with_the_server_in_the_middle_of_a_question(house: House):
    house.say("hola")
    index = house.folder.parent / "index.sqlite3"
    with closing(connect(index)) as other:
        other.execute("BEGIN IMMEDIATE")  # it waits five seconds for that
        arguments = ["-m", "chatapp.storage.index_service", str(house.folder), str(index)]
        with subprocess.Popen(
            [sys.executable, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        ) as process:
            assert process.stdin
            assert process.stdout
            assert process.stdout.readline() == READY
            process.stdin.write(
                msgspec.json.encode(Asked(house.log._newest.tail.mark, None)) + b"\n"
            )
            process.stdin.flush()
            closed_at = time.monotonic()
        assert time.monotonic() - closed_at < 3


def test_a_file_that_is_away_for_a_moment_leaves_nothing_behind(tmp_path: Path):
    folder, path = tmp_path / "messages", tmp_path / "index.sqlite3"
    log = MessageLog.open(folder, segment_bytes=4_000)
    for i in range(40):
        log.append(draft(f"green tea number {i}")).result()
    log.find().result()
    log.append(Draft(room="new", sender="eva", text="hola")).result()
    edit = Draft(room="general", sender="ana", type="edit", target=1, text="milk")
    log.append(edit).result()
    mark = log._newest.tail.mark
    first = folder / "000000000001.jsonl"
    desk = Desk(folder, path)

    first.rename(tmp_path / "away")
    assert "No such file" in str(desk.answer(Asked(mark, None)).damage)
    (tmp_path / "away").rename(first)

    assert desk.answer(Asked(mark, None)) == Answered(42)
    log.close()
    assert problems(folder) == []


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


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_it_ends_with_a_server_that_is_killed(tmp_path: Path):
    folder = tmp_path / "messages"
    server = subprocess.Popen(
        [sys.executable, "-c", SERVER, str(folder)], stdout=subprocess.PIPE, text=True
    )
    with server:
        assert server.stdout
        child = int(server.stdout.readline())
        server.kill()
    end = time.monotonic() + 30
    while _lives(child) and time.monotonic() < end:
        time.sleep(0.02)
    assert not _lives(child)


def _lives(pid: int) -> bool:
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().split(")")[1].split()[0] != "Z"
    return False


SERVER = """
import sys, time
from datetime import datetime
from pathlib import Path
from queue import SimpleQueue
from chatapp.storage import MessageLog

turns = SimpleQueue()
log = MessageLog.open(Path(sys.argv[1]), deliver=turns.put, index_process=True)
while True:
    page = log.search("tea")
    while not page.done:
        turns.get()()
    tasks = Path("/proc/self/task").iterdir()
    children = [child for task in tasks for child in (task / "children").read_text().split()]
    if children and log._worker.process.listens():
        print(children[0], flush=True)
        time.sleep(60)
"""
