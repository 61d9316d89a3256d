"""Finds the message that a request names, or says why there is none."""

from typing import Protocol

from chatapp.domain.errors import NotFound
from chatapp.domain.model import Message, Room


class MessagesBySeq(Protocol):
    def message(self, room: str, seq: int) -> Message | None: ...


def message_in(room: Room, seq: int, messages: MessagesBySeq) -> Message:
    """A message of a room, possibly a deleted one. Raises `NotFound`."""
    message = messages.message(room.name, seq)
    if message is None:
        raise NotFound(f"There is no message {seq} in {room.name!r}.")
    return message


def require_undeleted(message: Message) -> None:
    """Raises `NotFound`."""
    if message.deleted_by is not None:
        raise NotFound("That message has been deleted.")
