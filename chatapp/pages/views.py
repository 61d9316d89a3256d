"""The chat page at `/` and `/rooms/<room>`, with its newest messages already in it."""

from collections.abc import Callable

from flask import Blueprint, render_template

from chatapp.messages.manager import MessageManager
from chatapp.model import GENERAL, Person
from chatapp.presence.manager import PresenceManager
from chatapp.rooms.lobby import Lobby
from chatapp.wire import ReadHistory


def pages_blueprint(
    who: Callable[[], Person | None],
    lobby: Lobby,
    messages: MessageManager,
    presence: PresenceManager,
) -> Blueprint:
    """`who()` is the visitor of the current request, or None who has no name yet."""
    pages = Blueprint("pages", __name__)

    @pages.get("/")
    def home() -> str:
        return chat(GENERAL)

    @pages.get("/rooms/<room>")
    def chat(room: str) -> str:
        person = who()
        if person is None:
            return render_template("welcome.html", people=presence.people)
        page = messages.history(person, ReadHistory(room=room))
        return render_template(
            "chat.html",
            me=person.name,
            room=lobby.room(person, room, {GENERAL, room}),
            rooms=lobby.rooms(person, {GENERAL, room}),
            messages=page.messages,
            more_before=page.more_before,
        )

    @pages.get("/healthz")
    def healthz() -> str:
        return "ok"

    return pages
