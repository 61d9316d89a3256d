"""How long rooms keep messages, over a real log, with a clock and an erasure of the test's own."""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from chatapp.domain.errors import BadPayload, Empty, NotAllowed, ReadOnly
from chatapp.domain.future import Future
from chatapp.domain.model import Draft, Person, Room
from chatapp.features.retention.manager import RetentionManager
from chatapp.features.retention.runs import RetentionRuns
from chatapp.store.message_log import MessageLog
from tests.support.accounts import Clock, MemoryDirectory, Notes
from tests.support.records import say

BOSS = Person(name="boss", id="b1", role="owner")
ANA = Person(name="ana", id="a1", role="member")
LIMA = ZoneInfo("America/Lima")


class Chat:
    """The log, the rules and the runs. `go(hours)` lets time pass."""

    def __init__(self, folder: Path) -> None:
        self.clock = Clock()
        self.log = MessageLog.open(folder / "messages", clock=self.clock)
        self.directory, self.notes = MemoryDirectory(), Notes()
        self.all_days = 0
        self.is_held = True
        self.has_failed = False
        self.erased: list[dict[str, int]] = []
        self.refusal: Exception | None = None
        self._waiting: list[tuple[datetime, Callable[[], None]]] = []
        self.restart()

    def restart(self) -> None:
        self._waiting = []
        self.retention = RetentionManager(
            self.directory,
            self.log,
            room=lambda name: Room(name=name, title=name),
            all_days=lambda: self.all_days,
            clock=self.clock,
            note=self.notes,
        )
        self.runs = RetentionRuns(
            self.directory,
            self.retention,
            erase=self._erase,
            has_failed=lambda: self.has_failed,
            lease=self,
            clock=self.clock,
            later=self._later,
            wait=Future.result,
            local=_in_lima,
        )
        self.runs.start()

    def on_taken(self, begin: Callable[[], None]) -> None:
        self.take = begin

    def go(self, **time: float) -> None:
        until = self.clock.now + timedelta(**time)
        while due := sorted((at, n) for n, (at, _) in enumerate(self._waiting) if at <= until):
            at, number = due[0]
            _, step = self._waiting.pop(number)
            self.clock.now = max(self.clock.now, at)
            step()
        self.clock.now = until

    def _later(self, seconds: float, step: Callable[[], None]) -> None:
        self._waiting.append((self.clock.now + timedelta(seconds=seconds), step))

    def _erase(self, up_to: Mapping[str, int]) -> Future[None]:
        if self.refusal:
            raise self.refusal
        self.erased.append(dict(up_to))
        return Future.of(None)


def _in_lima(moment: datetime) -> datetime:
    """As the clock of a machine in Lima, five hours behind UTC, shows it."""
    if moment.tzinfo is None:
        return moment.replace(tzinfo=LIMA)
    return moment.astimezone(LIMA)


@pytest.fixture
def chat(tmp_path: Path) -> Iterator[Chat]:
    chat = Chat(tmp_path)
    yield chat
    chat.log.close()


def test_what_is_older_goes_at_the_next_quiet_hour_and_not_before(chat: Chat) -> None:
    say(chat.log, "old")
    chat.go(days=40)
    say(chat.log, "new")

    chat.retention.keep_for(BOSS, "general", 30, "the law")
    assert chat.retention.old("general").result().messages == 1
    assert chat.runs.next_at == "2027-01-02T08:00:00.000Z", "03:00 in Lima"
    chat.go(hours=22)
    assert chat.erased == []
    chat.go(hours=1)

    assert chat.erased == [{"general": 1}]
    assert chat.retention.removed_to("general") == 1
    assert chat.retention.old("general").result().messages == 0
    chat.go(days=3)
    assert chat.erased == [{"general": 1}], "nothing more has become old"
    chat.go(days=40)
    assert chat.erased[-1] == {"general": 2}


def test_a_rule_that_is_taken_back_before_the_quiet_hour_removes_nothing(chat: Chat) -> None:
    say(chat.log, "old")
    chat.go(days=40)
    chat.retention.keep_for(BOSS, "general", 30, "the law")
    chat.retention.keep_for(BOSS, "general", None, "a mistake")

    chat.go(days=3)

    assert chat.erased == []
    assert chat.runs.next_at is None
    assert chat.notes == [("boss", "retention"), ("boss", "retention")]


def test_the_rule_of_a_room_goes_before_that_of_the_chat(chat: Chat) -> None:
    for room in ("general", "archive", "law"):
        say(chat.log, "old", room=room)
    chat.all_days = 30
    chat.retention.keep_for(BOSS, "archive", 0, "we keep this")
    chat.retention.hold(BOSS, "law", True, "a court")
    chat.runs.plan()

    chat.go(days=40)

    assert chat.erased == [{"general": 1}]
    chat.retention.hold(BOSS, "law", False, "it is over")
    chat.go(days=1)
    assert chat.erased == [{"general": 1}, {"law": 1}]


def test_a_run_whose_hour_came_while_the_server_was_stopped_is_done_at_the_start(
    chat: Chat,
) -> None:
    say(chat.log, "old")
    chat.go(days=40)
    chat.retention.keep_for(BOSS, "general", 30, "the law")
    chat.clock.pass_by(timedelta(days=2))

    chat.restart()
    chat.go(seconds=1)

    assert chat.erased == [{"general": 1}]


def test_only_the_process_with_the_lease_removes(chat: Chat) -> None:
    say(chat.log, "old")
    chat.retention.keep_for(BOSS, "general", 30, "the law")
    chat.go(days=29)
    chat.is_held = False
    chat.go(days=10)
    assert chat.erased == []

    chat.is_held = True
    chat.take()
    chat.go(days=1)

    assert chat.erased == [{"general": 1}]


def test_what_could_not_be_removed_is_tried_again(chat: Chat) -> None:
    say(chat.log, "old")
    chat.retention.keep_for(BOSS, "general", 30, "the law")
    chat.go(days=30)
    chat.refusal = ReadOnly("The disk is full.")
    chat.go(days=1)
    assert chat.retention.removed_to("general") == 0, "it is still there, and people see it"

    chat.refusal = None
    chat.go(hours=1)
    assert chat.erased == [{"general": 1}]

    chat.has_failed = True
    chat.go(days=1)
    assert chat.erased == [{"general": 1}, {"general": 1}], "the erasure itself failed"


def test_a_newer_message_before_an_imported_old_one_stays(chat: Chat) -> None:
    say(chat.log, "new")
    past = "2020-01-01T00:00:00.000Z"
    chat.log.append(Draft(room="general", sender="ana", text="imported"), at=past)
    chat.log.flush()
    chat.go(days=10)
    chat.retention.keep_for(BOSS, "general", 30, "the law")

    assert chat.retention.old("general").result().up_to == 0
    chat.go(days=21)

    assert chat.erased == [{"general": 2}]


def test_only_admins_make_rules_and_wrong_ones_change_nothing(chat: Chat) -> None:
    wrong: list[tuple[Any, Any, Any, type[Exception]]] = [
        (ANA, 30, "the law", NotAllowed),
        (BOSS, -1, "the law", BadPayload),
        (BOSS, 10**9, "the law", BadPayload),
        (BOSS, 30, " ", Empty),
    ]
    for who, days, reason, error in wrong:
        with pytest.raises(error):
            chat.retention.keep_for(who, "general", days, reason)
    with pytest.raises(NotAllowed):
        chat.retention.hold(ANA, "general", True, "mine")

    assert chat.retention.rules() == {}
    assert chat.notes == []


def test_the_quiet_hour_is_one_on_days_of_23_hours_too(chat: Chat) -> None:
    berlin = ZoneInfo("Europe/Berlin")
    chat.clock.now = datetime(2027, 3, 27, 22, tzinfo=UTC)  # The clocks go forward at 01:00 UTC.

    def local(moment: datetime) -> datetime:
        return moment.replace(tzinfo=berlin) if moment.tzinfo is None else moment.astimezone(berlin)

    chat.runs._local = local
    say(chat.log, "old")
    chat.retention.keep_for(BOSS, "general", 30, "the law")

    assert chat.runs.next_at == "2027-03-28T01:00:00.000Z"
