"""When scheduled messages are sent, with a clock, a lease and a log of the test's own."""

from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest

from chatapp.domain.clock import timestamp
from chatapp.domain.errors import NotAllowed, RateLimited, ReadOnly
from chatapp.domain.future import Future
from chatapp.domain.model import Appended, Person
from chatapp.features.scheduled.rows import ScheduledRow, ScheduledRows
from chatapp.features.scheduled.sender import ScheduledSender
from chatapp.protocol.requests import Post
from tests.support.accounts import MemoryDirectory

ANA = Person(name="ana", id="a1", role="member")
NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)


class Chat:
    """What the sender needs, in the test's hands. `go(seconds)` lets time pass."""

    def __init__(self, directory: MemoryDirectory) -> None:
        self.now = NOON
        self.is_held = True
        self.posted: list[str | None] = []
        self.texts: list[str] = []
        self.told: list[tuple[str, str]] = []
        self.refusal: Exception | None = None
        self.people = {ANA.id: ANA}
        self._taken: list[Any] = []
        self._waiting: list[tuple[datetime, Any]] = []
        self.rows = ScheduledRows(directory)
        self.sender = ScheduledSender(
            self.rows,
            post=self._post,
            person=self.people.get,
            tell=self._tell,
            lease=self,
            later=self._later,
            clock=lambda: self.now,
        )

    def on_taken(self, begin: Any) -> None:
        self._taken.append(begin)

    def take(self) -> None:
        self.is_held = True
        for begin in self._taken:
            begin()

    def write(self, id: str, after: float, **more: Any) -> ScheduledRow:
        at = timestamp(self.now + timedelta(seconds=after))
        row = ScheduledRow(by=ANA.id, at=at, room="general", text=id, **more)
        self.rows.change(id, self.rows.table.get(id), row)
        return row

    def go(self, seconds: float) -> None:
        until = self.now + timedelta(seconds=seconds)
        while due := sorted((at, n) for n, (at, _) in enumerate(self._waiting) if at <= until):
            at, number = due[0]
            _, step = self._waiting.pop(number)
            self.now = max(self.now, at)
            step()
        self.now = until

    def _later(self, seconds: float, step: Any) -> None:
        self._waiting.append((self.now + timedelta(seconds=seconds), step))

    def _post(self, person: Person, post: Post) -> Future[Appended]:
        if self.refusal:
            raise self.refusal
        if post.cid not in self.posted:
            self.texts.append(post.text)
        self.posted.append(post.cid)
        return Future.of(cast(Appended, None))

    def _tell(self, id: str, _old: object, new: ScheduledRow | None) -> None:
        why = new.refused.code if new and new.refused else "changed" if new else "sent"
        self.told.append((id, why))


@pytest.fixture
def directory() -> MemoryDirectory:
    return MemoryDirectory()


@pytest.fixture
def chat(directory: MemoryDirectory) -> Chat:
    chat = Chat(directory)
    chat.sender.start()
    return chat


def test_messages_are_sent_when_their_time_comes_and_not_before(chat):
    chat.write("second", 7200)
    chat.write("first", 60)

    chat.go(59)
    assert chat.posted == []
    chat.go(1)
    assert chat.posted == ["sched:first"]
    chat.go(7200)

    assert chat.texts == ["first", "second"]
    assert chat.told == [("first", "sent"), ("second", "sent")]
    assert len(chat.rows.table) == 0


def test_a_changed_time_counts_and_a_cancelled_message_is_not_sent(chat):
    chat.write("later", 60)
    chat.write("later", 600)
    gone = chat.write("gone", 60)
    chat.rows.change("gone", gone, None)
    chat.write("sooner", 900)
    chat.write("sooner", 5)

    chat.go(61)
    assert chat.texts == ["sooner"]
    chat.go(600)

    assert chat.texts == ["sooner", "later"]


def test_what_the_rules_refuse_stays_with_the_reason(chat):
    chat.write("hello", 1)
    chat.refusal = NotAllowed("You are muted.")

    chat.go(100)

    row = chat.rows.table.get("hello")
    assert (row.refused.code, row.refused.message, row.sending) == (
        "not_allowed",
        "You are muted.",
        False,
    )
    assert chat.told == [("hello", "not_allowed")]
    chat.refusal = None
    chat.go(1000)
    assert chat.posted == [], "its author decides"


def test_somebody_without_an_account_posts_nothing(chat):
    chat.write("hello", 1)
    chat.people.clear()

    chat.go(10)

    assert chat.posted == []
    assert chat.told == [("hello", "not_allowed")]


@pytest.mark.parametrize(
    ("error", "seconds"),
    [(RateLimited("Slow.", retry_after=300), 300), (ReadOnly("Full."), 10), (OSError(5), 10)],
)
def test_what_only_needs_patience_is_tried_again(chat, error, seconds):
    chat.write("hello", 1)
    chat.refusal = error
    chat.go(1)

    chat.refusal = None
    chat.go(seconds - 1)
    assert chat.posted == []
    chat.go(2)

    assert chat.texts == ["hello"]
    assert chat.told == [("hello", "sent")]


def test_a_crash_at_any_step_leaves_one_message(directory, chat):
    """The row was claimed, and the message may be in the log."""
    chat.write("claimed", -5, sending=True)
    chat.posted.append("sched:claimed")
    again = Chat(directory)
    again.posted = ["sched:claimed"]

    again.sender.start()
    again.go(1)

    assert again.posted == ["sched:claimed"] * 2
    assert again.texts == []
    assert len(again.rows.table) == 0


def test_only_the_process_with_the_lease_sends(directory):
    chat = Chat(directory)
    chat.is_held = False
    chat.sender.start()
    chat.write("hello", 1)

    chat.go(100)
    assert chat.posted == []
    chat.take()
    chat.go(0)

    assert chat.texts == ["hello"]


def test_a_message_that_is_changed_while_it_is_claimed_is_sent_as_it_is_now(chat, monkeypatch):
    """By another process: the claim conflicts."""
    chat.write("hello", 1)
    change, tries = chat.rows.change, []

    def changed_meanwhile(id, old, new):
        tries.append(new)
        if len(tries) == 1:
            chat.rows.table.put(id, ScheduledRow(by=ANA.id, at=old.at, room="general", text="new"))
        return change(id, old, new)

    monkeypatch.setattr(chat.rows, "change", changed_meanwhile)
    chat.go(2)

    assert chat.texts == ["new"]


def test_what_belongs_to_an_account_goes_with_it(directory):
    rows = ScheduledRows(directory)
    for id, by in (("one", "a1"), ("two", "a1"), ("other", "b2")):
        at = timestamp(NOON)
        rows.change(id, None, ScheduledRow(by=by, at=at, room="x", text="", files={"a file": ""}))

    rows.forget("a1")

    assert [id for id, _ in rows.table.items()] == ["other"]
    assert rows.of("a1") == {}
    assert rows.has_file("a file")
    rows.forget("b2")
    assert not rows.has_file("a file")
