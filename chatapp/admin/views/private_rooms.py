"""The console's form to open a private room: with a reason, an admin can read it for a while."""

from flask import Blueprint, make_response, render_template, request, session, url_for
from werkzeug.wrappers import Response

from chatapp.admin.forms import acting_admin
from chatapp.admin.private_rooms import OPEN_SECONDS, Closed, Viewings
from chatapp.domain.errors import ChatError
from chatapp.web.errors import status_of
from chatapp.web.forms import field, see_other
from chatapp.web.languages import words_of_reader
from chatapp.web.waiting import wait


def add_viewing_pages(admin: Blueprint, viewings: Viewings) -> None:
    def asking(room: str, seq: str, error: ChatError | None = None) -> Response:
        problem = words_of_reader().refusal(error, "console") if error else None
        page = render_template("admin/closed.html", closed=room, seq=seq, problem=problem)
        return make_response(page, status_of(error) if error else 200)

    @admin.context_processor
    def minutes() -> dict[str, object]:
        return {"open_minutes": OPEN_SECONDS // 60}

    @admin.errorhandler(Closed)
    def closed(error: Closed) -> Response:
        if request.method == "GET" and request.endpoint == "admin.message":
            return asking(error.room, request.args.get("seq", ""))
        return asking(error.room, "", error)

    @admin.post("/rooms/view")
    def view_room() -> Response:
        room, seq = field("room"), field("seq")
        try:
            wait(viewings.open(acting_admin(), session, room, field("reason")))
        except ChatError as error:
            return asking(room, seq, error)
        if seq:
            return see_other(url_for("admin.message", room=room, seq=seq))
        return see_other(url_for("admin.messages", room=room))
