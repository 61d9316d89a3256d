"""The values that the house passes around: drafts, events, messages.

Frozen, and checked where they are made; whoever holds one trusts it. How an event lies
on disk is `storage/format.py`; what a client may send is `wire.py`.
"""

from typing import Literal, get_args

import msgspec

EventType = Literal["message", "edit", "delete", "react"]

RoomKind = Literal["public", "private", "direct"]

RoomMakers = Literal["everyone", "members", "admins"]
"""Who may make rooms: anybody, people with an account, or admins. To talk with somebody alone,
one needs nobody's leave."""

Role = Literal["guest", "member", "bot", "admin", "owner"]

Colour = Literal["teal", "blue", "violet", "rose", "red", "amber", "green", "slate"]
COLOURS: tuple[Colour, ...] = get_args(Colour)
"""The colours of people's flags, in the order of `--flag-0` to `--flag-7` in palette.css."""

Scope = Literal["read", "write", "admin", "metrics"]
SCOPES: tuple[Scope, ...] = ("read", "write", "admin", "metrics")
"""What one may do: all of it, unless a token says otherwise."""

GENERAL = "general"
"""The room that everyone who connects is in."""


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """An event that is not in the log yet: everything but its number and its time.

    With `erased_at`, it is one that comes from another log, where its text was erased.
    """

    room: str
    sender: str
    type: EventType = "message"
    text: str | None = None
    cid: str | None = None
    reply_to: int | None = None
    target: int | None = None
    emoji: str | None = None
    on: bool | None = None
    erased_at: str | None = None


class Event(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One numbered thing that happened in a room, as it is in the log and goes over the wire.

    `seq` counts 1, 2, 3 … in its room without a hole. `at` is UTC with milliseconds,
    `2026-11-22T09:30:00.123Z`. `target` is the seq of the message that an edit, a deletion
    or a reaction points at. `erased_at` is when its text was erased from the log for good.
    """

    room: str
    seq: int
    sender: str
    at: str
    type: EventType = "message"
    text: str | None = None
    cid: str | None = None
    reply_to: int | None = None
    target: int | None = None
    emoji: str | None = None
    on: bool | None = None
    erased_at: str | None = None


class Message(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A message as a reader sees it: its own event with the later ones folded in.

    A deleted message keeps its place with an empty text and the name of who deleted it, one
    whose text was erased for good with an empty text and the time of that.
    `reactions` maps an emoji to the names of those who gave it.
    """

    room: str
    seq: int
    sender: str
    text: str
    at: str
    cid: str | None = None
    reply_to: int | None = None
    edited_at: str | None = None
    deleted_by: str | None = None
    erased_at: str | None = None
    reactions: dict[str, list[str]] | None = None


class Version(msgspec.Struct, frozen=True, kw_only=True):
    """What a message said from a time on."""

    text: str
    at: str


class History(msgspec.Struct, frozen=True, kw_only=True):
    """A page of a room's messages, oldest first, and whether there are more on either side.

    `found` is the seq of the first message since a moment, where one was asked for.
    """

    messages: list[Message]
    more_before: bool
    more_after: bool
    found: int | None = None


class Room(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A room. `name` is what the wire calls it, `title` what people read.

    `members` are those who may see a room that is not public: their names by name key.
    In a `read_only` room only its owner and admins write; in an `archived` one nobody does.
    `slow_seconds` is how long one waits between two messages.
    """

    name: str
    title: str
    kind: RoomKind = "public"
    topic: str = ""
    created_by: str | None = None
    created_at: str | None = None
    members: dict[str, str] = {}
    read_only: bool = False
    archived: bool = False
    slow_seconds: int = 0


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who is here. Connections with the same `key` are the same person's."""

    name: str
    key: str
    role: Role = "guest"
    scopes: tuple[Scope, ...] = SCOPES

    @property
    def is_guest(self) -> bool:
        return self.role == "guest"

    @property
    def is_admin(self) -> bool:
        """Whether this person looks after the place."""
        return self.role in ("admin", "owner")
