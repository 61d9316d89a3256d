"""`chatapp log import` of another chat's export: people, rooms, messages, and a report."""

import secrets
from contextlib import closing
from pathlib import Path

import click

from chatapp.app.runtime import tune
from chatapp.cli.log_commands.blob_store import opened_blobs
from chatapp.cli.log_commands.import_options import ImportOptions, SourceOptions
from chatapp.cli.log_commands.import_target import (
    ImportTarget,
    exit_if_lossy,
    import_target,
    tell_report,
)
from chatapp.cli.log_commands.source_files import SourceFiles
from chatapp.cli.progress_bar import progress_bar
from chatapp.domain import clock
from chatapp.domain.model import GENERAL, Room
from chatapp.features.accounts.account_store import AccountStore
from chatapp.features.accounts.imported import ImportedAccounts
from chatapp.features.rooms.memberships import Reading
from chatapp.tables.directory import Directory
from chatapp.transfer.imported_rooms import TABLE as ROOMS
from chatapp.transfer.sources.formats import FORMATS, SourceSettings
from chatapp.transfer.sources.importer import SourceImporter
from chatapp.transfer.sources.people import ImportedPeople, ImportOrigins
from chatapp.transfer.sources.records import Source
from chatapp.transfer.sources.report import Report
from chatapp.transfer.sources.rooms import RoomsOfSource


def import_source(
    file: Path, format: str, from_source: SourceOptions, options: ImportOptions
) -> None:
    """Raises StorageError and ChatError. Exits with a code if something did not come over."""
    if from_source.media and not FORMATS[format].takes_media:
        raise click.UsageError(f"An export of {format} has its files in it: --media is of no use.")
    settings = SourceSettings(from_source.time_zone, from_source.media)
    report = Report(format=format, dry_run=options.dry_run)
    with (
        closing(FORMATS[format].open(file, settings)) as source,
        import_target(options) as chat,
    ):
        tune()
        origins = ImportOrigins(chat.directory, format, lambda: from_source.chat or source.chat)
        if FORMATS[format].names_are_ids and not from_source.chat:
            _check_chat(chat, origins, file.name, from_source, dry_run=options.dry_run)
        people = ImportedPeople(
            ImportedAccounts(_registry(chat.directory), format),
            origins,
            report,
            same=from_source.same,
            wait=chat.wait,
            dry_run=options.dry_run,
        )
        rooms = RoomsOfSource(
            chat.directory,
            origins,
            people,
            report,
            head=chat.log.head,
            into=from_source.into,
            wait=chat.wait,
            public=options.public,
            private=from_source.private,
            dry_run=options.dry_run,
        )
        _run(chat, source, origins, people=people, rooms=rooms, report=report, options=options)
        if not options.dry_run:
            _mark_as_read(chat, rooms.names)
        chat.directory.flush()
    tell_report(report, options)
    exit_if_lossy(report)


def _run(
    chat: ImportTarget,
    source: Source,
    origins: ImportOrigins,
    *,
    people: ImportedPeople,
    rooms: RoomsOfSource,
    report: Report,
    options: ImportOptions,
) -> None:
    with (
        opened_blobs(chat.folder, options.bucket, options.postgres) as blobs,
        closing(
            SourceFiles(
                chat.directory,
                blobs,
                chat.folder,
                chat.wait,
                format=source.format,
                open=source.open_file,
            )
        ) as files,
        progress_bar("Importing", source.size) as progress,
    ):
        SourceImporter(
            chat.log, source, origins=origins, people=people, rooms=rooms, files=files,
            report=report, wait=chat.wait, scratch=chat.folder, dry_run=options.dry_run,
        ).run(progress)  # fmt: skip


def _check_chat(
    chat: ImportTarget,
    origins: ImportOrigins,
    file: str,
    from_source: SourceOptions,
    *,
    dry_run: bool,
) -> None:
    """Refuse a file that may be of another chat than an earlier one: its people and rooms would be
    taken for those of that chat."""
    format, before = origins.source, origins.files()
    if before and file not in before and not from_source.same_chat:
        raise click.UsageError(
            f"Exports of {format} have no ids that tell chats apart, and another file was imported "
            f"as {format} before: {', '.join(before[:3])}. If {file} is of another chat, name that "
            "chat: --chat NAME. If it is of the same chat, add --same-chat."
        )
    if not dry_run:
        chat.wait(origins.note_file(file))


def _registry(directory: Directory) -> AccountStore:
    return AccountStore(
        directory,
        clock=clock.now,
        secret=lambda: secrets.token_urlsafe(32),
        expel=lambda _id: None,
    )


def _mark_as_read(chat: ImportTarget, names: list[str]) -> None:
    """What was said elsewhere is unread for nobody who is in a room here for the first time."""
    rooms, reading = chat.directory.table(ROOMS, Room), chat.directory.table("reading", Reading)
    for name in names:
        room, head = rooms.get(name), chat.log.head(name)
        if room is None or name == GENERAL or not head:
            continue
        for id in room.members:
            key = f"{id}\n{name}"
            if reading.get(key) is None:
                chat.wait(reading.put(key, Reading(read=head)))
