"""A message as readers see it: its record, with the edits, deletions and reactions folded in."""

from collections.abc import Iterable

from chatapp.model import Event, Message


def fold(message: Event, followers: Iterable[Event]) -> Message:
    """`followers` point at the message, oldest first. A deletion is the last word."""
    text, edited_at, deleted_by = message.text or "", None, None
    erased_at = message.erased_at
    reactions: dict[str, list[str]] = {}
    for event in followers:
        if event.type == "delete":
            text, edited_at, deleted_by = "", None, event.sender
            reactions = {}
        elif deleted_by is not None:
            continue
        elif event.type == "edit":
            text, edited_at, erased_at = event.text or "", event.at, event.erased_at
        elif event.type == "react" and event.emoji is not None:
            _react(reactions, event.emoji, event.sender, on=bool(event.on))
    return Message(
        room=message.room,
        seq=message.seq,
        sender=message.sender,
        text=text,
        at=message.at,
        cid=message.cid,
        reply_to=message.reply_to,
        edited_at=edited_at,
        deleted_by=deleted_by,
        erased_at=erased_at,
        reactions=reactions or None,
    )


def _react(reactions: dict[str, list[str]], emoji: str, name: str, *, on: bool) -> None:
    names = reactions.setdefault(emoji, [])
    if on and name not in names:
        names.append(name)
    elif not on and name in names:
        names.remove(name)
    if not names:
        del reactions[emoji]
