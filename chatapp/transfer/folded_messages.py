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

from chatapp.domain.emoji import same_emoji
from chatapp.domain.model import Event, Message, Pin
from chatapp.index.fold import fold
from chatapp.index.record_files import Files
from chatapp.index.record_ref import RecordRef
from chatapp.index.view import moves_of, pins_in
from chatapp.log import format
from chatapp.log.batches import manifest_of, whole_batches
from chatapp.log.disk import Disk
from chatapp.log.errors import StorageError
from chatapp.log.progress import Progress, unwatched
from chatapp.log.recovery import RecoveredLine
from chatapp.transfer.export_filter import ExportFilter, Occurrence

END_OF_TIME = "9999-12-31T23:59:59.999Z"
_NOTES = """
PRAGMA journal_mode = OFF;
CREATE TABLE notes (
    room TEXT, message INTEGER, follows INTEGER, seq INTEGER,
    n INTEGER, first INTEGER, offset INTEGER, size INTEGER, at TEXT,
    PRIMARY KEY (room, message, follows, seq)
) WITHOUT ROWID;
CREATE TABLE threads (room TEXT, message INTEGER, thread INTEGER, PRIMARY KEY (room, message));
CREATE TABLE pins (
    room TEXT, message INTEGER, pinned INTEGER, line INTEGER, sender TEXT, at TEXT,
    PRIMARY KEY (room, message)
) WITHOUT ROWID;
CREATE INDEX messages_of_thread ON threads (room, thread, message);
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
    """The messages that match a filter, room by room, as they were at the time `as_of`, or are now.
    Use it in a `with` statement."""

    def __init__(
        self,
        folder: Path,
        extract: ExportFilter,
        progress: Progress = unwatched,
        *,
        as_of: str = END_OF_TIME,
    ) -> None:
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
                _noted(batch, extract, occurrence, as_of),
            )
            self._notes.executemany(
                "INSERT OR REPLACE INTO threads VALUES (?, ?, ?)", _threads_in(batch, as_of)
            )
            self._notes.executemany(
                "INSERT OR REPLACE INTO pins VALUES (?, ?, ?, ?, ?, ?)", _pins_in(batch, as_of)
            )
        occurrence.check()
        found = self._notes.execute("SELECT 1 FROM threads LIMIT 1").fetchone()
        self._has_threads = found is not None

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
                yield self._folded(events)

    def replies(self, room: str, root: int, progress: Progress = unwatched) -> Iterator[Message]:
        """The messages that are in a thread now."""
        if not self._has_threads:
            return
        rows = self._notes.execute(
            "SELECT message FROM threads WHERE room = ? AND thread = ? ORDER BY message",
            (room, root),
        )
        for (seq,) in rows.fetchall():
            if message := self.message(room, seq, progress):
                yield message

    def message(self, room: str, seq: int, progress: Progress = unwatched) -> Message | None:
        rows = self._notes.execute(
            f"{_PLACES} WHERE room = ? AND message = ? ORDER BY follows, seq", (room, seq)
        )
        events = []
        for row in rows:
            events.append(self._event(row))
            progress(row[6])
        return self._folded(events) if events and events[0].type == "message" else None

    def by_time(self, room: str, progress: Progress = unwatched) -> Iterator[Message]:
        """Imported messages can be older than those before them."""
        rows = self._notes.execute(
            "SELECT message FROM notes WHERE room = ? AND NOT follows ORDER BY at, message", (room,)
        )
        for (seq,) in rows:
            if message := self.message(room, seq, progress):
                yield message

    def time_of(self, room: str, seq: int) -> str | None:
        """When a message was written; None if it is not one of those that match."""
        (at,) = self._notes.execute(
            "SELECT at FROM notes WHERE room = ? AND message = ? AND NOT follows", (room, seq)
        ).fetchone() or (None,)
        return at

    def pin(self, room: str, seq: int) -> Pin | None:
        """Of a message that is pinned: the last time."""
        row = self._notes.execute(
            "SELECT message, line, sender, at FROM pins WHERE room = ? AND message = ? AND pinned",
            (room, seq),
        ).fetchone()
        return _pin(row) if row else None

    def pins(self, room: str) -> list[Pin]:
        """The pinned messages of a room that match the filter, by their seqs."""
        rows = self._notes.execute(
            "SELECT pins.message, line, sender, pins.at FROM pins JOIN notes ON"
            " notes.room = pins.room AND notes.message = pins.message AND NOT follows"
            " WHERE pins.room = ? AND pinned ORDER BY pins.message",
            (room,),
        )
        return [_pin(row) for row in rows]

    def reaction_times(self, room: str, seq: int) -> dict[tuple[str, str], str]:
        """When people reacted to a message, by the emoji and their names."""
        rows = self._notes.execute(
            f"{_PLACES} WHERE room = ? AND message = ? AND follows ORDER BY seq", (room, seq)
        )
        times: dict[tuple[str, str], str] = {}
        for event in map(self._event, rows.fetchall()):
            if event.type == "react" and event.emoji is not None:
                key = same_emoji(event.emoji), event.sender
                if event.on:
                    times.setdefault(key, event.at)
                else:
                    times.pop(key, None)
        return times

    def _folded(self, events: list[Event]) -> Message:
        """In the thread in which it is now."""
        message = fold(events[0], events[1:])
        if not self._has_threads:
            return message
        (thread,) = self._notes.execute(
            "SELECT thread FROM threads WHERE room = ? AND message = ?",
            (message.room, message.seq),
        ).fetchone() or (None,)
        return msgspec.structs.replace(message, thread=thread)

    def _event(self, row: Row) -> Event:
        try:
            return self._files.record(RecordRef(*row[3:])).event
        except (StorageError, FileNotFoundError):
            if manifest_of(self._disk, self._folder).revision == self._manifest.revision:
                raise
            raise StorageError("The log was rewritten meanwhile; export it again.") from None


def _noted(
    batch: list[RecoveredLine], extract: ExportFilter, occurrence: Occurrence, as_of: str
) -> Iterable[tuple[str | int, ...]]:
    for line in batch:
        record = format.decode_record(line.bytes)
        occurrence.see(record.event)
        if record.at > as_of:
            continue
        place = (line.n, line.first, line.offset, len(line.bytes), record.at)
        if record.type == "message":
            if extract.has_message(record.event):
                yield (record.room, record.seq, 0, record.seq, *place)
        elif record.target is not None and extract.has_room(record.room):
            yield (record.room, record.target, 1, record.seq, *place)


def _threads_in(batch: list[RecoveredLine], as_of: str) -> Iterable[tuple[str, int, int | None]]:
    """Room, seq and thread of the messages that are in a thread from then on, or out of theirs."""
    for line in batch:
        event = format.decode_event(line.bytes)
        if event.at > as_of:
            continue
        if event.type == "message" and event.thread is not None:
            yield event.room, event.seq, event.thread
        for seq, thread in moves_of(event).items():
            yield event.room, seq, thread


def _pins_in(
    batch: list[RecoveredLine], as_of: str
) -> Iterable[tuple[str, int, bool, int, str, str]]:
    """Room, seq of the message, whether it is pinned from then on, and the line that says so."""
    for line in batch:
        event = format.decode_event(line.bytes)
        if event.at <= as_of:
            for seq, is_pinned in pins_in(event).items():
                yield event.room, seq, is_pinned, event.seq, event.sender, event.at


def _pin(row: tuple[int, int, str, str]) -> Pin:
    seq, line, sender, at = row
    return Pin(seq=seq, line=line, sender=sender, at=at)


def _message_of(row: Row) -> int:
    return row[1]
