"""Times that are still to come when the server hears of them, on a machine that stood still too."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

LATEST_SECONDS = 60.0


def in_seconds(seconds: float) -> str:
    return (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat()


def ask_for_soon(ask: Callable[[str], Any], seconds: float = 1.0) -> Any:
    """What `ask(at)` answers for a time that comes in so many seconds. If it has passed before the
    server hears of it, and is refused for that, it asks for a later one."""
    while not (answer := ask(in_seconds(seconds)))["ok"] and seconds < LATEST_SECONDS:
        seconds *= 2
    assert answer["ok"], answer
    return answer
