"""`chatapp log export`: the log, or a part of it, as JSON Lines, CSV, Markdown or one HTML page.

JSON Lines has every event as it happened, and `chatapp log import` reads it again. The others
are for people: messages as they read at the end, edits and deletions folded in. All of it
streams; only what is still being edited at the end of a long log is ever in memory.
"""

import csv
import io
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from html import escape
from pathlib import Path

import msgspec

from chatapp.model import Event, Message
from chatapp.storage import format
from chatapp.storage.disk import Disk
from chatapp.storage.erase import opened, whole_batches
from chatapp.storage.fold import fold

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for the beginning of a formula."""
CSV_COLUMNS = ("room", "seq", "at", "sender", "text", "edited_at", "deleted_by", "reply_to", "cid")


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which events are exported; `until` is not included."""

    room: str | None = None
    sender: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    def has(self, event: Event) -> bool:
        if self.room is not None and event.room != self.room:
            return False
        if self.since is not None and datetime.fromisoformat(event.at) < self.since:
            return False
        return self.until is None or datetime.fromisoformat(event.at) < self.until


def events(folder: Path, wanted: Wanted) -> Iterator[Event]:
    """The events of a log, in its order. A server may be writing to it meanwhile."""
    disk = Disk()
    for batch in whole_batches(disk, folder, opened(disk, folder)):
        for line in batch:
            event = format.decode_record(line).event
            if wanted.has(event):
                yield event


def messages(found: Iterable[Event], sender: str | None = None) -> list[Message]:
    """What readers see at the end, oldest first, room by room as it came."""
    said: dict[tuple[str, int], Event] = {}
    followers: dict[tuple[str, int], list[Event]] = {}
    for event in found:
        if event.type == "message":
            said[event.room, event.seq] = event
        elif event.target is not None:
            followers.setdefault((event.room, event.target), []).append(event)
    return [
        fold(event, followers.get(key, []))
        for key, event in said.items()
        if sender is None or event.sender == sender
    ]


def to_jsonl(found: Iterable[Event], wanted: Wanted) -> Iterator[str]:
    for event in found:
        if wanted.sender is None or event.sender == wanted.sender:
            yield msgspec.json.encode(event).decode() + "\n"


def to_csv(found: Iterable[Event], wanted: Wanted) -> Iterator[str]:
    yield _csv_row(CSV_COLUMNS)
    for message in messages(found, wanted.sender):
        yield _csv_row(getattr(message, column) for column in CSV_COLUMNS)


def to_markdown(found: Iterable[Event], wanted: Wanted) -> Iterator[str]:
    day = room = ""
    for message in messages(found, wanted.sender):
        if (message.room, message.at[:10]) != (room, day):
            room, day = message.room, message.at[:10]
            yield f"\n## {_plain(room)}, {day}\n\n"
        yield f"**{_plain(message.sender)}** {message.at[11:16]}{_remark(message)}\n\n"
        yield "".join(f"> {line}\n" for line in message.text.splitlines()) + "\n"


def to_html(found: Iterable[Event], wanted: Wanted) -> Iterator[str]:
    yield _HTML_HEAD
    day = room = ""
    for message in messages(found, wanted.sender):
        if (message.room, message.at[:10]) != (room, day):
            room, day = message.room, message.at[:10]
            yield f"<h2>{escape(room)} <time>{day}</time></h2>\n"
        yield (
            f'<article id="{escape(message.room)}-{message.seq}"><b>{escape(message.sender)}</b> '
            f'<time datetime="{message.at}">{message.at[11:16]}</time>{_remark(message)}'
            f"<p>{escape(message.text)}</p></article>\n"
        )
    yield "</main></body></html>\n"


Writer = Callable[[Iterable[Event], Wanted], Iterator[str]]
FORMATS: dict[str, Writer] = {
    "jsonl": to_jsonl,
    "csv": to_csv,
    "markdown": to_markdown,
    "html": to_html,
}

_HTML_HEAD = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Chat log</title>
<meta name="viewport" content="width=device-width">
<style>
:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif }
main { max-inline-size: 70ch; margin: 2rem auto; padding-inline: 1rem }
p { margin-block: 0 1rem; white-space: pre-wrap; overflow-wrap: anywhere }
time, i { opacity: 0.6; font-size: 0.875em }
</style></head><body><main>
"""


def _csv_row(values: Iterable[object]) -> str:
    row = io.StringIO()
    cells = ["" if value is None else str(value) for value in values]
    csv.writer(row).writerow([f"'{c}" if c.startswith(_FORMULA) else c for c in cells])
    return row.getvalue()


def _remark(message: Message) -> str:
    if message.deleted_by:
        return " <i>deleted</i>"
    return " <i>edited</i>" if message.edited_at else ""


def _plain(text: str) -> str:
    """A name in Markdown, where some signs would mean something."""
    return "".join(f"\\{c}" if c in "\\`*_{}[]<>()#+-.!|" else c for c in text)
