"""How the chat is doing, in numbers that cost nothing to find.

Record numbers are contiguous, so what a day has is the first number of the next day less
its own first: one look into the index for each day, also with ten million records.
"""

import shutil
from datetime import date, timedelta
from pathlib import Path

import msgspec

from chatapp.admin.reading import LogReader

DAYS = 30
ROOMS = 10
FULL_DISK = 0.05
"""A disk with less than this part free is worth a warning."""


class Disk(msgspec.Struct, frozen=True):
    """In bytes: what the data takes, what is free for it, and the whole disk."""

    used: int
    free: int
    total: int

    @property
    def is_nearly_full(self) -> bool:
        return self.free < self.total * FULL_DISK


def disk_of(data: Path) -> Disk:
    usage = shutil.disk_usage(data)
    used = sum(map(_size, data.rglob("*")))
    return Disk(used=used, free=usage.free, total=usage.total)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size if path.is_file() else 0
    except FileNotFoundError:
        return 0  # gone since it was listed, as SQLite's journals come and go


def records_a_day(log: LogReader, today: date) -> list[tuple[date, int]]:
    """How many records each of the last days has, in UTC, oldest first, today included."""
    newest = log.find(limit=1)
    end = newest[0].n + 1 if newest else 1
    counts: list[tuple[date, int]] = []
    for back in range(DAYS):
        day = today - timedelta(days=back)
        first = log.find(day=day.isoformat(), after=0, limit=1)
        start = first[0].n if first else end
        counts.append((day, end - start))
        end = start
    return counts[::-1]


def busiest_rooms(log: LogReader) -> list[tuple[str, int]]:
    """The rooms with the most records."""
    return sorted(log.heads().items(), key=lambda room: -room[1])[:ROOMS]
