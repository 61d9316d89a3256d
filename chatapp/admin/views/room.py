"""The console's rooms: size, members and restrictions."""

from collections.abc import Callable

import msgspec
from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response

from chatapp.admin.actions import AdminActions
from chatapp.admin.forms import acting_admin, number, page
from chatapp.domain.errors import BadPayload, ChatError
from chatapp.domain.limits import MAX_SLOW_SECONDS, MAX_TITLE_CHARACTERS
from chatapp.domain.model import Room
from chatapp.protocol.requests import Update
from chatapp.store.message_log import MessageLog
from chatapp.web.forms import field, see_other
from chatapp.web.waiting import wait

PAGE_LENGTH = 50


class RoomRow(msgspec.Struct, frozen=True):
    """A room with its number of `events` and the time of the last one, `last_at`."""

    room: Room
    events: int
    last_at: str | None
    here: int


def add_room_pages(
    admin: Blueprint, log: MessageLog, actions: AdminActions, here: Callable[[str], int]
) -> None:
    """`here(room)` is the number of people in a room now."""

    def row(room: Room) -> RoomRow:
        head = log.head(room.name)
        last = log.events(room.name, after=head - 1, limit=1) if head else []
        return RoomRow(room, head, last[0].at if last else None, here(room.name))

    def one(name: str, error: ChatError | None = None) -> Response:
        return page(
            "admin/room.html",
            error,
            row=row(actions.rooms.any(name)),
            max_slow_seconds=MAX_SLOW_SECONDS,
        )

    @admin.get("/rooms")
    def rooms() -> Response:
        query, after = request.args.get("q", "").strip(), request.args.get("after", "")
        wanted = query.casefold()
        matching = [
            room
            for room in actions.rooms.all()
            if room.name > after and (wanted in room.name or wanted in room.title.casefold())
        ]
        return page(
            "admin/rooms.html",
            rows=[row(room) for room in matching[:PAGE_LENGTH]],
            more=matching[PAGE_LENGTH - 1].name if len(matching) > PAGE_LENGTH else None,
            query=query[:MAX_TITLE_CHARACTERS],
        )

    @admin.get("/room")
    def room() -> Response:
        return one(request.args.get("name", ""))

    @admin.post("/room")
    def change_room() -> Response:
        name = actions.rooms.any(field("name")).name
        try:
            wait(actions.change_room(acting_admin(), _update(name), field("reason")))
        except ChatError as error:
            return one(name, error)
        return see_other(url_for("admin.room", name=name))


def _update(name: str) -> Update:
    """The update from the form. Browsers do not send unchecked checkboxes."""
    seconds = number(field("slow_seconds"), "seconds")
    if seconds > MAX_SLOW_SECONDS:
        raise BadPayload(f"Slow mode is at most {MAX_SLOW_SECONDS} seconds.")
    return Update(
        room=name,
        archived=field("archived") == "on",
        read_only=field("read_only") == "on",
        slow_seconds=seconds,
    )
