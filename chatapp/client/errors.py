"""Errors between a client and its server, in addition to refusals.

One tree, so that `except ChatError` catches everything that a `ChatClient` raises on purpose:

    ChatError                        chatapp.domain.errors
    ├── Unauthorized, NameTaken …    the server refused; one class for each reason
    ├── Unavailable                  the server cannot answer now
    │   ├── ConnectionFailed         there is no connection to the server
    │   │   └── NotAcknowledged      sent, but not answered in time: it may have happened
    │   └── ClientClosed             the client was closed, by you
    └── BadPayload
        ├── NotUnderstood            an answer or a refusal that this version does not know
        │   └── WrongContent         the bytes of a file are not those of its SHA-256
        ├── MirrorDiffers            a copy of a room and the chat differ (mirror/room_copy.py)
        └── NotInLog                 the chat's log does not have what a copy has, or was rewritten
"""

from typing import Any, ClassVar

from chatapp.domain import errors
from chatapp.domain.errors import BadPayload, ChatError, Unavailable


class ConnectionFailed(Unavailable):
    code: ClassVar[str] = "connection_failed"


class NotAcknowledged(ConnectionFailed):
    code: ClassVar[str] = "not_acknowledged"


class ClientClosed(Unavailable):
    code: ClassVar[str] = "client_closed"


class NotUnderstood(BadPayload):
    code: ClassVar[str] = "not_understood"


class WrongContent(NotUnderstood):
    code: ClassVar[str] = "wrong_content"


class NotInLog(BadPayload):
    code: ClassVar[str] = "not_in_log"


_REFUSALS: dict[str, type[ChatError]] = {
    value.code: value
    for value in vars(errors).values()
    if isinstance(value, type) and issubclass(value, ChatError) and value is not ChatError
}


def refusal_of(problem: Any) -> ChatError:
    """The error for `{"code": …, "message": …, "retry_after"?: …}`."""
    if not isinstance(problem, dict):
        return NotUnderstood(f"The server refused for an unknown reason: {problem!r}.")
    code, message = problem.get("code"), str(problem.get("message", "The server refused."))
    retry_after = problem.get("retry_after")
    if not isinstance(retry_after, int | float):
        retry_after = None
    if not isinstance(code, str) or code not in _REFUSALS:
        return NotUnderstood(f"{message} ({code})", retry_after=retry_after)
    return _REFUSALS[code](message, retry_after=retry_after)
