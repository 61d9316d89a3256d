"""The index is damaged while the log is used: it is made anew, and nothing has to be restarted."""

import logging
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from time import monotonic
from typing import Any

import pytest

from chatapp.domain.errors import Unavailable
from chatapp.domain.future import Future
from chatapp.index.index import Index
from chatapp.index.remake import remake
from chatapp.log.disk import Disk
from chatapp.log.errors import StorageError
from chatapp.log.recovery import Checkpoint, RecoveredLine, mark_at
from chatapp.store.index_repair import is_damaged
from chatapp.store.message_log import MessageLog
from tests.support.index_oracle import problems_of
from tests.support.records import sent_with

from .conftest import draft

Harm = Callable[[Path], object]
MESSAGES = 200
PATIENCE_SECONDS = 30


class House:
    """A log in several segments, its index in one file and in no process, and an event loop that
    is turned by hand.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.index = folder.parent / "index.sqlite3"
        self._turns: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self.open()

    def open(self) -> None:
        self.log = MessageLog.open(self.folder, deliver=self._turns.put, segment_bytes=4_000)

    def wait(self, pending: Future[Any]) -> Any:
        self.turn_until(lambda: pending.done)
        return pending.result()

    def turn_until(self, condition: Callable[[], bool]) -> None:
        end = monotonic() + PATIENCE_SECONDS
        while not condition():
            assert monotonic() < end, "it never came"
            with suppress(Empty):
                self._turns.get(timeout=0.05)()

    def say(self, number: int) -> None:
        self.wait(self.log.append(draft(f"number {number} of tea", cid=f"c{number}")))

    def found(self, words: str) -> list[str]:
        page = self.wait(self.log.search(words, limit=1_000))
        return [message.text for message in page.messages]

    def found_until_it_fails(self) -> None:
        """What SQLite has in memory, it finds for a while."""
        for number in range(MESSAGES):
            self.found(f"{number} tea")

    def read_until_it_fails(self) -> None:
        for number in range(MESSAGES):
            self.log.history("general", around=number + 1)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    house = House(tmp_path / "messages")
    for number in range(MESSAGES):
        house.say(number)
    house.log.close()
    house.open()
    assert len(house.found("tea")) == MESSAGES
    yield house
    house.log.close()


def garbage(index: Path) -> None:
    index.write_bytes(b"garbage " * (index.stat().st_size // 8))


def half(index: Path) -> None:
    with index.open("r+b") as file:
        file.truncate(index.stat().st_size // 2)


def zeros(index: Path) -> None:
    size = index.stat().st_size
    with index.open("r+b") as file:
        file.seek(4096)
        file.write(bytes(size - 4096))


@pytest.mark.parametrize("harm", [garbage, half, zeros])
def test_a_damaged_index_is_made_anew_while_the_log_goes_on(
    house: House, harm: Harm, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    harm(house.index)

    with pytest.raises(Unavailable):
        house.found_until_it_fails()
    house.say(MESSAGES)
    with pytest.raises(Unavailable):
        house.found("tea")
    house.turn_until(lambda: any("works again" in line for line in caplog.messages))

    house.say(MESSAGES + 1)
    expected = [f"number {number} of tea" for number in range(MESSAGES + 2)][::-1]
    assert house.found("tea") == expected
    oldest = house.log.history("general", after=0, limit=10).messages
    assert [message.seq for message in oldest] == list(range(1, 11))
    assert sent_with(house.log, "general", "ana", "c3").seq == 4
    house.log.close()
    assert problems_of(house.folder, house.index) == []
    assert [path.name for path in house.index.parent.glob("*-again*")] == []


def test_history_that_meets_a_damaged_index_has_it_made_anew(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    garbage(house.index)

    with pytest.raises(Unavailable):
        house.read_until_it_fails()
    house.turn_until(lambda: any("works again" in line for line in caplog.messages))

    assert house.log.history("general", around=7).messages


def test_a_sound_index_is_not_made_anew(house: House) -> None:
    assert not is_damaged(house.index)


def test_a_log_that_is_closed_meanwhile_is_found_whole(house: House) -> None:
    garbage(house.index)
    with pytest.raises(Unavailable):
        house.found_until_it_fails()

    house.log.close()
    house.open()

    assert len(house.found("tea")) == MESSAGES


def test_of_a_large_log_it_is_made_by_several_processes(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chatapp.index.rebuild.WORTH_PROCESSES_BYTES", 0)
    again = house.index.with_name("another")

    remake(Disk(), house.folder, again, end_of(house))

    house.log.close()
    assert problems_of(house.folder, again) == []


def test_of_a_damaged_log_no_index_is_made(house: House) -> None:
    first = house.folder / "000000000001.jsonl"
    first.write_bytes(bytes(first.stat().st_size))
    until = end_of(house)

    with pytest.raises(StorageError, match="line 1 is damaged"):
        remake(Disk(), house.folder, house.index.with_name("another"), until)


def test_what_is_written_behind_that_is_not_looked_at(house: House) -> None:
    house.log.close()
    until = end_of(house)
    last = sorted(house.folder.glob("*.jsonl"))[-1]
    with last.open("ab") as file:
        file.write(b"half a line that is just being wri")
    again = house.index.with_name("another")

    remake(Disk(), house.folder, again, until)

    with closing(Index.open_ready(again)) as index:
        assert index.mark() == until


def test_a_log_that_lost_its_end_is_named(house: House) -> None:
    house.log.close()
    until = end_of(house)
    last = sorted(house.folder.glob("*.jsonl"))[-1]
    last.write_bytes(b"".join(last.read_bytes().splitlines(keepends=True)[:-1]))

    with pytest.raises(StorageError, match=f"messages/ ends before record {MESSAGES}, which was"):
        remake(Disk(), house.folder, house.index.with_name("another"), until)


def end_of(house: House) -> Checkpoint:
    """Where the log ends."""
    last = sorted(house.folder.glob("*.jsonl"))[-1]
    lines = last.read_bytes().splitlines(keepends=True)
    start = sum(map(len, lines[:-1]))
    first = int(last.stem)
    return mark_at(RecoveredLine(first + len(lines) - 1, first, start, lines[-1]))
