"""What the command line can do with rooms, by name. The same beside a server and without."""

from collections.abc import Callable
from typing import Any

import msgspec

from chatapp.errors import BadPayload
from chatapp.model import Room
from chatapp.pending import Pending
from chatapp.rooms.manager import RoomManager
from chatapp.wire import Update


def room_commands(
    rooms: RoomManager, tell: Callable[[Room], Room]
) -> dict[str, Callable[..., Any]]:
    """`tell(room)` lets everyone who may see a room know how it is now."""

    def list_all() -> list[dict[str, Any]]:
        return [msgspec.structs.asdict(room) for room in rooms.all()]

    def change(room: str, **settings: Any) -> Pending[None]:
        try:
            update = msgspec.convert({"room": room, **settings}, Update)
        except msgspec.ValidationError as error:
            raise BadPayload(f"A room cannot be like that: {error}.") from None
        return rooms.change(rooms.any(room), update).then(tell).then(lambda _: None)

    return {"room.list": list_all, "room.set": change}
