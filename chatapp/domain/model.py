"""The values of the chat: drafts, events, messages, rooms, people.

They are frozen and were checked when they were created, so code that receives one can trust it.
`log/format.py` has their form on disk; `protocol/` has what clients may send.
"""

from typing import Literal, get_args

import msgspec

EventType = Literal["message", "edit", "delete", "react"]

What = Literal["joined", "left", "invited", "removed", "renamed", "topic"]

RoomKind = Literal["public", "private", "direct"]

RoomMakers = Literal["everyone", "members", "admins"]
"""Who can create rooms: everyone, people with an account, or admins. Anyone with an account can
open a direct conversation."""

Role = Literal["guest", "member", "bot", "admin", "owner"]

Colour = Literal["teal", "blue", "violet", "rose", "red", "amber", "green", "slate"]
COLOURS: tuple[Colour, ...] = get_args(Colour)
"""Avatar colours, in the order of `--flag-0` to `--flag-7` in palette.css."""

Scope = Literal["read", "write", "admin", "metrics"]
SCOPES: tuple[Scope, ...] = ("read", "write", "admin", "metrics")
"""Every scope. Only tokens can have fewer."""

GENERAL = "general"
"""The room that everyone joins when they connect."""


class SystemLine(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What happened in a room, of a message that the chat itself wrote; its sender did it.

    `who` is the name of a person that it was done to. A new title or topic is in the text, between
    the first “ after the sender's name and the last ”, because texts can be erased.
    """

    what: What
    who: str | None = None


class Draft(msgspec.Struct, frozen=True):
    """An event that is not in the log yet, so it has no number and no time.

    `sender` is the actor's name, `by` their id, which older versions did not store. `target` is the
    seq of the message that an edit, a deletion or a reaction refers to. `erased_at` is when the
    text was erased permanently, here or in the log that it was imported from.
    """

    room: str
    sender: str
    by: str | None = None
    type: EventType = "message"
    text: str | None = None
    cid: str | None = None
    reply_to: int | None = None
    target: int | None = None
    emoji: str | None = None
    on: bool | None = None
    system: SystemLine | None = None
    erased_at: str | None = None


class Event(Draft, frozen=True, kw_only=True, omit_defaults=True):
    """A numbered event of a room, as it is stored in the log and sent to clients.

    `seq` counts 1, 2, 3 … in its room without gaps. `at` is UTC with milliseconds,
    `2026-11-22T09:30:00.123Z`.
    """

    seq: int
    at: str


class Message(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A message as readers see it: its event with all later changes applied.

    A deleted message keeps its place, with an empty text and the name of the person who deleted it;
    an erased message has an empty text and the time of erasing. `reactions` maps an emoji to the
    names of people. `by` is the sender's id, as in an `Event`.
    """

    room: str
    seq: int
    sender: str
    by: str | None = None
    text: str
    at: str
    cid: str | None = None
    reply_to: int | None = None
    edited_at: str | None = None
    deleted_by: str | None = None
    erased_at: str | None = None
    reactions: dict[str, list[str]] | None = None
    system: SystemLine | None = None


def as_message(event: Event) -> Message:
    """A message as it was written, before any change."""
    return Message(
        room=event.room,
        seq=event.seq,
        sender=event.sender,
        by=event.by,
        text=event.text or "",
        at=event.at,
        cid=event.cid,
        reply_to=event.reply_to,
        erased_at=event.erased_at,
        system=event.system,
    )


class Appended(msgspec.Struct, frozen=True):
    """The log's event for a draft. A `duplicate` was in the log, or about to be written, before.

    For a duplicate, the event is the message in its current form.
    """

    event: Event | Message
    duplicate: bool


class Version(msgspec.Struct, frozen=True, kw_only=True):
    """The text of a message, and the time from which it applied."""

    text: str
    at: str


class History(msgspec.Struct, frozen=True, kw_only=True):
    """A page of a room's messages, oldest first, and whether there are more on either side.

    `found` is the seq of the first message since the requested time, if there was one.
    """

    messages: list[Message]
    more_before: bool
    more_after: bool
    found: int | None = None


class Room(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A room. `name` identifies it in the protocol; people read `title`.

    `members` can see a room that is not public: their names by the ids of their accounts. `owner`
    is the id of the account that created it; `created_by` is the name, also of a guest. In a
    `read_only` room, only its owner and admins can post; in an `archived` one, nobody can.
    `slow_seconds` is the minimum time between two messages of a person. `viewed_at` is when an
    admin last read a room that is not public, if its members are told. A room that was deleted, at
    `deleted_at`, exists only for admins, in the console, and its name is never used again.
    """

    name: str
    title: str
    kind: RoomKind = "public"
    topic: str = ""
    created_by: str | None = None
    owner: str | None = None
    created_at: str | None = None
    members: dict[str, str] = {}
    read_only: bool = False
    archived: bool = False
    slow_seconds: int = 0
    viewed_at: str | None = None
    deleted_at: str | None = None


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """A connected person. Connections with the same `id` belong to the same person.

    Rights belong to the id, which is in the log as `by`; the name is for people to read. It is an
    account's id, or a digest of a guest's key. `since` is when the account was created.

    `place` is the network of this connection (`addresses.py`), for limits per address; empty if
    they do not apply.
    """

    name: str
    id: str
    role: Role = "guest"
    since: str | None = None
    scopes: tuple[Scope, ...] = SCOPES
    place: str = ""

    @property
    def is_guest(self) -> bool:
        return self.role == "guest"
