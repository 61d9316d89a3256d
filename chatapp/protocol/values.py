"""Values of both requests and answers: rooms and people as clients see them.

Messages, events and versions are sent in the form of `domain/model.py`.
"""

from datetime import datetime
from typing import Annotated, Literal

import msgspec

from chatapp.domain.limits import (
    MAX_HISTORY_LIMIT,
    MAX_INBOX_ROOMS,
    MAX_INTEGER,
    MAX_KEY_CHARACTERS,
    MAX_PEOPLE_AT_ONCE,
    MIN_KEY_CHARACTERS,
)
from chatapp.domain.model import Colour, Message, Role, RoomKind

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
PeopleLimit = Annotated[int, msgspec.Meta(ge=1, le=MAX_PEOPLE_AT_ONCE)]


class RoomNews(msgspec.Struct, frozen=True, kw_only=True):
    """The fields of a room that are the same for everyone who can see it.

    `head` is the seq of its last event, 0 in a new room. `count` is the number of people in it now;
    `invited` are the members of a room that is not public. `may_change`: whether the receiver can
    `update` it, and delete it. `member_count` is how many accounts are members, online or not, and
    `last_at` when the last event was. `viewed_at` is when an admin last read it in the console, if
    its members are told. `created_by` is the name of the person who made it, at `created_at`; both
    are None for `general` and some imported rooms.
    The defaults, here and in `RoomInfo`, are for clients that are newer than their server.
    """

    name: str
    title: str
    kind: RoomKind
    topic: str = ""
    read_only: bool = False
    archived: bool = False
    slow_seconds: int = 0
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


class RoomInfo(RoomNews, frozen=True, kw_only=True):
    """A room as one person sees it.

    `members` are the people in it now, with `states` for those who are not simply online. `read` is
    the person's read mark, None if they never opened it; a room that is not public is unread from
    its beginning. `muted_until` is when the person's mute of it ends, or "always". `place` is the
    person's own position for it in their list. `closed`: they do not want to see it there until
    something happens in it.
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


class ReadMark(msgspec.Struct, frozen=True, kw_only=True):
    """A person's read mark. After it there are `unread` messages of other people, and `mentions` of
    them mention the person."""

    room: str
    read: int | None
    unread: int
    mentions: int


class InboxRoom(ReadMark, frozen=True, kw_only=True):
    """A room with something new, and the first messages of it: what mentions the person, and, in a
    room that they want to be told of, what others wrote after the mark."""

    messages: list[Message]


class RoomPrefs(msgspec.Struct, frozen=True, kw_only=True):
    """A person's preferences for a room."""

    room: str
    level: Level
    favourite: bool
    closed: bool = False
    muted_until: str | None = None


class Profile(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The public profile of somebody with an account. `name` identifies them, the rest can change.

    `state` is set while they are online; otherwise `last_seen` may be set, for people with an
    account.
    """

    name: str
    role: Role = "member"
    display_name: str = ""
    colour: Colour | None = None
    state: State | None = None
    last_seen: str | None = None
