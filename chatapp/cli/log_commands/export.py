"""`chatapp log export`: exports messages for people and other programs."""

import sys
from contextlib import nullcontext
from datetime import UTC, datetime
from pathlib import Path

import click

from chatapp.cli.log_commands.blob_store import opened_blobs, with_bucket
from chatapp.cli.log_commands.command import (
    complain,
    one_clear_line,
    showing_progress,
    with_data,
)
from chatapp.cli.log_commands.shared_chat import with_postgres
from chatapp.cli.progress_bar import progress_bar
from chatapp.domain.limits import checked_room_name
from chatapp.domain.visible import harmless_json
from chatapp.transfer.export import FORMATS, TWO_PASS_FORMATS
from chatapp.transfer.export_filter import ExportFilter
from chatapp.transfer.exported_emoji import ExportedEmoji
from chatapp.transfer.exported_files import ExportedFiles
from chatapp.transfer.output import appearing, harmless_lines, written, written_bytes
from chatapp.transfer.parquet_export import to_parquet
from chatapp.transfer.targets.formats import PASSES_FOR_TARGET, TARGETS
from chatapp.transfer.targets.losses import Losses
from chatapp.transfer.targets.slack import to_slack
from chatapp.upkeep.bots import bot_ids
from chatapp.upkeep.files.small_pictures import emoji_rows

SLACK, PARQUET = "slack", "parquet"
NO_TEXT = {SLACK: "chat.zip", PARQUET: "chat.parquet"}
"""Formats that need a file, and what it may be called."""
KINDS = [*FORMATS, *TARGETS, *NO_TEXT]
a_day = click.DateTime(["%Y-%m-%d"])


@click.command()
@click.option("--format", "kind", type=click.Choice(KINDS), default="jsonl")
@click.option("--room", help="Only this room.")
@click.option("--sender", help="Only messages of this person.")
@click.option("--since", type=a_day, help="From this day on (UTC).")
@click.option("--until", type=a_day, help="Before this day (UTC).")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False, allow_dash=True),
    help="The file to write; it appears once it is complete.  [default: -, standard output]",
)
@click.option("--no-files", is_flag=True, help="Leave out the files of messages.")
@with_bucket
@with_postgres
@with_data
@one_clear_line
def export(  # noqa: PLR0917 - click passes them by name
    kind: str,
    room: str | None,
    sender: str | None,
    since: datetime | None,
    until: datetime | None,
    output: Path | None,
    no_files: bool,
    bucket: str | None,
    postgres: str | None,
    data: Path,
) -> None:
    """Write messages as JSON Lines, CSV, Markdown or one HTML page, or for another chat. A server
    may be running.

    The files of the messages are copied to the folder "files" beside the output, and so are the
    chat's own emoji, for JSON Lines and HTML.

    JSON Lines contains every event as it happened, for `chatapp log import`; for one sender, also
    deletions of their messages by others. The other formats contain the messages by room in their
    current form. `mattermost` and `slack`, a ZIP archive with its files, have people and rooms too,
    for other chats to import; what they cannot hold is counted at the end. `parquet` is a table
    for analysis. Days refer to the time of a message, not of its edits.
    """
    room = room and checked_room_name(room)
    extract = ExportFilter(room=room, sender=sender, since=_utc(since), until=_utc(until))
    if output == Path("-"):
        output = None
    folder = data / "messages"
    if kind in NO_TEXT:
        if output is None or not _has_place_beside(output):
            raise click.UsageError(f"This format needs a file: -o {NO_TEXT[kind]}")
        if kind == SLACK:
            _export_for_slack(data, extract, output, bucket, postgres, with_files=not no_files)
        else:
            _export_as_parquet(folder, extract, output)
        return
    harmless = harmless_json if kind in ("jsonl", *TARGETS) else harmless_lines
    times = PASSES_FOR_TARGET if kind in TARGETS else 2 if kind in TWO_PASS_FORMATS else 1
    journals = [] if output is None and sys.stdout.isatty() else [folder] * times
    files = None
    if not no_files and _has_place_beside(output):
        files = ExportedFiles(ExportedEmoji(emoji_rows(data / "directory")))
        if kind in TARGETS or (kind == "jsonl" and extract == ExportFilter()):
            files.emoji.note_all()
    losses = Losses()
    with written(output, harmless) as file:
        with showing_progress("Exporting", *journals) as progress:
            if kind in TARGETS:
                pieces = TARGETS[kind](data, extract, progress, files, losses)
            else:
                bots = bot_ids(data / "directory") if kind in TWO_PASS_FORMATS else frozenset()
                pieces = FORMATS[kind](folder, extract, progress, files, bots)
            for piece in pieces:
                file.write(piece)
        if output and files and files.bytes:
            _copy_files(files, output, data, bucket, postgres)
    complain(*losses.lines())


def _export_for_slack(
    data: Path,
    extract: ExportFilter,
    output: Path,
    bucket: str | None,
    postgres: str | None,
    *,
    with_files: bool,
) -> None:
    losses = Losses()
    journals = [data / "messages"] * PASSES_FOR_TARGET
    with (
        opened_blobs(data, bucket, postgres) if with_files else nullcontext() as blobs,
        written_bytes(output) as file,
        showing_progress("Exporting", *journals) as progress,
    ):
        to_slack(data, extract, progress, blobs, losses, output=file)
    complain(*losses.lines())


def _export_as_parquet(folder: Path, extract: ExportFilter, output: Path) -> None:
    with (
        appearing(output) as making,
        showing_progress("Exporting", folder, folder) as progress,
    ):
        try:
            to_parquet(folder, extract, progress, making)
        except ImportError as error:
            raise click.ClickException(str(error)) from None


def _has_place_beside(output: Path | None) -> bool:
    """Whether the output is a file, not a pipe or a device."""
    return output is not None and (output.is_file() or not output.exists())


def _copy_files(
    files: ExportedFiles, output: Path, data: Path, bucket: str | None, postgres: str | None
) -> None:
    with (
        opened_blobs(data, bucket, postgres) as blobs,
        progress_bar("Copying files", files.bytes) as progress,
    ):
        copied = files.copy(blobs, output.resolve().parent, progress)
    if copied.missing:
        complain(
            f"{len(copied.missing):,} files are missing or damaged, such as {copied.missing[0]}; "
            "`chatapp log verify --files` lists them."
        )


def _utc(day: datetime | None) -> datetime | None:
    return day.replace(tzinfo=UTC) if day else None
