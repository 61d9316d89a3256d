"""`chatapp log import` of our own export, or of objects of JSON: messages, rooms, and a report."""

from contextlib import closing
from pathlib import Path
from shlex import quote
from typing import Any

from chatapp.cli.log_commands.blob_store import opened_blobs
from chatapp.cli.log_commands.command import complain
from chatapp.cli.log_commands.file_rows import FilesOfImport
from chatapp.cli.log_commands.import_options import ImportOptions, RowOptions
from chatapp.cli.log_commands.import_target import (
    ImportTarget,
    exit_if_lossy,
    import_target,
    tell_report,
)
from chatapp.cli.progress_bar import progress_bar
from chatapp.resources import MIGRATIONS
from chatapp.store.data_folder import FILES
from chatapp.tables.rerun import rerun
from chatapp.transfer.adding_events import MISSING_FILE
from chatapp.transfer.imported_rooms import ImportedRooms
from chatapp.transfer.importing import ImportedRows, Upgrade, import_events
from chatapp.transfer.sources.report import Report
from chatapp.upkeep.migrate import migrations

SHOWN_KEYS = 20
USUAL_KEYS = {
    "client": ("user", "username", "sender", "from", "author", "name", "nick", "client"),
    "message": ("text", "body", "content", "msg", "message"),
    "timestamp": ("ts", "time", "date", "at", "created_at", "sent_at", "timestamp"),
}
"""The keys that other chats use for the sender, the text and the time."""


def import_rows(file: Path, from_rows: RowOptions, options: ImportOptions) -> None:
    """Raises StorageError and ChatError. Exits with a code if something did not come over."""
    report = Report(format="json", dry_run=options.dry_run)
    with import_target(options) as chat:
        rooms = ImportedRooms(chat.directory)
        result = _imported(file, chat, rooms, report, upgrade=_upgrade(from_rows), options=options)
        new = rooms.new(result.writers)
        if not options.dry_run:
            rerun(
                lambda: rooms.make(
                    result.writers, result.groups, public=options.public, wait=chat.wait
                )
            )
        closed = [] if options.dry_run else rooms.closed(result.writers)
    report.rooms = {name: name for name in new}
    report.public_rooms = len(new) if options.public else 0
    report.renamed |= rooms.renamed
    tell_report(report, options)
    _advise(file, from_rows, report, result, closed)
    exit_if_lossy(report)


def _imported(
    file: Path,
    chat: ImportTarget,
    rooms: ImportedRooms,
    report: Report,
    *,
    upgrade: Upgrade,
    options: ImportOptions,
) -> ImportedRows:
    beside = file.resolve().parent
    with (
        opened_blobs(chat.folder, options.bucket, options.postgres) as blobs,
        closing(FilesOfImport(chat.directory, blobs, chat.folder, chat.wait)) as files,
        progress_bar("Importing", file.stat().st_size) as progress,
    ):
        result = import_events(
            chat.log,
            file,
            upgrade,
            report,
            progress=progress,
            name_of=rooms.name_of,
            files=files.beside(beside),
            wait=chat.wait,
            dry_run=options.dry_run,
        )
        emoji = files.emoji(beside, dry_run=options.dry_run)
    report.emoji = emoji.added
    for problem in emoji.problems:
        report.lose(f"{FILES}/", problem)
    return result


def _upgrade(from_rows: RowOptions) -> Upgrade:
    first_format = migrations(MIGRATIONS)[1]

    def upgrade(row: dict[str, Any]) -> dict[str, Any]:
        plain = {ours: row[theirs] for ours, theirs in from_rows.keys.items()}
        if named := row.get("room", from_rows.room):
            plain["room"] = named
        return dict(first_format.upgrade(plain))

    return upgrade


def _advise(
    file: Path, from_rows: RowOptions, report: Report, result: ImportedRows, closed: list[str]
) -> None:
    if closed:
        complain(
            f"Nobody may enter {', '.join(sorted(closed))}: nobody who wrote there has an account. "
            "Make their accounts and import the file again, or use --public for a new room."
        )
    if result.keys and not report.messages + report.duplicates:
        complain(_advice(result.keys, from_rows.keys))
    if missing := report.incomplete.get(MISSING_FILE):
        complain(
            f"{missing.count:,} files are missing: they belong into the folder "
            f"{file.resolve().parent / FILES}. Import again when they are there."
        )


def _advice(there: list[str], wanted: dict[str, str]) -> str:
    """The options that would help, if the file uses other keys."""
    options = []
    for ours, names in USUAL_KEYS.items():
        if wanted[ours] not in there:
            likely = next((name for name in names if name in there), "KEY")
            options.append(f"--{ours}-key {quote(likely)}")
    keys = ", ".join(there[:SHOWN_KEYS])
    return f"The keys of the file are {keys}. Name them with: {' '.join(options)}"
