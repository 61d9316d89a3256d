"""The table of events that clients can emit: payload, answer, weight and scope.

Handlers are registered from it, and the Python client uses it. Tests compare it with
docs/protocol.md and static/js/wire.d.ts.
"""

from typing import Any, Final, Generic, TypeVar, cast

import msgspec

from chatapp.domain.model import Scope
from chatapp.domain.structs import prepare
from chatapp.protocol.answers import (
    ArrangedRooms,
    ChangedMessage,
    DescribedRoom,
    Done,
    FoundMessages,
    HistoryPage,
    InboxPage,
    KeptPrefs,
    MessageVersions,
    MovedMark,
    OwnProfile,
    PeopleList,
    PostedMessage,
    ResumedEvents,
    RoomList,
)
from chatapp.protocol.requests import (
    Arrange,
    Ban,
    ChangeProfile,
    Create,
    Delete,
    DeleteRoom,
    Edit,
    Invite,
    Join,
    Kick,
    Leave,
    ListPeople,
    ListRooms,
    Mute,
    Post,
    Prefs,
    React,
    Read,
    ReadHistory,
    ReadInbox,
    ReadVersions,
    Remove,
    ReportTyping,
    Resume,
    Search,
    Status,
    Update,
)

P = TypeVar("P")
A = TypeVar("A")


class ClientEvent(msgspec.Struct, Generic[P, A], frozen=True):
    """`weight` is taken from the sender's allowance; `scope` is required of tokens.

    An event that is `pipelined` may start before earlier pipelined events are answered.
    """

    name: str
    request: type[P]
    answer: type[A]
    scope: Scope = "read"
    weight: float = 1
    pipelined: bool = False


TEXT_OR_POST = cast(type[Post | str], Post | str)
"""A plain string is a text for `general`."""
NO_ANSWER = type(None)

MESSAGE = ClientEvent("message", TEXT_OR_POST, PostedMessage, "write", weight=2, pipelined=True)
EDIT = ClientEvent("edit", Edit, ChangedMessage, "write", weight=2)
DELETE = ClientEvent("delete", Delete, ChangedMessage, "write", weight=2)
REACT = ClientEvent("react", React, ChangedMessage, "write", weight=2)
JOIN = ClientEvent("join", Join, DescribedRoom, weight=3)
LEAVE = ClientEvent("leave", Leave, Done, weight=2)
CREATE = ClientEvent("create", Create, DescribedRoom, "write", weight=5)
UPDATE = ClientEvent("update", Update, DescribedRoom, "write", weight=20)
DELETE_ROOM = ClientEvent("delete_room", DeleteRoom, Done, "write", weight=20)
INVITE = ClientEvent("invite", Invite, DescribedRoom, "write", weight=10)
REMOVE = ClientEvent("remove", Remove, Done, "write", weight=10)
ROOMS = ClientEvent("rooms", ListRooms, RoomList, weight=10)
HISTORY = ClientEvent("history", ReadHistory, HistoryPage, weight=4)
VERSIONS = ClientEvent("versions", ReadVersions, MessageVersions, weight=4)
SEARCH = ClientEvent("search", Search, FoundMessages, weight=10)
RESUME = ClientEvent("resume", Resume, ResumedEvents, weight=4)
READ = ClientEvent("read", Read, MovedMark, "write", weight=2)
INBOX = ClientEvent("inbox", ReadInbox, InboxPage, weight=10)
PREFS = ClientEvent("prefs", Prefs, KeptPrefs, "write", weight=2)
ARRANGE = ClientEvent("arrange", Arrange, ArrangedRooms, "write", weight=10)
STATUS = ClientEvent("status", Status, Done, "write", weight=2)
TYPING = ClientEvent("typing", ReportTyping, NO_ANSWER, "write")
PEOPLE = ClientEvent("people", ListPeople, PeopleList, weight=5)
PROFILE = ClientEvent("profile", ChangeProfile, OwnProfile, "write", weight=20)
MUTE = ClientEvent("mute", Mute, Done, "admin", weight=10)
KICK = ClientEvent("kick", Kick, Done, "admin", weight=10)
BAN = ClientEvent("ban", Ban, Done, "admin", weight=10)
UNBAN = ClientEvent("unban", Ban, Done, "admin", weight=10)

EVENTS: Final[dict[str, ClientEvent[Any, Any]]] = {
    event.name: event for event in tuple(globals().values()) if isinstance(event, ClientEvent)
}
"""All events, in the order of docs/protocol.md."""

prepare(kind for event in EVENTS.values() for kind in (event.request, event.answer))
