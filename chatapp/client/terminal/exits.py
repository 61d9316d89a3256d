"""With which code a command ends. Scripts hang on these numbers."""

from chatapp.client.errors import NotAcknowledged
from chatapp.errors import (
    ChatError,
    NoSuchRoom,
    NotAllowed,
    NotAMember,
    NotFound,
    Unauthorized,
    Unavailable,
)

OK = 0
OTHER = 1
USAGE = 2
AUTH = 3
NOT_FOUND = 4
FORBIDDEN = 5
NETWORK = 10
NOT_ACKNOWLEDGED = 12
INTERRUPTED = 130


def exit_code(error: ChatError) -> int:
    match error:
        case Unauthorized():
            return AUTH
        case NoSuchRoom() | NotFound():
            return NOT_FOUND
        case NotAllowed() | NotAMember():
            return FORBIDDEN
        case NotAcknowledged():
            return NOT_ACKNOWLEDGED
        case Unavailable():
            return NETWORK
        case _:
            return OTHER
