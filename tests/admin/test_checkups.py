"""The log is looked at once a day, and when an admin asks; what was found is told."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask

from chatapp.admin.integrity_checks import IntegrityChecks
from chatapp.features.accounts.manager import AccountManager
from chatapp.store.message_log import MessageLog
from chatapp.upkeep.processes import ProcessFailed
from tests.support.accounts import Clock, MemoryDirectory
from tests.support.pages import Browser, make_app, make_care

WELL = {"records": 7, "bytes": 900, "problems": []}


class Days:
    """Time that passes when the test says so."""

    def __init__(self) -> None:
        self.clock, self.directory = Clock(), MemoryDirectory()
        self.found: dict[str, object] | Exception = WELL
        self.looks = 0
        self._due: list[tuple[float, Callable[[], None]]] = []
        self.checkups = self.after_a_restart()

    def after_a_restart(self) -> IntegrityChecks:
        self._due.clear()
        return IntegrityChecks(
            self.directory, check=self._check, later=self._later, clock=self.clock
        )

    def pass_by(self, **span: float) -> None:
        end = self.clock.now.timestamp() + timedelta(**span).total_seconds()
        while self._due and (due := min(self._due, key=lambda one: one[0]))[0] <= end:
            self._due.remove(due)
            self.clock.pass_by(timedelta(seconds=due[0] - self.clock.now.timestamp()))
            due[1]()
        self.clock.pass_by(timedelta(seconds=end - self.clock.now.timestamp()))

    def _later(self, seconds: float, step: Callable[[], None]) -> None:
        self._due.append((self.clock.now.timestamp() + seconds, step))

    def _check(self, told: Callable[[int], None]) -> dict[str, object]:
        self.looks += 1
        told(450)
        if isinstance(self.found, Exception):
            raise self.found
        return self.found


@pytest.fixture
def days() -> Days:
    return Days()


def test_the_server_looks_once_a_day(days: Days) -> None:
    days.checkups.start()
    assert days.looks == 0

    days.pass_by(hours=1)
    assert days.looks == 1
    days.pass_by(days=3)

    assert days.looks == 4


def test_a_restart_does_not_look_again_on_the_same_day(days: Days) -> None:
    days.checkups.start()
    days.pass_by(hours=1)

    again = days.after_a_restart()
    again.start()
    days.pass_by(hours=1)

    assert days.looks == 1
    assert again.last is not None
    assert (again.last.records, again.last.by, again.last.is_well) == (7, "the server", True)


def test_an_admin_can_have_it_looked_at_now_but_not_twice_at_once(days: Days) -> None:
    assert days.checkups.begin("Boss")
    assert not days.checkups.begin("Ada")
    assert days.checkups.is_running

    days.pass_by(seconds=1)

    assert not days.checkups.is_running
    assert days.checkups.last is not None
    assert days.checkups.last.by == "Boss"


def test_what_is_wrong_is_said_aloud(days: Days, caplog: pytest.LogCaptureFixture) -> None:
    days.found = {"records": 7, "bytes": 900, "problems": ["line 3 was changed"] * 30}
    days.checkups.begin("Boss")

    days.pass_by(seconds=1)

    assert "line 3 was changed" in caplog.text
    assert days.checkups.last is not None
    assert not days.checkups.last.is_well
    assert len(days.checkups.last.problems) == 20


def test_a_look_that_fails_is_not_a_log_that_is_well(days: Days) -> None:
    days.found = ProcessFailed("It ended with exit code 9.")
    days.checkups.begin("Boss")

    days.pass_by(seconds=1)

    assert days.checkups.last is not None
    assert not days.checkups.last.is_well
    assert days.checkups.last.failed == "It ended with exit code 9."


@pytest.mark.parametrize(
    ("found", "shown"),
    [
        (WELL, "No problems found: 7 records"),
        ({"problems": ["<b>line 3</b>"]}, "&lt;b&gt;line 3&lt;/b&gt;"),
        (ProcessFailed("killed"), "The check failed: killed"),
    ],
)
def test_the_overview_has_the_button_and_the_answer(
    accounts: AccountManager,
    log: MessageLog,
    audit: MessageLog,
    tmp_path: Path,
    found: object,
    shown: str,
) -> None:
    def check(_told: object) -> dict[str, object]:
        if isinstance(found, Exception):
            raise found
        assert isinstance(found, dict)
        return found

    admin = signed_in(
        make_app(accounts, log, audit, data=tmp_path, maintenance=make_care(check=check))
    )
    assert "Not checked yet" in admin.get("/admin/overview").text

    assert admin.submit("/admin/overview/check").status_code == 303

    page = admin.get("/admin/overview").text
    assert shown in page
    assert ("Nothing needs attention" in page) == (found is WELL)


def signed_in(app: Flask) -> Browser:
    return Browser(app).sign_in("Boss")
