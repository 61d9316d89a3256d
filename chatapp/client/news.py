"""The events that a client receives besides messages: presence, typing, connection changes."""

from typing import Any

import msgspec

from chatapp.domain.model import Event
from chatapp.protocol.pushes import PUSHES, Closing, PresenceChange, ReadOnlyMode, Removed, Typing
from chatapp.protocol.values import Profile, RoomInfo


class Connected(msgspec.Struct, frozen=True):
    """The connection exists, and all rooms have been joined again."""


class Disconnected(msgspec.Struct, frozen=True):
    """The connection is lost; the next attempt starts in `retry_in` seconds."""

    retry_in: float


class ProfileChanged(msgspec.Struct, frozen=True):
    """Somebody changed their display name or colour."""

    profile: Profile


class RoomChanged(msgspec.Struct, frozen=True):
    """A visible room was created or changed."""

    room: RoomInfo


class Changed(msgspec.Struct, frozen=True):
    """A message was edited, deleted or reacted to. Only sent live, not when catching up."""

    event: Event


class Reloaded(msgspec.Struct, frozen=True):
    """The client could not catch up in a room without gaps.

    The server's log was repaired, restored or shortened. Messages that are certainly new were read
    from the history; others may be lost.
    """

    room: str


Pushed = Closing | PresenceChange | ReadOnlyMode | Removed | Typing
"""Events passed on as the server sends them."""
News = Connected | Disconnected | Pushed | ProfileChanged | RoomChanged | Changed | Reloaded


def news_of(event: str, payload: Any) -> News | None:
    """The event as a value; None if this version does not know it."""
    if event == "room":
        return RoomChanged(msgspec.convert(payload, RoomInfo))
    value = msgspec.convert(payload, PUSHES.get(event, Any))
    if isinstance(value, Event):
        return Changed(value)
    if isinstance(value, Profile):
        return ProfileChanged(value)
    return value if isinstance(value, Pushed) else None
