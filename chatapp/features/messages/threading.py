"""Which thread a new message goes into, and whether it may."""

from typing import Protocol

from chatapp.domain.errors import BadPayload, NotAllowed
from chatapp.domain.model import Draft, Message, Room
from chatapp.features.messages.finding import require_undeleted
from chatapp.protocol.requests import Post


class FindMessage(Protocol):
    def __call__(self, room: Room, seq: int) -> Message:
        """A message of people in this room, possibly a deleted one; raises an error for others."""


def thread_for(room: Room, post: Post, find: FindMessage) -> int | None:
    """The seq of the message whose thread a post goes into. In a room that requires threads, an
    answer goes into the thread of its message."""
    if post.thread is None and post.also_to_room:
        raise BadPayload("Only what is in a thread can be shown in the room as well.")
    if post.thread is None and post.reply_to is not None and room.threads == "required":
        answered = find(room, post.reply_to)
        return answered.thread or answered.seq
    return post.thread


def require_thread(room: Room, draft: Draft, find: FindMessage) -> None:
    """Raises an error if a new message cannot be in its thread."""
    if draft.thread is None:
        return
    if room.threads == "off":
        raise NotAllowed(f"{room.title} has no threads.")
    require_root(room, draft.thread, find)


def require_root(room: Room, seq: int, find: FindMessage) -> Message:
    """The first message of a thread; raises an error if it cannot have one."""
    root = find(room, seq)
    if root.thread is not None:
        raise BadPayload(
            f"Message {seq} is itself in the thread of message {root.thread}: answer there."
        )
    require_undeleted(root)
    return root
