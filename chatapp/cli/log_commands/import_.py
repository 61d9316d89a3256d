"""`chatapp log import`: imports messages from an export or from another chat."""

import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from shlex import quote
from typing import Any

import click
import msgspec

from chatapp.cli.log_commands.blob_store import opened_blobs, with_bucket
from chatapp.cli.log_commands.command import GIVE_POSTGRES, complain, log_command, opened, tell
from chatapp.cli.log_commands.file_rows import FilesOfImport
from chatapp.cli.log_commands.import_source import (
    ONLY_FOR_SOURCES,
    SourceOptions,
    import_source,
    source_options,
)
from chatapp.cli.log_commands.shared_chat import opened_with_others, with_postgres
from chatapp.cli.progress_bar import progress_bar
from chatapp.domain.future import Future
from chatapp.exit_codes import OTHER
from chatapp.resources import MIGRATIONS
from chatapp.store.data_folder import FILES, DataFolder
from chatapp.store.message_log import MessageLog
from chatapp.tables.directory import Directory
from chatapp.tables.rerun import rerun
from chatapp.transfer.imported_rooms import ImportedRooms
from chatapp.transfer.importing import Imported, import_events
from chatapp.transfer.sources.formats import FORMATS, format_of
from chatapp.upkeep.migrate import migrations

SHOWN_KEYS = 20
TOLD = ("imported", "duplicates", "bad", "missing_files", "problems", "emoji")
USUAL_KEYS = {
    "client": ("user", "username", "sender", "from", "author", "name", "nick", "client"),
    "message": ("text", "body", "content", "msg", "message"),
    "timestamp": ("ts", "time", "date", "at", "created_at", "sent_at", "timestamp"),
}
"""The keys that other chats use for the sender, the text and the time."""


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--format",
    type=click.Choice(["auto", "json", *FORMATS]),
    default="auto",
    show_default=True,
    help="What the file is.",
)
@source_options
@click.option("--room", help="The room for rows without one.  [default: general]")
@click.option("--public", is_flag=True, help="Make the new rooms public.")
@click.option("--client-key", default="client", show_default=True)
@click.option("--message-key", default="message", show_default=True)
@click.option("--timestamp-key", default="timestamp", show_default=True)
@with_bucket
@with_postgres
@log_command
def import_(  # noqa: PLR0917 - click gives them by name
    file: Path,
    format: str,
    from_source: SourceOptions,
    room: str | None,
    public: bool,
    client_key: str,
    message_key: str,
    timestamp_key: str,
    bucket: str | None,
    postgres: str | None,
    data: Path,
    as_json: bool,
) -> None:
    """Import the export of another chat, our own export, or objects with client, message and
    timestamp.

    \b
    slack        the ZIP archive of a workspace
    mattermost   a bulk export: JSON Lines, or the ZIP archive that has them
    rocketchat   a ZIP archive of collections that mongoexport has written
    zulip        the export of an organization, .tar.gz
    discord      JSON of DiscordChatExporter, or a ZIP archive of several channels
    matrix       a room that Element has exported as JSON
    irc          a log of WeeChat, irssi or ZNC, or a ZIP archive of logs
    csv          a table with sender, text and time, and perhaps room
    json         our own export, or the objects of another chat

    An export of another chat brings people, too: as accounts to which nobody can sign in before
    they follow an invitation (chatapp user invite). docs/import.md has the rest.

    Objects are JSON Lines, a JSON array, or {"messages": [...]}, in UTF-8 or UTF-16. Messages
    already in the log are skipped; bad rows are reported, counted, and cause exit code 1. Missing
    rooms are created: for the people who wrote in them, or with --public for everyone; group
    conversations for the people in them. A room whose name is not valid here gets a similar one,
    and the old name as its title. The server must be stopped. With --postgres, the servers of the
    chat may run; their clients get the messages as they come.

    Files of messages, and emoji of the chat's own, are taken from the folder "files" beside the
    file.

    Times are ISO 8601, in UTC unless they have an offset, or seconds or milliseconds since 1970.
    """
    if format == "auto":
        format = format_of(file) or "json"
    if format != "json":
        import_source(
            file, format, from_source, public=public, bucket=bucket, postgres=postgres, data=data,
            as_json=as_json,
        )  # fmt: skip
        return
    if from_source != SourceOptions():
        raise click.UsageError(f"These options are for exports of other chats: {ONLY_FOR_SOURCES}.")
    keys = {"client": client_key, "message": message_key, "timestamp": timestamp_key}
    first_format = migrations(MIGRATIONS)[1]

    def upgrade(row: dict[str, Any]) -> dict[str, Any]:
        plain = {ours: row[theirs] for ours, theirs in keys.items()}
        if named := row.get("room", room):
            plain["room"] = named
        return dict(first_format.upgrade(plain))

    def fill(
        directory: Directory,
        messages: MessageLog,
        folder: DataFolder,
        wait: Callable[[Future[Any]], Any],
    ) -> tuple[Imported, ImportedRooms]:
        rooms = ImportedRooms(directory)
        with (
            opened_blobs(folder.path, bucket, postgres) as blobs,
            closing(FilesOfImport(directory, blobs, folder.path, wait)) as files,
            progress_bar("Importing", file.stat().st_size) as progress,
        ):
            result = import_events(
                messages,
                file,
                upgrade,
                progress,
                rooms.name_of,
                files=files.beside(file.resolve().parent),
                wait=wait,
            )
            emoji = files.emoji(file.resolve().parent)
            result.emoji = emoji.added
            result.problems += emoji.problems
        rerun(lambda: rooms.make(result.writers, result.groups, public=public, wait=wait))
        return result, rooms

    if postgres:
        with opened_with_others(data, postgres) as chat:
            result, rooms = fill(chat.directory, chat.log, chat.folder, chat.wait)
            closed = rooms.closed(result.writers)
    else:
        with (
            opened(data, make=True, on_copy=GIVE_POSTGRES) as folder,
            closing(Directory.open(folder.directory)) as directory,
            closing(MessageLog.open(folder.messages, durability="os")) as messages,
        ):
            result, rooms = fill(directory, messages, folder, Future.result)
            closed = rooms.closed(result.writers)
    _tell(as_json, result, rooms.made, rooms.renamed)
    if closed:
        complain(
            f"Nobody may enter {', '.join(sorted(closed))}: nobody who wrote there has an account. "
            "Make their accounts and import the file again, or use --public for a new room."
        )
    if result.keys and not result.imported + result.duplicates:
        complain(_advice(result.keys, keys))
    if result.missing_files:
        complain(
            f"{result.missing_files:,} files are missing: they belong into the folder "
            f"{file.resolve().parent / FILES}. Import again when they are there."
        )
    if result.bad or result.missing_files:
        sys.exit(OTHER)


def _tell(as_json: bool, result: Imported, made: list[str], renamed: dict[str, str]) -> None:
    complain(*result.problems)
    told = {key: value for key, value in msgspec.to_builtins(result).items() if key in TOLD}
    names = "".join(f" “{called}” is called {name} here." for called, name in renamed.items())
    emoji = f" Emoji added: {result.emoji:,}." if result.emoji else ""
    rooms = f" Rooms made: {', '.join(made)}." if made else ""
    tell(
        as_json,
        told | {"rooms": made, "renamed": renamed},
        f"{result.imported:,} imported, {result.duplicates:,} were there already, "
        f"{result.bad:,} bad rows.{emoji}{rooms}{names}",
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
