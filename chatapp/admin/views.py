"""The doors of the console: the listing of the log, and its downloads.

All of it is for admins. Who is not signed in is sent to do so; who is, and is no admin,
is told no.
"""

import shlex
from collections.abc import Iterator
from pathlib import Path

from flask import Blueprint, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from chatapp.accounts.manager import AccountManager
from chatapp.accounts.model import ADMINISTRATORS
from chatapp.admin.exports import csv_rows, json_lines
from chatapp.admin.filters import Filters, Place
from chatapp.admin.reading import Logged, LogReader, everything, listing
from chatapp.errors import ChatError, NotAllowed
from chatapp.storage import StorageError
from chatapp.web.errors import status_of

LONG_TEXT_CHARACTERS = 600
"""A longer text is folded up in the listing."""
DAMAGED = 503
"""The status when the log itself cannot be read; the admin is told the file and the line."""


def admin_blueprint(log: LogReader, accounts: AccountManager, *, data: Path) -> Blueprint:
    """`data` is the data folder, for the commands that the listing shows."""
    admin = Blueprint("admin", __name__, url_prefix="/admin")

    @admin.before_request
    def admins_only() -> Response | None:
        account = accounts.account_of(session)
        if account is None:
            return redirect(url_for("accounts.login", next=_here()), 303)
        if account.role not in ADMINISTRATORS:
            raise NotAllowed("This part is for the admins of the chat.")
        return None

    @admin.get("")
    def home() -> Response:
        return redirect(url_for("admin.messages"), 303)

    @admin.get("/messages")
    def messages() -> tuple[str, int]:
        account = accounts.account_of(session)
        page: dict[str, object] = {
            "me": account and account.name,
            "rooms": sorted(log.heads()),
            "records": sum(log.heads().values()),
            "command_for": lambda logged: command_for(logged, data),
            "long_text": LONG_TEXT_CHARACTERS,
        }
        try:
            filters = Filters.of(request.args)
            found = listing(log, filters, Place.of(request.args))
        except (ChatError, StorageError) as error:
            page |= {"problem": str(error), "filters": request.args, "given": {}}
            status = status_of(error) if isinstance(error, ChatError) else DAMAGED
            return render_template("admin/messages.html", **page), status
        page |= {"listing": found, "filters": filters, "given": filters.given}
        return render_template("admin/messages.html", **page), 200

    @admin.get("/messages.jsonl")
    def download_json_lines() -> Response:
        found = everything(log, Filters.of(request.args))
        return _download(json_lines(found), "messages.jsonl", "application/x-ndjson")

    @admin.get("/messages.csv")
    def download_csv() -> Response:
        found = everything(log, Filters.of(request.args))
        return _download(csv_rows(found), "messages.csv", "text/csv; charset=utf-8")

    return admin


def command_for(logged: Logged, data: Path) -> str:
    """What shows a record on a terminal."""
    return f"sed -n {logged.line}p {shlex.quote(str(data / logged.file))} | jq"


def _here() -> str:
    return request.full_path if request.query_string else request.path


def _download(content: Iterator[bytes], name: str, content_type: str) -> Response:
    return Response(
        content,
        content_type=content_type,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
