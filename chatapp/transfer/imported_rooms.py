"""Creates rooms for imported messages: their names, and who can read them.

Other chats have room names such as "General Chat", "#general" or "💬-general". A different spelling
of a valid name becomes that name. For anything else a name is generated, and the original becomes
the title. A generated name ends with a digest of the original: "C++" and "C#" stay two rooms,
nobody gets to read a room with a similar name, and the same file gives the same names again.

A file of messages does not say who may see a room. A new room is private to those who wrote in it
and have an account, unless it is to be public. A group conversation is for those who are in it
(imported_groups.py). Other writers get access when they have an account
and the file is imported again.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from hashlib import sha256
from types import MappingProxyType
from typing import Any

import msgspec

from chatapp.domain.errors import BadName, ChatError, TooLong
from chatapp.domain.future import Future
from chatapp.domain.groups import title_of
from chatapp.domain.limits import (
    MAX_ROOM_NAME_CHARACTERS,
    checked_room_name,
    checked_title,
    is_room_letter,
    name_key,
)
from chatapp.domain.model import GENERAL, Room, RoomKind
from chatapp.tables.directory import Directory
from chatapp.transfer.imported_groups import ImportedGroup

TABLE = "rooms"
ACCOUNTS = "accounts"
DIGEST_CHARACTERS = 6
NAMELESS = "room"
"""The beginning of a generated name if the original has only emoji."""


class ImportedRooms:
    """The rooms of an import, in a directory that may have others."""

    def __init__(self, directory: Directory) -> None:
        self._rooms = directory.table(TABLE, Room)
        self._accounts = directory.table(ACCOUNTS, dict[str, Any])
        self._names: dict[str, str] = {}

    def name_of(self, called: str) -> str:
        """The name here for a room in the file. Raises ChatError if it cannot have one."""
        if called not in self._names:
            self._names[called] = room_name_for(called)
        return self._names[called]

    @property
    def renamed(self) -> dict[str, str]:
        """Rooms whose name here differs from that in the file."""
        return {called: name for called, name in self._names.items() if called != name}

    def new(self, writers: Iterable[str]) -> list[str]:
        """The rooms among these that are missing."""
        return sorted({*writers} - {GENERAL, *(name for name, _ in self._rooms.items())})

    def make(
        self,
        writers: Mapping[str, Iterable[str]],
        groups: Mapping[str, ImportedGroup] = MappingProxyType({}),
        *,
        public: bool,
        wait: Callable[[Future[None]], None] = Future.result,
    ) -> None:
        """Create missing rooms. Raises Conflict; then it can be called again.

        Rooms of an earlier import admit writers who have an account by now; a group does so while
        nobody is in it, because later its people decide who is.
        """
        known = dict(self._rooms.items())
        titles = {name: _title(called) for called, name in reversed(self._names.items())}
        for name in self.new(writers):
            if name in groups:
                wait(self._rooms.put(name, self._group(name, groups[name])))
                continue
            members = {} if public else self._members(writers[name])
            kind: RoomKind = "public" if public else "private"
            room = Room(name=name, title=titles.get(name) or name, kind=kind, members=members)
            wait(self._rooms.put(name, room))
        for name in writers.keys() & known.keys():
            room = known[name]
            if room.kind == "private" and room.created_by is None:
                members = self._members(writers[name]) | room.members
                wait(self._rooms.put(name, msgspec.structs.replace(room, members=members)))
            elif name in groups and room.is_group and not room.members:
                wait(self._rooms.put(name, self._group(name, groups[name])))

    def _group(self, name: str, group: ImportedGroup) -> Room:
        members = self._members(group.people)
        title = _title(group.title) if group.title else ""
        owner = next(iter(self._members([group.by])), None)
        return Room(
            name=name,
            title=title or title_of(members.values() or group.people),
            kind="direct",
            group=True,
            named=bool(title),
            created_by=group.by,
            owner=owner,
            created_at=group.at,
            members=members,
        )

    def closed(self, names: Iterable[str]) -> list[str]:
        """The rooms among these that nobody can see."""
        rooms = {name: self._rooms.get(name) for name in names}
        return [name for name, room in rooms.items() if room and _is_closed(room)]

    def _members(self, writers: Iterable[str]) -> dict[str, str]:
        """The names of writers with an account, by its id."""
        members = {}
        for key in map(name_key, writers):
            account = self._accounts.get(key)
            if account is not None:
                members[account.get("id") or key] = account["name"]
        return members


def _is_closed(room: Room) -> bool:
    return room.deleted_at is not None or (room.kind != "public" and not room.members)


def room_name_for(called: str) -> str:
    """The name for a room that has this name elsewhere. Raises ChatError if that is impossible."""
    try:
        return checked_room_name(re.sub(r"\s+", "-", called.strip()))
    except (BadName, TooLong):
        digest = sha256(called.encode()).hexdigest()[:DIGEST_CHARACTERS]
        room_left = MAX_ROOM_NAME_CHARACTERS - len(digest) - 1
        stem = _letters(called)[:room_left].strip("-") or NAMELESS
        return checked_room_name(f"{stem}-{digest}")


def _letters(called: str) -> str:
    plain = unicodedata.normalize("NFKC", called).casefold()
    return re.sub("-+", "-", "".join(c if is_room_letter(c) else "-" for c in plain)).strip("-")


def _title(called: str) -> str:
    """The room's title; empty if it cannot be shown."""
    try:
        return checked_title(called.strip().removeprefix("#"))
    except ChatError:
        return ""
