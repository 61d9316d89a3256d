"""The console's rooms: how large they are, who may come in, and the brakes on them."""

from collections.abc import Callable

import msgspec
from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response

from chatapp.admin.forms import acting_admin, number, page
from chatapp.admin.reading import LogReader
from chatapp.admin.upkeep import Upkeep
from chatapp.errors import BadPayload, ChatError
from chatapp.limits import MAX_SLOW_SECONDS, MAX_TITLE_CHARACTERS
from chatapp.model import Room
from chatapp.waiting import wait
from chatapp.web.forms import field, see_other
from chatapp.wire import Update

PAGE_LENGTH = 50


class RoomRow(msgspec.Struct, frozen=True):
    """A room with what happened there: `events` in all, the last one at `last_at`."""

    room: Room
    events: int
    last_at: str | None
    here: int


def add_room_pages(
    admin: Blueprint, log: LogReader, upkeep: Upkeep, here: Callable[[str], int]
) -> None:
    """`here(room)` is how many people are in a room now."""

    def row(room: Room) -> RoomRow:
        head = log.head(room.name)
        last = log.events(room.name, after=head - 1, limit=1) if head else []
        return RoomRow(room, head, last[0].at if last else None, here(room.name))

    def one(name: str, error: ChatError | None = None) -> Response:
        return page(
            "admin/room.html", error, row=row(upkeep.room(name)), max_slow_seconds=MAX_SLOW_SECONDS
        )

    @admin.get("/rooms")
    def rooms() -> Response:
        query, after = request.args.get("q", "").strip(), request.args.get("after", "")
        wanted = query.casefold()
        fitting = [
            room
            for room in upkeep.rooms()
            if room.name > after and (wanted in room.name or wanted in room.title.casefold())
        ]
        return page(
            "admin/rooms.html",
            rows=[row(room) for room in fitting[:PAGE_LENGTH]],
            more=fitting[PAGE_LENGTH - 1].name if len(fitting) > PAGE_LENGTH else None,
            query=query[:MAX_TITLE_CHARACTERS],
        )

    @admin.get("/room")
    def room() -> Response:
        return one(request.args.get("name", ""))

    @admin.post("/room")
    def change_room() -> Response:
        name = upkeep.room(field("name")).name
        try:
            wait(upkeep.change_room(acting_admin(), _update(name), field("reason")))
        except ChatError as error:
            return one(name, error)
        return see_other(url_for("admin.room", name=name))


def _update(name: str) -> Update:
    """A checkbox that is not checked is not sent."""
    seconds = number(field("slow_seconds"), "seconds")
    if seconds > MAX_SLOW_SECONDS:
        raise BadPayload(f"Slow mode is at most {MAX_SLOW_SECONDS} seconds.")
    return Update(
        room=name,
        archived=field("archived") == "on",
        read_only=field("read_only") == "on",
        slow_seconds=seconds,
    )
