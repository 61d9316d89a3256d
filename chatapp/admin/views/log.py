"""Views that list a log's records, as pages and as downloads.

Downloads are streamed, newest first. JSON Lines contain the log's own bytes, so that a download can
be checked against the log. CSV is for spreadsheets.

The messages and the audit log are the same kind of log, so they share these views.
"""

import shlex
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import msgspec
from flask import Blueprint, render_template, request
from werkzeug.wrappers import Response

from chatapp.admin.audit_sentences import ACTIONS
from chatapp.admin.filters import Filters, RecordLocation
from chatapp.admin.log_reader import everything, listing
from chatapp.admin.private_rooms import Closed
from chatapp.domain.errors import ChatError
from chatapp.index.reader import LoggedRecord
from chatapp.log.errors import StorageError
from chatapp.store.message_log import MessageLog
from chatapp.transfer.csv_writer import csv_lines
from chatapp.web.errors import status_of
from chatapp.web.languages import words_of_reader

LONG_TEXT_CHARACTERS = 600
"""Longer texts are collapsed in the listing."""
DAMAGED = 503
"""The status when the log cannot be read; the page names the file and line."""
COLUMNS = (
    *("n", "room", "seq", "type", "at", "sender", "text"),
    *("reply_to", "thread", "target", "emoji", "file", "line"),
)
"""The columns of the CSV."""

MESSAGES = "messages"
AUDIT = "audit"

Where = Callable[[str], Sequence[str] | None]
"""The rooms to search for the given room, or for "" (none given); None means all. May refuse."""


def every_room(asked: str) -> Sequence[str] | None:
    return [asked.casefold()] if asked else None


def add_log_pages(
    admin: Blueprint,
    subject: str,
    log: MessageLog,
    data: Path,
    *,
    name_in_log: Callable[[str], str],
    where: Where = every_room,
) -> None:
    """`subject` names the log in URLs and in keys of texts. `data` is the data folder, for the
    commands that the listing shows; `name_in_log` is the name there of whom people call this."""

    def wanted(filters: Filters) -> dict[str, object]:
        sender = name_in_log(filters.sender) if filters.sender else ""
        return msgspec.structs.replace(filters, sender=sender).within(where(filters.room))

    def page() -> tuple[str, int]:
        heads = log.heads()
        shown: dict[str, object] = {
            "subject": subject,
            "rooms": sorted(heads if (everywhere := where("")) is None else everywhere),
            "records": sum(heads.values()),
            "command_for": lambda logged: command_for(logged, data),
            "long_text": LONG_TEXT_CHARACTERS,
            "actions": ACTIONS,
        }
        try:
            filters = Filters.of(request.args)
            found = listing(log, wanted(filters), RecordLocation.of(request.args))
        except Closed as closed:
            shown |= {"closed": closed.room, "filters": filters, "given": filters.given}
            return render_template("admin/log.html", **shown), 200
        except (ChatError, StorageError) as error:
            problem, status = _describe(error)
            shown |= {"problem": problem, "filters": request.args, "given": {}}
            return render_template("admin/log.html", **shown), status
        shown |= {"listing": found, "filters": filters, "given": filters.given}
        return render_template("admin/log.html", **shown), 200

    def found() -> Iterator[LoggedRecord]:
        return everything(log, wanted(Filters.of(request.args)))

    def download_json_lines() -> Response:
        lines = (logged.raw for logged in found())
        return _download(lines, f"{subject}.jsonl", "application/x-ndjson")

    def download_csv() -> Response:
        lines = csv_lines(COLUMNS, map(_cells, found()))
        return _download(lines, f"{subject}.csv", "text/csv; charset=utf-8")

    path = f"/{subject}"
    admin.add_url_rule(path, subject, page)
    admin.add_url_rule(f"{path}.jsonl", f"{subject}_jsonl", download_json_lines)
    admin.add_url_rule(f"{path}.csv", f"{subject}_csv", download_csv)


def _download(lines: Iterable[bytes] | Iterable[str], name: str, content_type: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(lines, content_type=content_type, headers=headers)


def _cells(logged: LoggedRecord) -> Iterator[object]:
    of_place = {"n": logged.n, "file": logged.file, "line": logged.line}
    return (of_place.get(name, getattr(logged.record, name, None)) for name in COLUMNS)


def _describe(error: ChatError | StorageError) -> tuple[str, int]:
    """The error's text for the reader, and the HTTP status."""
    t = words_of_reader()
    if isinstance(error, ChatError):
        return t.refusal(error, "console"), status_of(error)
    return t("admin.log.damaged", message=str(error)), DAMAGED


def command_for(logged: LoggedRecord, data: Path) -> str:
    """The command that shows a record in a terminal."""
    return f"sed -n {logged.line}p {shlex.quote(str(data / logged.file))} | jq"
