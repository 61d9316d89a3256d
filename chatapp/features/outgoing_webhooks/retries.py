"""When a failed delivery is tried again: ten times within a day, as Standard Webhooks advises."""

from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime

OFFSETS_SECONDS = (
    0.0,
    5.0,
    5 * 60.0,
    30 * 60.0,
    2 * 3600.0,
    5 * 3600.0,
    10 * 3600.0,
    14 * 3600.0,
    20 * 3600.0,
    24 * 3600.0,
)
"""After the first attempt. Receivers that fail together do not come back together: up to a tenth
more is added."""
JITTER = 0.1
LAST = timedelta(seconds=OFFSETS_SECONDS[-1] * (1 + JITTER))


def next_try(
    attempts: int, first: datetime, now: datetime, *, share: float, retry_after: float | None
) -> datetime | None:
    """When the attempt after so many comes, if the first one was at `first`; None: there are no
    more. `share` is a random number from 0 to 1; the receiver asked to wait `retry_after` seconds,
    which is heard as long as it is within the day."""
    if attempts >= len(OFFSETS_SECONDS):
        return None
    planned = first + timedelta(seconds=OFFSETS_SECONDS[attempts] * (1 + JITTER * share))
    asked = now + timedelta(seconds=retry_after or 0.0)
    return max(now, planned, min(asked, first + LAST))


def retry_after(header: str | None, now: datetime) -> float | None:
    """The seconds that a `Retry-After` means: a number, or a date of HTTP; None if it is
    neither."""
    text = (header or "").strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, IndexError):
        return None
    if moment.tzinfo is None:
        return None
    return max(0.0, (moment - now).total_seconds())
