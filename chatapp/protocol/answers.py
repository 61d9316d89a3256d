"""The server's answers: the ack of each event. `events.py` assigns them.

`UNSET` fields are left out.
"""

import msgspec
from msgspec import UNSET, UnsetType

from chatapp.domain.model import Event, Message, Version
from chatapp.protocol.values import InboxRoom, Profile, ReadMark, RoomInfo, RoomPrefs


class Answer(msgspec.Struct, frozen=True):
    ok: bool = True


class Done(Answer, frozen=True):
    """An answer without a value."""


class PostedMessage(Answer, frozen=True, kw_only=True):
    """The message, which is on disk. `unreached` are mentioned people who cannot see the room."""

    message: Message
    duplicate: bool | UnsetType = UNSET
    unreached: list[str] | UnsetType = UNSET


class ChangedMessage(Answer, frozen=True, kw_only=True):
    """The event that changed a message; None if nothing changed."""

    event: Event | None


class DescribedRoom(Answer, frozen=True, kw_only=True):
    room: RoomInfo


class RoomList(Answer, frozen=True, kw_only=True):
    """The rooms that the person can see, and the person's name and id (`by` in messages).

    The defaults are for clients that are newer than their server.
    """

    me: str = ""
    id: str = ""
    rooms: list[RoomInfo]


class MoreMessages(msgspec.Struct, frozen=True, kw_only=True):
    """Whether there are more messages on either side of a page."""

    before: bool
    after: bool


class HistoryPage(Answer, frozen=True, kw_only=True):
    """Messages, oldest first. `found` is the seq of the first one since the requested time, None if
    there is none."""

    messages: list[Message]
    more: MoreMessages
    found: int | UnsetType | None = UNSET


class MessageVersions(Answer, frozen=True, kw_only=True):
    versions: list[Version]


class FoundMessages(Answer, frozen=True, kw_only=True):
    """A page of search results, newest first; with `more`, search again `before` this."""

    messages: list[Message]
    more: bool
    before: int | None = None


class ResumedEvents(Answer, frozen=True, kw_only=True):
    """The next events of a room, possibly not all of them; none if `recovered` is false."""

    recovered: bool
    events: list[Event]
    more: bool = False
    head: int
    epoch: str


class MovedMark(Answer, frozen=True, kw_only=True):
    read: ReadMark


class InboxPage(Answer, frozen=True, kw_only=True):
    """Rooms with something new; `after`, where there are more of them, asks for the next page."""

    rooms: list[InboxRoom]
    after: str | None = None


class KeptPrefs(Answer, frozen=True, kw_only=True):
    prefs: RoomPrefs


class ArrangedRooms(Answer, frozen=True, kw_only=True):
    rooms: list[str]


class PeopleList(Answer, frozen=True, kw_only=True):
    """`more`: whether more people are online in the room, after the last of these."""

    people: list[Profile]
    more: bool | UnsetType = UNSET


class OwnProfile(Answer, frozen=True, kw_only=True):
    profile: Profile


class Problem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The reason for a refusal: a stable `code`, and one sentence for people."""

    code: str
    message: str
    retry_after: float | None = None


class Refusal(msgspec.Struct, frozen=True, kw_only=True):
    """The ack of a refused event."""

    ok: bool = False
    error: Problem


class ConnectRefusal(msgspec.Struct, frozen=True, kw_only=True):
    """The data of a `connect_error`.

    It has the code twice: socket.io-client passes only `data` to scripts, python-socketio the whole
    object.
    """

    message: str
    code: str
    data: Problem
