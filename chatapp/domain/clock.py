"""Time as the chat writes it: UTC, with milliseconds, `2026-11-22T09:30:00.123Z`."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta

Clock = Callable[[], datetime]
"""Returns the current time, with a time zone."""
LAST_DAY = date.max.isoformat()


def now() -> datetime:
    return datetime.now(UTC)


def timestamp(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")[:-6] + "Z"


def milliseconds(moment: datetime) -> int:
    """Milliseconds since 1970."""
    return round(moment.timestamp() * 1000)


def moment_of(milliseconds: int) -> datetime:
    """The moment that many milliseconds after 1970."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


def day(moment: datetime) -> str:
    """YYYY-MM-DD, in UTC."""
    return moment.astimezone(UTC).date().isoformat()


def moment_typed(text: str) -> datetime:
    """A day, which means its end, or a time, such as 2026-11-01T14:30; without a time zone where
    none is given. Raises ValueError."""
    try:
        return datetime.combine(date.fromisoformat(text), time.max)
    except ValueError:
        return datetime.fromisoformat(text)


def bounds_of(day: str) -> tuple[datetime, datetime | None]:
    """The beginning and end of a day, YYYY-MM-DD, in UTC; the last possible day has no end."""
    since = datetime.combine(date.fromisoformat(day), datetime.min.time(), UTC)
    return since, since + timedelta(days=1) if day < LAST_DAY else None
