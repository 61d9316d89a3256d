"""The console's overview: activity, people online, disk, log integrity."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from flask import Blueprint, render_template, url_for
from werkzeug.wrappers import Response

from chatapp.admin.charts import bar_chart, line_chart
from chatapp.admin.forms import acting_admin
from chatapp.admin.maintenance import Maintenance
from chatapp.admin.overview import RECENT, Activity, busiest_people, busiest_rooms, disk_of
from chatapp.cluster.node_status import NodeStatus
from chatapp.features.accounts.people import PeopleManager
from chatapp.log.latency import Percentiles
from chatapp.store.message_log import MessageLog
from chatapp.web.forms import see_other

REFRESH_SECONDS = 3
"""Interval at which the page reloads while the log is being checked."""


class ServerStatus(msgspec.Struct, frozen=True):
    """The server's state: people online, why writes fail (if they do), and whether the chat is open
    to anyone on the network."""

    people_here: int
    failure: str | None = None
    is_open: bool = False
    nodes: dict[str, NodeStatus] = {}
    """The processes of the chat by id, this one first; none if it is alone."""

    @property
    def last(self) -> int:
        """The number of the last message's record that any process has."""
        return max((node.n for node in self.nodes.values()), default=0)


def add_overview_page(
    admin: Blueprint,
    log: MessageLog,
    people: PeopleManager,
    maintenance: Maintenance,
    *,
    status: Callable[[], ServerStatus],
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
            status=status(),
            accounts=people.count(),
            rooms=busiest_rooms(log),
            records=sum(log.heads().values()),
            people=busiest_people(log),
            recent=RECENT,
            days=bar_chart([(str(day), count) for day, count in days]),
            hours=bar_chart([(f"{hour:%H}:00", count) for hour, count in hours]),
            commits=maintenance.latency.recent(),
            latency=line_chart(
                [
                    (_minute(minute), _in_ms(took))
                    for minute, took in maintenance.latency.by_minute()
                ]
            ),
            checkup=maintenance.checkups.last,
            checked_bytes=maintenance.checkups.bytes_done,
            refresh=REFRESH_SECONDS,
            disk=disk_of(data),
        )

    @admin.post("/overview/check")
    def check_log() -> Response:
        maintenance.checkups.begin(acting_admin().name)
        return see_other(url_for("admin.overview", _anchor="verify"))


def _minute(minute: int) -> str:
    return f"{datetime.fromtimestamp(minute * 60, UTC):%H:%M}"


def _in_ms(took: Percentiles | None) -> tuple[float, float] | None:
    return None if took is None else (round(took.p50 * 1000, 2), round(took.p99 * 1000, 2))
