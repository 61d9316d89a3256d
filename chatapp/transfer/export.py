"""`chatapp log export`: the log, or a part of it, as JSON Lines, CSV, Markdown or one HTML page.
parquet_export.py has Parquet, and targets/ the formats of other chats.

JSON Lines contains every event as it happened, and `chatapp log import` can read it. The other
formats are for people: messages by room in their current form, with edits and deletions applied.
Everything is streamed: a long log needs no more memory than a short one. The files of messages are
beside it (exported_files.py).
"""

from collections.abc import Callable, Iterable, Iterator, Set
from pathlib import Path

import msgspec

from chatapp.domain.files import kind_of
from chatapp.domain.model import FileInfo, Message, Poll, as_told
from chatapp.domain.polls import text_of
from chatapp.log import format
from chatapp.log.batches import manifest_of, whole_batches
from chatapp.log.disk import Disk
from chatapp.log.progress import Progress
from chatapp.text.actions import action_in
from chatapp.transfer.csv_writer import csv_lines
from chatapp.transfer.export_filter import ExportFilter, Occurrence
from chatapp.transfer.exported_files import ExportedFiles
from chatapp.transfer.folded_messages import FoldedMessages
from chatapp.transfer.html_export import page

CSV_COLUMNS = (
    *("room", "seq", "at", "sender", "text"),
    *("edited_at", "deleted_by", "erased_at", "reply_to", "thread", "cid"),
    *("forwarded", "poll", "files", "via", "bot"),
)
OWN_COLUMNS = CSV_COLUMNS[:-5]
"""Fields of a message as they are."""


def to_jsonl(
    folder: Path,
    extract: ExportFilter,
    progress: Progress,
    files: ExportedFiles | None = None,
    bots: Set[str] = frozenset(),
) -> Iterator[str]:
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
                if files:
                    files.note(event)
                if event.forwarded and not extract.has_room(event.forwarded.room):
                    event = as_told(event)
                yield msgspec.json.encode(event).decode() + "\n"
    occurrence.check()


def to_csv(
    folder: Path,
    extract: ExportFilter,
    progress: Progress,
    files: ExportedFiles | None = None,
    bots: Set[str] = frozenset(),
) -> Iterator[str]:
    with FoldedMessages(folder, extract, progress) as gathered:
        messages = (
            message
            for span in gathered.rooms()
            for message in gathered.messages(span.room, progress)
        )
        rows = (_cells(message, files, bots) for message in messages)
        yield from csv_lines(CSV_COLUMNS, rows)


def to_markdown(
    folder: Path,
    extract: ExportFilter,
    progress: Progress,
    files: ExportedFiles | None = None,
    bots: Set[str] = frozenset(),
) -> Iterator[str]:
    with FoldedMessages(folder, extract, progress) as gathered:
        for span in gathered.rooms():
            yield f"# {_plain(span.room)}\n"
            day = ""
            for message in gathered.messages(span.room, progress):
                if message.at[:10] != day:
                    day = message.at[:10]
                    yield f"\n## {day}\n"
                sender = f"**{_plain(message.sender)}**{' (bot)' if message.by in bots else ''}"
                yield f"\n{sender} {message.at[11:16]}{_remark(message)}\n\n"
                mark = "> > " if message.forwarded else "> "
                yield "".join(f"{mark}{line}\n" for line in _said(message).splitlines())
                yield from _linked(message.files or (), files)
            yield "\n"


def to_html(
    folder: Path,
    extract: ExportFilter,
    progress: Progress,
    files: ExportedFiles | None = None,
    bots: Set[str] = frozenset(),
) -> Iterator[str]:
    with FoldedMessages(folder, extract, progress) as gathered:
        yield from page(gathered, progress, files, bots)


Export = Callable[[Path, ExportFilter, Progress, ExportedFiles | None, Set[str]], Iterator[str]]
"""`bots` are the ids of the accounts of bots, which all formats but JSON mark as such."""
FORMATS: dict[str, Export] = {
    "jsonl": to_jsonl,
    "csv": to_csv,
    "markdown": to_markdown,
    "html": to_html,
}
TWO_PASS_FORMATS = frozenset(["csv", "markdown", "html"])
"""Formats that read the log twice: once to find the messages, once to write them."""


def _cells(message: Message, files: ExportedFiles | None, bots: Set[str]) -> list[object]:
    """Of a forwarded message, the name of its author. The options of a poll, with their votes, are
    together in one cell, and so are the names of files: one a line. `bot` is `true` or empty."""
    cells = [getattr(message, column) for column in OWN_COLUMNS]
    cells.append(message.forwarded and message.forwarded.sender)
    there = [file for file in message.files or () if not file.removed]
    if files:
        for file in there:
            files.path_of(file)
    names = "\n".join(file.name for file in there) or None
    return [
        *cells,
        _votes(message.poll),
        names,
        message.via and (message.via.label or message.via.words),
        "true" if message.by in bots else None,
    ]


def _votes(poll: Poll | None) -> str | None:
    """`Pizza: 3`, one a line; without numbers while they are hidden."""
    if poll is None:
        return None
    counts = poll.votes.counts if poll.votes else None
    if counts is None:
        return "\n".join(poll.options)
    results = zip(poll.options, counts, strict=True)
    return "\n".join(f"{option}: {count}" for option, count in results)


def _linked(there: Iterable[FileInfo], files: ExportedFiles | None) -> Iterator[str]:
    """A line of Markdown for each file; pictures are shown."""
    for file in there:
        if file.removed:
            yield ">\n> *a file that was removed*\n"
            continue
        name = _plain(file.name)
        if files is None:
            yield f">\n> {name}\n"
        elif kind_of(file.type) == "image":
            yield f">\n> ![{_plain(file.alt or file.name)}]({files.path_of(file)})\n"
        else:
            yield f">\n> [{name}]({files.path_of(file)})\n"


def _said(message: Message) -> str:
    if message.poll:
        return text_of(message.poll)
    deed = action_in(message.text)
    doer = message.forwarded.sender if message.forwarded else message.sender
    return message.text if deed is None else f"*{_plain(doer)}* {deed}"


def _remark(message: Message) -> str:
    if message.deleted_by:
        return f", *deleted by {_plain(message.deleted_by)}*"
    if message.erased_at:
        return ", *erased*"
    if message.forwarded:
        where = message.forwarded
        return f", *forwarded from {_plain(where.sender)}, {where.at[:10]} {where.at[11:16]}*"
    if message.via:
        return f", *{_plain(message.via.words)}*"
    return ", *edited*" if message.edited_at else ""


def _plain(text: str) -> str:
    """A name with Markdown's special characters escaped."""
    return "".join(f"\\{c}" if c in "\\`*_{}[]<>()#+-.!|" else c for c in text)
