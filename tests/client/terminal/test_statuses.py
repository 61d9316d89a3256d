"""`/status` as one types it, and statuses as one reads them."""

import time
from collections.abc import Iterator
from datetime import datetime

import pytest

from chatapp.client.terminal.statuses.commands import parsed
from chatapp.client.terminal.statuses.lines import in_short, status_line
from chatapp.domain.errors import BadPayload
from chatapp.protocol.values import PersonStatus


@pytest.fixture(autouse=True)
def now(monkeypatch: pytest.MonkeyPatch) -> Iterator[datetime]:
    monkeypatch.setenv("TZ", "Europe/Madrid")
    time.tzset()
    yield datetime(2026, 10, 23, 10, 30).astimezone()
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize(
    ("typed", "emoji", "text", "until", "is_out"),
    [
        ("🌴 Vacation until 2026-12-24", "🌴", "Vacation", "2026-12-24T09:00:00+01:00", False),
        ("out 🌴 Vacation until monday", "🌴", "Vacation", "2026-10-26T09:00:00+01:00", True),
        ("out until 2026-12-24", "", "", "2026-12-24T09:00:00+01:00", True),
        ("out", "", "", None, True),
        ("In a meeting for 2h", "", "In a meeting", "2026-10-23T12:30:00+02:00", False),
        ("☕", "☕", "", None, False),
        ("☕ for 30m", "☕", "", "2026-10-23T11:00:00+02:00", False),
        ("Out sick", "", "Out sick", None, False),
        ("Looking for 2 hats", "", "Looking for 2 hats", None, False),
        ("waiting for lunch", "", "waiting for lunch", None, False),
    ],
)
def test_a_status_has_an_emoji_a_text_and_an_end(now, typed, emoji, text, until, is_out):
    found = parsed(typed, now)

    assert (found.emoji, found.text, found.out_of_office) == (emoji, text, is_out)
    assert (found.until and found.until.isoformat()) == until


def test_an_end_that_is_no_time_is_not_taken_for_a_text(now):
    with pytest.raises(BadPayload, match="Give a time"):
        parsed("Vacation until 2026-13-45", now)


def test_what_one_reads():
    until = "2026-12-24T08:00:00.000Z"
    holiday = PersonStatus(emoji="🌴", text="Vacation\x1b", until=until, out_of_office=True)

    assert status_line(holiday) == "🌴 Vacation␛, out of office until 2026-12-24 09:00"
    assert status_line(PersonStatus(text="Lunch")) == "Lunch"
    assert status_line(PersonStatus(out_of_office=True)) == "out of office"
    assert in_short(holiday, "2026-12-01T00:00:00.000Z") == "🌴 Vacation␛"
    assert in_short(holiday, until) == ""
    assert in_short(PersonStatus(out_of_office=True), until) == "out of office"
    assert in_short(None, until) == ""
