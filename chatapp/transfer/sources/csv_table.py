"""Reads a table of messages, as spreadsheets and many programs write it: CSV with a header.

    time,sender,room,text
    2024-02-29T09:46:40Z,ana,ops,hello

Columns may be in any order, and be called as other chats call them. The separator is what the
header has most of: a comma, a semicolon or a tab. The encoding is UTF-8, or UTF-16 with its mark.
"""

import csv
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, tzinfo
from hashlib import blake2b
from io import BufferedReader, TextIOWrapper
from pathlib import Path
from typing import BinaryIO

from chatapp.domain.clock import timestamp
from chatapp.log.errors import StorageError
from chatapp.log.progress import Progress
from chatapp.transfer.sources.archives import DamagedMember
from chatapp.transfer.sources.local_times import utc_of
from chatapp.transfer.sources.records import (
    KnownNames,
    Record,
    SkippedRow,
    SourceMessage,
    SourcePerson,
    SourceRoom,
)
from chatapp.transfer.sources.sorting import by_room_and_time

COLUMNS: Mapping[str, Sequence[str]] = {
    "time": ("time", "timestamp", "date", "datetime", "ts", "at", "sent_at", "created_at"),
    "sender": ("sender", "user", "username", "author", "from", "name", "nick", "client"),
    "text": ("text", "message", "body", "content", "msg"),
    "room": ("room", "channel", "chat", "group"),
}
"""What a column may be called. The first one that is there counts."""
ROOM = "imported"
"""The room of rows without one."""
MAX_FIELD_CHARACTERS = 16 << 20
_LATEST_IN_SECONDS = 100_000_000_000
"""What is more than this is in milliseconds."""


class CsvTable:
    """An opened table. Raises StorageError for a file without the columns."""

    format = "csv"
    chat = ""
    room_by_room = True

    def __init__(self, path: Path, zone: tzinfo | None = None) -> None:
        """Times without a zone are in `zone`, or in that of this machine."""
        csv.field_size_limit(MAX_FIELD_CHARACTERS)
        self._path = path
        self._zone = zone
        self.size = path.stat().st_size
        try:
            with self._opened() as (_, text):
                self._separator = max(",;\t", key=text.readline(4096).count)
            with self._opened() as (_, text):
                header = next(csv.reader(text, delimiter=self._separator), list[str]())
        except (UnicodeDecodeError, csv.Error) as error:
            raise StorageError(f"{path.name} is no CSV in UTF-8 ({error}).") from None
        self._columns = _columns(header)
        if lacking := [name for name in ("time", "sender", "text") if name not in self._columns]:
            raise StorageError(
                f"{path.name} has no column for {' and '.join(lacking)}. "
                f"Its header is {', '.join(header)[:200] or 'empty'}; columns can be called "
                f"{', '.join(COLUMNS[lacking[0]])}."
            )

    def close(self) -> None:
        pass

    def open_file(self, path: str) -> BinaryIO:
        raise DamagedMember(f"a table has no files such as {path[:40]}")

    def records(self, names: KnownNames, progress: Progress, scratch: Path) -> Iterator[Record]:
        """The messages of each room by their times."""
        yield from _told_apart(by_room_and_time(self._rows(names, progress), scratch))

    def _rows(self, names: KnownNames, progress: Progress) -> Iterator[Record]:
        rooms: set[str] = set()
        number = done = 0
        with self._opened() as (file, text):
            rows = csv.reader(text, delimiter=self._separator)
            try:
                next(rows, None)
                for row in rows:
                    number = rows.line_num
                    if any(row):
                        yield from self._records(f"line {number}", row, rooms, names)
                    at = file.tell()
                    progress(at - done)
                    done = at
            except (csv.Error, UnicodeDecodeError) as error:
                yield SkippedRow(
                    f"after line {number}", f"the rest cannot be read ({str(error)[:80]})"
                )

    def _records(
        self, where: str, row: list[str], rooms: set[str], names: KnownNames
    ) -> Iterator[Record]:
        cells = {name: row[at].strip() for name, at in self._columns.items() if at < len(row)}
        sender, text, room = cells.get("sender"), cells.get("text"), cells.get("room") or ROOM
        if not sender or not text:
            yield SkippedRow(where, f"it has no {'text' if sender else 'sender'}")
            return
        try:
            at = timestamp(self._moment(cells.get("time", "")))
        except (ValueError, OverflowError, OSError):
            yield SkippedRow(where, "its time is none")
            return
        if room not in rooms:
            rooms.add(room)
            yield SourceRoom(id=room, name=room, kind="private")
        if names.person(sender) is None:
            yield SourcePerson(id=sender, name=sender)
        said = blake2b(f"{room}\n{sender}\n{text}".encode(errors="replace"), digest_size=9)
        yield SourceMessage(
            f"{at}-{said.hexdigest()}", room, sender, at, text, where, is_root=False
        )

    def _moment(self, time: str) -> datetime:
        """A date and time of ISO 8601, or seconds or milliseconds since 1970."""
        try:
            number = float(time)
        except ValueError:
            return utc_of(datetime.fromisoformat(time), self._zone)
        if abs(number) > _LATEST_IN_SECONDS:
            number /= 1000
        return datetime.fromtimestamp(number, UTC)

    @contextmanager
    def _opened(self) -> Iterator[tuple[BufferedReader, TextIOWrapper]]:
        """The file, and its text."""
        with self._path.open("rb") as file:
            is_utf_16 = file.peek(2)[:2] in (BOM_UTF16_LE, BOM_UTF16_BE)
            encoding = "utf-16" if is_utf_16 else "utf-8-sig"
            with TextIOWrapper(file, encoding, newline="") as text:
                yield file, text


def _columns(header: list[str]) -> dict[str, int]:
    called = [name.strip().lower().replace(" ", "_") for name in header]
    return {
        column: called.index(name)
        for column, names in COLUMNS.items()
        for name in reversed(names)
        if name in called
    }


def _told_apart(records: Iterator[Record]) -> Iterator[Record]:
    """Gives rows that are the same ids of their own; they follow on each other's time."""
    same: dict[str, int] = {}
    place = ("", "")
    for record in records:
        if isinstance(record, SourceMessage):
            if (record.room, record.at) != place:
                place, same = (record.room, record.at), {}
            number = same[record.id] = same.get(record.id, 0) + 1
            if number > 1:
                record.id = f"{record.id}-{number}"
        yield record
