"""`POST /hooks/<secret>`: posts a message, and answers like Slack.

The address is the proof, so no cookie counts, and the answer allows no other site to read it. The
body is read once, as bytes, because signatures are over it.
"""

import msgspec
from flask import Blueprint, Response, request
from werkzeug.exceptions import RequestEntityTooLarge

from chatapp.domain.errors import ChatError, TooLarge
from chatapp.features.incoming_webhooks.manager import IncomingHookManager
from chatapp.features.incoming_webhooks.model import IncomingDelivery, Received
from chatapp.protocol.codec import refusal
from chatapp.web.errors import status_of, with_status
from chatapp.web.waiting import wait

MAX_BODY_BYTES = 64 * 1024


def incoming_webhooks_blueprint(manager: IncomingHookManager) -> Blueprint:
    hooks = Blueprint("incoming_webhooks", __name__)

    @hooks.post("/hooks/<secret>")
    def receive(secret: str) -> Response:
        return _answer(wait(manager.receive(secret, _delivery())))

    @hooks.errorhandler(ChatError)
    def refused(error: ChatError) -> Response:
        if _wants_json():
            body = msgspec.json.encode(refusal(error))
            response = Response(body, mimetype="application/json")
        else:
            response = Response(f"{error.code}: {error.message}\n", mimetype="text/plain")
        return with_status(response, error, status_of(error))

    return hooks


def _delivery() -> IncomingDelivery:
    try:
        body = request.get_data()
    except RequestEntityTooLarge:
        body = None
    if body is None or len(body) > MAX_BODY_BYTES:
        raise TooLarge(f"A delivery has at most {MAX_BODY_BYTES // 1024} KB.")
    return IncomingDelivery(body, {name.lower(): value for name, value in request.headers.items()})


def _answer(received: Received) -> Response:
    """`ok`, as Slack says it, and a line for each part that is not shown."""
    if _wants_json():
        shown = {"ok": True, **msgspec.to_builtins(received)}
        return Response(msgspec.json.encode(shown), mimetype="application/json")
    lines = ["ok", *(f"not shown: {part}" for part in received.ignored)]
    return Response("\n".join(lines), mimetype="text/plain")


def _wants_json() -> bool:
    offered = ("text/plain", "application/json")
    return request.accept_mimetypes.best_match(offered) == "application/json"
