"""The command line's commands for rooms. They are the same with and without a running server."""

from collections.abc import Callable
from typing import Any

import msgspec

from chatapp.domain.errors import BadPayload
from chatapp.domain.future import Future
from chatapp.domain.limits import checked_reason, checked_room_name
from chatapp.domain.model import Room
from chatapp.features.rooms.manager import RoomManager
from chatapp.protocol.requests import Update


def room_commands(
    rooms: RoomManager, tell: Callable[[Room], Room]
) -> dict[str, Callable[..., Any]]:
    """`tell(room)` sends a changed room to everyone who can see it."""

    def list_all() -> list[dict[str, Any]]:
        return [msgspec.structs.asdict(room) for room in rooms.all()]

    def change(room: str, **settings: Any) -> Future[None]:
        try:
            update = msgspec.convert({"room": room, **settings}, Update)
        except msgspec.ValidationError as error:
            raise BadPayload(f"These settings of a room are invalid: {error}.") from None
        return (
            rooms.change(rooms.any(checked_room_name(room)), update).then(tell).then(lambda _: None)
        )

    def delete(room: str, reason: str) -> Future[None]:
        found = rooms.any(checked_room_name(room))
        deleted = rooms.drop(None, found, checked_reason(reason))
        return deleted.then(tell).then(lambda _: None)

    return {"room.list": list_all, "room.set": change, "room.delete": delete}
