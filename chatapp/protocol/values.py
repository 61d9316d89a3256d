"""Values of both requests and answers: rooms and people as clients see them.

Messages, events and versions are sent in the form of `domain/model.py`.
"""

from datetime import datetime
from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, UnsetType

from chatapp.domain.limits import (
    MAX_HISTORY_LIMIT,
    MAX_INBOX_ROOMS,
    MAX_INTEGER,
    MAX_KEY_CHARACTERS,
    MAX_PEOPLE_AT_ONCE,
    MAX_PINS_AT_ONCE,
    MAX_SAVED_AT_ONCE,
    MAX_THREADS,
    MAX_VOTERS_AT_ONCE,
    MAX_ZONE_CHARACTERS,
    MIN_KEY_CHARACTERS,
)
from chatapp.domain.model import Colour, FileInfo, Message, Pinning, Role, RoomKind, ThreadsMode

Level = Literal["all", "mentions", "nothing"]
"""The messages of a room that a person is notified about."""
State = Literal["online", "idle", "away", "busy"]
Seq = Annotated[int, msgspec.Meta(ge=1, le=MAX_INTEGER)]
After = Annotated[int, msgspec.Meta(ge=0, le=MAX_INTEGER)]
"""The last seq that the client has; 0 if it has none."""
Moment = Annotated[datetime, msgspec.Meta(tz=True)]
Limit = Annotated[int, msgspec.Meta(ge=1, le=MAX_HISTORY_LIMIT)]
InboxLimit = Annotated[int, msgspec.Meta(ge=1, le=MAX_INBOX_ROOMS)]
GuestKey = Annotated[
    str, msgspec.Meta(min_length=MIN_KEY_CHARACTERS, max_length=MAX_KEY_CHARACTERS)
]
ThreadsLimit = Annotated[int, msgspec.Meta(ge=1, le=MAX_THREADS)]
SavedLimit = Annotated[int, msgspec.Meta(ge=1, le=MAX_SAVED_AT_ONCE)]
PinsLimit = Annotated[int, msgspec.Meta(ge=1, le=MAX_PINS_AT_ONCE)]
VotersLimit = Annotated[int, msgspec.Meta(ge=1, le=MAX_VOTERS_AT_ONCE)]
PeopleLimit = Annotated[int, msgspec.Meta(ge=1, le=MAX_PEOPLE_AT_ONCE)]


class GroupInfo(msgspec.Struct, frozen=True, kw_only=True):
    """A group conversation. Until it is `named`, it is called like the people in it; its `title` is
    for clients that do not know that. `may_remove`: whether the receiver can remove others."""

    named: bool = False
    may_remove: bool = False


class RoomNews(msgspec.Struct, frozen=True, kw_only=True):
    """The fields of a room that are the same for everyone who can see it.

    `head` is the seq of its last event, 0 in a new room. `count` is the number of people in it now;
    `invited` are the members of a room that is not public. `may_change`: whether the receiver can
    `update` it, and delete it. `member_count` is how many accounts are members, online or not, and
    `last_at` when the last event was. `viewed_at` is when an admin last read it in the console, if
    its members are told. `created_by` is the name of the person who made it, at `created_at`; both
    are None for `general` and some imported rooms. `group` is there if it is a direct room of
    several people, which can change.
    `retention_days`: how long it keeps messages; 0: for ever. `published`: whether the web can read
    it.
    The defaults, here and in `RoomInfo`, are for clients that are newer than their server.
    """

    name: str
    title: str
    kind: RoomKind
    group: GroupInfo | UnsetType = UNSET
    topic: str = ""
    read_only: bool = False
    archived: bool = False
    slow_seconds: int = 0
    threads: ThreadsMode = "free"
    previews: bool = True
    pinning: Pinning = "everyone"
    invited: list[str] = []
    head: int
    epoch: str
    count: int = 0
    member_count: int = 0
    last_at: str | None = None
    may_change: bool = False
    viewed_at: str | None = None
    created_by: str | None = None
    created_at: str | None = None
    retention_days: int = 0
    published: bool = False


class RoomInfo(RoomNews, frozen=True, kw_only=True):
    """A room as one person sees it.

    `members` are the people in it now, with `states` for those who are not simply online. `read` is
    the person's read mark, None if they never opened it; a room that is not public is unread from
    its beginning. `muted_until` is when the person's mute of it ends, or "always". `place` is the
    person's own position for it in their list. `closed`: they do not want to see it there until
    something happens in it. `pins` are the seqs of the pinned messages, the one that was pinned
    last first; a list of rooms leaves them out.
    """

    joined: bool = False
    members: list[str] = []
    states: dict[str, State] = {}
    read: int | None = None
    unread: int = 0
    mentions: int = 0
    level: Level = "all"
    favourite: bool = False
    muted_until: str | None = None
    place: int | None = None
    closed: bool = False
    pins: list[int] | UnsetType = UNSET


class ReadMark(msgspec.Struct, frozen=True, kw_only=True):
    """A person's read mark. After it there are `unread` messages of other people, and `mentions` of
    them mention the person."""

    room: str
    read: int | None
    unread: int
    mentions: int


class ThreadMark(ReadMark, frozen=True, kw_only=True):
    """A person's read mark in a `thread`, the seq of its first message; None if they do not follow
    it."""

    thread: int
    following: bool


class ThreadInfo(msgspec.Struct, frozen=True, kw_only=True):
    """A thread as one person sees it: its first message, how many replies it has, when the last one
    came and its seq, who wrote the newest, and, if they follow it, how far they have `read` it."""

    room: str
    thread: int
    root: Message
    title: str | None = None
    count: int
    last: str
    last_seq: int
    by: list[str]
    unread: int
    mentions: int
    following: bool
    read: int | None


class Saved(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A message that a person has saved. `due`: the time of `remind_at` has come. `message` is as
    it is now; None if they cannot see it any more."""

    room: str
    seq: int
    saved_at: str
    remind_at: str | None = None
    due: bool = False
    message: Message | None


class PinnedMessage(msgspec.Struct, frozen=True, kw_only=True):
    """A pinned message as it is now, the name of the person who pinned it, and when."""

    seq: int
    pinned_by: str
    pinned_at: str
    message: Message


class InboxRoom(ReadMark, frozen=True, kw_only=True):
    """A room with something new, and the first messages of it: what mentions the person, and, in a
    room that they want to be told of, what others wrote after the mark."""

    messages: list[Message]


TimeOfDay = Annotated[str, msgspec.Meta(pattern="^([01][0-9]|2[0-3]):[0-5][0-9]$")]
Weekday = Annotated[int, msgspec.Meta(ge=1, le=7)]


class QuietHours(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """From `start` to `end`, such as 22:00 and 07:00, in the time zone `zone`, on the `days` on
    which they begin, from 1 for Monday, a person is not notified; with `mentions`, only of messages
    that mention them by name."""

    start: TimeOfDay
    end: TimeOfDay
    days: Annotated[list[Weekday], msgspec.Meta(max_length=7)]
    zone: Annotated[str, msgspec.Meta(max_length=MAX_ZONE_CHARACTERS)]
    mentions: bool = False


class Notifications(msgspec.Struct, frozen=True, kw_only=True):
    """What a person wants to be notified of, besides what they chose for each room."""

    keywords: list[str] = []
    quiet: QuietHours | None = None


class RoomPrefs(msgspec.Struct, frozen=True, kw_only=True):
    """A person's preferences for a room."""

    room: str
    level: Level
    favourite: bool
    closed: bool = False
    muted_until: str | None = None


class PersonStatus(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a person says of themselves for a while: an emoji, a text, when it ends, and whether
    they are out of office. A time that is over counts as no status."""

    emoji: str = ""
    text: str = ""
    until: str | None = None
    out_of_office: bool = False

    def is_over(self, now: str) -> bool:
        return self.until is not None and self.until <= now


class Profile(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The public profile of somebody with an account. `name` identifies them, the rest can change.
    Guests, with the role `guest`, only have a `status`, while they are online. `owner` is the name
    of whoever answers for a bot. `photo` is the SHA-256 of their photo, a square WebP that is at
    `/photos/<sha256>`.

    `state` is set while they are online; otherwise `last_seen` may be set, for people with an
    account.
    """

    name: str
    role: Role = "member"
    display_name: str = ""
    owner: str = ""
    colour: Colour | None = None
    photo: str = ""
    state: State | None = None
    last_seen: str | None = None
    status: PersonStatus | None = None


class RefusedPost(msgspec.Struct, frozen=True, kw_only=True):
    """Why a scheduled message was not posted: a code, and one sentence for people."""

    code: str
    message: str


class Scheduled(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A message that waits for its time, or one that was refused then and waits for its author."""

    id: str
    at: str
    room: str
    text: str
    thread: int | None = None
    also_to_room: bool = False
    reply_to: int | None = None
    files: list[FileInfo] = []
    refused: RefusedPost | None = None


class CustomEmoji(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An emoji of the chat's own, written `:name:`, or with one of its aliases. Its picture is at
    `/emoji/<sha256>`; of an animated one, the first frame at `/emoji/<sha256>/still`. `by` is the
    name of who added it."""

    name: str
    aliases: list[str] = []
    sha256: str
    bytes: int
    width: int
    height: int
    animated: bool = False
    by: str | None = None
    at: str


class OfferedCommand(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A slash command, without its slash, of the bot that is called `owner`. If it is `posted`,
    what people type is also their message. In which `rooms` it is offered, None for all of the
    bot's, and since when it is registered, only its owner is told."""

    name: str
    hint: str = ""
    description: str = ""
    owner: str
    posted: bool | UnsetType = UNSET
    rooms: list[str] | UnsetType | None = UNSET
    registered_at: str | UnsetType = UNSET
