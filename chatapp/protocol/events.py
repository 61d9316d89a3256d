"""The table of events that clients can emit: payload, answer, weight and scope.

Handlers are registered from it, and the Python client uses it. Tests compare it with
docs/protocol.md and static/js/wire.d.ts.
"""

from typing import Any, Final, Generic, TypeVar, cast

import msgspec

from chatapp.domain.scopes import Scope
from chatapp.domain.structs import prepare
from chatapp.protocol.answers import (
    AddedEmoji,
    ArrangedRooms,
    ChangedMessage,
    CheckpointsPage,
    CommandList,
    DescribedRoom,
    Done,
    EmojiList,
    FollowedThread,
    ForwardedMessages,
    FoundFiles,
    FoundMessages,
    HistoryPage,
    InboxPage,
    KeptNotifications,
    KeptPrefs,
    KeptScheduled,
    MessageVersions,
    MovedMark,
    MovedMessages,
    OriginalMessage,
    OwnProfile,
    OwnStatus,
    PeopleList,
    PinsPage,
    PostedMessage,
    ProofsPage,
    ResumedEvents,
    RoomList,
    SavedMessage,
    SavedPage,
    ScheduledList,
    StartedCommand,
    ThreadsPage,
    VoterList,
)
from chatapp.protocol.requests import (
    AddCommand,
    AddEmoji,
    AnswerCommand,
    Arrange,
    Ban,
    ChangePhoto,
    ChangeProfile,
    ClosePoll,
    Create,
    Delete,
    DeleteRoom,
    Edit,
    FindOriginal,
    FollowThread,
    ForwardMessages,
    HidePreviews,
    Invite,
    Join,
    Kick,
    Leave,
    ListCheckpoints,
    ListCommands,
    ListEmoji,
    ListFiles,
    ListPeople,
    ListPins,
    ListRooms,
    ListSaved,
    ListScheduled,
    ListThreads,
    ListVoters,
    MoveMessages,
    Mute,
    PinMessage,
    Post,
    Prefs,
    React,
    Read,
    ReadHistory,
    ReadInbox,
    ReadProofs,
    ReadVersions,
    Remove,
    RemoveCommand,
    RemoveEmoji,
    ReportTyping,
    Resume,
    RunCommand,
    SaveMessage,
    Schedule,
    Search,
    SetNotifications,
    Status,
    TakeCommand,
    TitleThread,
    Unschedule,
    Update,
    Vote,
)

P = TypeVar("P")
A = TypeVar("A")


class ClientEvent(msgspec.Struct, Generic[P, A], frozen=True):
    """`weight` is taken from the sender's allowance; `scope` is required of tokens.

    An event that is `pipelined` may start before earlier pipelined events are answered. One that is
    `slow` waits for another program, and is answered when that has; no later event waits for it.
    One that is `only_connected` makes no sense as an HTTP request, for the reason that it gives;
    one that is `kept` stores something of the person, which of a guest lasts as long as their
    connection.
    """

    name: str
    request: type[P]
    answer: type[A]
    scope: Scope = "read"
    weight: float = 1
    pipelined: bool = False
    slow: bool = False
    only_connected: str = ""
    kept: bool = False


TEXT_OR_POST = cast(type[Post | str], Post | str)
"""A plain string is a text for `general`."""
NO_ANSWER = type(None)

MESSAGE = ClientEvent("message", TEXT_OR_POST, PostedMessage, "post", weight=2, pipelined=True)
EDIT = ClientEvent("edit", Edit, ChangedMessage, "post", weight=2)
DELETE = ClientEvent("delete", Delete, ChangedMessage, "post", weight=2)
REACT = ClientEvent("react", React, ChangedMessage, "react", weight=2)
HIDE_PREVIEWS = ClientEvent("hide_previews", HidePreviews, ChangedMessage, "post", weight=2)
VOTE = ClientEvent("vote", Vote, ChangedMessage, "react", weight=2)
VOTERS = ClientEvent("voters", ListVoters, VoterList, weight=4)
CLOSE_POLL = ClientEvent("close_poll", ClosePoll, ChangedMessage, "post", weight=2)
JOIN = ClientEvent("join", Join, DescribedRoom, weight=3, kept=True)
LEAVE = ClientEvent("leave", Leave, Done, weight=2)
CREATE = ClientEvent("create", Create, DescribedRoom, "rooms", weight=5)
UPDATE = ClientEvent("update", Update, DescribedRoom, "rooms", weight=20)
DELETE_ROOM = ClientEvent("delete_room", DeleteRoom, Done, "rooms", weight=20)
INVITE = ClientEvent("invite", Invite, DescribedRoom, "rooms", weight=10)
REMOVE = ClientEvent("remove", Remove, Done, "rooms", weight=10)
ROOMS = ClientEvent("rooms", ListRooms, RoomList, weight=10)
HISTORY = ClientEvent("history", ReadHistory, HistoryPage, weight=4)
VERSIONS = ClientEvent("versions", ReadVersions, MessageVersions, weight=4)
SEARCH = ClientEvent("search", Search, FoundMessages, weight=10)
FILES = ClientEvent("files", ListFiles, FoundFiles, weight=10)
RESUME = ClientEvent("resume", Resume, ResumedEvents, weight=4)
PROOFS = ClientEvent("proofs", ReadProofs, ProofsPage, weight=4)
CHECKPOINTS = ClientEvent("checkpoints", ListCheckpoints, CheckpointsPage, weight=4)
READ = ClientEvent("read", Read, MovedMark, "write", weight=2, kept=True)
INBOX = ClientEvent("inbox", ReadInbox, InboxPage, weight=10)
FOLLOW = ClientEvent("follow", FollowThread, FollowedThread, "write", weight=4, kept=True)
THREADS = ClientEvent("threads", ListThreads, ThreadsPage, weight=10)
SAVE = ClientEvent("save", SaveMessage, SavedMessage, "write", weight=2, kept=True)
SAVED = ClientEvent("saved", ListSaved, SavedPage, weight=10)
PIN = ClientEvent("pin", PinMessage, Done, "write", weight=4)
PINS = ClientEvent("pins", ListPins, PinsPage, weight=4)
TITLE = ClientEvent("title", TitleThread, Done, "write", weight=4)
MOVE = ClientEvent("move", MoveMessages, MovedMessages, "write", weight=20)
FORWARD = ClientEvent("forward", ForwardMessages, ForwardedMessages, "post", weight=20)
ORIGINAL = ClientEvent("original", FindOriginal, OriginalMessage, weight=4)
SCHEDULE = ClientEvent("schedule", Schedule, KeptScheduled, "post", weight=4)
SCHEDULED = ClientEvent("scheduled", ListScheduled, ScheduledList, weight=4)
UNSCHEDULE = ClientEvent("unschedule", Unschedule, Done, "post", weight=4)
EMOJI = ClientEvent("emoji", ListEmoji, EmojiList, weight=4)
ADD_EMOJI = ClientEvent("add_emoji", AddEmoji, AddedEmoji, "write", weight=20)
REMOVE_EMOJI = ClientEvent("remove_emoji", RemoveEmoji, Done, "write", weight=20)
COMMANDS = ClientEvent("commands", ListCommands, CommandList, weight=4)
ADD_COMMAND = ClientEvent("add_command", AddCommand, Done, "post", weight=4)
REMOVE_COMMAND = ClientEvent("remove_command", RemoveCommand, Done, "post", weight=4)
RUN_COMMAND = ClientEvent("run_command", RunCommand, StartedCommand, "post", weight=4, slow=True)
TAKE_COMMAND = ClientEvent("take_command", TakeCommand, Done, "post", weight=2)
ANSWER_COMMAND = ClientEvent("answer_command", AnswerCommand, Done, "post", weight=2)
PREFS = ClientEvent("prefs", Prefs, KeptPrefs, "write", weight=2, kept=True)
NOTIFICATIONS = ClientEvent(
    "notifications", SetNotifications, KeptNotifications, weight=2, kept=True
)
ARRANGE = ClientEvent("arrange", Arrange, ArrangedRooms, "write", weight=10, kept=True)
STATUS = ClientEvent("status", Status, OwnStatus, "write", weight=2, kept=True)
TYPING = ClientEvent(
    "typing",
    ReportTyping,
    NO_ANSWER,
    "post",
    only_connected="Only somebody with a connection types where others can see it.",
)
PEOPLE = ClientEvent("people", ListPeople, PeopleList, weight=5)
PROFILE = ClientEvent("profile", ChangeProfile, OwnProfile, "write", weight=20)
PHOTO = ClientEvent("photo", ChangePhoto, OwnProfile, "write", weight=20)
MUTE = ClientEvent("mute", Mute, Done, "admin", weight=10)
KICK = ClientEvent("kick", Kick, Done, "admin", weight=10)
BAN = ClientEvent("ban", Ban, Done, "admin", weight=10)
UNBAN = ClientEvent("unban", Ban, Done, "admin", weight=10)

EVENTS: Final[dict[str, ClientEvent[Any, Any]]] = {
    event.name: event for event in tuple(globals().values()) if isinstance(event, ClientEvent)
}
"""All events, in the order of docs/protocol.md."""

prepare(kind for event in EVENTS.values() for kind in (event.request, event.answer))
