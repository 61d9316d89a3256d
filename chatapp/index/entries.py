"""The entries of the index: durable events with their positions, and what messages say then."""

from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from chatapp.domain.files import after_removal, is_removal
from chatapp.domain.model import Event, FileInfo
from chatapp.log.format import Record


class IndexEntry(msgspec.Struct, frozen=True):
    """A durable event, and the position of its line: the segment by first number, offset and
    size."""

    n: int
    first: int
    offset: int
    size: int
    event: Event


def without_text(record: Record) -> Record:
    """A record as it is when it is erased; the index does not need the time."""
    return msgspec.structs.replace(record, text=None, files=None, erased="")


class Content(NamedTuple):
    """What a message says, and the files that it has; those that were removed have no name."""

    text: str
    files: Sequence[FileInfo]

    @classmethod
    def of(cls, event: Event) -> "Content":
        return cls(event.text or "", event.files or ())

    def after(self, edit: Event) -> "Content":
        if is_removal(edit):
            return Content(self.text, after_removal(self.files, edit.files or ()))
        return Content(edit.text or "", self.files)


CurrentContent = tuple[IndexEntry, Content]
"""A message, and what it says now."""


def current_contents(
    entries: Sequence[IndexEntry],
) -> tuple[list[CurrentContent], list[IndexEntry]]:
    """What messages say after these entries, in order; and changes of earlier messages."""
    changed = {
        (entry.event.room, entry.event.target)
        for entry in entries
        if entry.event.type in ("edit", "delete")
    }
    said: list[CurrentContent | None] = []
    messages: dict[tuple[str, int | None], tuple[int, IndexEntry]] = {}
    older: list[IndexEntry] = []
    for entry in entries:
        event = entry.event
        if event.type == "message":
            if (event.room, event.seq) in changed:
                messages[event.room, event.seq] = len(said), entry
            said.append((entry, Content.of(event)))
        elif event.type in ("edit", "delete"):
            place, message = messages.get((event.room, event.target), (0, None))
            if message is None:
                older.append(entry)
            elif (before := said[place]) and event.type == "edit":
                said[place] = message, before[1].after(event)
            else:
                said[place] = None
    return [one for one in said if one], older
