"""The command line's commands for retention. They are the same with and without a running server.

They change rules only: a running server removes what is old.
"""

from collections.abc import Callable
from typing import Any

from chatapp.domain.errors import BadPayload
from chatapp.domain.future import Future
from chatapp.features.retention.manager import RetentionManager


def retention_commands(retention: RetentionManager) -> dict[str, Callable[..., Any]]:
    def keep(room: str, days: int | None, reason: str) -> Future[None]:
        if days is not None and not isinstance(days, int):
            raise BadPayload("Days are a whole number.")
        return retention.keep_for(None, room, days, reason)

    def hold(room: str, on: bool, reason: str) -> Future[None]:
        return retention.hold(None, room, bool(on), reason)

    return {"room.keep": keep, "room.hold": hold}
