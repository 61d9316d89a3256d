"""The chat page at `/` and `/rooms/<room>`, with its newest messages already in it."""

from collections.abc import Callable

import msgspec
from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from chatapp.messages.manager import MessageManager
from chatapp.model import GENERAL, Person
from chatapp.rooms.lobby import Lobby
from chatapp.wire import ReadHistory


def pages_blueprint(
    who: Callable[[], Person | None], lobby: Lobby, messages: MessageManager
) -> Blueprint:
    """`who()` is the visitor of the current request, or None who has no name yet."""
    pages = Blueprint("pages", __name__)

    @pages.get("/")
    def home() -> str | Response:
        return chat(GENERAL)

    @pages.get("/rooms/<room>")
    def chat(room: str) -> str | Response:
        person = who()
        if person is None:
            return redirect(url_for("accounts.name", next=request.path), 303)
        joined = {GENERAL, room}
        page = messages.history(person, ReadHistory(room=room))
        here, rooms = lobby.room(person, room, joined), lobby.rooms(person, joined)
        begin = {"me": person.name, "guest": person.is_guest, "room": here, "rooms": rooms}
        return render_template(
            "chat.html",
            me=person.name,
            room=here,
            rooms=rooms,
            begin=msgspec.to_builtins(begin),
            messages=page.messages,
            more_before=page.more_before,
        )

    return pages
