"""Times as people type them: `in 20m`, `in 2h`, `in 3 days`, `9:00`, `tomorrow 9:00`,
`monday 9:00`, `2026-12-01 9:00`. They are in the time zone of this computer."""

import re
from datetime import datetime, timedelta

from chatapp.domain.errors import BadPayload

HINT = "Give a time, such as in 20m, in 2h, tomorrow 9:00, monday 9:00 or 2026-12-01 9:00."
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
DAY = timedelta(days=1)
UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": DAY, "w": 7 * DAY}
MORNING = (9, 0)

_SPAN = re.compile(r"in\s+([0-9]{1,4})\s*(m|h|d|w)[a-z]*")
_MOMENT = re.compile(
    rf"(?:(today|tomorrow|{'|'.join(DAYS)}|[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}})\b)?"
    r"\s*(?:([0-9]{1,2}):([0-9]{2}))?"
)


def moment_of(text: str, now: datetime) -> datetime:
    """The time that somebody means, with a zone. `now` is the local time with its zone. Without a
    time of day, it is 9:00; without a day, the next such time. Raises BadPayload."""
    text = text.strip().casefold()
    if span := _SPAN.fullmatch(text):
        return now + int(span[1]) * UNITS[span[2]]
    found = _MOMENT.fullmatch(text)
    if not text or found is None:
        raise BadPayload(HINT)
    day, hour, minute = found.groups()
    clock = MORNING if hour is None else (int(hour), int(minute))
    try:
        at = _on(_day(day, now), clock)
        if at > now or day not in (None, *DAYS):
            return at
        return _on(_day(day, now) + (DAY if day is None else 7 * DAY), clock)
    except ValueError:
        raise BadPayload(HINT) from None


def _day(day: str | None, now: datetime) -> datetime:
    if day in (None, "today"):
        return now
    if day == "tomorrow":
        return now + DAY
    if day in DAYS:
        return now + (DAYS.index(day) - now.weekday()) % 7 * DAY
    return datetime.fromisoformat(day or "")


def _on(day: datetime, clock: tuple[int, int]) -> datetime:
    """That time of the day, in the local zone, which can have another offset on that day."""
    local = datetime(day.year, day.month, day.day, *clock)
    return local.astimezone()
