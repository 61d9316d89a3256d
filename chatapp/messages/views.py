"""The messages of a room over HTTP, for reading without a socket."""

from collections.abc import Callable

import msgspec
from flask import Blueprint, Response, request

from chatapp.errors import BadPayload, Unauthorized
from chatapp.messages.manager import MessageManager
from chatapp.model import Person
from chatapp.waiting import wait
from chatapp.wire import ReadHistory


def messages_blueprint(who: Callable[[], Person | None], manager: MessageManager) -> Blueprint:
    """The service's blueprint. `who()` is the visitor, or None who may not read."""
    messages = Blueprint("messages", __name__, url_prefix="/api")

    @messages.get("/rooms/<room>/messages")
    def history(room: str) -> Response:
        """A page of a room's messages, as the event `history` gives it."""
        person = who()
        if person is None:
            raise Unauthorized("Choose a name or sign in first.")
        query = _query(room)
        page = wait(manager.history(person, query))
        more = {"before": page.more_before, "after": page.more_after}
        answer = {"ok": True, "messages": page.messages, "more": more}
        body = msgspec.json.encode(
            answer if query.since is None else {**answer, "found": page.found}
        )
        return Response(body, mimetype="application/json")

    return messages


def _query(room: str) -> ReadHistory:
    try:
        return msgspec.convert({"room": room, **request.args}, ReadHistory, strict=False)
    except msgspec.ValidationError as error:
        raise BadPayload(f"The query is not as it should be: {error}.") from None
