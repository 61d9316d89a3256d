"""A message as readers see it: its record, with all edits, deletions and reactions applied."""

from collections.abc import Callable, Iterable

from msgspec.structs import replace

from chatapp.domain.edits import changes_text
from chatapp.domain.emoji import same_emoji
from chatapp.domain.files import after_removal, is_removal
from chatapp.domain.model import Event, LinkPreview, Message, as_message
from chatapp.domain.polls import counted, is_closing, is_vote

Reactions = dict[str, dict[str, str]]
"""The names of people by their ids, for each emoji."""


def fold(message: Event, followers: Iterable[Event]) -> Message:
    """`followers` refer to the message, oldest first. A deletion is final. Votes need not be among
    them, where somebody else counts them."""
    text, edited_at, deleted_by = message.text or "", None, None
    files, moved_to, previews = message.files, None, message.previews
    poll, votes = message.poll, list[Event]()
    erased_at = message.erased_at
    reactions: Reactions = {}
    for event in followers:
        if event.type == "delete":
            text, edited_at, deleted_by = "", None, event.sender
            files, moved_to, previews = None, event.moved_to, None
            poll, reactions = None, {}
        elif deleted_by is not None:
            continue
        elif is_removal(event):
            files = after_removal(files or (), event.files or ()) or None
        elif event.previews is not None:
            previews = event.previews or None
        elif is_closing(event):
            poll, text = event.poll if poll else None, event.text or ""
        elif is_vote(event):
            votes.append(event)
        elif changes_text(event):
            previews = still_linked(previews, event.text or "")
            text, edited_at, erased_at = event.text or "", event.at, event.erased_at
        elif event.type == "react" and event.emoji is not None:
            _react(reactions, event)
    given = {emoji: list(names.values()) for emoji, names in reactions.items()} or None
    told = as_message(message)
    return replace(
        told,
        text=text,
        edited_at=edited_at,
        deleted_by=deleted_by,
        erased_at=erased_at,
        reactions=given,
        files=files,
        previews=previews,
        poll=poll and replace(poll, votes=counted(poll, votes)),
        moved_to=moved_to,
        forwarded=None if deleted_by else told.forwarded,
        via=None if deleted_by else told.via,
    )


def still_linked(previews: list[LinkPreview] | None, text: str) -> list[LinkPreview] | None:
    """The previews of links that are still in the text after an edit."""
    return [preview for preview in previews or () if preview.url in text] or None


def has_reacted(followers: Iterable[Event], emoji: str, is_own: Callable[[Event], bool]) -> bool:
    """Whether somebody has this reaction, according to the followers of a message, oldest first."""
    given = False
    for event in followers:
        if event.type == "react" and same_emoji(event.emoji or "") == emoji and is_own(event):
            given = bool(event.on)
    return given


def _react(reactions: Reactions, event: Event) -> None:
    """Add or remove a reaction. Reactions from versions without ids are removed by name."""
    emoji = same_emoji(event.emoji or "")
    given = reactions.setdefault(emoji, {})
    who = event.by or f"name {event.sender}"
    if event.on:
        given.setdefault(who, event.sender)
    elif given.pop(who, None) is None:
        given.pop(f"name {event.sender}", None)
    if not given:
        del reactions[emoji]
