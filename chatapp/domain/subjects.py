"""What an event is about, for rules that look at what came before it.

Two decisions about the same subject must not be made side by side: both would find that a message
is not deleted yet, or that somebody's last message is long ago. Within a process, they are made
one after another (features/messages/decisions.py); between processes, one that was overtaken is
made again (log/sequencer.py).
"""

from chatapp.domain.model import Draft

Subject = tuple[str, str, int]
"""A room; a person's id, or nobody for a deletion; the seq of a message, or 0 for a new one."""


def subject_of(event: Draft) -> Subject:
    """A person's new messages in a room, their changes of a message, or its deletion."""
    if event.type == "delete":
        return deletion_of(event)
    return event.room, event.by or event.sender, event.target or 0


def deletion_of(event: Draft) -> Subject:
    return event.room, "", event.target or 0
