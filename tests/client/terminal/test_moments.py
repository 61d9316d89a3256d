"""Times as people type them in the terminal."""

import time
from datetime import datetime, timedelta

import pytest

from chatapp.client.terminal.saved_messages.moments import moment_of
from chatapp.domain.errors import BadPayload


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> datetime:
    """Friday, 23 October 2026: two days later, summer time ends in Madrid."""
    monkeypatch.setenv("TZ", "Europe/Madrid")
    time.tzset()
    yield datetime(2026, 10, 23, 10, 30).astimezone()
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("in 20m", "2026-10-23T10:50:00+02:00"),
        ("in 2 hours", "2026-10-23T12:30:00+02:00"),
        ("in 1 week", "2026-10-30T10:30:00+02:00"),
        ("11:00", "2026-10-23T11:00:00+02:00"),
        ("9:00", "2026-10-24T09:00:00+02:00"),
        ("Tomorrow", "2026-10-24T09:00:00+02:00"),
        ("tomorrow 18:15", "2026-10-24T18:15:00+02:00"),
        ("monday", "2026-10-26T09:00:00+01:00"),
        ("friday 9:00", "2026-10-30T09:00:00+01:00"),
        ("friday 11:00", "2026-10-23T11:00:00+02:00"),
        ("2026-12-24 8:05", "2026-12-24T08:05:00+01:00"),
    ],
)
def test_what_a_time_means(now, text, meant):
    found = moment_of(text, now)

    assert found == datetime.fromisoformat(meant)
    assert found.utcoffset() is not None


@pytest.mark.parametrize("text", ["", "in", "in 2 years", "25:00", "9:61", "someday", "2026-13-01"])
def test_what_is_no_time_is_refused_with_a_hint(now, text):
    with pytest.raises(BadPayload, match="in 20m"):
        moment_of(text, now)


def test_a_span_is_of_real_time(now):
    assert moment_of("in 3 days", now) - now == timedelta(days=3)
