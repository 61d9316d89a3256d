"""What the exports of all other chats have in common: people, rooms, messages.

A `Source` reads a file from its beginning to its end and gives its records one by one. A person and
a room come before what refers to them; the messages of a room come in the order of their times, or
the source is sorted (sorting.py). Ids are those of the source: the same file gives the same ids
again, so what was imported before is known.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Literal, Protocol

import msgspec

from chatapp.domain.model import SystemLine
from chatapp.log.progress import Progress

SourceKind = Literal["public", "private", "direct"]


class SourcePerson(msgspec.Struct, kw_only=True):
    """Somebody who writes, or is in a room. `name` is what they are mentioned by there."""

    id: str
    name: str
    display_name: str = ""
    email: str = ""
    is_bot: bool = False
    is_deleted: bool = False


class SourceRoom(msgspec.Struct, kw_only=True):
    """A room, or a conversation of the people in `members`. None means that the source does not
    know who is in it: then it is for those who write there. `is_general`: everyone is in it."""

    id: str
    name: str
    kind: SourceKind
    title: str = ""
    topic: str = ""
    members: list[str] | None = None
    created_at: str | None = None
    created_by: str | None = None
    is_archived: bool = False
    is_general: bool = False


class SourceReaction(msgspec.Struct):
    """`emoji` is one emoji, or `:name:`. Without a time, it is as old as the message."""

    emoji: str
    person: str
    at: str | None = None


class SourceFile(msgspec.Struct):
    """A file of a message. `Source.open_file` has the bytes at its `path`; without one, they are
    not in the export. `link` is a page about it, without any secret."""

    id: str
    name: str
    path: str = ""
    link: str = ""
    alt: str = ""


class SourceMessage(msgspec.Struct):
    """A message with all that happened to it. `at` is UTC with milliseconds. `thread` is the id of
    the message whose thread this is in, `reply_to` of the one that it answers; `is_root`: others
    may refer to this one. `text` is Markdown. `where` says where it is in the file."""

    id: str
    room: str
    sender: str
    at: str
    text: str
    where: str
    thread: str | None = None
    also_to_room: bool = False
    reply_to: str | None = None
    is_root: bool = True
    edited_at: str | None = None
    is_deleted: bool = False
    system: SystemLine | None = None
    reactions: list[SourceReaction] | None = None
    files: list[SourceFile] | None = None


class SkippedRow(msgspec.Struct):
    """A row that cannot become a record, and why."""

    where: str
    why: str


class LostPart(msgspec.Struct):
    """A part of a message that has no place here, or is not in the export, and why."""

    where: str
    why: str


Record = SourcePerson | SourceRoom | SourceMessage | SkippedRow | LostPart


class KnownNames(Protocol):
    """What people and rooms are called here, by their ids there; None if they are unknown."""

    def person(self, id: str) -> str | None: ...
    def room(self, id: str) -> str | None: ...


class Source(Protocol):
    """An export that was opened. `size` is in bytes, which `progress` counts. If the messages come
    `room_by_room`, none refers to one of a room before. `chat` is which chat it is of, if the
    export says so and its ids are not unique in the world; known when the first record comes."""

    format: str
    chat: str
    size: int
    room_by_room: bool

    def records(self, names: KnownNames, progress: Progress, scratch: Path) -> Iterator[Record]:
        """`scratch` is a folder for temporary files. Raises StorageError if the file cannot be read
        on."""

    def open_file(self, path: str) -> BinaryIO:
        """The bytes of a file, of which opening and reading raise `DamagedMember`."""

    def close(self) -> None: ...
