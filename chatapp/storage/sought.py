"""What somebody looks for in the log, in the index's terms: days and milliseconds."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

from chatapp.storage.lookup import Filter
from chatapp.storage.moment import day, milliseconds

LAST_DAY = date.max.isoformat()


def sought(
    rooms: Sequence[str] | None,
    sender: str | None,
    since: datetime | None,
    until: datetime | None,
    *,
    before: int | None,
    after: int | None = None,
) -> Filter:
    """`since` is included, `until` is not; `before` and `after` are numbers of records."""
    return Filter(
        rooms=rooms,
        sender=sender,
        first_day=day(since) if since else None,
        last_day=day(until) if until else None,
        since=milliseconds(since) if since else None,
        until=milliseconds(until) if until else None,
        before=before,
        after=after,
    )


def on_day(day: str) -> tuple[datetime, datetime | None]:
    """Since when and until when it is this day, YYYY-MM-DD, in UTC."""
    since = datetime.combine(date.fromisoformat(day), datetime.min.time(), UTC)
    return since, since + timedelta(days=1) if day < LAST_DAY else None
