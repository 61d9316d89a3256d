"""The figures of the console's overview; they are cheap to compute."""

import shutil
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Literal

import msgspec

from chatapp.domain.polls import ANONYMOUS
from chatapp.store.message_log import MessageLog
from chatapp.web.waiting import wait

DAYS = 30
HOURS = 24
WINDOW = timedelta(days=DAYS - 1)
HOUR_SECONDS = 3600
ROOMS = 10
PEOPLE = 10
RECENT = 500
"""The top senders are counted among the newest N records; counting all would take long."""
LOW_DISK = 0.10
NEARLY_FULL_DISK = 0.03
"""Warn when less than this fraction of the disk is free."""
LOW_DISK_BYTES = 1 << 30
"""On huge disks, this much free space is enough, whatever the fraction."""


class DiskSpace(msgspec.Struct, frozen=True):
    """Bytes used by the data, bytes free, and the size of the disk."""

    used: int
    free: int
    total: int

    @property
    def level(self) -> Literal["well", "low", "nearly full"]:
        if self.free < min(self.total * NEARLY_FULL_DISK, LOW_DISK_BYTES / 4):
            return "nearly full"
        return "low" if self.free < min(self.total * LOW_DISK, LOW_DISK_BYTES) else "well"


def disk_of(data: Path) -> DiskSpace:
    usage = shutil.disk_usage(data)
    used = sum(map(_size, data.rglob("*")))
    return DiskSpace(used=used, free=usage.free, total=usage.total)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size if path.is_file() else 0
    except FileNotFoundError:
        return 0  # deleted meanwhile, such as a journal of SQLite


class Activity:
    """Counts the records of each of the last hours and days.

    Counts are kept: each update only looks at records that are new since the last one.
    """

    def __init__(self, log: MessageLog) -> None:
        self._log = log
        self._hours: Counter[int] = Counter()
        self._until = 0
        self._since: datetime | None = None

    def count(self, now: datetime) -> None:
        since = _midnight(now) - WINDOW
        if self._since and since < self._since:  # the clock was ahead, and days were skipped
            self._hours.clear()
            self._until = 0
        self._since = since
        while self._count_on(since):
            pass
        for hour in [hour for hour in self._hours if hour < _hour(since)]:
            del self._hours[hour]

    def _count_on(self, since: datetime) -> bool:
        """Count a batch of new records. Returns whether there may be more."""
        known = self._until
        counted = wait(self._log.count(since=since, after=known))
        if self._until != known:  # another request has counted meanwhile
            return True
        self._hours.update(counted.hours)
        self._until = counted.until
        return counted.more

    def by_day(self, today: date) -> list[tuple[date, int]]:
        """The counts of the last days (UTC), oldest first, including today."""
        counts = Counter[date]()
        for hour, count in self._hours.items():
            counts[_moment(hour).date()] += count
        days = (today - timedelta(days=back) for back in reversed(range(DAYS)))
        return [(day, counts[day]) for day in days]

    def by_hour(self, now: datetime) -> list[tuple[datetime, int]]:
        """The counts of the last hours (UTC), oldest first, including this one."""
        hours = range(_hour(now) - HOURS + 1, _hour(now) + 1)
        return [(_moment(hour), self._hours[hour]) for hour in hours]


def _midnight(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def _hour(moment: datetime) -> int:
    """Hours since 1970."""
    return int(moment.timestamp()) // HOUR_SECONDS


def _moment(hour: int) -> datetime:
    return datetime.fromtimestamp(hour * HOUR_SECONDS, UTC)


def busiest_people(log: MessageLog) -> list[tuple[str, int]]:
    """The people with the most records among the newest ones, as far as these have names."""
    recent = wait(log.senders(limit=RECENT))
    named = Counter({name: count for name, count in recent.items() if name != ANONYMOUS})
    return named.most_common(PEOPLE)


def busiest_rooms(log: MessageLog) -> list[tuple[str, int]]:
    return sorted(log.heads().items(), key=lambda room: -room[1])[:ROOMS]
