"""How the chat is doing, in numbers that cost next to nothing to find."""

import shutil
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Literal

import msgspec

from chatapp.admin.reading import LogReader
from chatapp.waiting import wait

DAYS = 30
HOURS = 24
WINDOW = timedelta(days=DAYS - 1)
HOUR_SECONDS = 3600
ROOMS = 10
PEOPLE = 10
RECENT = 500
"""Who writes most is counted among so many records; among all, it would take a while."""
LOW_DISK = 0.10
NEARLY_FULL_DISK = 0.03
"""A disk with less than this part free is worth a word, and a warning."""
LOW_DISK_BYTES = 1 << 30
"""Of a huge disk, a tenth is plenty: more than this is never low."""


class Disk(msgspec.Struct, frozen=True):
    """In bytes: what the data takes, what is free for it, and the whole disk."""

    used: int
    free: int
    total: int

    @property
    def level(self) -> Literal["well", "low", "nearly full"]:
        if self.free < min(self.total * NEARLY_FULL_DISK, LOW_DISK_BYTES / 4):
            return "nearly full"
        return "low" if self.free < min(self.total * LOW_DISK, LOW_DISK_BYTES) else "well"


def disk_of(data: Path) -> Disk:
    usage = shutil.disk_usage(data)
    used = sum(map(_size, data.rglob("*")))
    return Disk(used=used, free=usage.free, total=usage.total)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size if path.is_file() else 0
    except FileNotFoundError:
        return 0  # gone since it was listed, as SQLite's journals come and go


class Activity:
    """How many records each of the last hours and days has.

    What was counted once stays counted: the next time, only what came since then is looked at.
    """

    def __init__(self, log: LogReader) -> None:
        self._log = log
        self._hours: Counter[int] = Counter()
        self._until = 0
        self._since: datetime | None = None

    def count(self, now: datetime) -> None:
        """Brings the numbers up to date."""
        since = _midnight(now) - WINDOW
        if self._since and since < self._since:  # a clock was ahead: some days were not counted
            self._hours.clear()
            self._until = 0
        self._since = since
        while self._count_on(since):
            pass
        for hour in [hour for hour in self._hours if hour < _hour(since)]:
            del self._hours[hour]

    def _count_on(self, since: datetime) -> bool:
        """Whether there may be more."""
        known = self._until
        counted = wait(self._log.count(since=since, after=known))
        if self._until != known:  # somebody else has counted meanwhile
            return True
        self._hours.update(counted.hours)
        self._until = counted.until
        return counted.more

    def by_day(self, today: date) -> list[tuple[date, int]]:
        """Of the last days, in UTC, oldest first, today included."""
        counts = Counter[date]()
        for hour, count in self._hours.items():
            counts[_moment(hour).date()] += count
        days = (today - timedelta(days=back) for back in reversed(range(DAYS)))
        return [(day, counts[day]) for day in days]

    def by_hour(self, now: datetime) -> list[tuple[datetime, int]]:
        """Of the last hours, in UTC, oldest first, this one included."""
        hours = range(_hour(now) - HOURS + 1, _hour(now) + 1)
        return [(_moment(hour), self._hours[hour]) for hour in hours]


def _midnight(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def _hour(moment: datetime) -> int:
    """Since 1970."""
    return int(moment.timestamp()) // HOUR_SECONDS


def _moment(hour: int) -> datetime:
    return datetime.fromtimestamp(hour * HOUR_SECONDS, UTC)


def busiest_people(log: LogReader) -> list[tuple[str, int]]:
    """Who wrote most of the newest records."""
    recent = wait(log.senders(limit=RECENT))
    return Counter(recent).most_common(PEOPLE)


def busiest_rooms(log: LogReader) -> list[tuple[str, int]]:
    """The rooms with the most records."""
    return sorted(log.heads().items(), key=lambda room: -room[1])[:ROOMS]
