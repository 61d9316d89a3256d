"""Times of messages that are sent later: `+2h`, `2026-12-01T09:00`, `2026-12-01T09:00+01:00`.

And what reminders understand, such as `tomorrow 9:00`. Without a zone, they are of this computer's.
"""

import re
from datetime import datetime

from chatapp.client.terminal.saved_messages import moments
from chatapp.domain.errors import BadPayload

_SPAN = re.compile(r"\+\s*([0-9]{1,4}\s*[mhdw])")
_EXACT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T.+")


def moment_of(typed: str, now: datetime) -> datetime:
    """The time that somebody means, with a zone. `now` is the local time with its zone. Raises
    BadPayload."""
    text = typed.strip()
    if span := _SPAN.fullmatch(text.lower()):
        text = f"in {span[1]}"
    elif _EXACT.fullmatch(text):
        return _exact(text)
    return moments.moment_of(text, now)


def _exact(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
        return moment if moment.tzinfo else moment.astimezone()
    except (ValueError, OverflowError):
        raise BadPayload(moments.HINT) from None
