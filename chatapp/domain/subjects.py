"""What an event is about, for rules that look at what came before it.

Two decisions about the same subject must not be made side by side: both would find that a message
is not deleted yet, or that somebody's last message is long ago. Within a process, they are made
one after another (features/messages/decisions.py); between processes, one that was overtaken is
made again (log/sequencer.py).
"""

from chatapp.domain.model import Draft
from chatapp.domain.polls import is_closing, is_vote

Subject = tuple[str, str, int]
"""A room; a person's id, or nobody for a deletion or the end of a poll; the seq of a message, or 0
for a new one. Of a file: no room, its id, and 0. Of the pins of a room: nobody, and 0."""


def subject_of(event: Draft) -> Subject:
    """A person's new messages in a room, their changes of a message, or its deletion; of a poll,
    its votes, or its end."""
    if event.type == "delete" or is_closing(event):
        return deletion_of(event)
    if is_vote(event):
        return votes_of(event)
    return event.room, event.by or event.sender, event.target or 0


def deletion_of(event: Draft) -> Subject:
    return event.room, "", event.target or 0


def pins_of(room: str) -> Subject:
    """Which messages of a room are pinned."""
    return room, "", 0


def votes_of(event: Draft) -> Subject:
    """All votes of a poll: whoever closes it counts them."""
    return event.room, "votes", event.target or 0


def attachment_of(file_id: str) -> Subject:
    """The message of a file."""
    return "", file_id, 0


def subjects_of(event: Draft) -> list[Subject]:
    """All of them: of a message with files, those of the files too."""
    files = [attachment_of(file.id) for file in event.files or ()]
    is_about_pins = event.system is not None and event.system.what in ("pinned", "unpinned")
    pins = [pins_of(event.room)] if is_about_pins else []
    return [subject_of(event), *files, *pins]
