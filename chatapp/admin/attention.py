"""What needs an admin's attention, most urgent first, each with what to do next.

The overview shows it. It is empty most of the time, so nothing here is merely good to know.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Literal

import msgspec

from chatapp.admin.integrity_checks import IntegrityCheck
from chatapp.admin.overview import DiskSpace
from chatapp.domain.clock import timestamp
from chatapp.domain.model import Event
from chatapp.domain.structs import prepare
from chatapp.features.outgoing_webhooks.rows import WebhookRows
from chatapp.ports import NodeStatus
from chatapp.upkeep.last_backup import LastBackup

CHECK_TOO_OLD = timedelta(days=3)
"""The log is checked once a day; a server that was stopped for a weekend is no cause for alarm."""
BACKUP_TOO_OLD = timedelta(days=7)
LATELY = timedelta(days=1)
FAILING_LONG = timedelta(hours=1)
MANY_FAILED_SIGN_INS = 10
MANY_REFUSALS = 20
FAR_BEHIND = 1_000
"""Records; a server takes in thousands a second, so this one has stopped."""
HOW_TO_BACK_UP = {"_anchor": "backup"}
LOOKED_AT = 200
"""The newest records of each kind that are counted."""

Level = Literal["danger", "warning", "note"]


class Concern(msgspec.Struct, frozen=True, kw_only=True):
    """`key` names its texts (`admin.attention.<key>`), `values` are what they say, `at` is their
    `{when}`. `page` is the endpoint where something can be done about it, with its `query`."""

    key: str
    level: Level
    values: dict[str, Any] = {}
    at: str | None = None
    page: str | None = None
    query: dict[str, str] = {}


class WebhookTrouble(msgspec.Struct, frozen=True, kw_only=True):
    """An outgoing webhook that was switched off at `at`, or has failed since then."""

    id: str
    title: str
    problem: str
    at: str
    is_off: bool


class Situation(msgspec.Struct, frozen=True, kw_only=True):
    """What the server knows of itself. `is_used`: whether it has messages older than a week.
    `missing` are servers of the chat that ended without saying so."""

    now: datetime
    disk: DiskSpace
    failure: str | None = None
    is_open: bool = False
    check: IntegrityCheck | None = None
    backup: LastBackup | None = None
    is_used: bool = False
    failed_sign_ins: int = 0
    refusals: int = 0
    nodes: dict[str, NodeStatus] = {}
    missing: tuple[str, ...] = ()
    webhooks: tuple[WebhookTrouble, ...] = ()


def concerns(seen: Situation) -> list[Concern]:
    order: tuple[Level, ...] = ("danger", "warning", "note")
    return sorted(_all(seen), key=lambda one: order.index(one.level))


def _all(seen: Situation) -> Iterator[Concern]:
    if seen.failure:
        yield Concern(key="read-only", level="danger", values={"problem": seen.failure})
    yield from _about_disk(seen.disk)
    yield from _about_check(seen.check, seen.now)
    yield from _about_servers(seen)
    if seen.is_open:
        yield Concern(key="open", level="warning", page="admin.settings_page")
    yield from _about_refusals(seen)
    yield from _about_webhooks(seen)
    yield from _about_backup(seen)


def _about_disk(disk: DiskSpace) -> Iterator[Concern]:
    if disk.level != "well":
        level: Level = "danger" if disk.level == "nearly full" else "warning"
        key = f"disk-{disk.level.replace(' ', '-')}"
        yield Concern(key=key, level=level)


def _about_check(check: IntegrityCheck | None, now: datetime) -> Iterator[Concern]:
    if check is None:
        return
    if check.problems:
        yield Concern(key="damaged", level="danger", values={"count": len(check.problems)})
    elif check.failed:
        values = {"problem": check.failed}
        yield Concern(key="unchecked", level="warning", values=values, page="admin.check_log")
    elif check.at < timestamp(now - CHECK_TOO_OLD):
        yield Concern(key="check-old", level="warning", at=check.at, page="admin.check_log")


def _about_servers(seen: Situation) -> Iterator[Concern]:
    for name in seen.missing:
        yield Concern(key="server-missing", level="danger", values={"server": name})
    last = max((node.n for node in seen.nodes.values()), default=0)
    for name, node in seen.nodes.items():
        if last - node.n >= FAR_BEHIND:
            values = {"server": name, "records": last - node.n}
            yield Concern(key="server-behind", level="warning", values=values)


def _about_refusals(seen: Situation) -> Iterator[Concern]:
    for key, action, count, many in (
        ("failed-sign-ins", "failed-login", seen.failed_sign_ins, MANY_FAILED_SIGN_INS),
        ("refusals", "refused", seen.refusals, MANY_REFUSALS),
    ):
        if count >= many:
            yield Concern(
                key=key,
                level="warning",
                values={"count": count},
                page="admin.audit",
                query={"room": action},
            )


def webhooks_in_trouble(rows: WebhookRows) -> tuple[WebhookTrouble, ...]:
    """The outgoing webhooks that do not send."""
    found = []
    for id, webhook in rows.all().items():
        place = rows.places.get(id)
        if webhook.off:
            trouble, at, is_off = webhook.off.problem, webhook.off.at, True
        elif webhook.is_on and place and place.serial == webhook.start.serial and place.attempts:
            trouble, at, is_off = place.problem, place.first_at, False
        else:
            continue
        found.append(
            WebhookTrouble(id=id, title=webhook.title, problem=trouble, at=at, is_off=is_off)
        )
    return tuple(found)


def _about_webhooks(seen: Situation) -> Iterator[Concern]:
    """One that fails for less than an hour may just be restarting."""
    for one in seen.webhooks:
        if one.is_off or one.at < timestamp(seen.now - FAILING_LONG):
            yield Concern(
                key="webhook-off" if one.is_off else "webhook-failing",
                level="warning",
                values={"title": one.title, "problem": one.problem},
                at=one.at,
                page="admin.outgoing_webhook",
                query={"id": one.id},
            )


def _about_backup(seen: Situation) -> Iterator[Concern]:
    """Several servers keep the data in PostgreSQL too, whose backups are not known here."""
    if seen.nodes or not seen.is_used:
        return
    if seen.backup is None:
        yield Concern(key="no-backup", level="note", page="admin.help_page", query=HOW_TO_BACK_UP)
    elif seen.backup.at < timestamp(seen.now - BACKUP_TOO_OLD):
        yield Concern(
            key="backup-old",
            level="note",
            at=seen.backup.at,
            page="admin.help_page",
            query=HOW_TO_BACK_UP,
        )


def times(events: list[Event], now: datetime) -> int:
    """How often something happened lately, by its entries of the audit log: one entry can count
    several times."""
    since = timestamp(now - LATELY)
    return sum(_times(event) for event in events if event.at >= since)


class _Counted(msgspec.Struct, frozen=True):
    times: int = 1


prepare([_Counted])


def _times(event: Event) -> int:
    try:
        return msgspec.json.decode(event.text or "{}", type=_Counted).times
    except msgspec.DecodeError:
        return 1
