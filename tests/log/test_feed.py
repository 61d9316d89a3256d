"""What the feed hands out: each durable event once, in order, before its answer."""

from collections.abc import Callable
from queue import SimpleQueue

import pytest

from chatapp.domain.future import Future
from chatapp.domain.model import Appended, Event
from chatapp.log.disk import Disk
from chatapp.store.feed import EventSubscriber
from chatapp.store.message_log import MessageLog
from tests.support.waiting import DEADLINE_SECONDS

from .conftest import draft
from .test_cids import MaybeFull

Open = Callable[..., MessageLog]


class House:
    """A log with the turns of its owner's thread, and what its subscribers and senders heard."""

    def __init__(self, open_log: Open, *first: EventSubscriber, disk: Disk | None = None) -> None:
        self._turns: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self.log = open_log(deliver=self._turns.put, disk=disk)
        self.heard: list[str] = []
        for subscriber in first:
            self.log.feed.subscribe(subscriber)
        self.log.feed.subscribe(self._hear)

    def send(self, text: str, origin: str | None = None, **more: str) -> Future[Appended]:
        appended = self.log.append(draft(text, **more), origin=origin)
        appended.add_done_callback(lambda answer: self._answered(text, answer))
        return appended

    def turn_until(self, condition: Callable[[], bool]) -> None:
        while not condition():
            self._turns.get(timeout=DEADLINE_SECONDS)()

    def _hear(self, event: Event, origin: str | None) -> None:
        self.heard.append(f"{event.room} {event.seq} {event.text} of {origin}")

    def _answered(self, text: str, answer: Future[Appended]) -> None:
        self.heard.append(f"{text}: {'refused' if answer.has_failed else 'answered'}")


def test_events_are_handed_out_in_the_order_of_their_rooms_with_their_origins(open_log: Open):
    house = House(open_log)

    sent = [
        house.send("one", "ana's", room="tea"),
        house.send("two", "bo's", room="cake"),
        house.send("three", room="tea"),
    ]
    house.turn_until(lambda: all(each.done for each in sent))
    last = house.send("four", "bo's", room="tea")
    house.turn_until(lambda: last.done)

    assert [heard for heard in house.heard if " of " in heard] == [
        "tea 1 one of ana's",
        "cake 1 two of bo's",
        "tea 2 three of None",
        "tea 3 four of bo's",
    ]


def test_an_answer_comes_after_its_own_event_was_handed_out(open_log: Open):
    house = House(open_log)

    sent = [house.send("one"), house.send("two")]
    assert house.heard == []
    house.turn_until(lambda: all(each.done for each in sent))

    assert house.heard == [
        "general 1 one of None",
        "one: answered",
        "general 2 two of None",
        "two: answered",
    ]


def test_without_an_event_loop_it_is_handed_out_before_append_returns(log: MessageLog):
    heard: list[int] = []
    log.feed.subscribe(lambda event, _origin: heard.append(event.seq))

    log.append(draft("one"))

    assert heard == [1]


def test_what_was_there_before_is_not_handed_out_again(open_log: Open):
    house = House(open_log)

    on_its_way = [house.send("one", cid="c1"), house.send("one again", cid="c1")]
    house.turn_until(lambda: all(each.done for each in on_its_way))
    recent = house.send("one late", cid="c1")
    caught_up = house.log.senders(limit=1)
    house.turn_until(lambda: caught_up.done)
    older = house.send("one later", cid="c1")
    house.turn_until(lambda: recent.done and older.done)

    assert [each.result().duplicate for each in [*on_its_way, recent, older]] == [
        False,
        True,
        True,
        True,
    ]
    assert [heard for heard in house.heard if " of " in heard] == ["general 1 one of None"]


def test_what_is_refused_is_not_handed_out(open_log: Open):
    disk = MaybeFull()
    house = House(open_log, disk=disk)
    first = house.send("one")
    house.turn_until(lambda: first.done)

    disk.is_full = True
    refused = house.send("two", cid="c2")
    house.turn_until(lambda: refused.done)

    assert house.heard == ["general 1 one of None", "one: answered", "two: refused"]


def test_a_subscriber_that_fails_holds_up_neither_the_others_nor_the_answers(
    open_log: Open, caplog: pytest.LogCaptureFixture
):
    def fail(event: Event, _origin: str | None) -> None:
        raise ValueError(f"a bug at {event.seq}")

    house = House(open_log, fail)

    sent = [house.send("one"), house.send("two")]
    house.turn_until(lambda: all(each.done for each in sent))

    assert house.heard == [
        "general 1 one of None",
        "one: answered",
        "general 2 two of None",
        "two: answered",
    ]
    assert "a bug at 1" in caplog.text
    assert "a bug at 2" in caplog.text
