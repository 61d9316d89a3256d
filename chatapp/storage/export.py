"""`chatapp log export`: the log, or a part of it, as JSON Lines, CSV, Markdown or one HTML page.

JSON Lines has every event as it happened, and `chatapp log import` reads it again. The others
are for people: messages room by room, as they read now, edits and deletions folded in. All of
it streams: a long log takes no more memory than a short one.
"""

import csv
import io
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import msgspec

from chatapp.model import Message
from chatapp.storage import format
from chatapp.storage.batches import manifest_of, whole_batches
from chatapp.storage.disk import Disk
from chatapp.storage.extract import Extract
from chatapp.storage.gathered import Gathered
from chatapp.storage.page import page
from chatapp.storage.progress import Progress

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for the beginning of a formula."""
CSV_COLUMNS = (
    *("room", "seq", "at", "sender", "text"),
    *("edited_at", "deleted_by", "erased_at", "reply_to", "cid"),
)


def to_jsonl(folder: Path, extract: Extract, progress: Progress) -> Iterator[str]:
    disk = Disk()
    theirs: set[tuple[str, int]] = set()
    for batch in whole_batches(disk, folder, manifest_of(disk, folder), progress):
        for line in batch:
            record = format.decode_record(line.bytes)
            if record.type == "lost":
                continue
            event = record.event
            is_theirs = extract.has_message(event)
            if extract.sender is not None and is_theirs and event.type == "message":
                theirs.add((event.room, event.seq))
            if is_theirs or (event.type == "delete" and (event.room, event.target) in theirs):
                yield msgspec.json.encode(event).decode() + "\n"


def to_csv(folder: Path, extract: Extract, progress: Progress) -> Iterator[str]:
    with Gathered(folder, extract, progress) as gathered:
        yield _csv_row(CSV_COLUMNS)
        for span in gathered.rooms():
            for message in gathered.messages(span.room, progress):
                yield _csv_row(getattr(message, column) for column in CSV_COLUMNS)


def to_markdown(folder: Path, extract: Extract, progress: Progress) -> Iterator[str]:
    with Gathered(folder, extract, progress) as gathered:
        for span in gathered.rooms():
            yield f"# {_plain(span.room)}\n"
            day = ""
            for message in gathered.messages(span.room, progress):
                if message.at[:10] != day:
                    day = message.at[:10]
                    yield f"\n## {day}\n"
                yield f"\n**{_plain(message.sender)}** {message.at[11:16]}{_remark(message)}\n\n"
                yield "".join(f"> {line}\n" for line in message.text.splitlines())
            yield "\n"


def to_html(folder: Path, extract: Extract, progress: Progress) -> Iterator[str]:
    with Gathered(folder, extract, progress) as gathered:
        yield from page(gathered, progress)


Export = Callable[[Path, Extract, Progress], Iterator[str]]
FORMATS: dict[str, Export] = {
    "jsonl": to_jsonl,
    "csv": to_csv,
    "markdown": to_markdown,
    "html": to_html,
}
TWICE_READ = frozenset(["csv", "markdown", "html"])
"""Formats for which the log is read once to find everything, and once to write it down."""


def _csv_row(values: Iterable[object]) -> str:
    row = io.StringIO()
    cells = ["" if value is None else str(value) for value in values]
    csv.writer(row).writerow([f"'{c}" if c.startswith(_FORMULA) else c for c in cells])
    return row.getvalue()


def _remark(message: Message) -> str:
    if message.deleted_by:
        return f", *deleted by {_plain(message.deleted_by)}*"
    if message.erased_at:
        return ", *erased*"
    return ", *edited*" if message.edited_at else ""


def _plain(text: str) -> str:
    """A name in Markdown, where some signs would mean something."""
    return "".join(f"\\{c}" if c in "\\`*_{}[]<>()#+-.!|" else c for c in text)
