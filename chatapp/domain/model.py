"""The values of the chat: drafts, events, messages, rooms, people.

They are frozen and were checked when they were created, so code that receives one can trust it.
`log/format.py` has their form on disk; `protocol/` has what clients may send.
"""

import re
from typing import Literal, get_args

import msgspec

from chatapp.domain.scopes import SCOPES, Scope

EventType = Literal["message", "edit", "delete", "react"]

What = Literal[
    "joined",
    "left",
    "started",
    "invited",
    "removed",
    "renamed",
    "topic",
    "titled",
    "published",
    "withdrawn",
    "moved",
    "pinned",
    "unpinned",
]

ThreadsMode = Literal["off", "free", "required"]
"""Whether a room has threads. In one that requires them, a reply goes into the thread of its
message."""

Pinning = Literal["everyone", "admins"]
"""Who pins messages of a room: everyone who is in it with an account, or its creator and admins."""

RoomKind = Literal["public", "private", "direct"]

RoomMakers = Literal["everyone", "members", "admins"]
"""Who can create rooms: everyone, people with an account, or admins. Anyone with an account can
open a direct conversation."""

EmojiMakers = Literal["members", "admins", "nobody"]
"""Who can add emoji of the chat's own: people with an account, admins, or nobody."""

Role = Literal["guest", "member", "bot", "admin", "owner"]

Colour = Literal["teal", "blue", "violet", "rose", "red", "amber", "green", "slate"]
COLOURS: tuple[Colour, ...] = get_args(Colour)
"""Avatar colours, in the order of `--flag-0` to `--flag-7` in palette.css."""

GENERAL = "general"
"""The room that everyone joins when they connect."""


class SystemLine(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What happened in a room, of a message that the chat itself wrote; its sender did it.

    `who` is the name of a person that it was done to, and `people` are those with whom a group
    conversation was started. A new title or topic is in the text, between
    the first “ after the sender's name and the last ”, because texts can be erased; so is the title
    of a `thread`. `moved` messages are `seqs`: into a `thread`, or out of theirs; with `room`,
    there or from there; so are messages that were `pinned` or `unpinned`. `what` is a `What`, or
    something newer that a client does not know.
    """

    what: str
    who: str | None = None
    people: list[str] | None = None
    thread: int | None = None
    seqs: list[int] | None = None
    room: str | None = None


class FileInfo(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A file of a message. `type` is the MIME type of its content, `sha256` the digest of its
    `bytes` bytes, as 64 hex digits. `width` and `height` are pixels, as it is seen. `alt` describes
    it for people who do not see it, in the sender's words. Of a file that an admin has `removed`,
    only the type and the size are left."""

    id: str
    name: str
    type: str
    bytes: int
    sha256: str
    width: int | None = None
    height: int | None = None
    alt: str | None = None
    removed: bool = False


class FileOfRoom(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A file, and the message that has it, which may be in a thread."""

    seq: int
    sender: str
    by: str | None = None
    at: str
    thread: int | None = None
    file: FileInfo


class LinkPreview(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the page at a link of a message said of itself when the message was posted, as plain
    text. `url` is the link as it stands in the message."""

    url: str
    title: str
    text: str = ""
    site: str = ""
    image: FileInfo | None = None


class Votes(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How a poll stands: `voters` people have voted, how many of them chose each option, and
    the names of the first of these. `own` are the options that the reader has chosen. Counts are
    not told while they are hidden, and names never in an anonymous poll."""

    voters: int
    counts: list[int] | None = None
    names: list[list[str]] | None = None
    own: list[int] | None = None


class Poll(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A question to the people of a room, in a message. With `multiple`, they can choose several
    options. If it is `anonymous`, nobody learns who has voted; if it is `hidden`, nobody what was
    chosen until it is closed. It closes by itself at `closes_at`; it was closed at `closed_at`, by
    the person `closed_by` if that was not its author."""

    question: str
    options: list[str]
    multiple: bool = False
    anonymous: bool = False
    hidden: bool = False
    closes_at: str | None = None
    closed_at: str | None = None
    closed_by: str | None = None
    votes: Votes | None = None


class MovedFrom(msgspec.Struct, frozen=True, kw_only=True):
    """Where a message was written, and when."""

    room: str
    seq: int
    at: str


class MovedTo(msgspec.Struct, frozen=True, kw_only=True):
    """Where a message is now, which was deleted here."""

    room: str
    seq: int


class Forwarded(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Who wrote a forwarded message, when and where. If everybody could see its room, `room` and
    `seq` are told; otherwise it is `private`, and only the log has them."""

    sender: str
    by: str | None = None
    at: str
    room: str = ""
    seq: int = 0
    private: bool = False


class Via(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How a program calls itself in a message that it posted by a webhook, with an emoji as its
    sign; or who has approved the draft of an agent. It is shown beside the name of the author,
    which is a bot, and is never a name itself."""

    name: str = ""
    emoji: str = ""
    approved_by: str = ""

    @property
    def label(self) -> str:
        """What stands behind "via"; empty if the message was a draft."""
        return f"{self.emoji} {self.name}".strip()

    @property
    def words(self) -> str:
        """All of it, where everything is in English."""
        return f"approved by {self.approved_by}" if self.approved_by else f"via {self.label}"


class Draft(msgspec.Struct, frozen=True):
    """An event that is not in the log yet, so it has no number and no time.

    `sender` is the actor's name, `by` their id, which older versions did not store. `target` is the
    seq of the message that an edit, a deletion or a reaction refers to. `erased_at` is when the
    text was erased permanently, here or in the log that it was imported from. `thread` is the seq
    of the message whose thread this is in; `also_to_room`: it is shown in the room as well. An edit
    with `files` says that these were removed, by their digests, and leaves the text as it is; so
    does one with `previews`, which are those of the message from then on. An edit with a `poll`
    closes that of the message, and its text has the result. A reaction with a `vote` chooses these
    options of a poll, counted from 0, or none of them any more. A message that is `forwarded`
    has the text and the files of another one. `via` is how the program that posted it calls itself.
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
    thread: int | None = None
    also_to_room: bool | None = None
    moved_from: MovedFrom | None = None
    moved_to: MovedTo | None = None
    forwarded: Forwarded | None = None
    files: list[FileInfo] | None = None
    previews: list[LinkPreview] | None = None
    poll: Poll | None = None
    via: Via | None = None
    vote: list[int] | None = None
    erased_at: str | None = None

    @property
    def blobs(self) -> list[str] | None:
        """The digests of the files, which stay in the log when the files are erased."""
        if self.files is None and self.previews is None:
            return None
        pictures = [each.image.sha256 for each in self.previews or () if each.image]
        return [file.sha256 for file in self.files or ()] + pictures or None


class Event(Draft, frozen=True, kw_only=True, omit_defaults=True):
    """A numbered event of a room, as it is stored in the log and sent to clients.

    `seq` counts 1, 2, 3 … in its room without gaps. `at` is UTC with milliseconds,
    `2026-11-22T09:30:00.123Z`. `votes` is added to a vote for clients: how the poll stands then.
    """

    seq: int
    at: str
    votes: Votes | None = None


class Replies(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The thread of a message: how many replies it has, when the last one came and its seq, and who
    wrote the newest, up to three names. `unread` and `following` are the reader's."""

    count: int
    last: str
    last_seq: int
    by: list[str]
    title: str | None = None
    unread: int = 0
    following: bool = False


class Pin(msgspec.Struct, frozen=True, kw_only=True):
    """A pinned message of a room: its `seq`, and the seq, the sender and the time of the `line`
    that pinned it."""

    seq: int
    line: int
    sender: str
    at: str


class Message(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A message as readers see it: its event with all later changes applied.

    A deleted message keeps its place, with an empty text and the name of the person who deleted it;
    an erased message has an empty text and the time of erasing. `reactions` maps an emoji to the
    names of people. `by` is the sender's id, as in an `Event`. `replies` are given where threads
    are folded.
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
    thread: int | None = None
    also_to_room: bool | None = None
    moved_from: MovedFrom | None = None
    moved_to: MovedTo | None = None
    forwarded: Forwarded | None = None
    files: list[FileInfo] | None = None
    previews: list[LinkPreview] | None = None
    poll: Poll | None = None
    via: Via | None = None
    replies: Replies | None = None


def quoted(line: Draft | Message) -> str | None:
    """The new title or topic in a line of the chat; None if it was removed, or is erased."""
    found = _QUOTED.search((line.text or "")[len(line.sender) :])
    return found[1] if found else None


_QUOTED = re.compile("“(.*)”", re.DOTALL)


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
        thread=event.thread,
        also_to_room=event.also_to_room,
        moved_from=event.moved_from,
        forwarded=event.forwarded and told_of_original(event.forwarded),
        files=event.files,
        previews=event.previews,
        poll=event.poll,
        via=event.via,
    )


def as_told(event: Event) -> Event:
    """An event as readers may know it: only the log says where a private original is."""
    if event.forwarded is None or not event.forwarded.private:
        return event
    return msgspec.structs.replace(event, forwarded=told_of_original(event.forwarded))


def told_of_original(forwarded: Forwarded) -> Forwarded:
    """Without where it is, if that is private."""
    if not forwarded.private:
        return forwarded
    return msgspec.structs.replace(forwarded, room="", seq=0)


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

    `members` can see a room that is not public: their names by the ids of their accounts. A direct
    room is of two people for good, or a `group`, whose people can change; until it is `named`, its
    title consists of their names, for clients that do not know groups. `owner` is the id of the
    account that created it; `created_by` is the name, also of a guest. In a `read_only` room, only
    its owner and admins can post; in an `archived` one, nobody can. `slow_seconds` is the minimum
    time between two messages of a person. With `previews`, links get previews if the chat makes
    any. `viewed_at` is when an admin last read a room that is not public, if its members are told.
    A room that was deleted, at `deleted_at`, exists only for admins, in the console, and its name
    is never used again.
    """

    name: str
    title: str
    kind: RoomKind = "public"
    group: bool = False
    named: bool = False
    topic: str = ""
    created_by: str | None = None
    owner: str | None = None
    created_at: str | None = None
    members: dict[str, str] = {}
    read_only: bool = False
    archived: bool = False
    slow_seconds: int = 0
    threads: ThreadsMode = "free"
    previews: bool = True
    pinning: Pinning = "everyone"
    viewed_at: str | None = None
    deleted_at: str | None = None

    @property
    def is_group(self) -> bool:
        """Whether this is a conversation of several people; older versions did not mark them."""
        return self.kind == "direct" and (self.group or len(self.members) > 2)


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
