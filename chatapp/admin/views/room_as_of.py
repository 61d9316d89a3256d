"""The console's page of a room as it was at some moment."""

from flask import Blueprint, request, session
from werkzeug.wrappers import Response

from chatapp.admin.actions import AdminActions
from chatapp.admin.forms import number, page
from chatapp.admin.private_rooms import Viewings
from chatapp.domain.clock import timestamp
from chatapp.domain.errors import BadPayload
from chatapp.domain.polls import text_of
from chatapp.features.messages.room_as_of import PastRoom, room_as_of, typed_moment
from chatapp.store.message_log import MessageLog

NOTHING = PastRoom([], older=None)


def add_room_as_of_page(
    admin: Blueprint, log: MessageLog, actions: AdminActions, viewings: Viewings
) -> None:
    @admin.get("/room/as-of")
    def past_room() -> Response:
        room = actions.rooms.any(request.args.get("name", ""))
        viewings.require_open(session, room.name)
        typed, before = request.args.get("at", "").strip(), request.args.get("before", "")
        at, found, error = None, NOTHING, None
        try:
            if typed:
                moment = typed_moment(typed)
                at = timestamp(moment)
                found = room_as_of(
                    log, room.name, moment, number(before, "the record") if before else None
                )
        except BadPayload as refused:
            error = refused
        return page(
            "admin/room_as_of.html",
            error,
            room=room,
            typed=typed,
            at=at,
            found=found,
            text_of=text_of,
        )
