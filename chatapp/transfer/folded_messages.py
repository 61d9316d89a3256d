"""Messages in their final form, from a log of any size; `chatapp log export` writes them.

An edit can be a million lines after its message. So the log is read once to note the position of
every record, and then message by message, each with its edits and reactions. The notes are in a
temporary SQLite database, which moves to disk when it is large and is deleted with its connection;
it contains no texts.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path
from typing import Self

import msgspec

from chatapp.domain.model import Event, Message
from chatapp.index.fold import fold
from chatapp.index.index import RecordRef
from chatapp.index.record_files import Files
from chatapp.log import format
from chatapp.log.batches import manifest_of, whole_batches
from chatapp.log.disk import Disk
from chatapp.log.errors import StorageError
from chatapp.log.progress import Progress, unwatched
from chatapp.log.recovery import RecoveredLine
from chatapp.transfer.export_filter import ExportFilter, Occurrence

_NOTES = """
PRAGMA journal_mode = OFF;
CREATE TABLE notes (
    room TEXT, message INTEGER, follows INTEGER, seq INTEGER,
    n INTEGER, first INTEGER, offset INTEGER, size INTEGER, at TEXT,
    PRIMARY KEY (room, message, follows, seq)
) WITHOUT ROWID;
"""
_PLACES = "SELECT room, message, follows, n, first, offset, size FROM notes"

Row = tuple[str, int, int, int, int, int, int]


class RoomSpan(msgspec.Struct, frozen=True):
    """A room's number of messages, and the times of the first and last one."""

    room: str
    messages: int
    first_at: str
    last_at: str


class FoldedMessages:
    """The messages that match a filter, room by room. Use it in a `with` statement."""

    def __init__(self, folder: Path, extract: ExportFilter, progress: Progress = unwatched) -> None:
        self._disk = Disk()
        self._folder = folder
        self._manifest = manifest_of(self._disk, folder)
        self._files = Files(self._disk, folder)
        self._notes = sqlite3.connect("", isolation_level=None)
        self._notes.executescript(_NOTES)
        occurrence = Occurrence(extract)
        for batch in whole_batches(self._disk, folder, self._manifest, progress):
            self._notes.executemany(
                "INSERT INTO notes VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                _noted(batch, extract, occurrence),
            )
        occurrence.check()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._notes.close()
        self._files.close()

    def rooms(self) -> list[RoomSpan]:
        """The rooms that have messages, by name."""
        rows = self._notes.execute(
            "SELECT room, count(*), min(at), max(at) FROM notes WHERE NOT follows"
            " GROUP BY room ORDER BY room"
        )
        return [RoomSpan(*row) for row in rows]

    def messages(self, room: str, progress: Progress = unwatched) -> Iterator[Message]:
        rows = self._notes.execute(
            f"{_PLACES} WHERE room = ? ORDER BY message, follows, seq", (room,)
        )
        for _, places in groupby(rows, key=_message_of):
            events = []
            for row in places:
                events.append(self._event(row))
                progress(row[6])
            if events[0].type == "message":
                yield fold(events[0], events[1:])

    def message(self, room: str, seq: int) -> Message | None:
        rows = self._notes.execute(
            f"{_PLACES} WHERE room = ? AND message = ? ORDER BY follows, seq", (room, seq)
        )
        events = [self._event(row) for row in rows]
        return fold(events[0], events[1:]) if events and events[0].type == "message" else None

    def _event(self, row: Row) -> Event:
        try:
            return self._files.record(RecordRef(*row[3:])).event
        except (StorageError, FileNotFoundError):
            if manifest_of(self._disk, self._folder).revision == self._manifest.revision:
                raise
            raise StorageError("The log was rewritten meanwhile; export it again.") from None


def _noted(
    batch: list[RecoveredLine], extract: ExportFilter, occurrence: Occurrence
) -> Iterable[tuple[str | int, ...]]:
    for line in batch:
        record = format.decode_record(line.bytes)
        occurrence.see(record.event)
        place = (line.n, line.first, line.offset, len(line.bytes), record.at)
        if record.type == "message":
            if extract.has_message(record.event):
                yield (record.room, record.seq, 0, record.seq, *place)
        elif record.target is not None and extract.has_room(record.room):
            yield (record.room, record.target, 1, record.seq, *place)


def _message_of(row: Row) -> int:
    return row[1]
