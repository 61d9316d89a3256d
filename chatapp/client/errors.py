"""What can go wrong between a client and its server, besides being refused.

One tree, so that `except ChatError` catches all that a `ChatClient` raises on purpose:

    ChatError                        chatapp.errors
    ├── Unauthorized, NameTaken …    the server said no; one class a reason
    ├── Unavailable                  the server said: not now
    │   ├── ConnectionFailed         the network: nobody answers there, or no longer
    │   │   └── NotAcknowledged      asked, but not answered in time: it may have happened
    │   └── ClientClosed             the client was closed, by you
    └── BadPayload
        └── NotUnderstood            an answer or a refusal that this version does not know
"""

from typing import Any, ClassVar

from chatapp import errors
from chatapp.errors import BadPayload, ChatError, Unavailable


class ConnectionFailed(Unavailable):
    code: ClassVar[str] = "connection_failed"


class NotAcknowledged(ConnectionFailed):
    code: ClassVar[str] = "not_acknowledged"


class ClientClosed(Unavailable):
    code: ClassVar[str] = "client_closed"


class NotUnderstood(BadPayload):
    code: ClassVar[str] = "not_understood"


_REFUSALS: dict[str, type[ChatError]] = {
    value.code: value
    for value in vars(errors).values()
    if isinstance(value, type) and issubclass(value, ChatError) and value is not ChatError
}


def refusal_of(problem: Any) -> ChatError:
    """The error that `{"code": …, "message": …, "retry_after"?: …}` stands for."""
    if not isinstance(problem, dict):
        return NotUnderstood(f"The server refused, and did not say why: {problem!r}.")
    code, message = problem.get("code"), str(problem.get("message", "The server refused."))
    retry_after = problem.get("retry_after")
    if not isinstance(retry_after, int | float):
        retry_after = None
    if not isinstance(code, str) or code not in _REFUSALS:
        return NotUnderstood(f"{message} ({code})", retry_after=retry_after)
    return _REFUSALS[code](message, retry_after=retry_after)
