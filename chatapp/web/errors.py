"""What a visitor is told when something is refused or goes wrong.

A page for people; for programs that ask for JSON, or for the API, the same refusal as on
the wire. A refusal is an answer, not an incident: it is not logged. What nobody expected,
Flask logs with its traceback; the visitor only hears that it was our fault.
"""

import math

import msgspec
from flask import Flask, Response, make_response, render_template, request
from werkzeug.exceptions import HTTPException

from chatapp.errors import BadPayload, ChatError, NotFound, TooLong, Unavailable
from chatapp.web.languages import words_of_reader
from chatapp.wire import refusal

STATUS_OF_CODE = {
    "bad_payload": 400,
    "too_long": 400,
    "empty": 400,
    "bad_name": 400,
    "unauthorized": 401,
    "not_allowed": 403,
    "not_a_member": 403,
    "no_such_room": 404,
    "not_found": 404,
    "name_taken": 409,
    "room_exists": 409,
    "rate_limited": 429,
    "read_only": 503,
    "unavailable": 503,
}

NO_PAGE = "There is no page at this address."
OUR_FAULT = "Something went wrong on the server; it has been noted. Try again."


def answer_errors(app: Flask) -> None:
    app.register_error_handler(ChatError, _refused)
    app.register_error_handler(HTTPException, _failed)


def status_of(error: ChatError) -> int:
    return STATUS_OF_CODE[error.code]


def _refused(error: ChatError) -> Response:
    return _answer(status_of(error), error)


def _failed(error: HTTPException) -> Response:
    """What Flask and Werkzeug refuse by themselves, said as we say things."""
    if error.code is None or error.code < 400:
        return make_response(error)
    response = _answer(error.code, _in_our_words(error))
    if "Allow" in error.get_response().headers:
        response.headers["Allow"] = error.get_response().headers["Allow"]
    return response


def _in_our_words(error: HTTPException) -> ChatError:
    if error.code in (404, 405):
        return NotFound(NO_PAGE)
    if error.code == 413:
        return TooLong("What was sent is too large.")
    if error.code is not None and error.code >= 500:
        return Unavailable(OUR_FAULT)
    return BadPayload("The request is not as it should be.")


def _answer(status: int, error: ChatError) -> Response:
    if _wants_json():
        response = Response(msgspec.json.encode(refusal(error)), mimetype="application/json")
    else:
        words = words_of_reader()
        title = f"door.error.title.{404 if status == 405 else status}"
        response = make_response(
            render_template(
                "error.html",
                status=status,
                title=words(title if title in words else "door.error.title.other"),
                message=words.refusal(error, "error"),
            )
        )
    response.status_code = status
    if error.retry_after is not None:
        response.headers["Retry-After"] = str(math.ceil(error.retry_after))
    return response


def _wants_json() -> bool:
    offered = ("text/html", "application/json")
    return (
        request.path.startswith("/api/")
        or request.accept_mimetypes.best_match(offered) == "application/json"
    )
