"""The people of an import: accounts that nobody can sign in to before their person claims them.

Whom an earlier import brought is known by the id that they have in the source, whatever they are
called there now. A name alone says nothing about who somebody is: whoever has a name here that is
the same as one there keeps it, and the imported account gets another one. Only whoever runs the
import can say that two are the same person.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple, Protocol

import msgspec

from chatapp.domain.errors import ChatError, NotFound
from chatapp.domain.future import Future
from chatapp.domain.limits import (
    MAX_DISPLAY_NAME_CHARACTERS,
    MAX_NAME_CHARACTERS,
    checked_display_name,
    checked_name,
    is_visible,
    name_key,
)
from chatapp.tables.rerun import rerun
from chatapp.tables.table import Change, Table, TableStore
from chatapp.transfer.sources.records import SourcePerson
from chatapp.transfer.sources.report import Report

NAMELESS = "someone"
_ROOM_FOR_NUMBER = 5


class ImportOrigin(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What an import made of a person or a room of a source: a row of the table `imports`, by the
    kind, the format and the id in the source. `id` is that of an account, also of a removed one;
    `is_joined`: the people of a public room are in it."""

    name: str
    id: str = ""
    is_joined: bool = False


class ImportOrigins:
    """`chat()` tells apart chats of the same format whose ids may be the same; it is asked when the
    first person or room comes."""

    def __init__(
        self, store: TableStore, format: str, chat: Callable[[], str] = lambda: ""
    ) -> None:
        self.table: Table[ImportOrigin] = store.table("imports", ImportOrigin)
        self._format = format
        self._chat = chat

    @property
    def source(self) -> str:
        """The format, and which chat of it."""
        chat = self._chat()
        return f"{self._format} {chat}" if chat else self._format

    def get(self, kind: str, id: str) -> ImportOrigin | None:
        return self.table.get(self.key(kind, id))

    def change(self, kind: str, id: str, origin: ImportOrigin) -> Change:
        return self.table.change(self.key(kind, id), origin)

    def files(self) -> list[str]:
        """The names of the files of this chat that were imported."""
        start = self.key("file", "")
        return sorted(
            key.removeprefix(start) for key, _ in self.table.items() if key.startswith(start)
        )

    def note_file(self, name: str) -> Future[None]:
        return self.table.put(self.key("file", name), ImportOrigin(name=name))

    def key(self, kind: str, id: str) -> str:
        return f"{kind}\n{self.source}\n{id}"


class ImportedPerson(NamedTuple):
    id: str
    name: str
    has_account: bool


class Accounts(Protocol):
    """The accounts of the chat."""

    def named(self, name: str) -> tuple[str, str] | None:
        """The id and the name of an account, by its name in any spelling."""

    def has_id(self, id: str) -> bool: ...
    def is_free(self, name: str) -> bool: ...
    def add(
        self, person: SourcePerson, name: str, display_name: str, kept: Callable[[str], Change]
    ) -> Future[str]:
        """The id of a new account; `kept(id)` is written with it."""

    def retire(self, name: str, kept: Callable[[str], Change]) -> Future[str]:
        """The same for a former member, who has no account."""


class ImportedPeople:
    """`same` are the names of accounts here by the ids or names of the same people there. Raises
    `NotFound` for an account that does not exist."""

    def __init__(
        self,
        accounts: Accounts,
        origins: ImportOrigins,
        report: Report,
        *,
        same: Mapping[str, str],
        wait: Callable[[Future[Any]], Any],
        dry_run: bool = False,
    ) -> None:
        self._accounts = accounts
        self._origins = origins
        self._report = report
        self._wait = wait
        self._dry_run = dry_run
        self._known: dict[str, ImportedPerson] = {}
        self._planned: set[str] = set()
        self._same = {there: self._account(name) for there, name in same.items()}

    def get(self, id: str) -> ImportedPerson | None:
        return self._known.get(id)

    def see(self, person: SourcePerson) -> None:
        if person.id not in self._known:
            self._known[person.id] = self._found(person) or self._made(person)

    def _account(self, name: str) -> ImportedPerson:
        found = self._accounts.named(name)
        if found is None:
            raise NotFound(f"There is no account called {name[:60]!r}.")
        return ImportedPerson(*found, has_account=True)

    def _found(self, person: SourcePerson) -> ImportedPerson | None:
        if origin := self._origins.get("person", person.id):
            self._report.known_people += 1
            return ImportedPerson(origin.id, origin.name, self._accounts.has_id(origin.id))
        same = self._same.get(person.id) or self._same.get(person.name)
        if same is None:
            return None
        self._report.known_people += 1
        if not self._dry_run:
            origin = ImportOrigin(name=same.name, id=same.id)
            self._wait(self._origins.table.put(self._origins.key("person", person.id), origin))
        return same

    def _made(self, person: SourcePerson) -> ImportedPerson:
        if self._dry_run:
            name = self._free_name(person)
            self._planned.add(name_key(name))
            made = ImportedPerson(f"planned:{person.id}", name, not person.is_deleted)
        else:
            made = self._wait(rerun(lambda: self._make(person)))
        self._count(person, made.name)
        return made

    def _make(self, person: SourcePerson) -> Future[ImportedPerson]:
        name = self._free_name(person)

        def kept(id: str) -> Change:
            return self._origins.change("person", person.id, ImportOrigin(name=name, id=id))

        if person.is_deleted:
            made = self._accounts.retire(name, kept)
        else:
            made = self._accounts.add(person, name, self._display_name(person, name), kept)
        return made.then(lambda id: ImportedPerson(id, name, not person.is_deleted))

    def _free_name(self, person: SourcePerson) -> str:
        return next(filter(self._is_free, names_for(person.name or person.display_name)))

    def _is_free(self, name: str) -> bool:
        return name_key(name) not in self._planned and self._accounts.is_free(name)

    def _display_name(self, person: SourcePerson, name: str) -> str:
        """Empty if it says no more than the name, or looks like somebody else's."""
        try:
            shown = checked_display_name(_visible(person.display_name, MAX_DISPLAY_NAME_CHARACTERS))
        except ChatError:
            return ""
        if name_key(shown) == name_key(name) or not self._accounts.is_free(shown):
            return ""
        return shown

    def _count(self, person: SourcePerson, name: str) -> None:
        if person.is_deleted:
            self._report.deleted_people += 1
            return
        self._report.people += 1
        self._report.bots += person.is_bot
        if name != person.name:
            self._report.renamed[f"@{person.name}"[:MAX_NAME_CHARACTERS]] = f"@{name}"


def names_for(called: str) -> Iterator[str]:
    """Names here for somebody with this name there, the likeliest first; without end."""
    try:
        name = checked_name(_visible(called, MAX_NAME_CHARACTERS))
    except ChatError:
        name = NAMELESS
    yield name
    number = 2
    while True:
        yield f"{name[: MAX_NAME_CHARACTERS - _ROOM_FOR_NUMBER].rstrip()}-{number}"
        number += 1


def _visible(name: str, most: int) -> str:
    """What of a name can be seen, without an @ before it."""
    shown = "".join(c if is_visible(c) else " " for c in name.removeprefix("@"))
    return " ".join(shown.split())[:most]
