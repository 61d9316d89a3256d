"""`chatapp log export`: the log, or a part of it, as JSON Lines, CSV, Markdown or one HTML page.

JSON Lines contains every event as it happened, and `chatapp log import` can read it. The other
formats are for people: messages by room in their current form, with edits and deletions applied.
Everything is streamed: a long log needs no more memory than a short one.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec

from chatapp.domain.model import Message
from chatapp.log import format
from chatapp.log.batches import manifest_of, whole_batches
from chatapp.log.disk import Disk
from chatapp.log.progress import Progress
from chatapp.text.actions import action_in
from chatapp.transfer.csv_writer import csv_lines
from chatapp.transfer.export_filter import ExportFilter, Occurrence
from chatapp.transfer.folded_messages import FoldedMessages
from chatapp.transfer.html_export import page

CSV_COLUMNS = (
    *("room", "seq", "at", "sender", "text"),
    *("edited_at", "deleted_by", "erased_at", "reply_to", "cid"),
)


def to_jsonl(folder: Path, extract: ExportFilter, progress: Progress) -> Iterator[str]:
    disk = Disk()
    theirs: set[tuple[str, int]] = set()
    occurrence = Occurrence(extract)
    for batch in whole_batches(disk, folder, manifest_of(disk, folder), progress):
        for line in batch:
            record = format.decode_record(line.bytes)
            if record.type == "lost":
                continue
            event = record.event
            occurrence.see(event)
            is_theirs = extract.has_message(event)
            if extract.sender is not None and is_theirs and event.type == "message":
                theirs.add((event.room, event.seq))
            if is_theirs or (event.type == "delete" and (event.room, event.target) in theirs):
                yield msgspec.json.encode(event).decode() + "\n"
    occurrence.check()


def to_csv(folder: Path, extract: ExportFilter, progress: Progress) -> Iterator[str]:
    with FoldedMessages(folder, extract, progress) as gathered:
        messages = (
            message
            for span in gathered.rooms()
            for message in gathered.messages(span.room, progress)
        )
        rows = ([getattr(message, column) for column in CSV_COLUMNS] for message in messages)
        yield from csv_lines(CSV_COLUMNS, rows)


def to_markdown(folder: Path, extract: ExportFilter, progress: Progress) -> Iterator[str]:
    with FoldedMessages(folder, extract, progress) as gathered:
        for span in gathered.rooms():
            yield f"# {_plain(span.room)}\n"
            day = ""
            for message in gathered.messages(span.room, progress):
                if message.at[:10] != day:
                    day = message.at[:10]
                    yield f"\n## {day}\n"
                yield f"\n**{_plain(message.sender)}** {message.at[11:16]}{_remark(message)}\n\n"
                yield "".join(f"> {line}\n" for line in _said(message).splitlines())
            yield "\n"


def to_html(folder: Path, extract: ExportFilter, progress: Progress) -> Iterator[str]:
    with FoldedMessages(folder, extract, progress) as gathered:
        yield from page(gathered, progress)


Export = Callable[[Path, ExportFilter, Progress], Iterator[str]]
FORMATS: dict[str, Export] = {
    "jsonl": to_jsonl,
    "csv": to_csv,
    "markdown": to_markdown,
    "html": to_html,
}
TWO_PASS_FORMATS = frozenset(["csv", "markdown", "html"])
"""Formats that read the log twice: once to find the messages, once to write them."""


def _said(message: Message) -> str:
    deed = action_in(message.text)
    return message.text if deed is None else f"*{_plain(message.sender)}* {deed}"


def _remark(message: Message) -> str:
    if message.deleted_by:
        return f", *deleted by {_plain(message.deleted_by)}*"
    if message.erased_at:
        return ", *erased*"
    return ", *edited*" if message.edited_at else ""


def _plain(text: str) -> str:
    """A name with Markdown's special characters escaped."""
    return "".join(f"\\{c}" if c in "\\`*_{}[]<>()#+-.!|" else c for c in text)
