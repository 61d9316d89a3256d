"""The doors of a listing: a log's records on pages, and as downloads.

The messages and the audit log are the same kind of log, so they are the same pages.
"""

import shlex
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
from flask import Blueprint, render_template, request
from werkzeug.wrappers import Response

from chatapp.admin.exports import csv_rows, json_lines
from chatapp.admin.filters import Filters, Place
from chatapp.admin.reading import Logged, LogReader, everything, listing
from chatapp.errors import ChatError
from chatapp.storage import StorageError
from chatapp.web.errors import status_of

LONG_TEXT_CHARACTERS = 600
"""A longer text is folded up in the listing."""
DAMAGED = 503
"""The status when the log itself cannot be read; the admin is told the file and the line."""


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """What a listing is of, and what its columns are called."""

    endpoint: str
    title: str
    room: str
    sender: str
    text: str
    nothing: str


MESSAGES = Subject(
    endpoint="messages",
    title="Messages",
    room="Room",
    sender="Sender",
    text="Text",
    nothing="Each message appears here as soon as it is on disk.",
)
AUDIT = Subject(
    endpoint="audit",
    title="Audit",
    room="What",
    sender="Who",
    text="Details",
    nothing="Each sign-in and each act of an admin appears here.",
)


def add_log_pages(admin: Blueprint, subject: Subject, log: LogReader, data: Path) -> None:
    """`data` is the data folder, for the commands that the listing shows."""

    def page() -> tuple[str, int]:
        heads = log.heads()
        shown: dict[str, object] = {
            "subject": subject,
            "rooms": sorted(heads),
            "records": sum(heads.values()),
            "command_for": lambda logged: command_for(logged, data),
            "long_text": LONG_TEXT_CHARACTERS,
        }
        try:
            filters = Filters.of(request.args)
            found = listing(log, filters, Place.of(request.args))
        except (ChatError, StorageError) as error:
            shown |= {"problem": str(error), "filters": request.args, "given": {}}
            status = status_of(error) if isinstance(error, ChatError) else DAMAGED
            return render_template("admin/log.html", **shown), status
        shown |= {"listing": found, "filters": filters, "given": filters.given}
        return render_template("admin/log.html", **shown), 200

    def download_json_lines() -> Response:
        return _download(json_lines, "jsonl", "application/x-ndjson")

    def download_csv() -> Response:
        return _download(csv_rows, "csv", "text/csv; charset=utf-8")

    def _download(
        form: Callable[[Iterator[Logged]], Iterator[bytes]], ending: str, content_type: str
    ) -> Response:
        found = everything(log, Filters.of(request.args))
        name = f"{subject.endpoint}.{ending}"
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return Response(form(found), content_type=content_type, headers=headers)

    path = f"/{subject.endpoint}"
    admin.add_url_rule(path, subject.endpoint, page)
    admin.add_url_rule(f"{path}.jsonl", f"{subject.endpoint}_jsonl", download_json_lines)
    admin.add_url_rule(f"{path}.csv", f"{subject.endpoint}_csv", download_csv)


def command_for(logged: Logged, data: Path) -> str:
    """What shows a record on a terminal."""
    return f"sed -n {logged.line}p {shlex.quote(str(data / logged.file))} | jq"
