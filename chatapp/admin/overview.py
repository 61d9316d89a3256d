"""How the chat is doing, in numbers that cost nothing to find.

Record numbers are contiguous, so what a day has is the first number of the next day less
its own first: one look into the index for each day, also with ten million records.
"""

import shutil
from bisect import bisect_left
from collections import Counter
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Literal

import msgspec

from chatapp.admin.reading import LogReader
from chatapp.clock import timestamp

DAYS = 30
HOURS = 24
WINDOW = timedelta(days=DAYS)
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
    """How many records each day and each hour has.

    The first record of a time that is over stays the first: each is looked for once, and the
    page costs the same with a million records as with a thousand.
    """

    def __init__(self, log: LogReader) -> None:
        self._log = log
        self._days: dict[date, int] = {}
        self._hours: dict[datetime, int] = {}

    def by_day(self, today: date) -> list[tuple[date, int]]:
        """Of the last days, in UTC, oldest first, today included."""
        end = self._end()
        counts: list[tuple[date, int]] = []
        for back in range(DAYS):
            day = today - timedelta(days=back)
            start = self._days.get(day) or self._first_of(day) or end
            if start < end:
                self._days[day] = start
            counts.append((day, end - start))
            end = start
        self._days = {day: first for day, first in self._days.items() if day > today - WINDOW}
        return counts[::-1]

    def by_hour(self, now: datetime) -> list[tuple[datetime, int]]:
        """Of the last hours, in UTC, oldest first, this one included.

        The log is in order of time (but where a clock was set back), so the first record of an
        hour is found by halving.
        """
        end = self._end()
        this_hour = now.replace(minute=0, second=0, microsecond=0)
        hours = [this_hour - timedelta(hours=back) for back in reversed(range(HOURS))]
        firsts, low = [], 1
        for hour in hours:
            low = self._hours.get(hour) or self._first_since(hour, low, end)
            if low < end:
                self._hours[hour] = low
            firsts.append(low)
        self._hours = {hour: first for hour, first in self._hours.items() if hour >= hours[0]}
        counts = (after - first for first, after in zip(firsts, [*firsts[1:], end], strict=True))
        return list(zip(hours, counts, strict=True))

    def _end(self) -> int:
        newest = self._log.find(limit=1)
        return newest[0].n + 1 if newest else 1

    def _first_of(self, day: date) -> int | None:
        found = self._log.find(day=day.isoformat(), after=0, limit=1)
        return found[0].n if found else None

    def _first_since(self, hour: datetime, low: int, end: int) -> int:
        def at(n: int) -> str:
            return _time_of(self._log, n)

        return bisect_left(range(end), timestamp(hour), lo=low, hi=end, key=at)


def _time_of(log: LogReader, n: int) -> str:
    """The time of a record; nothing, before all times, for one that is no longer kept."""
    found = log.find(before=n + 1, limit=1)
    return found[0].record.at if found else ""


def busiest_people(log: LogReader) -> list[tuple[str, int]]:
    """Who wrote most of the newest records."""
    recent = log.find(limit=RECENT)
    return Counter(logged.record.sender for logged in recent).most_common(PEOPLE)


def busiest_rooms(log: LogReader) -> list[tuple[str, int]]:
    """The rooms with the most records."""
    return sorted(log.heads().items(), key=lambda room: -room[1])[:ROOMS]
