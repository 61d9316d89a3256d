"""A message with a cid is in the log once, wherever the log knows the cid from."""

import errno
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import pytest

from chatapp.domain.errors import NotAllowed, ReadOnly
from chatapp.domain.future import Future
from chatapp.domain.model import Appended, Draft, SystemLine
from chatapp.index.lookup import Lookup
from chatapp.log.disk import Disk
from chatapp.store.message_log import MessageLog
from tests.support.waiting import DEADLINE_SECONDS


class MaybeFull(Disk):
    is_full = False

    def write(self, fd: int, data: memoryview, offset: int) -> int:
        if self.is_full:
            raise OSError(errno.ENOSPC, "No space left on device")
        return super().write(fd, data, offset)


class House:
    """A log that can be opened again, and the turns of its owner's thread."""

    def __init__(self, folder: Path) -> None:
        self._turns: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self._folder = folder
        self.disk = MaybeFull()
        self.log: MessageLog
        self.open()

    def open(self) -> None:
        folder = self._folder / "messages"
        self.log = MessageLog.open(folder, deliver=self._turns.put, disk=self.disk)

    def open_again(self) -> None:
        self.log.close()
        self.open()

    def begin(self, cid: str, by: str | None = None, text: str = "said") -> Future[Appended]:
        return self.log.append(Draft(room="tea", sender="ana", by=by, text=text, cid=cid))

    def send(self, *cids: str, by: str | None = None) -> list[tuple[int, bool]]:
        """The seq of each, and whether it was there before."""
        sent = [self.wait(pending) for pending in [self.begin(cid, by) for cid in cids]]
        return [(appended.event.seq, appended.duplicate) for appended in sent]

    def wait(self, pending: Future[Any]) -> Any:
        self.turn_until(lambda: pending.done)
        return pending.result()

    def turn_until(self, condition: Callable[[], bool]) -> None:
        while not condition():
            self._turns.get(timeout=DEADLINE_SECONDS)()

    def let_the_index_catch_up(self) -> None:
        self.wait(self.log.senders(limit=1))

    def read_the_filter(self) -> None:
        self.turn_until(lambda: self.log._cids._filter is not None)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    house = House(tmp_path)
    yield house
    house.log.close()


def test_a_retry_while_the_first_is_on_its_way_gets_the_first(house: House):
    first, again = house.begin("a"), house.begin("a")

    assert house.wait(again).duplicate
    assert not first.result().duplicate
    assert first.result().event == again.result().event
    assert house.log.head("tea") == 1


def test_a_retry_is_found_before_and_after_the_index_has_it(house: House):
    assert house.send("a") == [(1, False)]
    assert house.send("a") == [(1, True)]
    house.let_the_index_catch_up()
    assert house.send("a", "b") == [(1, True), (2, False)]
    house.read_the_filter()
    assert house.send("a", "b", "c") == [(1, True), (2, True), (3, False)]
    house.let_the_index_catch_up()
    assert house.send("a", "b", "c", "d") == [(1, True), (2, True), (3, True), (4, False)]


def test_what_the_index_takes_in_while_the_filter_is_read_is_known(house: House):
    house.send("first")
    house.let_the_index_catch_up()
    house.open_again()

    house.send(*(f"cid {number}" for number in range(100)))
    house.let_the_index_catch_up()
    house.read_the_filter()

    again = house.send("first", *(f"cid {number}" for number in range(100)))
    assert again == [(seq, True) for seq in range(1, 102)]


@pytest.mark.parametrize("has_index", [True, False])
def test_messages_of_earlier_runs_are_known(house: House, tmp_path: Path, has_index: bool):
    cids = [f"cid {number}" for number in range(3000)]
    house.send(*cids)
    house.log.close()
    if not has_index:
        (tmp_path / "index.sqlite3").unlink()
    house.open()

    before = house.send(*cids[:100])
    house.send("new")
    house.read_the_filter()

    assert before + house.send(*cids[100:]) == [(seq, True) for seq in range(1, 3001)]


def test_a_new_cid_is_not_looked_up(house: House, monkeypatch: pytest.MonkeyPatch):
    house.send("first")
    house.read_the_filter()
    asked: list[str] = []
    monkeypatch.setattr(Lookup, "with_cid", lambda _self, _sender, cid: asked.append(cid))

    house.send(*(f"new {number}" for number in range(100)))

    assert asked == []


def test_cids_that_cannot_be_read_are_looked_up(house: House, monkeypatch: pytest.MonkeyPatch):
    def fail(*_: object) -> None:
        raise sqlite3.DatabaseError("a page is no page")

    monkeypatch.setattr(Lookup, "cid_hashes", fail)

    house.send("a")
    house.let_the_index_catch_up()

    assert house.send("a", "b") == [(1, True), (2, False)]


def test_a_message_that_was_refused_is_new_when_it_is_sent_again(house: House):
    house.send("a")
    house.disk.is_full = True
    with pytest.raises(ReadOnly):
        house.send("b")
    assert house.send("a") == [(1, True)]

    house.disk.is_full = False
    assert house.wait(house.log.journal.look_for_room())

    assert house.send("b", "b") == [(2, False), (2, True)]


def test_nothing_is_remembered_of_what_the_index_has_and_what_was_refused(house: House):
    house.send("a", "b")
    house.disk.is_full = True
    with pytest.raises(ReadOnly):
        house.send("c")
    house.let_the_index_catch_up()

    assert house.log._cids._recent == {}


def test_what_is_checked_is_what_is_new(house: House):
    def refuse() -> None:
        raise NotAllowed("You are muted.")

    house.send("a")
    known = Draft(room="tea", sender="ana", text="said", cid="a")
    new = Draft(room="tea", sender="ana", text="said", cid="b")

    assert house.wait(house.log.append(known, check=refuse)).duplicate
    with pytest.raises(NotAllowed):
        house.log.append(new, check=refuse)
    assert house.send("b") == [(2, False)]


@pytest.mark.parametrize("is_indexed", [True, False])
def test_a_cid_counts_for_its_sender_in_its_room(house: House, is_indexed: bool):
    house.send("a", by="the first ana")
    if is_indexed:
        house.let_the_index_catch_up()

    assert house.send("a", by="another ana") == [(2, False)]
    assert house.send("a", by="the first ana") == [(1, True)]
    elsewhere = Draft(room="milk", sender="ana", by="the first ana", text="said", cid="a")
    assert not house.wait(house.log.append(elsewhere)).duplicate


@pytest.mark.parametrize("is_indexed", [True, False])
def test_a_message_without_an_id_is_of_whoever_has_the_name(house: House, is_indexed: bool):
    house.send("a")  # as older versions wrote it
    if is_indexed:
        house.let_the_index_catch_up()

    assert house.send("a", by="ana's id") == [(1, True)]


@pytest.mark.parametrize("is_indexed", [True, False])
def test_a_retry_gets_the_message_as_it_is_now(house: House, is_indexed: bool):
    house.send("a")
    house.wait(house.log.append(Draft(room="tea", sender="ana", type="delete", target=1)))
    if is_indexed:
        house.let_the_index_catch_up()

    message = house.wait(house.begin("a")).event

    assert (message.seq, message.text, message.deleted_by) == (1, "", "ana")


@pytest.mark.parametrize("is_indexed", [False, True])
def test_many_are_found_at_once_by_room_and_author(house: House, is_indexed: bool):
    line = SystemLine(what="joined")
    house.send("a", "b", by="1")
    house.send("old")
    house.wait(
        house.log.append(Draft("tea", "ana", "1", text="ana joined", cid="line", system=line))
    )
    house.wait(house.log.append(Draft("tea", "ana", "1", type="delete", target=2)))
    house.wait(house.log.append(Draft("ops", "ana", "1", text="said", cid="elsewhere")))
    if is_indexed:
        house.let_the_index_catch_up()
        house.open_again()
        house.read_the_filter()

    def found(*cids: str, room: str = "tea", sender: str = "ana", by: str = "1") -> list[Any]:
        return house.log.find_cids([Draft(room, sender, by, cid=cid) for cid in cids])

    assert found("b", "no", "a", "old", "line") == [2, None, 1, 3, 4]
    assert found("a", "b", "line", by="2") == [None, None, None]
    assert found("a", "b", sender="bo") == [None, None]
    assert found("a", "elsewhere", room="ops") == [None, 1]


@pytest.mark.parametrize("is_indexed", [False, True])
def test_what_happened_to_many_messages_is_read_at_once(house: House, is_indexed: bool):
    house.send("a", "b", "c")
    for target, emoji in ((1, "👍"), (3, "🎉"), (1, "🌲")):
        reaction = Draft("tea", "bo", type="react", target=target, emoji=emoji, on=True)
        house.wait(house.log.append(reaction))
    if is_indexed:
        house.let_the_index_catch_up()
        house.open_again()

    found = house.log.followers_of([("tea", 3), ("tea", 2), ("tea", 1), ("ops", 1)])

    assert [[event.emoji for event in events] for events in found] == [["🎉"], [], ["👍", "🌲"], []]
