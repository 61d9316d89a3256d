"""The console's overview: how much is said, who is here, how much room is left."""

import shlex
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import msgspec
from flask import Blueprint, render_template

from chatapp.accounts.people import PeopleManager
from chatapp.admin.overview import (
    RECENT,
    busiest_people,
    busiest_rooms,
    disk_of,
    records_a_day,
    records_an_hour,
)
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
        days, hours = records_a_day(log, clock().date()), records_an_hour(log, clock())
        disk, now = disk_of(data), vitals()
        warnings = list(now.warnings)
        if disk.is_nearly_full:
            warnings.append("The disk is nearly full. Without room, messages are refused.")
        return render_template(
            "admin/overview.html",
            people_here=now.people_here,
            accounts=people.count(),
            rooms=busiest_rooms(log),
            records=sum(log.heads().values()),
            people=busiest_people(log),
            recent=RECENT,
            days=chart([(str(day), count) for day, count in days]),
            hours=chart([(f"{hour:%H}:00", count) for hour, count in hours]),
            verify_command=shlex.join(["chatapp", "log", "verify", "--data", str(data)]),
            disk=disk,
            warnings=warnings,
        )


class Chart(msgspec.Struct, frozen=True):
    """Numbers with the times they are of, oldest first, and the rectangles that draw them."""

    points: list[tuple[str, int]]
    bars: list[dict[str, float]]
    width: int
    height: int = CHART_HEIGHT


def chart(points: list[tuple[str, int]]) -> Chart:
    return Chart(points, bars([count for _, count in points]), len(points) * BAR_WIDTH)


def bars(counts: list[int]) -> list[dict[str, float]]:
    """Rectangles for an SVG, one a number, the highest as high as the chart."""
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
