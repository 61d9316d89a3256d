"""Times as the log writes them: UTC, with milliseconds, `2026-11-22T09:30:00.123Z`."""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]
"""Gives the present moment, with its time zone."""


def now() -> datetime:
    return datetime.now(UTC)


def iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")[:-6] + "Z"


def milliseconds(moment: datetime) -> int:
    """Since the beginning of 1970."""
    return round(moment.timestamp() * 1000)


def day(moment: datetime) -> str:
    return moment.astimezone(UTC).date().isoformat()
