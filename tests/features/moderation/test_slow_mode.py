"""Slow mode on a real log, with clocks that stand in the test."""

from datetime import UTC, datetime

import pytest

from chatapp.domain.errors import RateLimited
from chatapp.domain.model import Draft, Person, Room
from chatapp.features.moderation import slow_mode
from chatapp.features.moderation.slow_mode import SlowMode

ANA = Person(name="ana", id="the key of ana")
GUS = Person(name="gus", id="guest:gus")
ADA = Person(name="ada", id="the key of ada", role="admin")
SLOW = Room(name="slow", title="Slow", slow_seconds=30)


class Clock:
    def __init__(self, now=1_000_000.0):
        self.now = now

    def __call__(self):
        return self.now


class Process:
    """Knows the log by its feed, as it starts now."""

    def __init__(self, log, wall=None):
        self.monotonic = Clock()
        self.slow_mode = SlowMode(log.last_post, now=wall or Clock(), monotonic=self.monotonic)
        log.feed.subscribe(self.slow_mode.hear)

    def wait_of(self, person):
        try:
            self.slow_mode.check(person, SLOW)
        except RateLimited as limited:
            return limited.retry_after
        return 0


def post(log, person, at=None):
    draft = Draft(room="slow", sender=person.name, by=person.id, text="hi")
    return log.append(draft, at=at).result()


def test_one_waits_between_two_messages_and_admins_do_not(log):
    process = Process(log)
    for person in (ANA, ADA):
        assert process.wait_of(person) == 0
        post(log, person)

    assert [process.wait_of(person) for person in (ANA, GUS, ADA)] == [30, 0, 0]

    process.monotonic.now += 30
    assert process.wait_of(ANA) == 0


def test_a_process_that_has_just_started_knows_from_the_log_how_long_ago_it_was(log):
    now = datetime(2026, 11, 29, 12, tzinfo=UTC)
    post(log, ANA, at="2026-11-29T11:59:50.000Z")
    post(log, GUS)
    wall = Clock(now.timestamp())

    assert Process(log, wall).wait_of(ANA) == 20
    wall.now += 20
    assert Process(log, wall).wait_of(ANA) == 0


def test_a_wall_clock_that_was_put_back_makes_nobody_wait_longer(log):
    post(log, ANA, at="2026-11-29T12:00:00.000Z")
    process = Process(log, Clock(datetime(2026, 11, 28, tzinfo=UTC).timestamp()))

    assert process.wait_of(ANA) == 30
    process.monotonic.now += 30
    assert process.wait_of(ANA) == 0


def test_people_are_forgotten_and_looked_up_again(log, monkeypatch):
    monkeypatch.setattr(slow_mode, "MAX_HEARD", 1)
    wall = Clock(datetime(2026, 11, 29, 12, tzinfo=UTC).timestamp())
    process = Process(log, wall)
    post(log, ANA, at="2026-11-29T12:00:00.000Z")
    post(log, GUS, at="2026-11-29T12:00:00.000Z")

    wall.now += 10

    assert [process.wait_of(person) for person in (ANA, GUS)] == [pytest.approx(20), 20]
