"""Error responses.

People get a page; programs that ask for JSON, or for the API, get the same error as over
Socket.IO. Expected errors are not logged. Flask logs unexpected ones with their traceback, and
the visitor only learns that the server failed.
"""

import math

import msgspec
from flask import Flask, Response, make_response, render_template, request
from werkzeug.exceptions import HTTPException

from chatapp.domain.errors import BadPayload, ChatError, NotFound, TooLong, Unavailable
from chatapp.protocol.codec import refusal
from chatapp.web.languages import words_of_reader

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
    "no_answer": 504,
    "too_large": 413,
    "quota": 413,
    "no_space": 507,
    "attached": 409,
    "wrong_offset": 409,
    "unsupported": 415,
}

CHALLENGE = 'Bearer realm="chat"'
"""What programs are told that are not known. Pages have a form for that; browsers do not know this
scheme, and ask for nothing."""
NO_PAGE = "There is no page at this address."
SERVER_FAILED = "Something went wrong on the server; it has been noted. Try again."


def answer_errors(app: Flask) -> None:
    app.register_error_handler(ChatError, _refused)
    app.register_error_handler(HTTPException, _failed)


def status_of(error: ChatError) -> int:
    return STATUS_OF_CODE[error.code]


def _refused(error: ChatError) -> Response:
    return _answer(status_of(error), error)


def _failed(error: HTTPException) -> Response:
    """Errors of Flask and Werkzeug in the chat's own words."""
    if error.code is None or error.code < 400:
        return make_response(error)
    response = _answer(error.code, _as_chat_error(error))
    if "Allow" in error.get_response().headers:
        response.headers["Allow"] = error.get_response().headers["Allow"]
    return response


def _as_chat_error(error: HTTPException) -> ChatError:
    if error.code in (404, 405):
        return NotFound(NO_PAGE)
    if error.code == 413:
        return TooLong("The request is too large.")
    if error.code is not None and error.code >= 500:
        return Unavailable(SERVER_FAILED)
    return BadPayload("The request is malformed.")


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
    return with_status(response, error, status)


def with_status(response: Response, error: ChatError, status: int | None = None) -> Response:
    """The response to a request that failed, by default with the status of the error's code."""
    response.status_code = status or status_of(error)
    if response.status_code == 401 and request.path.startswith("/api/"):
        response.headers["WWW-Authenticate"] = CHALLENGE
    if error.retry_after is not None:
        response.headers["Retry-After"] = str(math.ceil(error.retry_after))
    return response


def _wants_json() -> bool:
    offered = ("text/html", "application/json")
    return (
        request.path.startswith("/api/")
        or request.accept_mimetypes.best_match(offered) == "application/json"
    )
