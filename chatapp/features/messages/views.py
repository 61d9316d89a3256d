"""Reads a room's messages over HTTP."""

from collections.abc import Callable

import msgspec
from flask import Blueprint, Response, request

from chatapp.domain.errors import BadPayload, Unauthorized
from chatapp.domain.model import Person
from chatapp.features.messages.manager import MessageManager
from chatapp.protocol.requests import ReadHistory
from chatapp.web.waiting import wait


def messages_blueprint(who: Callable[[], Person | None], manager: MessageManager) -> Blueprint:
    """The blueprint. `who()` is the visitor; None if they may not read."""
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
        raise BadPayload(f"The query is invalid: {error}.") from None
