"""What a client hears besides messages: who comes and goes, who types, how the connection is."""

from typing import Any

import msgspec

from chatapp.model import Event
from chatapp.wire import Profile, RoomInfo, State


class Connected(msgspec.Struct, frozen=True):
    """The connection is there, and the rooms that were joined are joined again."""


class Disconnected(msgspec.Struct, frozen=True):
    """The connection is not there; the next attempt comes in `retry_in` seconds."""

    retry_in: float


class Closing(msgspec.Struct, frozen=True):
    """The server is about to close the connection, and says why."""

    reason: str


class ReadOnlyMode(msgspec.Struct, frozen=True):
    """Whether the server takes nothing new, because its disk is full or failing, and the reason."""

    on: bool
    reason: str | None = None


class Presence(msgspec.Struct, frozen=True):
    """Who came into a room and who left it; `count` are there now.

    `states` are those that changed: `online`, `idle`, `away` or `busy`.
    """

    room: str
    joined: list[str]
    left: list[str]
    count: int
    states: dict[str, State] = {}


class ProfileChanged(msgspec.Struct, frozen=True):
    """Somebody wants to be shown otherwise."""

    profile: Profile


class Typing(msgspec.Struct, frozen=True):
    """Somebody types in a room. It holds for five seconds."""

    room: str
    name: str


class RoomChanged(msgspec.Struct, frozen=True):
    """A room that you may enter was made, or is called or run differently now."""

    room: RoomInfo


class Removed(msgspec.Struct, frozen=True):
    """You are no longer in a room, and may not see it any more."""

    room: str


class Changed(msgspec.Struct, frozen=True):
    """A message was edited, deleted or reacted to. Told live only, not after an absence."""

    event: Event


class Reloaded(msgspec.Struct, frozen=True):
    """The server could not say without a gap what happened in a room while you were away.

    Its log was repaired, restored or shortened. The messages that can be told to be new
    were read from the history; others may have been lost.
    """

    room: str


News = (
    Connected
    | Disconnected
    | Closing
    | ReadOnlyMode
    | Presence
    | ProfileChanged
    | Typing
    | RoomChanged
    | Removed
    | Changed
    | Reloaded
)

_CHANGES = frozenset({"edit", "delete", "react"})
_TOLD: dict[str, type] = {
    "presence": Presence,
    "typing": Typing,
    "removed": Removed,
    "closing": Closing,
    "read_only": ReadOnlyMode,
}


def news_of(event: str, payload: Any) -> News | None:
    """What an event of the server means; None for one that is not known here."""
    if event in _CHANGES:
        return Changed(msgspec.convert(payload | {"type": event}, Event))
    if event == "profile":
        return ProfileChanged(msgspec.convert(payload, Profile))
    if event == "room":
        return RoomChanged(msgspec.convert(payload, RoomInfo))
    if event in _TOLD:
        news: News = msgspec.convert(payload, _TOLD[event])
        return news
    return None
