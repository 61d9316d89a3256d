"""The events that a client receives besides messages: presence, typing, connection changes."""

from typing import Any

import msgspec

from chatapp.domain.model import Event
from chatapp.protocol.pushes import (
    PUSHES,
    Closing,
    CommandAnswer,
    CommandCall,
    EmojiChange,
    OwnVoteChange,
    PresenceChange,
    ReadOnlyMode,
    Reminder,
    Removed,
    SavedChange,
    ScheduledChange,
    Typing,
    WebhookOff,
)
from chatapp.protocol.values import Notifications, Profile, RoomInfo, RoomPrefs, ThreadMark


class Connected(msgspec.Struct, frozen=True):
    """The connection exists, and all rooms have been joined again."""


class Disconnected(msgspec.Struct, frozen=True):
    """The connection is lost; the next attempt starts in `retry_in` seconds."""

    retry_in: float


class ProfileChanged(msgspec.Struct, frozen=True):
    """Somebody changed their display name, colour or status."""

    profile: Profile


class PeopleOutOfOffice(msgspec.Struct, frozen=True):
    """These people, to whom you have just written in a room, are out of office."""

    room: str
    people: list[Profile]


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


Pushed = (
    Closing
    | CommandAnswer
    | CommandCall
    | EmojiChange
    | OwnVoteChange
    | PresenceChange
    | Notifications
    | ReadOnlyMode
    | Reminder
    | Removed
    | RoomPrefs
    | SavedChange
    | ScheduledChange
    | ThreadMark
    | Typing
    | WebhookOff
)
"""Events passed on as the server sends them. A `ThreadMark` is about a thread that the person
follows, or has read on another device; `Notifications` and `RoomPrefs` are what they have chosen
there; a `Reminder` is about a message that they saved; an `OwnVoteChange` about a poll in which
they have voted on another device. A `CommandCall` is a slash command for a bot to take, and a
`CommandAnswer` what one answers in private to a command that the person has typed. A `WebhookOff`
is told to admins."""
News = (
    Connected
    | Disconnected
    | Pushed
    | ProfileChanged
    | PeopleOutOfOffice
    | RoomChanged
    | Changed
    | Reloaded
)


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
