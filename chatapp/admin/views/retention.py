"""The console's retention: how long rooms keep messages, what goes next and when, legal holds."""

import msgspec
from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response

from chatapp.admin.forms import acting_admin, number, page
from chatapp.admin.maintenance import Maintenance
from chatapp.domain.errors import BadPayload, ChatError
from chatapp.domain.limits import MAX_RETENTION_DAYS
from chatapp.features.retention.manager import RetentionManager
from chatapp.features.retention.rows import RetentionRule
from chatapp.index.lookup import OldMessages
from chatapp.web.forms import field, see_other
from chatapp.web.waiting import wait

NOT_DAYS: dict[str, int | None] = {"ever": 0, "default": None}
NOTHING = OldMessages(up_to=0, messages=0, files=0)


class RoomRetention(msgspec.Struct, frozen=True):
    """A room's own rule, how many days it keeps messages, and what is older and not gone yet."""

    room: str
    rule: RetentionRule
    days: int
    old: OldMessages
    is_preview: bool = False


def add_retention_pages(admin: Blueprint, maintenance: Maintenance) -> None:
    retention, runs = maintenance.retention, maintenance.retention_runs

    def shown(error: ChatError | None = None) -> Response:
        rules = retention.rules()
        goes = {room: wait(retention.old(room)) for room in retention.rooms_to_shorten()}
        return page(
            "admin/retention.html",
            error,
            rooms=[
                RoomRetention(room, rule, retention.days(room), goes.get(room, NOTHING))
                for room, rule in sorted(rules.items())
            ],
            others=_sum([old for room, old in goes.items() if room not in rules]),
            days=maintenance.settings.now.retention_days,
            next_at=runs.next_at,
            max_days=MAX_RETENTION_DAYS,
        )

    @admin.get("/retention")
    def retention_page() -> Response:
        return shown()

    @admin.post("/retention")
    def change_retention() -> Response:
        """How long rooms without a rule of their own keep messages."""
        try:
            days = str(typed_days() or 0)
            wait(maintenance.settings.change(acting_admin(), {"retention_days": days}))
        except ChatError as error:
            return shown(error)
        return see_other(url_for("admin.retention_page"))


def of_room(retention: RetentionManager, room: str) -> RoomRetention:
    """For the page of a room. With `?days=` in its address, what is older than so many days: a
    preview of a rule that is not saved."""
    days = number(request.args["days"], "days") if request.args.get("days") else None
    old = wait(retention.old(room, days))
    kept = retention.days(room) if days is None else days
    return RoomRetention(room, retention.rule(room), kept, old, is_preview=days is not None)


def typed_days() -> int | None:
    """How long messages are kept, from a form; 0: for ever; None: as long as in other rooms."""
    if field("keep") in NOT_DAYS:
        return NOT_DAYS[field("keep")]
    days = number(field("days"), "days")
    if not 1 <= days <= MAX_RETENTION_DAYS:
        raise BadPayload(f"Messages can be kept for 1 to {MAX_RETENTION_DAYS:,} days.")
    return days


def _sum(parts: list[OldMessages]) -> OldMessages:
    messages, files = (sum(getattr(one, what) for one in parts) for what in ("messages", "files"))
    return OldMessages(up_to=0, messages=messages, files=files)
