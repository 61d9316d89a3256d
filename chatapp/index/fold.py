"""A message as readers see it: its record, with all edits, deletions and reactions applied."""

from collections.abc import Callable, Iterable

from msgspec.structs import replace

from chatapp.domain.emoji import same_emoji
from chatapp.domain.model import Event, Message, as_message

Reactions = dict[str, dict[str, str]]
"""The names of people by their ids, for each emoji."""


def fold(message: Event, followers: Iterable[Event]) -> Message:
    """`followers` refer to the message, oldest first. A deletion is final."""
    text, edited_at, deleted_by = message.text or "", None, None
    erased_at = message.erased_at
    reactions: Reactions = {}
    for event in followers:
        if event.type == "delete":
            text, edited_at, deleted_by = "", None, event.sender
            reactions = {}
        elif deleted_by is not None:
            continue
        elif event.type == "edit":
            text, edited_at, erased_at = event.text or "", event.at, event.erased_at
        elif event.type == "react" and event.emoji is not None:
            _react(reactions, event)
    given = {emoji: list(names.values()) for emoji, names in reactions.items()} or None
    return replace(
        as_message(message),
        text=text,
        edited_at=edited_at,
        deleted_by=deleted_by,
        erased_at=erased_at,
        reactions=given,
    )


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
