"""What can be refused, one class a reason.

A rule that is broken raises one of these; the door turns it into the answer
`{"ok": false, "error": {"code": …, "message": …}}`, once. The message is one sentence
for a person, and says what to do next where there is something to do.

    ChatError
    ├── BadPayload      bad_payload    not the shape that docs/protocol.md draws
    ├── TooLong         too_long       a text, name or title beyond its limit
    ├── Empty           empty          nothing but white space
    ├── NoSuchRoom      no_such_room   no room of this name, or none that you may see
    ├── NotAMember      not_a_member   join the room first
    ├── NotAllowed      not_allowed    your role does not reach so far
    ├── NotFound        not_found      no such message, person, invite …
    ├── NameTaken       name_taken     somebody else is called that
    ├── BadName         bad_name       a name or room name with characters that it may not have
    ├── RateLimited     rate_limited   too fast; `retry_after` seconds tell when again
    ├── RoomExists      room_exists    there is a room of this name
    ├── Unauthorized    unauthorized   not signed in, or with the wrong secret
    ├── ReadOnly        read_only      the disk is full or failing; reading still works
    └── Unavailable     unavailable    stopping, overloaded, or not ready yet
"""

from typing import ClassVar


class ChatError(Exception):
    """A refusal that a person is told about. `code` is stable; `message` is for reading."""

    code: ClassVar[str]

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.retry_after = retry_after


class BadPayload(ChatError):
    code = "bad_payload"


class TooLong(ChatError):
    code = "too_long"


class Empty(ChatError):
    code = "empty"


class NoSuchRoom(ChatError):
    code = "no_such_room"


class NotAMember(ChatError):
    code = "not_a_member"


class NotAllowed(ChatError):
    code = "not_allowed"


class NotFound(ChatError):
    code = "not_found"


class NameTaken(ChatError):
    code = "name_taken"


class BadName(ChatError):
    code = "bad_name"


class RateLimited(ChatError):
    code = "rate_limited"


class RoomExists(ChatError):
    code = "room_exists"


class Unauthorized(ChatError):
    code = "unauthorized"


class ReadOnly(ChatError):
    code = "read_only"


class Unavailable(ChatError):
    code = "unavailable"
