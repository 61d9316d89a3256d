"""The server's answers: the ack of each event. `events.py` assigns them.

`UNSET` fields are left out.
"""

import msgspec
from msgspec import UNSET, UnsetType

from chatapp.domain.model import Event, FileInfo, FileOfRoom, Message, Version
from chatapp.domain.transparency.checkpoints import PublishedKey, SignedCheckpoint
from chatapp.domain.transparency.event_proofs import EventProof
from chatapp.protocol.values import (
    CustomEmoji,
    InboxRoom,
    Notifications,
    OfferedCommand,
    PersonStatus,
    PinnedMessage,
    Profile,
    ReadMark,
    RoomInfo,
    RoomPrefs,
    Saved,
    Scheduled,
    ThreadInfo,
)


class Answer(msgspec.Struct, frozen=True):
    ok: bool = True


class Done(Answer, frozen=True):
    """An answer without a value."""


class PostedMessage(Answer, frozen=True, kw_only=True):
    """The message, which is on disk. `unreached` are mentioned people who cannot see the room;
    `out_of_office` are those who were mentioned or written to, and are."""

    message: Message
    duplicate: bool | UnsetType = UNSET
    unreached: list[str] | UnsetType = UNSET
    out_of_office: list[Profile] | UnsetType = UNSET


class ChangedMessage(Answer, frozen=True, kw_only=True):
    """The event that changed a message; None if nothing changed."""

    event: Event | None


class VoterList(Answer, frozen=True, kw_only=True):
    """The people who chose an option of a poll, in the order in which they did; `after`, where
    there are more of them, asks for the next ones."""

    names: list[str]
    after: int | None = None


class DescribedRoom(Answer, frozen=True, kw_only=True):
    room: RoomInfo


class RoomList(Answer, frozen=True, kw_only=True):
    """The rooms that the person can see, and the person's name and id (`by` in messages).

    `threads_unread` is the number of followed threads with something new, `saved` that of saved
    messages, and `saved_due` that of those whose time has come. `emoji` is the version of the list
    of the chat's own emoji, "" if there are none. The defaults are for clients that are newer than
    their server.
    """

    me: str = ""
    id: str = ""
    rooms: list[RoomInfo]
    threads_unread: int = 0
    saved: int = 0
    saved_due: int = 0
    emoji: str | None = None


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


class FoundFiles(Answer, frozen=True, kw_only=True):
    """Files, the newest first; with `more`, ask again before the last one's seq."""

    files: list[FileOfRoom]
    more: bool


class UploadedFiles(Answer, frozen=True, kw_only=True):
    """The files of one request, which wait for a message; over HTTP."""

    files: list[FileInfo]


class UploadedFile(Answer, frozen=True, kw_only=True):
    file: FileInfo


class ResumedEvents(Answer, frozen=True, kw_only=True):
    """The next events of a room, possibly not all of them; none if `recovered` is false."""

    recovered: bool
    events: list[Event]
    more: bool = False
    head: int
    epoch: str


class NewMark(ReadMark, frozen=True, kw_only=True):
    """Of a room, or of a `thread` in it."""

    thread: int | UnsetType = UNSET
    following: bool | UnsetType = UNSET


class MovedMark(Answer, frozen=True, kw_only=True):
    read: NewMark


class FollowedThread(Answer, frozen=True, kw_only=True):
    thread: ThreadInfo


class KeptScheduled(Answer, frozen=True, kw_only=True):
    scheduled: Scheduled


class ScheduledList(Answer, frozen=True, kw_only=True):
    """By time."""

    scheduled: list[Scheduled]


class EmojiList(Answer, frozen=True, kw_only=True):
    """The chat's own emoji by name; without them, it is still the version that was asked about."""

    version: str
    emoji: list[CustomEmoji] | UnsetType = UNSET


class AddedEmoji(Answer, frozen=True, kw_only=True):
    emoji: CustomEmoji


class CommandList(Answer, frozen=True, kw_only=True):
    """Slash commands by name."""

    commands: list[OfferedCommand]


class StartedCommand(Answer, frozen=True, kw_only=True):
    """A program has taken the command. `id` is what its private answers name; `seq` is the message,
    if the command is posted."""

    id: str
    seq: int | UnsetType = UNSET


class MovedMessages(Answer, frozen=True, kw_only=True):
    """The seqs of the messages, in the room in which they are now."""

    seqs: list[int]


class ForwardedMessages(Answer, frozen=True, kw_only=True):
    """The seqs of the new messages; the first one is what was said about them, if anything was."""

    seqs: list[int]


class OriginalMessage(Answer, frozen=True, kw_only=True):
    """Where a forwarded message was written."""

    room: str
    seq: int


class ThreadsPage(Answer, frozen=True, kw_only=True):
    """Threads, the one with the newest reply first; `after`, where there are more of them, asks for
    the next page."""

    threads: list[ThreadInfo]
    after: str | None = None


class SavedMessage(Answer, frozen=True, kw_only=True):
    """The message as it is saved now, None if it is not; how many are saved and `due` now."""

    saved: Saved | None
    count: int
    due: int


class SavedPage(Answer, frozen=True, kw_only=True):
    """Saved messages, those that are due first, then the one that was saved last; `after`, where
    there are more of them, asks for the next page."""

    saved: list[Saved]
    after: str | None = None


class PinsPage(Answer, frozen=True, kw_only=True):
    """Pinned messages, the one that was pinned last first; `after`, where there are more of them,
    asks for the next page."""

    pins: list[PinnedMessage]
    after: str | None = None


class InboxPage(Answer, frozen=True, kw_only=True):
    """Rooms with something new; `after`, where there are more of them, asks for the next page."""

    rooms: list[InboxRoom]
    after: str | None = None


class ProofsPage(Answer, frozen=True, kw_only=True):
    """That events of a room are records of the log, as the root `events` of a checkpoint says;
    `nodes` are what is needed besides of its Merkle tree, 64 hex digits each. None: no checkpoint
    is about them yet. `head` is the seq of the room's last event."""

    epoch: str
    head: int
    checkpoint: SignedCheckpoint | None = None
    proofs: list[EventProof] = []
    nodes: list[str] = []


class CheckpointsPage(Answer, frozen=True, kw_only=True):
    """Signed checkpoints of the log in the order of their records, and all keys that have signed
    some, the one that signs now last. `more`: ask again after the last record of the last one."""

    checkpoints: list[SignedCheckpoint]
    keys: list[PublishedKey]
    more: bool = False


class KeptPrefs(Answer, frozen=True, kw_only=True):
    prefs: RoomPrefs


class KeptNotifications(Answer, frozen=True, kw_only=True):
    notifications: Notifications


class ArrangedRooms(Answer, frozen=True, kw_only=True):
    rooms: list[str]


class OwnStatus(Answer, frozen=True, kw_only=True):
    """The person's status, if the request was about it; None if it was cleared."""

    status: PersonStatus | UnsetType | None = UNSET


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
