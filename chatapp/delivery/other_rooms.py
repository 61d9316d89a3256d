"""What messages say of other rooms, and the same without it: for bots that have rooms of their own.

A room is named where a message was forwarded or moved from, where it was moved to, and in the
line of the chat about it. Whoever sees public rooms may know all of these names, because others
are never told. A bot with rooms of its own does not see every public room, so it is told none:
each name is as that of a private room.
"""

from collections.abc import Sequence
from typing import TypeVar, overload

from msgspec import Raw, Struct, json
from msgspec.structs import replace

from chatapp.domain.model import Event, Message

T = TypeVar("T")
HIDDEN = ""

_messages = json.Decoder(list[Message]).decode


def names_another_room(said: Event | Message) -> bool:
    line, moved_to = said.system, said.moved_to
    return bool(
        (said.forwarded and said.forwarded.room)
        or (said.moved_from and said.moved_from.room)
        or (moved_to and moved_to.room)
        or (line and line.room)
    )


@overload
def without_other_rooms(said: Event) -> Event: ...
@overload
def without_other_rooms(said: Message) -> Message: ...
def without_other_rooms(said: Event | Message) -> Event | Message:
    """The same message, with other rooms as if they were private."""
    if not names_another_room(said):
        return said
    changes: dict[str, object] = {}
    if said.forwarded:
        changes["forwarded"] = replace(said.forwarded, room=HIDDEN, seq=0, private=True)
    if said.moved_from:
        changes["moved_from"] = replace(said.moved_from, room=HIDDEN, seq=0)
    if said.moved_to:
        changes["moved_to"] = replace(said.moved_to, room=HIDDEN, seq=0)
    if said.system and said.system.room:
        changes["system"] = replace(said.system, room=HIDDEN)
        changes["text"] = _without_title(said.sender, said.text or "")
    return replace(said, **changes)


def hide_other_rooms(answer: T) -> T:
    """An answer, with all messages in it as `without_other_rooms` has them."""
    hidden: T = _hidden(answer)  # type: ignore[assignment]  # it keeps the type
    return hidden


def _hidden(value: object) -> object:
    if isinstance(value, (Event, Message)):
        return without_other_rooms(value)
    if isinstance(value, Raw):  # of a search, whose messages are JSON already
        return _each(_messages(value))
    if isinstance(value, (list, tuple)):
        return _each(value)
    if isinstance(value, dict):
        return {key: _hidden(each) for key, each in value.items()}
    if isinstance(value, Struct):
        fields = {name: getattr(value, name) for name in value.__struct_fields__}
        changed = {name: now for name, old in fields.items() if (now := _hidden(old)) is not old}
        return replace(value, **changed) if changed else value
    return value


def _each(values: Sequence[object]) -> object:
    hidden = [_hidden(value) for value in values]
    if all(now is old for now, old in zip(hidden, values, strict=True)):
        return values
    return hidden if isinstance(values, list) else tuple(hidden)


def _without_title(sender: str, text: str) -> str:
    """`ana moved a message to “Kitchen”`, without the name of the room."""
    told, quote, _ = text[len(sender) :].partition("“")
    return f"{sender}{told}another room" if quote else text
