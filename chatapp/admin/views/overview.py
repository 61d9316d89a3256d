"""The console's overview: what needs attention, then activity, disk, log integrity."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from flask import Blueprint, url_for
from werkzeug.wrappers import Response

from chatapp.admin.attention import LOOKED_AT, Situation, concerns, times, webhooks_in_trouble
from chatapp.admin.charts import bar_chart, line_chart
from chatapp.admin.forms import acting_admin, page
from chatapp.admin.maintenance import Maintenance
from chatapp.admin.overview import (
    RECENT,
    Activity,
    DiskSpace,
    busiest_people,
    busiest_rooms,
    disk_of,
)
from chatapp.domain.clock import timestamp
from chatapp.domain.errors import ChatError
from chatapp.features.accounts.people import PeopleManager
from chatapp.features.outgoing_webhooks.rows import WebhookRows
from chatapp.log.disk import Disk
from chatapp.log.latency import Latency, Percentiles
from chatapp.ports import NodeStatus
from chatapp.store.message_log import MessageLog
from chatapp.upkeep.last_backup import LastBackup, last_backup
from chatapp.web.forms import see_other
from chatapp.web.waiting import wait

WEEK = 7
REFRESH_SECONDS = 3
"""Interval at which the page reloads while the log is being checked."""


class ServerStatus(msgspec.Struct, frozen=True):
    """The server's state: people online, why writes fail (if they do), and whether the chat is open
    to anyone on the network. `nodes` are the processes of the chat by id, this one first; none if
    it is alone. `missing` are those that ended without saying so."""

    people_here: int
    failure: str | None = None
    is_open: bool = False
    nodes: dict[str, NodeStatus] = {}
    missing: list[str] = []

    @property
    def last(self) -> int:
        """The number of the last message's record that any process has."""
        return max((node.n for node in self.nodes.values()), default=0)


def add_overview_page(
    admin: Blueprint,
    log: MessageLog,
    audit: MessageLog,
    people: PeopleManager,
    maintenance: Maintenance,
    *,
    webhooks: WebhookRows,
    status: Callable[[], ServerStatus],
    clock: Callable[[], datetime],
    data: Path,
) -> None:
    activity = Activity(log)

    def lately(action: str) -> int:
        entries = wait(audit.find(rooms=[action], limit=LOOKED_AT))
        return times([logged.record for logged in entries], clock())

    def situation(now: ServerStatus, disk: DiskSpace, backup: LastBackup | None) -> Situation:
        return Situation(
            now=clock(),
            disk=disk,
            failure=now.failure,
            is_open=now.is_open,
            check=maintenance.checkups.last,
            backup=backup,
            is_used=any(count for _, count in activity.by_day(clock().date())[:-WEEK]),
            failed_sign_ins=lately("failed-login"),
            refusals=lately("refused"),
            nodes=now.nodes,
            missing=tuple(now.missing),
            webhooks=webhooks_in_trouble(webhooks),
        )

    def shown(error: ChatError | None = None) -> Response:
        activity.count(clock())
        days, hours = activity.by_day(clock().date()), activity.by_hour(clock())
        now, disk, backup = status(), disk_of(data), last_backup(Disk(), data)
        return page(
            "admin/overview.html",
            error,
            status=now,
            concerns=concerns(situation(now, disk, backup)),
            backup=backup,
            accounts=people.count(),
            rooms=busiest_rooms(log),
            records=sum(log.heads().values()),
            people=busiest_people(log),
            recent=RECENT,
            days=bar_chart([(str(day), count) for day, count in days]),
            hours=bar_chart([(timestamp(hour), count) for hour, count in hours]),
            commits=maintenance.latency.recent(),
            latency=line_chart(_by_minute(maintenance.latency)),
            checkup=maintenance.checkups.last,
            checkpoint=maintenance.checkpoints.latest,
            checked_bytes=maintenance.checkups.bytes_done,
            refresh=REFRESH_SECONDS,
            disk=disk,
        )

    @admin.get("/overview")
    def overview() -> Response:
        return shown()

    @admin.post("/overview/checkpoint")
    def sign_checkpoint() -> Response:
        try:
            maintenance.checkpoints.sign_now(acting_admin())
        except ChatError as error:
            return shown(error)
        return see_other(url_for("admin.overview", _anchor="verify"))

    @admin.post("/overview/check")
    def check_log() -> Response:
        maintenance.checkups.begin(acting_admin().name)
        return see_other(url_for("admin.overview", _anchor="verify"))


def _by_minute(latency: Latency) -> list[tuple[str, tuple[float, float] | None]]:
    return [
        (timestamp(datetime.fromtimestamp(minute * 60, UTC)), _in_ms(took))
        for minute, took in latency.by_minute()
    ]


def _in_ms(took: Percentiles | None) -> tuple[float, float] | None:
    return None if took is None else (round(took.p50 * 1000, 2), round(took.p99 * 1000, 2))
