"""The events that the server pushes, by name."""

from typing import Any, Final

import msgspec
from msgspec import UNSET, UnsetType

from chatapp.domain.model import Event, Message, RoomMakers
from chatapp.domain.structs import prepare
from chatapp.protocol.values import Profile, ReadMark, RoomNews, RoomPrefs, State


class PresenceChange(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """People who joined or left a room, and the number of people in it now.

    `states` has changed states: `online`, `idle`, `away` or `busy`.
    """

    room: str
    joined: list[str]
    left: list[str]
    count: int
    states: dict[str, State] = {}


class ReadElsewhere(ReadMark, frozen=True, kw_only=True):
    """Another device of the same person has read a room; with `back`, messages are unread again."""

    back: bool | UnsetType = UNSET


class RoomOrderChange(msgspec.Struct, frozen=True, kw_only=True):
    """Another device of the same person has changed the order of rooms."""

    rooms: list[str]


class Typing(msgspec.Struct, frozen=True):
    """Somebody is typing in a room, for the next five seconds."""

    room: str
    name: str


class Removed(msgspec.Struct, frozen=True):
    """The person is no longer in a room, and can no longer see it."""

    room: str


class ErasedTexts(msgspec.Struct, frozen=True, kw_only=True):
    """The texts of these messages were erased permanently; the room has a new epoch."""

    room: str
    epoch: str
    at: str
    seqs: list[int]


class PublicSettings(msgspec.Struct, frozen=True, kw_only=True):
    """The settings that everyone can see."""

    name: str
    max_text_bytes: int
    room_makers: RoomMakers


class ReadOnlyMode(msgspec.Struct, frozen=True, omit_defaults=True):
    """Whether sending is refused because nothing can be saved, and the reason."""

    on: bool
    reason: str | None = None


class Closing(msgspec.Struct, frozen=True):
    """The server is about to close the connection, for this reason.

    With `retry_after`, others go on, and take the client after about so many seconds.
    """

    reason: str
    retry_after: float | UnsetType = UNSET


PUSHES: Final[dict[str, Any]] = {
    "message": Message,
    "mention": Message,
    "edit": Event,
    "delete": Event,
    "react": Event,
    "presence": PresenceChange,
    "read": ReadElsewhere,
    "prefs": RoomPrefs,
    "order": RoomOrderChange,
    "typing": Typing,
    "profile": Profile,
    "heads": dict[str, int],
    "room": RoomNews,
    "removed": Removed,
    "erased": ErasedTexts,
    "settings": PublicSettings,
    "read_only": ReadOnlyMode,
    "closing": Closing,
}
"""A new message is an `Event` with the fields of a `Message`. A `room` that the receiver sees for
the first time is a whole `RoomInfo`."""

prepare(PUSHES.values())
