"""The command line's commands for published rooms, which need a running server."""

from collections.abc import Callable
from typing import Any

from chatapp.domain.future import Future
from chatapp.features.published.manager import PublishedRooms


def published_commands(published: PublishedRooms) -> dict[str, Callable[..., Any]]:
    def publish(room: str, everything: bool, reason: str) -> Future[None]:
        return published.publish(None, room, reason, everything=bool(everything))

    def withdraw(room: str, reason: str) -> Future[None]:
        return published.withdraw(None, room, reason)

    return {"room.publish": publish, "room.withdraw": withdraw}
