"""The doors of a listing: a log's records on pages, and as downloads.

The messages and the audit log are the same kind of log, so they are the same pages.
"""

import shlex
from collections.abc import Callable, Iterator
from pathlib import Path

from flask import Blueprint, render_template, request
from werkzeug.wrappers import Response

from chatapp.admin.exports import csv_rows, json_lines
from chatapp.admin.filters import Filters, Place
from chatapp.admin.reading import LogReader, everything, listing
from chatapp.errors import ChatError
from chatapp.storage import Logged, StorageError
from chatapp.web.errors import status_of
from chatapp.web.languages import words_of_reader

LONG_TEXT_CHARACTERS = 600
"""A longer text is folded up in the listing."""
DAMAGED = 503
"""The status when the log itself cannot be read; the admin is told the file and the line."""


MESSAGES = "messages"
AUDIT = "audit"


def add_log_pages(admin: Blueprint, subject: str, log: LogReader, data: Path) -> None:
    """`subject` is what the log is of: so its pages are called, and their words. `data` is the
    data folder, for the commands that the listing shows.
    """

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
            problem, status = _what_is_wrong(error)
            shown |= {"problem": problem, "filters": request.args, "given": {}}
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
        name = f"{subject}.{ending}"
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return Response(form(found), content_type=content_type, headers=headers)

    path = f"/{subject}"
    admin.add_url_rule(path, subject, page)
    admin.add_url_rule(f"{path}.jsonl", f"{subject}_jsonl", download_json_lines)
    admin.add_url_rule(f"{path}.csv", f"{subject}_csv", download_csv)


def _what_is_wrong(error: ChatError | StorageError) -> tuple[str, int]:
    """For the reader, with the status that says so."""
    t = words_of_reader()
    if isinstance(error, ChatError):
        return t.refusal(error, "console"), status_of(error)
    return t("admin.log.damaged", message=str(error)), DAMAGED


def command_for(logged: Logged, data: Path) -> str:
    """What shows a record on a terminal."""
    return f"sed -n {logged.line}p {shlex.quote(str(data / logged.file))} | jq"
