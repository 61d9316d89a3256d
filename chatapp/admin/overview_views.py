"""The console's overview: how much is said, who is here, how the disk does, is the log whole."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from flask import Blueprint, render_template, url_for
from werkzeug.wrappers import Response

from chatapp.accounts.people import PeopleManager
from chatapp.admin.care import Care
from chatapp.admin.charts import bar_chart, line_chart
from chatapp.admin.forms import acting_admin
from chatapp.admin.overview import (
    RECENT,
    Activity,
    busiest_people,
    busiest_rooms,
    disk_of,
)
from chatapp.admin.reading import LogReader
from chatapp.storage import Percentiles
from chatapp.web.forms import see_other

REFRESH_SECONDS = 3
"""While the log is checked."""


class Vitals(msgspec.Struct, frozen=True):
    """How the server is now: who is here, why nothing can be kept, if so, and whether anyone on
    the network may come in.
    """

    people_here: int
    failure: str | None = None
    is_open: bool = False


def add_overview_page(
    admin: Blueprint,
    log: LogReader,
    people: PeopleManager,
    care: Care,
    *,
    vitals: Callable[[], Vitals],
    clock: Callable[[], datetime],
    data: Path,
) -> None:
    activity = Activity(log)

    @admin.get("/overview")
    def overview() -> str:
        activity.count(clock())
        days, hours = activity.by_day(clock().date()), activity.by_hour(clock())
        return render_template(
            "admin/overview.html",
            vitals=vitals(),
            accounts=people.count(),
            rooms=busiest_rooms(log),
            records=sum(log.heads().values()),
            people=busiest_people(log),
            recent=RECENT,
            days=bar_chart([(str(day), count) for day, count in days]),
            hours=bar_chart([(f"{hour:%H}:00", count) for hour, count in hours]),
            commits=care.latency.recent(),
            latency=line_chart(
                [(_minute(minute), _in_ms(took)) for minute, took in care.latency.by_minute()]
            ),
            checkup=care.checkups.last,
            checked_bytes=care.checkups.bytes_done,
            refresh=REFRESH_SECONDS,
            disk=disk_of(data),
        )

    @admin.post("/overview/check")
    def check_log() -> Response:
        care.checkups.begin(acting_admin().name)
        return see_other(url_for("admin.overview", _anchor="verify"))


def _minute(minute: int) -> str:
    return f"{datetime.fromtimestamp(minute * 60, UTC):%H:%M}"


def _in_ms(took: Percentiles | None) -> tuple[float, float] | None:
    return None if took is None else (round(took.p50 * 1000, 2), round(took.p99 * 1000, 2))
