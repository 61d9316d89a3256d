"""The exit codes of commands that talk to a server."""

from chatapp import exit_codes
from chatapp.client.errors import NotAcknowledged
from chatapp.domain.errors import ChatError, Unavailable
from chatapp.exit_codes import INTERRUPTED, NETWORK, NOT_ACKNOWLEDGED

__all__ = ["INTERRUPTED", "exit_code", "in_words"]


def exit_code(error: ChatError) -> int:
    match error:
        case NotAcknowledged():
            return NOT_ACKNOWLEDGED
        case Unavailable():
            return NETWORK
        case _:
            return exit_codes.exit_code(error)


def in_words(error: OSError) -> str:
    """`plan.pdf: No such file or directory`"""
    if error.strerror is None:
        return str(error)
    return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
