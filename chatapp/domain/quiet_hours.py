"""The hours in which a person wants to be left alone, on the days and in the time zone that they
chose. static/js/models/page/notify-rules.js has the same rule.

A period that ends before it begins ends on the next day; its days are those on which it begins.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo


def is_within(now: datetime, *, start: str, end: str, days: Collection[int], zone: str) -> bool:
    """`start` and `end` are `22:00`; `days` are numbered from 1, Monday."""
    local = now.astimezone(ZoneInfo(zone))
    time, today = f"{local:%H:%M}", local.isoweekday()
    if start < end:
        return start <= time < end and today in days
    yesterday = (local - timedelta(days=1)).isoweekday()
    return (time >= start and today in days) or (time < end and yesterday in days)
