"""Conversations between people: direct ones of two, and groups, whose people can change.

Nobody names them when they begin: the same people get the same conversation again, as long as it
has no name. So the name of its room follows from who begins it, and says nothing of who that is.
Two servers that begin the same one at once choose the same name, and one of them finds the other's.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from chatapp.domain.model import Room

SHOWN_NAMES = 4
"""Of more people, one fewer is named, and how many others there are."""


def between(
    members: Mapping[str, str], find: Callable[[str], Room | None], rooms: Iterable[Room]
) -> Room | str:
    """The conversation that exactly these people have, or the name for a new one. `find(name)` is
    the room with this name, even a deleted one; `rooms` are all."""
    if len(members) > 2 and (group := _group_of(members, rooms)):
        return group
    number = 0
    while room := find(name := _name(members, number)):
        if _is_of_two(room) and room.members.keys() == members.keys():
            return room
        number += 1  # Its people are others by now, it has a name, or it is another kind of room.
    return name


def _group_of(members: Mapping[str, str], rooms: Iterable[Room]) -> Room | None:
    """The oldest conversation of these people without a name."""
    groups = [
        room
        for room in rooms
        if room.is_group and not room.named and room.members.keys() == members.keys()
    ]
    return min(groups, key=lambda room: (room.created_at or "", room.name), default=None)


def _is_of_two(room: Room) -> bool:
    return room.kind == "direct" and not room.is_group


def _name(members: Mapping[str, str], number: int) -> str:
    known = "\n".join(sorted(members)) + (f"\n\n{number}" if number else "")
    return "direct-" + hashlib.sha256(known.encode()).hexdigest()[:16]


def title_of(names: Iterable[str]) -> str:
    """The title of a conversation without a name: `Ana, Ben, Carla +2`."""
    return in_short(sorted(names, key=str.casefold))


def in_short(names: Sequence[str]) -> str:
    """What people read instead of so many names; same as in static/js/models/rooms/rooms.js."""
    if len(names) <= SHOWN_NAMES:
        return ", ".join(names)
    shown = names[: SHOWN_NAMES - 1]
    return f"{', '.join(shown)} +{len(names) - len(shown)}"


def with_members(room: Room, members: dict[str, str]) -> dict[str, Any]:
    """What changes in a room with its members: a group without a name is called like them."""
    if not room.is_group:
        return {"members": members}
    keeps_title = room.named or not members
    title = room.title if keeps_title else title_of(members.values())
    return {"members": members, "group": True, "title": title}
