"""The people of an export for another chat, with names as they can be there.

Everybody who wrote or reacted is among them, because no message can be without its author: also
guests, and former members, who are people there that nobody can sign in as.
"""

import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import msgspec

from chatapp.domain.limits import name_key
from chatapp.domain.structs import prepare
from chatapp.log import format
from chatapp.log.batches import manifest_of, whole_batches
from chatapp.log.disk import Disk
from chatapp.log.progress import Progress
from chatapp.tables.stored_rows import stored_rows
from chatapp.text.tokens import Names
from chatapp.transfer.export_filter import ExportFilter

NAMELESS_USER = "user"
RESERVED = frozenset(["all", "channel", "everyone", "here", "matterbot", "slackbot", "system"])
_ASCII_LETTERS = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "æ": "ae", "œ": "oe", "ı": "i", "þ": "th", "ð": "d"}
)
"""Letters that have no accent which could be left out."""


class _AccountRow(msgspec.Struct, frozen=True):
    """What there is to know of rows of the tables `accounts` and `retired`; an old one has no id
    but its key."""

    name: str
    id: str = ""
    role: str = "member"
    display_name: str = ""
    email: str = ""
    created_at: str = ""
    removed_at: str = ""


prepare([_AccountRow])


class TargetPerson(msgspec.Struct, frozen=True, kw_only=True):
    """`name` is theirs here, `username` the one there. `gone`: nobody can sign in as this person,
    who is a guest or a former member."""

    id: str
    name: str
    username: str
    display_name: str = ""
    email: str
    is_bot: bool = False
    gone: bool = False


class TargetPeople:
    """The people of a data folder, which a server may be using."""

    def __init__(self, directory: Path) -> None:
        self.names = Names()
        self._by_id: dict[str, TargetPerson] = {}
        self._by_name: dict[str, TargetPerson] = {}
        self._usernames = set(RESERVED)
        self._emails: set[str] = set()
        self._seen: dict[str, TargetPerson] = {}
        accounts = list(_rows(directory, "accounts"))
        self._accounts = {self._add(row, gone=False).id for row in accounts}
        for row in _rows(directory, "retired"):
            self._add(row, gone=True)

    def see_accounts(self) -> None:
        """All who have an account are in the export, also those who never wrote."""
        self._seen |= {id: self._by_id[id] for id in self._accounts}

    def see_writers(self, folder: Path, extract: ExportFilter, progress: Progress) -> None:
        """Those who wrote or reacted in a part of the log. Votes say nothing: who is anonymous
        there stays so."""
        disk = Disk()
        for batch in whole_batches(disk, folder, manifest_of(disk, folder), progress):
            for line in batch:
                event = format.decode_event(line.bytes)
                if event.type == "message":
                    is_wanted = extract.has_message(event)
                else:
                    is_wanted = event.emoji is not None and extract.has_room(event.room)
                if is_wanted and event.vote is None:
                    self.see(event.by, event.sender)

    def see(self, id: str | None, name: str) -> TargetPerson:
        """The person with this id or, in old messages, this name; now in the export."""
        person = self._by_id.get(id or "") or (None if id else self.named(name))
        if person is None:
            person = self._add(_AccountRow(name=name, id=id or f"name {name_key(name)}"), gone=True)
        elif self._by_name.setdefault(name_key(name), person) is person:
            self.names.add(name)  # which may be one from before
        return self._seen.setdefault(person.id, person)

    def has(self, id: str) -> bool:
        return id in self._by_id

    def named(self, name: str) -> TargetPerson | None:
        return self._by_name.get(name_key(name))

    def __iter__(self) -> Iterator[TargetPerson]:
        """Those of the export."""
        return iter(self._seen.values())

    def _add(self, row: _AccountRow, *, gone: bool) -> TargetPerson:
        username = free_name(username_for(row.name), self._usernames)
        email = row.email if row.email and row.email not in self._emails else ""
        self._emails.add(email)
        person = TargetPerson(
            id=row.id or name_key(row.name),
            name=row.name,
            username=username,
            display_name=row.display_name or (row.name if row.name != username else ""),
            email=email or f"{username}@invalid",
            is_bot=row.role == "bot",
            gone=gone,
        )
        self._by_id[person.id] = person
        self._by_name.setdefault(name_key(row.name), person)
        self.names.add(row.name)
        return person


def username_for(name: str) -> str:
    """The name in a-z, 0-9, `.`, `_` and `-`, with a letter first: Mattermost and Slack want
    that."""
    plain = unicodedata.normalize("NFKD", name.casefold().translate(_ASCII_LETTERS))
    plain = re.sub(r"[^a-z0-9._ -]", "", plain).strip("._- ")
    plain = re.sub(r"[ .]+", ".", plain)
    return plain if plain[:1].isalpha() else f"{NAMELESS_USER}{plain}"


def free_name(name: str, taken: set[str]) -> str:
    """The name, with a number if it is taken; it is taken then."""
    free, number = name, 2
    while free in taken:
        free, number = f"{name}-{number}", number + 1
    taken.add(free)
    return free


def _rows(directory: Path, table: str) -> list[_AccountRow]:
    """The oldest first, so that names with a number are the same each time."""
    rows = stored_rows(directory, table, _AccountRow)
    return sorted(rows.values(), key=lambda row: (row.created_at, row.removed_at, row.name))
