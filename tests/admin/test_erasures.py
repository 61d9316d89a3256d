"""What is asked to be erased, and what becomes of it when things go wrong."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask

from chatapp.admin.erasure_queue import ErasureQueue
from chatapp.domain.errors import BadPayload, Empty, ReadOnly, Unavailable
from chatapp.domain.future import Future
from chatapp.domain.model import Person
from chatapp.features.accounts.manager import AccountManager
from chatapp.store.message_log import MessageLog
from chatapp.upkeep.erase import Erased, ErasureSelector, ForwardedCopy
from chatapp.upkeep.processes import ProcessFailed
from tests.support.accounts import PASSWORD, Clock, MemoryDirectory, Notes
from tests.support.pages import Browser, make_app, make_care
from tests.support.records import say

BOSS = Person(name="Boss", id="boss", role="owner")


class SharedLease:
    """Held, until the test says otherwise."""

    def __init__(self) -> None:
        self.is_held = True
        self._begin: list[Callable[[], None]] = []

    def on_taken(self, begin: Callable[[], None]) -> None:
        self._begin.append(begin)

    def take(self) -> None:
        self.is_held = True
        for begin in self._begin:
            begin()


class Work:
    """Erasing that is done when the test says so."""

    def __init__(self) -> None:
        self.directory, self.notes, self.clock = MemoryDirectory(), Notes(), Clock()
        self.lease = SharedLease()
        self.done: list[ErasureSelector] = []
        self.steps: list[Callable[[], None]] = []
        self.fails: Exception | None = None
        self.erasures = self.after_a_restart()

    def after_a_restart(self) -> ErasureQueue:
        return ErasureQueue(
            self.directory,
            self.notes,
            erase=self._erase,
            spawn=self.steps.append,
            clock=self.clock,
            lease=self.lease,
        )

    def go_on(self) -> None:
        self.steps.pop(0)()

    def _erase(
        self, wanted: ErasureSelector, _when: str, told: Callable[[int, int], None]
    ) -> Erased:
        told(20, 2)
        if self.fails:
            raise self.fails
        self.done.append(wanted)
        return Erased(erased=2)


@pytest.fixture
def work() -> Work:
    return Work()


def refused(*_: object) -> Future[None]:
    pending: Future[None] = Future()
    pending.fail(ReadOnly("The disk is full."))
    return pending


def states(erasures: ErasureQueue) -> list[tuple[str, str, int]]:
    return [(key, one.state, one.erased) for key, one in erasures.all()]


def test_what_is_asked_for_waits_is_done_and_is_noted(work: Work) -> None:
    work.erasures.ask_for_person(BOSS, "Eva", confirm="Eva", reason="her wish")
    assert states(work.erasures) == [("name:Eva", "waiting", 0)]

    work.go_on()

    assert work.done == [ErasureSelector(sender="Eva")]
    assert states(work.erasures) == [("name:Eva", "done", 2)]
    assert work.notes == [("Boss", "erase"), ("Boss", "erased")]
    assert work.erasures.progress is None


def test_two_admins_who_ask_at_once_ask_for_one(work: Work) -> None:
    ada = Person(name="Ada", id="ada", role="admin")
    work.erasures.ask_for_message(BOSS, "general", 1, "spam")
    work.erasures.ask_for_person(BOSS, "Eva", confirm="Eva", reason="her wish")
    work.erasures.ask_for_person(ada, "Eva", confirm="Eva", reason="a letter")

    work.go_on()
    work.go_on()

    assert work.steps == []
    assert work.done == [ErasureSelector(room="general", seq=1), ErasureSelector(sender="Eva")]
    assert ("Ada", "erase") not in work.notes


def test_what_is_asked_again_while_it_is_being_done_is_done_again(work: Work) -> None:
    """What was written since it began is not in it."""
    work.erasures.ask_for_person(BOSS, "Eva", confirm="Eva", reason="her wish")
    work.clock.now = work.clock.now.replace(minute=59)
    work.erasures.ask_for_person(BOSS, "Eva", confirm="Eva", reason="she wrote more")

    work.go_on()
    work.go_on()

    assert len(work.done) == 2
    assert states(work.erasures) == [("name:Eva", "done", 2)]


def test_a_server_that_was_stopped_in_the_middle_does_it_at_its_next_start(work: Work) -> None:
    work.erasures.ask_for_person(BOSS, "Eva", confirm="Eva", reason="her wish")
    work.steps.clear()
    again = work.after_a_restart()
    assert again.progress is None

    again.start()
    work.go_on()

    assert work.done == [ErasureSelector(sender="Eva")]
    assert states(again) == [("name:Eva", "done", 2)]


def test_a_process_without_the_lease_leaves_it_to_the_one_that_has_it(work: Work) -> None:
    work.lease.is_held = False
    for reason in ("her wish", "she wrote more"):
        work.erasures.ask_for_person(BOSS, "Eva", confirm="Eva", reason=reason)
    assert work.steps == []
    assert states(work.erasures) == [("name:Eva", "waiting", 0)]

    work.lease.take()
    work.go_on()

    assert work.done == [ErasureSelector(sender="Eva")]
    assert work.notes.count(("Boss", "erase")) == 2  # The first one may have begun elsewhere.


def test_what_failed_is_tried_again_with_the_lease(
    work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    work.fails = ReadOnly("The database does not answer.")
    work.erasures.ask_for_person(BOSS, "Eva", confirm="Eva", reason="her wish")
    with monkeypatch.context() as lost:
        lost.setattr(work.directory, "write", refused)
        work.go_on()
    work.fails = None
    assert work.steps == []

    work.lease.take()
    work.go_on()

    assert states(work.erasures) == [("name:Eva", "done", 2)]


@pytest.mark.parametrize(
    "failure",
    [ProcessFailed("line 2 is damaged."), OSError("no room"), Unavailable("The disk is full.")],
)
def test_what_cannot_be_done_says_why_and_holds_nothing_up(
    work: Work, failure: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    work.fails = failure
    work.erasures.ask_for_person(BOSS, "Eva", confirm="Eva", reason="her wish")
    work.erasures.ask_for_message(BOSS, "general", 1, "spam")

    work.go_on()
    work.fails = None
    work.go_on()

    assert {key: state for key, state, _ in states(work.erasures)} == {
        "name:Eva": "failed",
        "message:general:1": "done",
    }
    assert str(failure) in caplog.text


@pytest.fixture
def failed(work: Work, monkeypatch: pytest.MonkeyPatch) -> Work:
    """Eva's texts could not be erased, which could not be noted either; now there is room."""
    work.fails = Unavailable("The disk is full.")
    work.erasures.ask_for_person(BOSS, "Eva", confirm="Eva", reason="her wish")
    with monkeypatch.context() as full:
        full.setattr(work.directory, "_write_rows", refused)
        work.go_on()
    work.fails = None
    return work


def test_what_has_failed_and_cannot_be_noted_either_is_left_for_the_next_start(
    failed: Work,
) -> None:
    assert failed.steps == [], "it would be tried again and again"

    again = failed.after_a_restart()
    again.start()
    failed.go_on()

    assert states(again) == [("name:Eva", "done", 2)]


def test_what_has_failed_can_be_asked_for_again(failed: Work) -> None:
    failed.clock.now += timedelta(minutes=1)

    failed.erasures.ask_for_person(BOSS, "Eva", confirm="Eva", reason="there is room now")
    failed.go_on()

    assert states(failed.erasures) == [("name:Eva", "done", 2)]


@pytest.mark.parametrize("confirm", ["", "eva", "Eva ", "Eve"])
def test_only_the_name_itself_confirms(work: Work, confirm: str) -> None:
    with pytest.raises(BadPayload):
        work.erasures.ask_for_person(BOSS, "Eva", confirm=confirm, reason="her wish")

    assert states(work.erasures) == []


def test_there_has_to_be_a_reason(work: Work) -> None:
    with pytest.raises(Empty):
        work.erasures.ask_for_message(BOSS, "general", 1, " ")

    assert (states(work.erasures), work.notes) == ([], [])


@pytest.fixture
def erased() -> list[ErasureSelector]:
    return []


@pytest.fixture
def app(
    accounts: AccountManager, log: MessageLog, audit: MessageLog, erased: list[ErasureSelector]
) -> Flask:
    def erase(wanted: ErasureSelector, _when: str, _told: object) -> Erased:
        erased.append(wanted)
        return Erased(erased=1, copies=[ForwardedCopy("general", 1, "Mia")])

    return make_app(accounts, log, audit, maintenance=make_care(erase=erase))


def test_an_admin_does_not_erase_what_an_owner_wrote(
    app: Flask, accounts: AccountManager, log: MessageLog, erased: list[ErasureSelector]
) -> None:
    accounts.create("Ada", PASSWORD, "admin")
    accounts.create("Mia", PASSWORD, "member")
    for sender in ("Boss", "Ada", "Mia", "a guest"):
        say(log, "something", sender=sender)
    ada = Browser(app).sign_in("Ada")

    def ask(name: str) -> int:
        fields = {"name": name, "confirm": name, "reason": "spam"}
        return ada.submit("/admin/erasures/person", **fields).status_code

    assert [ask(name) for name in ("Boss", "Ada", "Mia", "a guest")] == [403, 303, 303, 303]
    message = ada.submit("/admin/erasures/message", room="general", seq="1", reason="spam")
    assert message.status_code == 403
    assert [one.sender for one in erased] == ["Ada", "Mia", "a guest"]


def test_who_has_written_nothing_is_a_slip_of_the_keyboard(
    admin: Browser, erased: list[ErasureSelector]
) -> None:
    answer = admin.submit("/admin/erasures/person", name="Evva", confirm="Evva", reason="x")

    assert answer.status_code == 404
    assert 'value="Evva"' in answer.text
    assert erased == []


def test_the_page_of_an_erased_message_offers_it_no_more(admin: Browser, log: MessageLog) -> None:
    say(log, "my address")
    assert "/admin/erasures/message" in admin.get("/admin/message?room=general&seq=1").text

    answer = admin.submit("/admin/erasures/message", room="general", seq="1", reason="her wish")

    assert answer.location == "/admin/erasures"
    page = admin.get(answer.location).text
    assert "message 1 in General" in page
    assert "1 forwarded copy stays" in page
    assert '<a href="/admin/message?room=general&amp;seq=1">by Mia in General, message 1' in page
