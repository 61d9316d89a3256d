"""The console's overview: how much is said, who is here, how much room is left."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import msgspec
from flask import Blueprint, render_template

from chatapp.accounts.people import PeopleManager
from chatapp.admin.overview import busiest_rooms, disk_of, records_a_day
from chatapp.admin.reading import LogReader

CHART_HEIGHT = 100
BAR_WIDTH = 10


class Vitals(msgspec.Struct, frozen=True):
    """How the server is now: who is here, and what it has to complain about."""

    people_here: int
    warnings: list[str]


def add_overview_page(
    admin: Blueprint,
    log: LogReader,
    people: PeopleManager,
    *,
    vitals: Callable[[], Vitals],
    clock: Callable[[], datetime],
    data: Path,
) -> None:
    @admin.get("/overview")
    def overview() -> str:
        days = records_a_day(log, clock().date())
        disk, now = disk_of(data), vitals()
        warnings = list(now.warnings)
        if disk.is_nearly_full:
            warnings.append("The disk is nearly full. Without room, messages are refused.")
        return render_template(
            "admin/overview.html",
            people_here=now.people_here,
            accounts=len(people.all()),
            rooms=busiest_rooms(log),
            records=sum(log.heads().values()),
            days=days,
            bars=bars([count for _, count in days]),
            width=len(days) * BAR_WIDTH,
            height=CHART_HEIGHT,
            disk=disk,
            warnings=warnings,
        )


def bars(counts: list[int]) -> list[dict[str, float]]:
    """Rectangles for an SVG, one a day, the highest as high as the chart."""
    most = max(counts, default=0) or 1
    return [
        {
            "x": index * BAR_WIDTH + 1,
            "y": round(CHART_HEIGHT - height, 1),
            "width": BAR_WIDTH - 2,
            "height": round(height, 1),
        }
        for index, count in enumerate(counts)
        for height in [max(CHART_HEIGHT * count / most, 1 if count else 0)]
    ]
