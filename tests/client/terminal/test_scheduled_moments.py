"""Times of messages that are sent later, beside those that reminders understand."""

import time
from collections.abc import Iterator
from datetime import datetime

import pytest

from chatapp.client.terminal.scheduled.moments import moment_of
from chatapp.domain.errors import BadPayload


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> Iterator[datetime]:
    monkeypatch.setenv("TZ", "Europe/Madrid")
    time.tzset()
    yield datetime(2026, 10, 23, 10, 30).astimezone()
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("2026-12-01T09:00", "2026-12-01T09:00:00+01:00"),
        ("2026-12-01T09:00Z", "2026-12-01T09:00:00+00:00"),
        ("+2h", "2026-10-23T12:30:00+02:00"),
        ("+ 90 m", "2026-10-23T12:00:00+02:00"),
        ("Tomorrow 9:05", "2026-10-24T09:05:00+02:00"),
        ("in 1 week", "2026-10-30T10:30:00+02:00"),
    ],
)
def test_a_time_is_understood_in_the_zone_of_this_computer(now, typed, expected):
    found = moment_of(typed, now)

    assert found == datetime.fromisoformat(expected)
    assert found.utcoffset() is not None


@pytest.mark.parametrize("typed", ["", "soon", "25:00", "+2y", "+", "2026-13-01T09:00"])
def test_what_is_no_time_is_refused_with_examples(now, typed):
    with pytest.raises(BadPayload, match="tomorrow 9:00"):
        moment_of(typed, now)
