"""The errors that clients can get, one class for each reason.

A rule raises one of these; the handler turns it into the answer
`{"ok": false, "error": {"code": …, "message": …}}`. The message is one sentence
for people that says what happened and, if possible, what to do next.

    ChatError
    ├── BadPayload      bad_payload    not the shape that docs/protocol.md describes
    ├── TooLong         too_long       a text, name or title beyond its limit
    ├── Empty           empty          nothing but white space
    ├── NoSuchRoom      no_such_room   no room of this name, or none that you may see
    ├── NotAMember      not_a_member   join the room first
    ├── NotAllowed      not_allowed    your role does not allow this
    ├── NotFound        not_found      no such message, person, invite …
    ├── NameTaken       name_taken     somebody else has this name
    ├── BadName         bad_name       a name or room name with forbidden characters
    ├── RateLimited     rate_limited   too fast; try again in `retry_after` seconds
    ├── RoomExists      room_exists    there is a room of this name
    ├── Unauthorized    unauthorized   not signed in, or with the wrong secret
    ├── ReadOnly        read_only      sending is refused while nothing can be saved; reading works
    ├── Unavailable     unavailable    stopping, overloaded, or not ready yet
    ├── NoAnswer        no_answer      the program that has a command is offline, or too slow
    ├── TooLarge        too_large      a file beyond the limit
    ├── QuotaReached    quota          no more bytes for this person, or for the chat
    ├── NoSpace         no_space       the disk has no room for files; messages still work
    ├── Attached        attached       the file is part of a message already
    ├── WrongOffset     wrong_offset   a part of a file that does not follow on what is there
    └── Unsupported     unsupported    the body of a request has a form that is not known here
"""

from typing import ClassVar


class ChatError(Exception):
    """An expected error that is shown to a person. `code` is stable; `message` is for reading."""

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


class NoAnswer(ChatError):
    code = "no_answer"


class TooLarge(ChatError):
    code = "too_large"


class QuotaReached(ChatError):
    code = "quota"


class NoSpace(ChatError):
    code = "no_space"


class Attached(ChatError):
    code = "attached"


class WrongOffset(ChatError):
    code = "wrong_offset"


class Unsupported(ChatError):
    code = "unsupported"
