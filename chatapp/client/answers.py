"""What the server's answers have in them, as far as the wire's own words do not say it."""

import msgspec

from chatapp.model import Event, Message
from chatapp.wire import Level, Profile, RoomInfo


class Done(msgspec.Struct, frozen=True):
    ok: bool


class OneRoom(msgspec.Struct, frozen=True):
    room: RoomInfo


class AllRooms(msgspec.Struct, frozen=True):
    rooms: list[RoomInfo]


class OneChange(msgspec.Struct, frozen=True):
    event: Event | None


class ReadMark(msgspec.Struct, frozen=True):
    """How far you have read a room, and how much of it you have not; `mentions` call you."""

    room: str
    read: int | None
    unread: int
    mentions: int


class OneMark(msgspec.Struct, frozen=True):
    read: ReadMark


class RoomPrefs(msgspec.Struct, frozen=True):
    """How you want to hear of a room."""

    room: str
    level: Level
    favourite: bool


class OnePrefs(msgspec.Struct, frozen=True):
    prefs: RoomPrefs


class Found(msgspec.Struct, frozen=True):
    """A page of what a search found, newest first; with `more`, search again `before` this."""

    messages: list[Message]
    more: bool
    before: int | None = None


class People(msgspec.Struct, frozen=True):
    people: list[Profile]


class OneProfile(msgspec.Struct, frozen=True):
    profile: Profile
